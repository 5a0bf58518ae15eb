"""The sentences of the trends, in English and Japanese, and how their figures read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from evalkit.core.run_trend import RunChange, RunPoint, RunTrend
from evalkit.core.verdict import Estimate
from evalkit.report import figures
from evalkit.report.sentences.language import Language


@cache
def trend_words(language: Language) -> Mapping[str, str]:
    """Return the sentences of a language by their keys."""
    asset = files("evalkit.report.renderers").joinpath("assets", f"run_trends.{language}.json")
    found: Mapping[str, str] = json.loads(asset.read_text(encoding="utf-8"))
    return found


def in_order(trends: Sequence[RunTrend]) -> list[RunTrend]:
    """Put those that got worse first; within, as they came."""
    return sorted(trends, key=lambda one: (not got_worse(one), not one.changes))


def got_worse(trend: RunTrend) -> bool:
    """Tell whether a change to the worse was found."""
    return any(not change.better for change in trend.changes)


def value_of(trend: RunTrend, figure: float | None) -> str:
    """Format a value of a trend: `83.0%`, `0.41 s`."""
    return figures.value(figure, _like(trend))


def interval_of(trend: RunTrend, point: RunPoint) -> str:
    """Format the interval of a value, or a dash."""
    if point.low is None or point.high is None:
        return figures.MISSING
    return f"[{value_of(trend, point.low)}, {value_of(trend, point.high)}]"


def change_sentences(trend: RunTrend, change: RunChange, words: Mapping[str, str]) -> tuple[str, str]:
    """Return the sentence of a change.

    With it comes one of what else changed at its place.
    """
    like = _like(trend)
    key = f"{change.kind}_{'better' if change.better else 'worse'}"
    said = words[key].format(
        size=figures.change(change.size, like),
        low=figures.change(change.low, like, bare=True),
        high=figures.change(change.high, like, bare=True),
        before=change.before,
        first=change.first,
        told=change.told,
    )
    there = others_at(trend, change, words)
    return said, words["others_there"].format(others=there) if there else words["others_none"]


def others_at(trend: RunTrend, change: RunChange, words: Mapping[str, str]) -> str:
    """List what was another at a change.

    That is at its run, of a drift in all runs of the line.
    """
    names = [point.run for point in trend.points]
    begin, end = names.index(change.before), names.index(change.first)
    points = trend.points[begin + 1 : end + 1]
    told = {(what, before, now): None for point in points for what, before, now in point.others}
    if change.kind == "step":
        return ", ".join(f"{words[f'what_{what}']} ({before} → {now})" for what, before, now in told)
    return ", ".join(dict.fromkeys(words[f"what_{what}"] for what, *_ in told))


def test_sentences(trend: RunTrend, words: Mapping[str, str]) -> list[str]:
    """Say how runs were compared, and what that cannot tell."""
    tested = sum(not point.excluded for point in trend.points)
    if trend.test == "none":
        return [words["too_few" if tested or len(trend.points) < 2 else "set_metric"]]
    said = [] if trend.changes else [words["no_change"].format(n=tested)]
    said.append(words[trend.test].format(shared=f"{trend.shared or 0.0:.0%}"))
    if trend.blind and trend.test == "paired":
        said.append(words["blind"].format(runs=", ".join(trend.blind)))
    return said


def others_of(point: RunPoint, words: Mapping[str, str]) -> str:
    """List what was another than in the run before."""
    return ", ".join(f"{words[f'what_{what}']}: {before} → {now}" for what, before, now in point.others)


def rate_sentence(trend: RunTrend, words: Mapping[str, str]) -> str:
    """Say how often a false alarm is raised."""
    return words["rate"].format(alpha=f"{trend.alpha:.0%}", horizon=trend.horizon)


def _like(trend: RunTrend) -> Estimate:
    """An estimate with the unit and scale of a trend, as figures want it."""
    known = [point.value for point in trend.points if point.value is not None]
    return Estimate(
        metric=trend.metric, binary=trend.binary, base=min(known, default=None), candidate=max(known, default=None)
    )
