"""Where the marks of small plots stand: figures in the order of an axis, to pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from evalkit.core.blocks import Tone, Trend, Trends
from evalkit.report.figures import number, with_sign

WIDTH, HEIGHT = 270.0, 132.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 12.0, 10.0, 22.0
_LEAST = 1e-9
_FULL = 26.0
"""Pixels that a label on the axis takes"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A point in pixels; `low` and `high` are None where it has no interval."""

    x: float
    y: float
    low: float | None
    high: float | None
    tone: Tone
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallPlot:
    """One trend in pixels."""

    heading: str
    dots: tuple[Dot, ...]
    path: str
    level: float | None
    margin: float | None
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = _LEFT
    right: float = WIDTH - _RIGHT
    bottom: float = HEIGHT - _BOTTOM


def small_plots(block: Trends) -> list[SmallPlot]:
    """Place every trend of a block.

    All have the same axis across. Only what lies on an axis is joined by a line: the order in which candidates were
    named is no course.
    """
    places = [at for at, _ in block.ticks] + [point.at for trend in block.trends for point in trend.points]
    first, last = min(places), max(places)
    plots = [_place(trend, block.ticks, first, last) for trend in block.trends if trend.points]
    return plots if block.axis else [replace(plot, path="") for plot in plots]


def _place(trend: Trend, ticks: Sequence[tuple[float, str]], first: float, last: float) -> SmallPlot:
    values = [
        value for point in trend.points for value in (point.value, point.low, point.high) if value is not None
    ] + [value for value in (trend.level, trend.margin) if value is not None]
    low, high = min(values), max(values)
    room = (high - low) or abs(high) or 1.0

    def across(at: float) -> float:
        share = (at - first) / (last - first) if last > first else 0.5
        return round(_LEFT + 8 + share * (WIDTH - _LEFT - _RIGHT - 16), 1)

    def up(value: float) -> float:
        return round(_TOP + (high - value) / room * (HEIGHT - _TOP - _BOTTOM), 1)

    dots = tuple(
        Dot(
            x=across(point.at),
            y=up(point.value),
            low=None if point.low is None else up(point.low),
            high=None if point.high is None else up(point.high),
            tone=point.tone,
            label=point.label,
        )
        for point in trend.points
    )
    return SmallPlot(
        heading=trend.heading,
        dots=dots,
        path="M" + "L".join(f"{dot.x} {dot.y}" for dot in sorted(dots, key=lambda dot: dot.x)),
        level=None if trend.level is None else up(trend.level),
        margin=None if trend.margin is None else up(trend.margin),
        x_ticks=_apart([(across(at), label) for at, label in ticks]),
        y_ticks=_heights(trend, low, high, up(low), up(high), None if trend.level is None else up(trend.level)),
    )


def _apart(ticks: Sequence[tuple[float, str]]) -> tuple[tuple[float, str], ...]:
    """Labels with room between them: the last is always there."""
    kept: list[tuple[float, str]] = []
    for x, label in sorted(ticks, reverse=True):
        if not kept or kept[-1][0] - x >= max(_FULL, 6.5 * len(label)):
            kept.append((x, label))
    return tuple(kept)


def _heights(
    trend: Trend, low: float, high: float, bottom: float, top: float, level: float | None
) -> tuple[tuple[float, str], ...]:
    """The ends of the axis, and 0 where it is drawn and has room."""
    told = _with_sign if trend.level is not None else _without_sign
    ticks = [(top, told(high, trend.share)), (bottom, told(low, trend.share))]
    if level is not None:
        ticks = [(y, label) for y, label in ticks if abs(y - level) > 12] + [(level, "±0")]
    return tuple(ticks)


def _with_sign(value: float, share: bool) -> str:
    if share:
        return with_sign(100 * value)
    return f"{'+' if value > 0 else '-' if value < 0 else '±'}{number(abs(value))}"


def _without_sign(value: float, _: bool) -> str:
    return number(value)
