"""A file of decisions about people, read and counted by group."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.core.decision_table import Decisions, DecisionTable
from evalkit.core.errors import DataError, Problem, UsageError, did_you_mean, join_allowed
from evalkit.core.exchange import Json
from evalkit.data.rows import rows
from evalkit.slices.decisions import (
    RARE,
    Decided,
    decision_table,
    intersection,
    list_combinations,
    with_extra,
    with_gap_ends,
    with_pooled,
)
from evalkit.slices.frame import frame_rows, label_frame, metric_named
from evalkit.slices.levels import MISSING

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What to count.

    `selected` and `truth` are COLUMN=VALUE; `count` is a column of how many a row stands for.
    """

    path: str
    by: tuple[str, ...]
    selected: str
    truth: str | None = None
    probability: str | None = None
    count: str | None = None
    control: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    floor: float = RARE
    confidence: float = 0.95
    draws: int = 0
    """How many resamples of rows for the largest gaps; 0 for none"""


class _Columns:
    """The cells of a file by column, with what is missing as None; a row that stands for many is there so often."""

    def __init__(self, audit: Audit) -> None:
        problems: list[Problem] = []
        self.rows: list[Mapping[str, Json]] = [row for _, row in rows(audit.path, problems)]
        if problems:
            raise DataError(problems)
        if not self.rows:
            raise DataError(Problem(what=f"{audit.path} has no row"))
        self.known = list(dict.fromkeys(name for row in self.rows for name in row))
        self.absent = {"", *map(_fold, audit.missing)}
        self.times: list[int] = []

    def check(self, *names: str) -> None:
        wrong = [
            Problem(what=f"no column {name!r}{did_you_mean(name, self.known)}", allowed=join_allowed(self.known))
            for name in dict.fromkeys(names)
            if name not in self.known
        ]
        if wrong:
            raise UsageError(wrong)

    def repeat(self, name: str) -> None:
        """Let every row stand for as many as its cell says."""
        many = []
        for number, row in enumerate(self.rows, start=1):
            text = str(row.get(name, "")).strip()
            if not text.isascii() or not text.isdigit():
                raise DataError(Problem(what=f"row {number}: {name} is {text!r}", allowed="whole numbers from 0 on"))
            many.append(int(text))
        self.rows = [row for row, times in zip(self.rows, many, strict=True) for _ in range(times)]
        if not self.rows:
            raise DataError(Problem(what=f"{name} counts nobody"))

    def texts(self, name: str) -> list[str | None]:
        """The cells as text, trimmed and in one width; None where missing."""
        out = [_text(row.get(name)) for row in self.rows]
        return [None if text is None or _fold(text) in self.absent else text for text in out]


def audit_decisions(audit: Audit) -> Decisions:
    """Build a table a tag, and one of their intersection.

    The latter is made where there are several tags. UsageError or DataError for bad input.
    """
    chosen = _equation("--selected", audit.selected)
    told = _equation("--truth", audit.truth) if audit.truth is not None else None
    if audit.metrics and told is None:
        raise UsageError(Problem(what="--metric compares decisions with a truth", todo="name it: --truth COLUMN=VALUE"))
    if audit.probability and told is None:
        todo = "name it: --truth COLUMN=VALUE"
        raise UsageError(Problem(what="--probability is compared with a truth", todo=todo))
    for name in audit.control:
        if name in audit.by:
            raise UsageError(Problem(what=f"{name} is a --by and a --control at once", todo="name it in one of them"))
    columns = _Columns(audit)
    named = [audit.probability, audit.count, told[0] if told else None]
    columns.check(*audit.by, chosen[0], *audit.control, *(name for name in named if name))
    if audit.count:
        columns.repeat(audit.count)
    decisions = columns.texts(chosen[0])
    there = np.array([text is not None for text in decisions], dtype=bool)
    if not there.any():
        raise DataError(Problem(what=f"no row has a value of {chosen[0]}"))
    decided = Decided(
        selected=_equals(columns, chosen, there),
        truth=_equals(columns, told) if told else None,
        told=np.array([text is not None for text in columns.texts(told[0])], dtype=bool) & there if told else None,
        probability=_probabilities(columns, audit.probability) if audit.probability else None,
    )
    tags = {name: [text or MISSING for text in columns.texts(name)] for name in audit.by}
    cuts: dict[str, list[str]] = dict(tags)
    if len(tags) > 1:
        cuts["*".join(tags)] = intersection(list(tags.values()))
    control = {name: [text or MISSING for text in columns.texts(name)] for name in audit.control}
    made = [_table(by, values, decided, audit, _Around(tags, control, there)) for by, values in cuts.items()]
    notes = [note for name, values in tags.items() for note in _variants(name, values)]
    notes += [note for name in audit.by for note in _kinds(name, [row.get(name) for row in columns.rows])]
    return Decisions(
        selected=audit.selected,
        truth=audit.truth,
        rows=len(columns.rows),
        undecided=int(np.count_nonzero(~there)),
        untold=int(np.count_nonzero(there & ~decided.told)) if decided.told is not None else 0,
        tables=tuple(made),
        notes=tuple(notes),
    )


@dataclass(frozen=True, slots=True)
class _Around:
    """What is the same for all tables: every tag, every control, and which rows have a decision."""

    tags: Mapping[str, list[str]]
    control: Mapping[str, list[str]]
    there: Bools


def _table(by: str, values: list[str], decided: Decided, audit: Audit, around: _Around) -> DecisionTable:
    parts = [around.tags[name] for name in by.split("*")] if by not in around.tags else [around.tags[by]]
    names = list_combinations(parts)
    known = [v if d else MISSING for v, d in zip(values, around.there, strict=True)]
    table = decision_table(by, known, decided, names=names, floor=audit.floor, confidence=audit.confidence)
    undecided = Counter(v for v, d in zip(values, around.there, strict=True) if not d)
    missing = {
        name: sum(v == MISSING and d for v, d in zip(around.tags[name], around.there.tolist(), strict=True))
        for name in ([by] if by in around.tags else by.split("*"))
    }
    table = dataclasses.replace(
        table,
        rows=tuple(dataclasses.replace(row, undecided=undecided[row.group]) for row in table.rows),
        # rows without a decision are counted once, for all tables
        left_out=table.left_out - int(np.count_nonzero(~around.there)),
        missing=missing,
    )
    if audit.draws:
        table = with_gap_ends(table, known, decided, draws=audit.draws)
    if around.control:
        table = with_pooled(table, decided.selected, known, around.control)
    if not audit.metrics or decided.truth is None or decided.told is None:
        return table
    import pandas

    keep = np.flatnonzero(decided.told & np.array([value != MISSING for value in known], dtype=bool)).tolist()
    frame = label_frame(
        [bool(decided.truth[row]) for row in keep],
        [bool(decided.selected[row]) for row in keep],
        positive=True,
        by={by: pandas.Categorical([values[row] for row in keep], [row.group for row in table.rows])},
        control={name: [column[row] for row in keep] for name, column in around.control.items()} or None,
        metrics={name: metric_named(name) for name in audit.metrics},
    )
    return with_extra(table, frame_rows(frame))


def _equation(option: str, text: str) -> tuple[str, str]:
    column, equals, value = text.rpartition("=")
    if not equals or not column.strip() or not value.strip():
        raise UsageError(Problem(what=f"{option} {text}", allowed="COLUMN=VALUE, e.g. hired=yes"))
    return column.strip(), unicodedata.normalize("NFKC", value).strip()


def _equals(columns: _Columns, equation: tuple[str, str], there: Bools | None = None) -> Bools:
    """Where the column has the value; DataError where no row has it, for a silent 0 helps nobody."""
    texts = columns.texts(equation[0])
    out = np.array([text == equation[1] for text in texts], dtype=bool)
    if not out.any():
        seen = sorted({text for text in texts if text is not None})
        raise DataError(
            Problem(
                what=f"no row has {equation[0]}={equation[1]}{did_you_mean(equation[1], seen)}",
                allowed=join_allowed(seen[:20]),
            )
        )
    return out if there is None else out & there


def _probabilities(columns: _Columns, name: str) -> NDArray[np.float64]:
    out = np.full(len(columns.rows), np.nan)
    for at, text in enumerate(columns.texts(name)):
        if text is None:
            continue
        try:
            out[at] = float(text)
        except ValueError:
            out[at] = -1.0
        if not 0.0 <= out[at] <= 1.0:
            raise DataError(Problem(what=f"row {at + 1}: {name} is {text!r}", allowed="a probability from 0 to 1"))
    return out


def _variants(tag: str, values: Sequence[str]) -> list[str]:
    """Groups that differ by case alone: probably one group in two spellings."""
    spelled: dict[str, list[str]] = {}
    for value in dict.fromkeys(values):
        spelled.setdefault(value.casefold(), []).append(value)
    return [
        f"{tag}: {' and '.join(map(repr, same))} differ by case alone and are counted as different groups"
        for same in spelled.values()
        if len(same) > 1
    ]


def _kinds(tag: str, values: Sequence[Json]) -> list[str]:
    """Groups that are a number in some rows and text in others: one group, and worth a look."""
    texts = {_text(value) for value in values if isinstance(value, str)}
    numbers = {_text(value) for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)}
    same = sorted(text for text in texts & numbers if text is not None)
    return [f"{tag}: {', '.join(map(repr, same))} stand there as numbers and as text, and are one group each"] * bool(
        same
    )


def _text(value: Json) -> str | None:
    if value is None or value != value:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return unicodedata.normalize("NFKC", str(value)).strip()


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()
