"""The items of a suite as the last collection named them: good while every file they come from is the same.

Collecting fifty suites then costs the digests of their files. Verdicts never rest on what is kept here: whoever runs an
item reads suite and data anew.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from evalkit import __version__
from evalkit.pipeline.gate_tests.gate_case import GateCase

_PROGRAM = Path(__file__).parents[2]


class Keeper(Protocol):
    """Where pytest keeps JSON values between sessions (`config.cache`)."""

    def get(self, key: str, default: Any) -> Any:
        """Return what is kept, or the default."""

    def set(self, key: str, value: object) -> None:
        """Keep a value."""


def find_cases(path: Path, keeper: Keeper | None) -> list[GateCase]:
    """List the items of a suite file, kept ones where nothing has changed.

    SuiteError or DataError with every problem.
    """
    key = f"evalkit/items/{hashlib.sha256(str(path).encode()).hexdigest()[:16]}"
    kept = keeper.get(key, None) if keeper is not None else None
    if isinstance(kept, dict) and (known := _read(kept)) is not None:
        return known
    from evalkit.pipeline.gate_tests.items import name_items

    cases, files = name_items(path)
    digests = None if files is None else _digest_all(files)
    if keeper is not None and digests is not None:
        keeper.set(key, {"program": _program(), "files": digests, "cases": [dataclasses.asdict(one) for one in cases]})
    return cases


def _read(kept: dict[str, Any]) -> list[GateCase] | None:
    """The kept items; None where a file or the program has changed, or what is kept is none."""
    try:
        if kept["program"] != _program() or any(_digest(name) != sha for name, sha in kept["files"].items()):
            return None
        return [GateCase(**one) for one in kept["cases"]]
    except (KeyError, TypeError, AttributeError):
        return None


def _digest_all(files: Iterable[Path]) -> dict[str, str] | None:
    """Path -> digest; "" of what is not there. None where a folder is read, to which files may be added."""
    found: dict[str, str] = {}
    for path in files:
        if path.is_dir():
            return None
        found[os.path.abspath(path)] = _digest(str(path))
    return found


def _digest(name: str) -> str:
    try:
        with open(name, "rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except (OSError, ValueError):
        return ""


@cache
def _program() -> str:
    """What names items beside the files: evalkit, Python, and the packages that may bring gates."""
    newest = max(os.stat(file).st_mtime_ns for file in _sources())
    places = [name for name in sys.path if name.endswith(("site-packages", "dist-packages")) and os.path.isdir(name)]
    installed = [os.stat(name).st_mtime_ns for name in places]
    return f"{__version__} {sys.version} {newest} {installed}"


def _sources() -> Iterator[str]:
    for folder, _, names in os.walk(_PROGRAM):
        yield from (os.path.join(folder, name) for name in names if name.endswith(".py"))
