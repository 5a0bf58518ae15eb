"""The numbers of cases that a page draws as distributions: graded scores, lengths, seconds, tokens, money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evalkit.core.blocks import Case, Numbers
from evalkit.core.columns import Column, Comparison
from evalkit.report import figures

LENGTH = "answer length"
_COSTS = ("latency_s", "first_token_s", "tokens_in", "tokens_out", "tokens_thought", "cost_usd")
_DIGITS = 5
"""Significant digits that a page keeps of a number"""


def numbers_of(comparison: Comparison, cases: Sequence[Case], order: Sequence[int]) -> Iterator[Numbers]:
    """Return every number that is known of any case.

    They stand in the order of the cases: `order[i]` is the position of case i in the comparison. The length is that of
    the first answer, in characters.
    """
    for name, column in sorted(comparison.columns.items(), key=lambda item: figures.unit(item[0]) is not None):
        graded = not column.binary or column.base.raw.shape[1] > 1
        if (name in _COSTS or figures.unit(name) is None) and graded:
            base, candidate = (_values(arm, order) for arm in (column.base, column.candidate))
            if any(value is not None for value in (*base, *candidate)):
                yield Numbers(name=name, base=base, candidate=candidate, unit=(figures.unit(name) or "").strip())
    base, candidate = (
        tuple(map(_length, texts)) for texts in ([one.base for one in cases], [one.candidate for one in cases])
    )
    if any((*base, *candidate)):
        yield Numbers(name=LENGTH, base=base, candidate=candidate, unit="characters")


def _values(column: Column, order: Sequence[int]) -> tuple[float | None, ...]:
    values, there = column.values.tolist(), column.present.tolist()
    return tuple(_round(values[at]) if there[at] else None for at in order)


def _round(value: float) -> float:
    """Without the digits that nobody sees; a whole number stays short."""
    short = float(f"{value:.{_DIGITS}g}")
    return int(short) if short.is_integer() else short


def _length(text: str) -> float | None:
    return len(text) if text else None
