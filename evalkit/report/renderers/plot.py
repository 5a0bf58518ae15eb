"""Where the marks of a forest plot stand: shares to pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.core.blocks import Bar, Tone
from evalkit.report.figures import with_sign

WIDTH = 190.0
_PAD = 8.0
_LEAST = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One interval in pixels.

    `margins` are where the gate's margin stands: nowhere, on the worse side, or on both.
    """

    zero: float
    low: float
    high: float
    value: float
    margins: tuple[float, ...]
    tone: Tone
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Marks on one axis, and the axis' ticks as (pixel, label).

    A mark is None where a row has no interval.
    """

    marks: tuple[Mark | None, ...]
    ticks: tuple[tuple[float, str], ...]
    width: float = WIDTH


def plot(bars: Sequence[Bar | None]) -> Plot | None:
    """Place all bars on one axis that holds 0.

    None where there is no bar.
    """
    known = [bar for bar in bars if bar is not None]
    if not known:
        return None
    limits = [limit for bar in known for limit in _margins(bar)]
    left = min(0.0, *(bar.low for bar in known), *limits, -_LEAST)
    right = max(0.0, *(bar.high for bar in known), *limits, _LEAST)

    def at(value: float) -> float:
        return round(_PAD + (value - left) / (right - left) * (WIDTH - 2 * _PAD), 1)

    marks = tuple(
        None
        if bar is None
        else Mark(
            zero=at(0.0),
            low=at(bar.low),
            high=at(bar.high),
            value=at(bar.value),
            margins=tuple(at(limit) for limit in _margins(bar)),
            tone=bar.tone,
            label=f"{bar.label}: {with_sign(100 * bar.value)} "
            f"[{with_sign(100 * bar.low)}, {with_sign(100 * bar.high)}]",
        )
        for bar in bars
    )
    return Plot(marks=marks, ticks=_ticks(left, right, at(left), at(0.0), at(right)))


def _margins(bar: Bar) -> tuple[float, ...]:
    if not bar.margin:
        return ()
    return (-bar.margin, bar.margin) if bar.either else (-bar.margin,)


def _ticks(left: float, right: float, start: float, zero: float, end: float) -> tuple[tuple[float, str], ...]:
    """0 and the ends of the axis; an end too near to 0 for its label is left out."""
    ticks = [(zero, "0")]
    if zero - start > 34:
        ticks.append((start, f"{100 * left:+.0f}"))
    if end - zero > 34:
        ticks.append((end, f"{100 * right:+.0f}"))
    return tuple(ticks)
