"""Answers as decisions: who is selected, and how that stands against the targets, as columns of a comparison."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from evalkit.core.columns import Column, Comparison, PairedColumn
from evalkit.core.exchange import Example, Response
from evalkit.core.group_table import GroupTable
from evalkit.core.verdict import Score
from evalkit.suite.spec import SuiteSpec

Decided = tuple[bool | None, bool | None]
"""(selected, what the target says); None where it is not known"""

_RATES: Mapping[str, tuple[Callable[[bool, bool], bool | None], bool]] = {
    "accuracy": (lambda said, truth: said == truth, True),
    "true_positive_rate": (lambda said, truth: said if truth else None, True),
    "false_positive_rate": (lambda said, truth: None if truth else said, False),
    "false_negative_rate": (lambda said, truth: not said if truth else None, False),
    "precision": (lambda said, truth: truth if said else None, True),
}
"""By name: what it is of a decision and the target's, None where it does not apply; whether higher is better"""

APART = frozenset({"precision"})
"""Rates whose denominator each arm has for itself: nothing pairs"""


def selection_columns(comparison: Comparison, spec: SuiteSpec) -> dict[str, PairedColumn]:
    """Return `selection_rate`, and with a label the rates against the targets.

    With a label `no_decision` too; empty where none is asked.

    An answer that the scorer cannot read, or reads as none of the labels there are, selects nobody, and counts under
    `no_decision`. A failed call is missing.
    """
    chosen = spec.groups.selected
    if chosen is None:
        return {}
    if chosen.matches is not None:
        pattern = re.compile(chosen.matches)
        arms = [_by_pattern(comparison.examples, of, pattern) for of in _responses(comparison)]
        return {"selection_rate": _pair("selection_rate", [_column(arm, lambda d: d[0]) for arm in arms])}
    scorer = chosen.scorer or next(iter(spec.scorers))
    scores = [of.get(scorer, {}) for of in (comparison.base_scores, comparison.candidate_scores)]
    label = _fold(chosen.label or "")
    arms = [_by_label(comparison.examples, of, label) for of in scores]
    if not any(said or truth for arm in arms for row in arm for said, truth in row):
        return {}
    columns = {"selection_rate": _pair("selection_rate", [_column(arm, lambda d: d[0]) for arm in arms])}
    for name, (rate, up) in _RATES.items():
        columns[name] = _pair(name, [_column(arm, _read_rate(rate)) for arm in arms], up=up)
    labels = {label} | {
        spelled
        for of in scores
        for example in comparison.examples
        for one in of.get(example.id, ())
        for spelled in _pieces(example, one.expected)
    }
    unread = [_unread(comparison.examples, of, labels) for of in scores]
    columns["no_decision"] = _pair("no_decision", unread, up=False)
    given = comparison.columns.get(spec.groups.probability or "")
    if given is not None and _are_probabilities(given):
        truths = [next((truth for _, truth in row if truth is not None), None) for row in arms[0]]
        columns["calibration"] = _calibration(given, truths)
    return columns


def selection_notes(spec: SuiteSpec, tables: Sequence[GroupTable]) -> tuple[str, ...]:
    """Tell why there is no table of decisions though one is asked for.

    Every rate would be a silent 0.
    """
    chosen = spec.groups.selected
    if chosen is None or not tables:
        return ()
    shown = {table.metric for table in tables}
    if "selection_rate" in shown:
        lacks = spec.groups.probability is not None and "calibration" not in shown
        why = f"groups: {spec.groups.probability} is no probability from 0 to 1 of both arms: no calibration is shown"
        return (why,) if lacks else ()
    return (f"groups: no answer is read as {chosen.label!r} and no target bears it: no table of selection is shown",)


def _read_rate(rate: Callable[[bool, bool], bool | None]) -> Callable[[Decided], bool | None]:
    return lambda decided: None if decided[0] is None or decided[1] is None else rate(decided[0], decided[1])


def _responses(comparison: Comparison) -> tuple[Mapping[str, Sequence[Response]], ...]:
    return comparison.base_responses, comparison.candidate_responses


def _by_pattern(
    examples: Sequence[Example], responses: Mapping[str, Sequence[Response]], pattern: re.Pattern[str]
) -> list[list[Decided]]:
    return [
        [
            (None if one.failure is not None else bool(pattern.search(one.text or "")), None)
            for one in responses.get(example.id, ())
        ]
        for example in examples
    ]


def _by_label(examples: Sequence[Example], scores: Mapping[str, Sequence[Score]], label: str) -> list[list[Decided]]:
    return [
        [
            (
                None if one.status != "SCORED" else label in _spellings(example, one.reading),
                None if one.expected is None else label in _spellings(example, one.expected),
            )
            for one in scores.get(example.id, ())
        ]
        for example in examples
    ]


def _unread(examples: Sequence[Example], scores: Mapping[str, Sequence[Score]], labels: set[str]) -> Column:
    rows: list[list[Decided]] = [
        [
            (None if one.status != "SCORED" else _decides_nothing(example, one, labels), None)
            for one in scores.get(example.id, ())
        ]
        for example in examples
    ]
    return _column(rows, lambda decided: decided[0])


def _decides_nothing(example: Example, score: Score, labels: set[str]) -> bool:
    """Whether the scorer says it read nothing, or what it read is neither the label nor any target's."""
    if score.reading is None or score.parts.get("read") == 0.0:
        return True
    return not _pieces(example, score.reading) & labels


def _pieces(example: Example, reading: str | None) -> set[str]:
    """The spellings of a reading, and of each of several labels in it."""
    found = _spellings(example, reading)
    return found | {_fold(piece) for piece in (reading or "").split(",") if piece.strip()}


def _spellings(example: Example, reading: str | None) -> set[str]:
    """What was read, and the text of the choice where a letter was."""
    if reading is None:
        return set()
    found = {_fold(reading)}
    place = ord(reading) - ord("A") if len(reading) == 1 else -1
    if 0 <= place < len(example.choices):
        found.add(_fold(example.choices[place]))
    return found


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _column(rows: Sequence[Sequence[Decided]], rate: Callable[[Decided], bool | None]) -> Column:
    width = max((len(row) for row in rows), default=1) or 1
    raw, scored = np.zeros((len(rows), width)), np.zeros((len(rows), width), dtype=bool)
    failed = np.zeros((len(rows), width), dtype=bool)
    for at, row in enumerate(rows):
        for repeat, decided in enumerate(row):
            value = rate(decided)
            failed[at, repeat] = decided[0] is None
            if value is not None:
                raw[at, repeat], scored[at, repeat] = float(value), True
    return Column(raw=raw, scored=scored, failed=failed, errors=np.zeros_like(failed))


def _pair(metric: str, arms: Sequence[Column], *, up: bool = True) -> PairedColumn:
    return PairedColumn(metric=metric, base=arms[0], candidate=arms[1], higher_is_better=up, low=0.0, high=1.0)


def _are_probabilities(column: PairedColumn) -> bool:
    """Whether both arms have values, all from 0 to 1."""
    arms = [arm.raw[arm.scored] for arm in (column.base, column.candidate)]
    return all(values.size and bool(((values >= 0.0) & (values <= 1.0)).all()) for values in arms)


def _calibration(given: PairedColumn, truths: Sequence[bool | None]) -> PairedColumn:
    """Each given probability less what the target says, 1 or 0: of a group, how far it is above the rate."""
    known = np.array([truth is not None for truth in truths], dtype=bool)[:, None]
    rate = np.array([float(truth or False) for truth in truths])[:, None]
    arms = [
        dataclasses.replace(arm, raw=np.where(arm.scored & known, arm.raw - rate, 0.0), scored=arm.scored & known)
        for arm in (given.base, given.candidate)
    ]
    return PairedColumn(
        metric="calibration", base=arms[0], candidate=arms[1], binary=False, low=-1.0, high=1.0, either=True
    )
