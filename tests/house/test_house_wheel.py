"""What a release ships: the package, whole, and nothing that only developers need."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def test_the_wheel_holds_every_file_of_the_package(names: set[str]) -> None:
    kept = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "evalkit").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in names if name.startswith("evalkit/")} == kept
    assert "evalkit/py.typed" in kept


def test_the_wheel_holds_nothing_else(names: set[str]) -> None:
    rest = {name.split("/", 1)[1] for name in names if not name.startswith("evalkit/")}
    assert rest == {"METADATA", "WHEEL", "entry_points.txt", "licenses/LICENSE", "RECORD"}
