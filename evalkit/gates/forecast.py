"""What each gate will be able to tell at this n, before anything is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from evalkit.core.verdict import SliceKey
from evalkit.gates import words
from evalkit.gates.decide import gates_of
from evalkit.gates.expected import Assumed, Expected, Population
from evalkit.gates.no_regression import is_alarm, metrics_of
from evalkit.gates.resolve import MISSING
from evalkit.stats.planning import (
    fewest_discordant,
    smallest_detectable,
    zero_failure_examples,
)
from evalkit.stats.score import no_change_reach
from evalkit.suite.spec import Critical, Fairness, Floor, GateSpec, MustImprove, NoRegression, SuiteSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """One gate in one slice, on the `n` examples in `n_clusters` clusters that its metric looks at.

    `mde` is the smallest difference told with power 0.8, in the metric's unit.

    From `n_needed` examples on an unchanged model passes with power 0.8 or more (or the floor is proven); `power` is
    its chance at this n. None where the gate has no such figure. `warning` says that the gate
    cannot decide, or hardly; empty if it can.
    """

    gate: str
    gate_index: int
    metric: str
    slice: SliceKey | None
    n: int
    n_clusters: int
    assumed: Assumed
    margin: float | None = None
    mde: float | None = None
    n_needed: int | None = None
    power: float | None = None
    warning: str = ""


def forecast(
    spec: SuiteSpec,
    *,
    everyone: Population,
    metrics: Mapping[str, Population] | None = None,
    graded: Iterable[str] = (),
    assumed: Mapping[str, Assumed] | None = None,
    discordance: float = 0.10,
    tagged: Mapping[str, int] | None = None,
    family: int = 1,
) -> tuple[Forecast, ...]:
    """Every gate, metric and slice value of a suite with these examples; `metrics` that look at some only say which.

    `assumed` by metric (of a pilot) goes before `discordance`, the share of pairs assumed to differ, or the variance of
    the differences of `graded` metrics. `tagged` counts the examples behind each critical gate's tag; `family`
    candidates share the chance of error.
    """
    ask = Expected(
        spec=spec,
        everyone=everyone,
        metrics=metrics or {},
        known=assumed or {},
        graded=frozenset(graded),
        discordance=discordance,
        confidence=1.0 - (1.0 - spec.policy.confidence) / max(1, family),
    )
    out: list[Forecast] = []
    for index, gate in gates_of(spec):
        if isinstance(gate, MustImprove):
            out.append(_must_improve(ask, gate, index))
        elif isinstance(gate, NoRegression):
            out += [_no_regression(ask, gate, index, metric, key) for metric, key in _cells(ask, gate)]
        elif isinstance(gate, Floor):
            keys = [key for by in gate.slices for key in ask.keys(gate.metric, by)] or [None]
            out += [_floor(ask, gate, index, key) for key in keys]
        elif isinstance(gate, Fairness):
            of = list(gate.metrics) or list(spec.scorers)
            out += [_fairness(ask, gate, index, metric, by) for metric in of for by in gate.slices]
        elif isinstance(gate, Critical):
            out.append(_critical(ask, gate, index, tagged or {}))
        else:
            out.append(_drafted(ask, gate, index, gate.metric))
    return tuple(out)


def _drafted(ask: Expected, gate: GateSpec, index: int, metric: str, key: SliceKey | None = None) -> Forecast:
    count = ask.count(metric, key)
    return Forecast(
        gate=gate.type,
        gate_index=index,
        metric=metric,
        slice=key,
        n=count.n,
        n_clusters=count.clusters,
        assumed=ask.of(metric, key),
    )


def _must_improve(ask: Expected, gate: MustImprove, index: int) -> Forecast:
    draft = _drafted(ask, gate, index, gate.metric)
    needed = fewest_discordant(alpha=1.0 - ask.confidence)
    likely, worth = draft.assumed, ask.worth(gate.metric, None)
    warning = ""
    if likely.binary and likely.spread * worth < needed:
        warning = (
            f"{_cases(draft)} of which {100 * likely.spread:.3g}% differ are too few: {needed} must "
            "differ, all for the better, before an improvement can be proven"
        )
    return replace(draft, mde=ask.mde(gate.metric, None), warning=warning)


def _no_regression(ask: Expected, gate: NoRegression, index: int, metric: str, key: SliceKey | None) -> Forecast:
    draft, alarm = _drafted(ask, gate, index, metric, key), key is not None and is_alarm(gate)
    sure = 1.0 - (1.0 - ask.confidence) / max(1, ask.alarms) if alarm else ask.confidence
    power = None
    if draft.assumed.binary and draft.n >= 1 and not alarm:
        power = ask.power(metric, key, gate.margin)
    draft = replace(
        draft,
        margin=gate.margin,
        mde=ask.mde(metric, key, confidence=sure),
        n_needed=ask.needed(metric, key, gate.margin),
        power=power,
    )
    if key is not None and draft.n < gate.min_n:
        return replace(draft, warning=f"{_cases(draft)}, fewer than min_n {gate.min_n}: it will not be judged")
    return replace(draft, warning=_alarm_warning(ask, draft) if alarm else _margin_warning(ask, draft, gate.margin))


def _cases(draft: Forecast) -> str:
    """How many, and in how many clusters where that is fewer."""
    apart = f" in {words.count(draft.n_clusters, 'cluster')}" if draft.n_clusters < draft.n else ""
    return words.count(draft.n, "case") + apart


def _margin_warning(ask: Expected, draft: Forecast, margin: float) -> str:
    binary, power = draft.assumed.binary, draft.power
    reach = no_change_reach(ask.still(draft.metric, draft.slice), confidence=ask.confidence)
    size = words.size(margin, share=binary)
    if binary and reach >= margin:
        return (
            f"cannot pass unless the candidate is better: even if not one of {_cases(draft)} differs, a drop of "
            f"{words.size(round(reach, 4), share=True)} is not ruled out, more than the margin of {size}"
        )
    if power is not None and power < 0.5:
        together = draft.n_clusters < draft.n and not draft.assumed.piloted
        how = " if the cases of a cluster move together (a --pilot shows)" if together else ""
        return (
            f"an unchanged model passes in {100 * power:.0f}% of runs only{how}: too few cases for a margin of {size}"
        )
    return ""


def _alarm_warning(ask: Expected, draft: Forecast) -> str:
    needed = fewest_discordant(max(1, ask.alarms), alpha=1.0 - ask.confidence)
    likely, differ = draft.assumed, draft.assumed.spread * draft.n
    if likely.binary and differ < needed:
        return (
            f"cannot raise an alarm: among {words.count(ask.alarms, 'slice')} {needed} cases must differ, all for the "
            f"worse, and {differ:.1f} are to be expected"
        )
    return ""


def _floor(ask: Expected, gate: Floor, index: int, key: SliceKey | None) -> Forecast:
    draft, limit = _drafted(ask, gate, index, gate.metric, key), gate.min
    if limit is None and gate.max is not None:
        limit = 1.0 - gate.max
    if gate.basis != "proven" or limit is None or not 0.0 < limit < 1.0:
        return draft
    needed = zero_failure_examples(limit, confidence=ask.confidence)
    warning = ""
    if draft.n < needed:
        warning = f"cannot be proven: even without a failure {needed:,} cases are needed, and there are {draft.n:,}"
    elif draft.n_clusters < needed:
        has = words.count(draft.n_clusters, "cluster")
        warning = (
            f"cannot be proven without a failure: {needed:,} cases are needed, and there are {has}; only where single "
            "failures show that the cases of a cluster do not fail together do they count for more"
        )
    return replace(draft, n_needed=needed, warning=warning)


def _fairness(ask: Expected, gate: Fairness, index: int, metric: str, by: str) -> Forecast:
    """The smallest group decides: its gap is the hardest to see."""
    least = next((item.min_n for item in ask.spec.slices if item.name == by), 30)
    counts = {value: c for value, c in ask.population(metric).slices.get(by, {}).items() if value != MISSING}
    large = {value: c for value, c in counts.items() if c.n >= least}
    if len(counts) < 2 or not large:
        warning = f"no group of {by} has the {least} cases that min_n asks for, beside another group"
        return replace(_drafted(ask, gate, index, metric), warning=warning)
    value, count = min(large.items(), key=lambda kv: (kv[1].n, kv[0]))
    key = SliceKey(by=by, value=value)
    draft, rest = _drafted(ask, gate, index, metric, key), max(1, sum(c.n for c in counts.values()) - count.n)
    sure = 1.0 - (1.0 - ask.confidence) / len(large)
    reach = no_change_reach(ask.still(metric, key), confidence=sure)
    warning = ""
    if draft.assumed.binary and reach >= gate.max_change:
        warning = (
            f"cannot pass unless the gap shrinks: even if nothing differs, {_cases(draft)} of {value} do not rule "
            f"out a growth of {words.size(gate.max_change, share=True)}"
        )
    worth = ask.worth(metric, key) / (1.0 + count.n / rest)
    return replace(
        draft,
        margin=gate.max_change,
        mde=smallest_detectable(worth, spread=draft.assumed.spread, confidence=sure),
        n_needed=ask.needed_of_gap(metric, key, gate.max_change, confidence=sure, noise=1.0 + count.n / rest),
        warning=warning,
    )


def _critical(ask: Expected, gate: Critical, index: int, tagged: Mapping[str, int]) -> Forecast:
    n = tagged.get(gate.tag, 0)
    return replace(
        _drafted(ask, gate, index, ", ".join(gate.metrics) or "*"),
        n=n,
        n_clusters=n,
        warning="" if n or gate.tag not in tagged else f"no case is tagged {gate.tag}",
    )


def _cells(ask: Expected, gate: NoRegression) -> Sequence[tuple[str, SliceKey | None]]:
    if not gate.slices:
        return [(metric, None) for metric in metrics_of(gate)]
    return [(metric, key) for metric in metrics_of(gate) for by in gate.slices for key in ask.keys(metric, by)]
