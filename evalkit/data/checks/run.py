"""Runs the checks over a data set: one pass for all, a second for what only the whole set tells."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.data_report import LEVELS, DataFinding, DataReport
from evalkit.core.errors import DataError, Location, Problem
from evalkit.core.exchange import Json
from evalkit.data.checks.base import RowCheck
from evalkit.data.checks.near import find_near_copies
from evalkit.data.checks.set_facts import SetFacts
from evalkit.data.checks.stream import DataSource, Unread
from evalkit.data.problems import shorten_problems
from evalkit.data.read import UnsoundData


def check_data(
    source: DataSource, checks: Sequence[RowCheck], *, near: bool = False, skipped: Sequence[str] = ()
) -> DataReport:
    """Look at every row of a data set with every check.

    With `near` near copies are looked for, too. Raises DataError where no row can be read, UnsoundData where there is
    none.
    """
    unread, facts = Unread(), SetFacts()
    every: list[RowCheck] = [facts, *checks]
    count = 0
    for row in source.rows(unread):
        count += 1
        for check in every:
            check.look(row)
    if not count and unread.first:
        raise DataError(shorten_problems(unread.first))
    if not count:
        raise UnsoundData(Problem(what=f"the data set {source.path} is empty", where=Location(file=source.path)))
    _second_pass(source, every, count)
    found = [*unread.tell(), *(finding for check in every for finding in check.tell(count))]
    if near:
        found += find_near_copies(source, rows=count)
    return DataReport(
        path=source.path,
        rows=count,
        examples=facts.examples,
        clusters=facts.clusters,
        findings=tuple(sorted(found, key=_level)),
        facts=_facts(every),
        notes=tuple(note for check in every for note in check.notes()),
        skipped=tuple(skipped),
    )


def _second_pass(source: DataSource, checks: Sequence[RowCheck], count: int) -> None:
    wanted = [frozenset(check.settle(count)) for check in checks]
    last = count if any(check.twice for check in checks) else max((max(one) for one in wanted if one), default=0)
    if not last:
        return
    for row in source.rows(Unread(), examples=False):
        if row.number > last:
            break
        for check, numbers in zip(checks, wanted, strict=True):
            if check.twice or row.number in numbers:
                check.look_again(row)


def _level(finding: DataFinding) -> int:
    return LEVELS.index(finding.level)


def _facts(checks: Sequence[RowCheck]) -> dict[str, Json]:
    told: dict[str, Json] = {}
    for check in checks:
        found = check.facts()
        if found:
            told[check.name] = dict(found)
    return told


def exit_code_of(report: DataReport) -> int:
    """Return what the command ends with.

    2 for errors, 4 where nothing is wrong but ids that stand twice, else 0.
    """
    errors = [finding for finding in report.findings if finding.level == "error"]
    if not errors:
        return 0
    return 4 if all(finding.check == "set" for finding in errors) else 2
