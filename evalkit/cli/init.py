"""Start here: a suite that runs at once, its data, models.yaml, example recordings and a CI workflow."""

from __future__ import annotations

import argparse
from pathlib import Path

from evalkit.cli.say import say

FILES = {
    "first.yaml": "suites/first.yaml",
    "first.jsonl": "suites/data/first.jsonl",
    "models.yaml": "suites/models.yaml",
    "base.jsonl": "suites/recordings/base.jsonl",
    "ft-model.jsonl": "suites/recordings/ft-model.jsonl",
    "evalkit.yml": ".github/workflows/evalkit.yml",
}
IGNORED = (".evalkit/", "reports/out/")
"""What evalkit writes that belongs in no repository: kept answers and runs, drawn reports."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare where the files go."""
    parser.add_argument("folder", metavar="DIR", nargs="?", default=".", help="made if it is not there (default: here)")


def run(args: argparse.Namespace) -> int:
    """Write what is not there yet; exit 2 rather than overwrite a file.

    Then nothing is written.
    """
    from importlib.resources import files

    from evalkit.core.errors import Problem, UsageError

    folder = Path(args.folder)
    there = [str(folder / name) for name in FILES.values() if (folder / name).exists()]
    if there:
        raise UsageError(
            Problem(what=f"already there: {', '.join(there)}", todo="choose another folder; nothing was written")
        )
    templates = files("evalkit.cli") / "templates"
    for source, name in FILES.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text((templates / source).read_text(encoding="utf-8"), encoding="utf-8")
        say(f"wrote {target}")
    say(_ensure_gitignore(folder / ".gitignore"))
    here = "" if args.folder == "." else f"cd {args.folder} && "
    say(f"\nnext: {here}evalkit compare base ft-model --replay")
    return 0


def _ensure_gitignore(path: Path) -> str:
    """Make the .gitignore where there is none; one that is there is the user's."""
    if not path.exists():
        path.write_text("".join(f"{line}\n" for line in IGNORED), encoding="utf-8")
        return f"wrote {path}"
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    lacking = [line for line in IGNORED if line not in lines]
    return f"{path} is left as it is" + (f"; add to it: {' '.join(lacking)}" if lacking else "")
