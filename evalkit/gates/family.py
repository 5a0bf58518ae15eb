"""How many alarms were listened for: p-values of slices adjusted over all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from evalkit.core.verdict import SliceKey
from evalkit.gates import words
from evalkit.gates.view import Cell, View
from evalkit.stats.multiplicity import holm

AlarmKey = tuple[str, SliceKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A cell that is listened to, if it has at least `min_n` complete pairs."""

    cell: Cell
    min_n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Every slice under alarm in a suite, over all its gates and metrics.

    `adjusted` holds the one-sided p-value of "worse" after the correction, for cells that are large enough to be
    judged; empty without a correction. `alpha` is what it must not exceed. `discordance` is the share of pairs that
    differ over the whole suite, by metric.
    """

    size: int
    correction: str
    alpha: float
    adjusted: Mapping[AlarmKey, float]
    discordance: Mapping[str, float]

    @property
    def named(self) -> str:
        """The correction in words."""
        name = {"holm": "Holm's correction", "max_t": "the max-T correction"}[self.correction]
        return f"{name} over {words.count(self.size, 'slice')}"


NO_FAMILY = Family(size=0, correction="none", alpha=0.025, adjusted={}, discordance={})
"""Where nothing is under alarm"""


def corrected(view: View, alarms: Iterable[Alarm]) -> Family:
    """Adjust over all alarms with at least their min_n complete pairs.

    Which ones count is decided by their size alone, never by what they show.
    """
    alarms = _distinct(alarms)
    judged = [alarm.cell for alarm in alarms if alarm.cell.n >= alarm.min_n]
    p = [1.0 if c.result is None or c.result.p_worse is None else c.result.p_worse for c in judged]
    names = [(c.of.metric, c.slice) for c in judged if c.slice is not None]
    if view.policy.correction == "holm":
        adjusted = holm(p).tolist() if p else []
    elif view.policy.correction == "max_t":
        from evalkit.gates.max_t import adjusted_p

        adjusted = adjusted_p(view, judged) if judged else []
    else:
        adjusted = []
    return Family(
        size=len(judged),
        correction=view.policy.correction,
        alpha=(1.0 - view.confidence) / 2.0,
        adjusted=dict(zip(names, adjusted, strict=False)),
        discordance=_discordance(view, {alarm.cell.of.metric for alarm in alarms}),
    )


def _distinct(alarms: Iterable[Alarm]) -> list[Alarm]:
    """Every (metric, slice value) once, with the least min_n that a gate asks of it."""
    found: dict[tuple[str, SliceKey | None], Alarm] = {}
    for alarm in alarms:
        key = alarm.cell.of.metric, alarm.cell.slice
        known = found.get(key)
        found[key] = replace(known, min_n=min(alarm.min_n, known.min_n)) if known else alarm
    return list(found.values())


def _discordance(view: View, metrics: set[str]) -> dict[str, float]:
    out: dict[str, float] = {}
    for metric in sorted(metrics):
        of = view.measured(metric)
        paired = of.paired
        out[metric] = float((of.base[paired] != of.candidate[paired]).mean()) if paired.any() else 0.0
    return out
