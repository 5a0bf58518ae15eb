"""Metrics over time: as text for a terminal, and as data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evalkit.core.exchange import Json
from evalkit.core.series import Series, Step
from evalkit.core.verdict import Estimate
from evalkit.report import figures
from evalkit.report.renderers.data import finite
from evalkit.report.sentences import Language, Speaker, speaker

_CHANGE = ("n", "delta", "low", "high", "confidence", "fixed", "broken", "p", "method")


def text(series: Sequence[Series], *, language: Language = "en") -> str:
    """Return a block per metric, a line per run; empty without any."""
    width = max((len(step.run) for one in series for step in one.steps), default=0)
    return "\n\n".join(_block(one, width, speaker(language)) for one in series)


def data(series: Sequence[Series]) -> Json:
    """Return JSON values.

    `[{"suite", "metric", "higher_is_better", "runs": [...]}]`.
    """
    rows = [
        {
            "suite": one.suite,
            "metric": one.metric,
            "higher_is_better": one.higher_is_better,
            "runs": [_row(step) for step in one.steps],
        }
        for one in series
    ]
    return finite(rows)


def _block(series: Series, width: int, say: Speaker) -> str:
    better = "higher" if series.higher_is_better else "lower"
    told = say(f"{better} is better; each change is against the sound run before")
    lines = [f"{series.suite} · {series.metric}  ({told})"]
    shown = [_value(series, step) for step in series.steps]
    column = max(map(len, shown))
    for step, value in zip(series.steps, shown, strict=True):
        lines.append(f"  {step.run:<{width}}  {step.outcome:<12}  {value:>{column}}  {_change(step, say)}".rstrip())
    return "\n".join(lines)


def _value(series: Series, step: Step) -> str:
    return figures.value(step.value, step.change or _alone(series, step))


def _change(step: Step, say: Speaker) -> str:
    found = step.change
    if found is None:
        return f"({say(step.because)})" if step.because else ""
    said = f"{figures.change(found.delta, found)}, {figures.level(found)} CI {figures.interval(found)}"
    if found.fixed is not None and found.broken is not None:
        said += f", fixed {found.fixed}, broken {found.broken}"
    return say(f"{said}, on {figures.count(found.n)} cases of both")


def _alone(series: Series, step: Step) -> Estimate:
    """A value without a change, as figures want it."""
    empty: dict[str, Any] = dict.fromkeys(
        ("slice", "base", "delta", "low", "high", "fixed", "broken", "p", "p_adjusted", "mde")
    )
    return Estimate(
        **empty,
        metric=series.metric,
        n=step.n,
        n_clusters=step.n,
        candidate=step.value,
        confidence=0.0,
        higher_is_better=series.higher_is_better,
        binary=series.binary,
        method="none",
        because="",
    )


def _row(step: Step) -> dict[str, Json]:
    return {
        "run": step.run,
        "created": step.created,
        "base": step.base,
        "candidate": step.candidate,
        "outcome": step.outcome,
        "n": step.n,
        "value": step.value,
        "change": None if step.change is None else {name: getattr(step.change, name) for name in _CHANGE},
        "because": step.because,
    }
