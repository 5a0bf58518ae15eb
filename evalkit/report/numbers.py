"""The numbers of cases that a page draws as distributions: graded scores, lengths, seconds, tokens, money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evalkit.core.blocks import Numbers
from evalkit.core.columns import Column, Comparison
from evalkit.report import figures

_COSTS = ("latency_s", "first_token_s", "tokens_in", "tokens_out", "tokens_thought", "cost_usd")
_DIGITS = 5
"""Significant digits that a page keeps of a number"""


def numbers_of(comparison: Comparison, order: Sequence[int]) -> Iterator[Numbers]:
    """Return every number that columns hold of any case.

    They stand in the order of the cases: `order[i]` is the position of case i in the comparison.
    """
    for name, column in sorted(comparison.columns.items(), key=lambda item: figures.unit(item[0]) is not None):
        graded = not column.binary or column.base.raw.shape[1] > 1
        known = column.base.present.any() or column.candidate.present.any()
        if (name in _COSTS or figures.unit(name) is None) and graded and known:
            base, candidate = (_Values(arm, order) for arm in (column.base, column.candidate))
            yield Numbers(name=name, base=base, candidate=candidate, unit=(figures.unit(name) or "").strip())


@dataclass(frozen=True, slots=True)
class _Values:
    """The numbers of a column in another order, made while they are gone over."""

    column: Column
    order: Sequence[int]

    def __iter__(self) -> Iterator[float | None]:
        values, there = self.column.values, self.column.present
        return (_round(float(values[at])) if there[at] else None for at in self.order)


def _round(value: float) -> float:
    """Without the digits that nobody sees; a whole number stays short."""
    short = float(f"{value:.{_DIGITS}g}")
    return int(short) if short.is_integer() else short
