"""Which files are suites, told with the standard library alone: pytest asks for every YAML file it sees."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterator, Sequence
from pathlib import Path

from evalkit.core.errors import Problem, UsageError

FOLDER = "suites"
_SUFFIXES = (".yaml", ".yml")
_MARKS = (b"evalkit:", b'"evalkit":', b"'evalkit':")
_SIGNS = ("gates", "scorers", "dataset")
_POLICY = {"policy", "gates"}
"""All that a file for `evalkit gate --policy` may hold."""


def find_suites(paths: Sequence[str | Path] = ()) -> list[Path]:
    """Find the suite files among these files and folders, sorted.

    Without any, those of ``suites/``. In a folder these are the YAML files whose top level has the key ``evalkit``, and
    those that look like a suite without it: they are found so that reading them tells what is wrong. A file named
    outright is taken as it is. Raises UsageError when a path does not exist or a folder holds no suite.
    """
    found: dict[Path, None] = {}
    for given in paths or (FOLDER,):
        path = Path(given)
        if path.is_file():
            found[path] = None
        elif path.is_dir():
            seen = list(_yaml_files(path))
            inside = [file for file in seen if is_suite(file) or looks_like_suite(file)]
            if not inside:
                others = ", ".join(str(file.relative_to(path)) for file in seen)
                raise UsageError(
                    Problem(
                        what=f"no suite in {path}" + (f"; YAML files there that are none: {others}" if others else ""),
                        todo="a suite is a YAML file that begins with `evalkit: 1`; `evalkit init` writes a first one",
                    )
                )
            found.update(dict.fromkeys(inside))
        else:
            what = f"there is no suite {path}" if path.suffix else f"there is no suite or folder {str(path)!r}"
            raise UsageError(Problem(what=what, todo="name a file or a folder, or `evalkit init`"))
    return list(found)


def is_suite(path: Path) -> bool:
    """Tell whether a YAML file has the key ``evalkit`` at its top level.

    It is read line by line: a broken suite counts too.
    """
    if path.suffix.lower() not in _SUFFIXES:
        return False
    try:
        with path.open("rb") as lines:
            return any(
                line.removeprefix(b"\xef\xbb\xbf").replace(b" ", b"").startswith(_MARKS)
                for line in lines
                if line[:1] != b" "
            )
    except OSError:
        return False


def looks_like_suite(path: Path) -> bool:
    """Tell whether a YAML file is probably meant as a suite.

    It is where it has a suite's other keys, or cannot be read as YAML at all. models.yaml, policies and YAML of other
    tools are none.
    """
    from evalkit.core.errors import SuiteError
    from evalkit.suite.yaml_file import read_yaml

    try:
        data = read_yaml(path).data
    except SuiteError:
        return True
    # a suite written as a list of its keys is still meant as one
    parts = data if isinstance(data, list) else [data]
    keys = {str(key) for part in parts if isinstance(part, dict) for key in part}
    # nearer than a word of another tool ("evaluate"): the mark itself, misspelt
    if difflib.get_close_matches("evalkit", [key.lower() for key in keys], n=1, cutoff=0.8):
        return True
    return any(sign in keys for sign in _SIGNS) and not keys <= _POLICY


def is_among_suites(path: Path, root: Path) -> bool:
    """Tell whether a file lies where suites are.

    That is in ``suites/`` of the root, or below a folder that holds a suite.
    """
    for folder in path.parents:
        if folder == root / FOLDER or _holds_suite(folder):
            return True
        if folder == root:
            break
    return False


@functools.lru_cache(maxsize=1024)
def _holds_suite(folder: Path) -> bool:
    try:
        return any(is_suite(file) for file in folder.iterdir() if not file.name.startswith("."))
    except OSError:
        return False


def _yaml_files(folder: Path) -> Iterator[Path]:
    """The YAML files of a folder and those below it that are not hidden."""
    for file in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if file.suffix.lower() in _SUFFIXES and file.is_file() and not hidden:
            yield file
