"""What a project says of itself: `[tool.evalkit]` in the pyproject.toml nearest above its suites."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evalkit.core.errors import Location, Problem, SuiteError
from evalkit.suite.explain import Loc, model_keys, problems_of
from evalkit.suite.shape import Name, Strict

FILE = "pyproject.toml"
TABLE = "[tool.evalkit]"


class ProjectSpec(Strict):
    """The keys of `[tool.evalkit]`."""

    scorers: list[Name] = []
    """Folders, relative to pyproject.toml, whose modules suites may name: `type: MODULE:FUNCTION`"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnProject:
    """The pyproject.toml of a suite, and the folders of scorers it names."""

    path: Path
    scorers: tuple[Path, ...] = ()


def find_project(root: Path) -> OwnProject | None:
    """Find the pyproject.toml nearest to a suite's folder, upwards.

    None where there is none. SuiteError where it cannot be read, has an unknown key, or names a folder that is missing.
    """
    here = root.resolve()
    path = next((folder / FILE for folder in (here, *here.parents) if (folder / FILE).is_file()), None)
    if path is None:
        return None
    lines, written = _read(path)

    def locate(loc: Loc) -> Location:
        return Location(file=str(path), line=_line_of(lines, str(loc[0]) if loc else ""))

    try:
        spec = ProjectSpec.model_validate(written)
    except ValidationError as error:
        known = problems_of(error, document=written, locate=locate, known_keys=lambda loc: model_keys(ProjectSpec, loc))
        raise SuiteError(known) from None
    folders = tuple((path.parent / name).resolve() for name in spec.scorers)
    gone = [
        Problem(
            what=f"{TABLE} scorers: there is no folder {folder}",
            where=locate(("scorers",)),
            todo=f"make it, or take it out; folders are relative to {FILE}",
        )
        for folder in folders
        if not folder.is_dir()
    ]
    if gone:
        raise SuiteError(gone)
    return OwnProject(path=path, scorers=folders)


def _read(path: Path) -> tuple[list[str], dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text).get("tool", {}).get("evalkit", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SuiteError(Problem(what=f"{FILE} cannot be read: {error}", where=Location(file=str(path)))) from error
    return text.splitlines(), table if isinstance(table, dict) else {}


def _line_of(lines: list[str], key: str) -> int | None:
    """The line of a key under the table's head; that of the head where the key is written otherwise."""
    head = next((number for number, line in enumerate(lines) if line.strip() == TABLE), None)
    if head is None:
        return None
    own = (n for n in range(head + 1, len(lines)) if key and lines[n].split("=")[0].strip().strip("\"'") == key)
    return next(own, head) + 1
