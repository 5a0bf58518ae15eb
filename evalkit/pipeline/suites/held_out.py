"""The training files a suite names, searched for its examples."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from evalkit.core.errors import count_of
from evalkit.core.exchange import Example
from evalkit.core.fingerprint import file_digest
from evalkit.data.held_out.check import HeldOut, search_training
from evalkit.suite.load import Suite

UNPROVEN = "held-out not proven"
"""What a note says where a training file is not here"""


def search_for_leaks(suite: Suite, examples: Sequence[Example]) -> HeldOut | None:
    """Search the training files and folders that are here for the examples.

    None where none is here.
    """
    here = [path for name in training_files(suite) if (path := suite.root / name).exists()]
    return search_training(examples, here) if here else None


def training_files(suite: Suite) -> tuple[str, ...]:
    """Return every training file that a suite names."""
    spec = suite.spec
    return tuple(dict.fromkeys([*spec.dataset.trained_on, *(spec.training.files if spec.training else ())]))


def training_digests(suite: Suite) -> dict[str, str]:
    """Return the SHA-256 of the training files that are here.

    By the name that the suite gives them.
    """
    found = {}
    for name in training_files(suite):
        place = suite.root / name
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if file.is_file():
                inside = file.relative_to(place).as_posix()
                found[f"{name.rstrip('/')}/{inside}" if place.is_dir() else name] = _digest_once(file)
    return found


def _digest_once(file: Path) -> str:
    """The digest of a file, read once however many candidates are compared."""
    state = file.stat()
    return _digest_as_it_is(file, state.st_size, state.st_mtime_ns)


@cache
def _digest_as_it_is(file: Path, size: int, changed: int) -> str:
    return file_digest(file)


def held_out_notes(suite: Suite, found: HeldOut | None) -> tuple[str, ...]:
    """Write what a search told beside its leaks.

    Also which training files are not here (in CI they need not be).
    """
    return (*absent_notes(suite), *(found.notes() if found is not None else ()))


def absent_notes(suite: Suite) -> tuple[str, ...]:
    """Write one note on all training files that are not here."""
    named = training_files(suite)
    missing = [name for name in named if not (suite.root / name).exists()]
    if not missing:
        return ()
    more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
    are, them = ("is", "it") if len(missing) == 1 else ("are", "them")
    return (
        f"{len(missing)} of {count_of(len(named), 'training file')} {are} not here "
        f"({', '.join(missing[:5])}{more}): {UNPROVEN} for {them}",
    )


def unproven_notes(suite: Suite, found: HeldOut | None) -> tuple[str, ...]:
    """Explain why it is not proven that the examples are held out.

    Files are absent or unread, or there are likely copies.
    """
    return (*absent_notes(suite), *(found.doubts() if found is not None else ()))
