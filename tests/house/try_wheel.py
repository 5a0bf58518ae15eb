"""Install a wheel in an empty environment and come to a verdict outside the checkout: `make wheel`."""

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path


def main(wheel: str) -> None:
    """Fail with the command that failed."""
    environ = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "venv"
        venv.create(home, with_pip=True)
        tools = home / ("Scripts" if os.name == "nt" else "bin")
        subprocess.run([tools / "python", "-m", "pip", "install", "-q", wheel], check=True, cwd=folder, env=environ)
        for words in (["--version"], ["init"], ["validate"], ["compare", "base", "ft-model", "--replay"]):
            subprocess.run([tools / "evalkit", *words], check=True, cwd=folder, env=environ)
    print(f"{Path(wheel).name}: installed, and a verdict reached")


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]))
