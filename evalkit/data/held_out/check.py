"""Training files searched for held-out examples: what was found, what could not be looked for, what was not read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from evalkit.core.errors import Problem, count_of
from evalkit.core.exchange import Example
from evalkit.data.held_out.letters import letters, plain
from evalkit.data.held_out.probes import SHORT
from evalkit.data.held_out.search import Leak, find_leaks
from evalkit.data.held_out.tiers import TIERS, Tier
from evalkit.data.problems import unread_sentence
from evalkit.data.source import files, is_url, not_read
from evalkit.data.training import TrainingRow, question_of, training_rows

SHOWN = 20
"""Leaks told in full; the rest are count_of"""
_READ_ONCE = 8 * 1024**2
"""Bytes of a training file up to which its rows are kept for the next suite"""
_HOW: dict[Tier, str] = {
    "exact": "is in the training data",
    "normalised": "is in the training data but for case, width, space or marks",
    "contained": "stands word for word inside a longer text of the training data",
    "near": "is nearly ({share:.0%}) in the training data",
    "probable": "is probably ({share:.0%}) in the training data, in other words",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """What a search of training files found."""

    leaks: tuple[Leak, ...]
    """The surest place of every example that was found, in the examples' order"""
    files: int
    rows: int
    short: int
    """Examples too short to be looked for inside longer texts: only whole questions were compared with them"""
    unread: tuple[str, ...] = ()
    """Files of the named folders that evalkit cannot read: nothing is known of what they hold"""
    problems: tuple[Problem, ...] = ()
    """Rows and files that could not be read"""

    @property
    def proven_leaks(self) -> tuple[Leak, ...]:
        """Leaks that are more than probable."""
        return tuple(leak for leak in self.leaks if leak.proven)

    def notes(self) -> tuple[str, ...]:
        """Say in sentences what else there is to say.

        That is: nothing found, how sure, what was not looked at.
        """
        told = []
        if self.leaks:
            count = Counter(leak.tier for leak in self.leaks)
            tiers = ", ".join(f"{count[tier]} {tier}" for tier in TIERS if count[tier])
            told.append(f"held-out examples found in {count_of(self.rows, 'training row')}: {tiers}")
        if self.short:
            told.append(
                f"{count_of(self.short, 'example')} of fewer than {SHORT} letters: only compared with whole questions"
            )
        told += self.doubts()
        if not self.proven_leaks and not self.problems and not self.unread:
            told.append(
                f"no example is in the {count_of(self.files, 'training file')}, as it is, in a longer text or nearly"
            )
        return tuple(told)

    def doubts(self) -> list[str]:
        """Say what is no leak and still leaves held-out unproven.

        That is: likely copies, files of a folder that were not read.
        """
        told = []
        probable = [leak for leak in self.leaks if not leak.proven]
        if probable:
            told.append(
                f"{count_of(len(probable), 'example')} probably {'stands' if len(probable) == 1 else 'stand'} in the "
                f"training data in other words (first: {probable[0].example_id!r} at {probable[0].where}): not "
                "counted as leaks, look at some"
            )
        if self.unread:
            told.append(f"held-out is not proven: {unread_sentence(self.unread)}")
        return told


def search_training(examples: Sequence[Example], trained_on: Sequence[str | Path]) -> HeldOut:
    """Look for every example in the training files (files, folders, URLs), whatever their format.

    Every turn, field and document of a training row is compared, and the whole row. Raises DataError for a file that
    is not there.
    """
    problems: list[Problem] = []
    read = [file for path in trained_on for file in files(path)]
    unread = [file for path in trained_on for file in not_read(path)]
    count = 0

    def rows() -> Iterator[TrainingRow]:
        nonlocal count
        for file in read:
            for row in _read_taught(file, problems):
                count += 1
                yield row

    leaks = find_leaks(examples, rows())
    short = sum(letters(plain(question_of(example))) < SHORT for example in examples)
    return HeldOut(
        leaks=leaks, files=len(read), rows=count, short=short, unread=tuple(unread), problems=tuple(problems)
    )


def check_held_out(examples: Sequence[Example], trained_on: Sequence[str | Path]) -> tuple[Problem, ...]:
    """Return one problem for each example proven to be in the training files.

    The first 20 are told in full, with their place.

    What could not be read is a problem too. `search_training` tells more.
    """
    return leak_problems(search_training(examples, trained_on))


def leak_problems(found: HeldOut) -> tuple[Problem, ...]:
    """Return the problems of a search.

    They are what was not readable, then the leaks that are proven.
    """
    proven = found.proven_leaks
    problems = [
        Problem(
            what=f"held-out example {leak.example_id!r} {_HOW[leak.tier].format(share=leak.share)}",
            where=leak.where,
            todo="take the example out of the suite, or the row out of the training data and train again",
        )
        for leak in proven[:SHOWN]
    ]
    if len(proven) > SHOWN:
        problems.append(Problem(what=f"and {len(proven) - SHOWN} more held-out examples are in the training data"))
    return (*found.problems, *problems)


def _read_taught(file: str, problems: list[Problem]) -> Iterator[TrainingRow]:
    """The rows of a training file; small files, which many suites name, are read once."""
    local = Path(file)
    if is_url(file) or (stat := local.stat()).st_size > _READ_ONCE:
        yield from training_rows(file, problems)
        return
    kept, found = _small_file(file, stat.st_mtime_ns, stat.st_size)
    problems += found
    yield from kept


@lru_cache(maxsize=16)
def _small_file(file: str, changed: int, size: int) -> tuple[tuple[TrainingRow, ...], tuple[Problem, ...]]:
    problems: list[Problem] = []
    return tuple(training_rows(file, problems)), tuple(problems)
