"""Trends as a page of their own, as text for a terminal, and as data."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from evalkit.core.exchange import Json
from evalkit.core.run_trend import RunPoint, RunTrend
from evalkit.report import run_trend_words as told
from evalkit.report.renderers.data import finite
from evalkit.report.renderers.environment import make_environment
from evalkit.report.sentences.language import Language

_WIDTH, _HEIGHT = 860.0, 190.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 58.0, 12.0, 12.0, 26.0
_TICKS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlot:
    """Where everything stands, in pixels.

    `points` are (x, y, y of the interval's ends or None, point); `lines` are x of what else changed; `changes` are
    (x from, x to, better, kind); `ticks` are (y, label), `dates` (x, label).
    """

    points: tuple[tuple[float, float | None, float | None, float | None, RunPoint], ...]
    path: str
    lines: tuple[tuple[float, str], ...]
    changes: tuple[tuple[float, float, bool, str], ...]
    ticks: tuple[tuple[float, str], ...]
    dates: tuple[tuple[float, str], ...]
    width: float = _WIDTH
    height: float = _HEIGHT


def page(trends: Sequence[RunTrend], language: Language = "en") -> str:
    """Render the trends as one self-contained page, without a script."""
    words = told.trend_words(language)
    style = _asset("run_trends.css")
    runs = sorted({(point.created, point.run) for one in trends for point in one.points})
    return str(
        _template().render(
            lang=language,
            words=words,
            trends=[_view(one, words) for one in told.in_order(trends)],
            worse=sum(map(told.got_worse, trends)),
            runs=len(runs),
            first=runs[0][0][:10] if runs else "",
            last=runs[-1][0][:10] if runs else "",
            rate=told.rate_sentence(trends[0], words) if trends else "",
            style=style,
            style_hash=f"sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}",
        )
    )


def text(trends: Sequence[RunTrend], language: Language = "en") -> str:
    """Return the changes as text, those to the worse first.

    Of every metric the first and the latest value stand beside them.
    """
    words = told.trend_words(language)
    blocks = []
    for one in told.in_order(trends):
        values = [point for point in one.points if point.value is not None]
        latest = told.value_of(one, values[-1].value) if values else "–"
        first = told.value_of(one, values[0].value) if values else "–"
        lines = [f"{one.suite} · {one.metric} ({words[f'arm_{one.arm}']}): {first} → {latest}"]
        for change in one.changes:
            lines += [f"  {sentence}" for sentence in told.change_sentences(one, change, words)]
        lines += [f"  {sentence}" for sentence in told.test_sentences(one, words)]
        blocks.append("\n".join(lines))
    return "\n\n".join([*blocks, told.rate_sentence(trends[0], words)]) if trends else words["none"]


def data(trends: Sequence[RunTrend]) -> Json:
    """Return JSON values, a trend each."""
    rows = []
    for one in trends:
        row = dataclasses.asdict(one)
        for point in row["points"]:
            point["others"] = [dict(zip(("what", "before", "now"), other, strict=True)) for other in point["others"]]
        rows.append(row)
    return finite(rows)


def _view(trend: RunTrend, words: Mapping[str, str]) -> dict[str, Any]:
    return {
        "suite": trend.suite,
        "metric": trend.metric,
        "arm": words[f"arm_{trend.arm}"],
        "better": words["better_up" if trend.higher_is_better else "better_down"],
        "worse": told.got_worse(trend),
        "changes": [(change, *told.change_sentences(trend, change, words)) for change in trend.changes],
        "said": told.test_sentences(trend, words),
        "plot": _plot(trend, words),
        "rows": [
            {
                "point": point,
                "name": point.base if trend.arm == "base" else point.candidate,
                "value": told.value_of(trend, point.value),
                "interval": told.interval_of(trend, point),
                "others": told.others_of(point, words),
            }
            for point in reversed(trend.points)
        ],
    }


def _plot(trend: RunTrend, words: Mapping[str, str]) -> RunPlot:
    known = [end for point in trend.points for end in (point.low, point.value, point.high) if end is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    room = (high - low) * 0.08 or abs(high) * 0.05 or 0.5
    low, high = low - room, high + room
    step = (_WIDTH - _LEFT - _RIGHT) / max(len(trend.points) - 1, 1)

    def across(number: int) -> float:
        return round(_LEFT + number * step, 1)

    def up(value: float | None) -> float | None:
        if value is None:
            return None
        return round(_TOP + (high - value) / (high - low) * (_HEIGHT - _TOP - _BOTTOM), 1)

    places = {point.run: across(number) for number, point in enumerate(trend.points)}
    drawn = tuple(
        (across(number), up(point.value), up(point.low), up(point.high), point)
        for number, point in enumerate(trend.points)
    )
    every = max(1, len(trend.points) // 6)
    ticks = [low + (high - low) * number / _TICKS for number in range(_TICKS + 1)]
    return RunPlot(
        points=drawn,
        path=" ".join(f"{x},{y}" for x, y, *_ in drawn if y is not None),
        lines=tuple((places[point.run], told.others_of(point, words)) for point in trend.points if point.others),
        changes=tuple((places[one.before], places[one.first], one.better, one.kind) for one in trend.changes),
        ticks=tuple((up(tick) or 0.0, told.value_of(trend, tick)) for tick in ticks),
        dates=tuple(
            (across(number), point.created[5:10]) for number, point in enumerate(trend.points) if number % every == 0
        ),
    )


@cache
def _template() -> Any:
    return make_environment().from_string(_asset("run_trends.html.j2"))


@cache
def _asset(name: str) -> str:
    return files("evalkit.report.renderers").joinpath("assets", name).read_text(encoding="utf-8")
