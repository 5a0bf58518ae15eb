"""What each gate will be able to tell at this n, before anything is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.core.nouns import SliceKey
from evalkit.gates import words
from evalkit.gates.decide import gates_of
from evalkit.gates.expected import Assumed, Expected, Sizes, alarms
from evalkit.gates.no_regression import is_alarm, metrics_of
from evalkit.gates.resolve import MISSING
from evalkit.stats.planning import (
    fewest_discordant,
    noninferiority_power,
    smallest_detectable,
    zero_failure_examples,
)
from evalkit.stats.score import no_change_reach
from evalkit.suite.spec import Budget, Critical, Fairness, Floor, MustImprove, NoRegression, SuiteSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """One gate in one slice. `mde` is the smallest difference told with power 0.8, in the metric's unit.

    `n_needed` examples would settle the gate's margin (or prove its floor) if nothing changed; `power` is the chance
    that an unchanged model passes at this n. None where the gate has no such figure. `warning` says that the gate
    cannot decide, or hardly; empty if it can.
    """

    gate: str
    gate_index: int
    metric: str
    slice: SliceKey | None
    n: int
    assumed: Assumed
    margin: float | None = None
    mde: float | None = None
    n_needed: int | None = None
    power: float | None = None
    warning: str = ""


def forecast(
    spec: SuiteSpec,
    *,
    n: int,
    sizes: Sizes,
    assumed: Mapping[str, Assumed] | None = None,
    discordance: float = 0.10,
    tagged: Mapping[str, int] | None = None,
    family: int = 1,
) -> tuple[Forecast, ...]:
    """Every gate, metric and slice value of a suite with n examples, `sizes` of them in each slice.

    `assumed` by metric (of a pilot) goes before `discordance`, the share of pairs assumed to differ. `tagged` counts
    the examples behind each critical gate's tag; `family` candidates share the chance of error.
    """
    ask = Expected(
        spec=spec,
        n=n,
        sizes=sizes,
        known=assumed or {},
        default=Assumed(spread=discordance),
        confidence=1.0 - (1.0 - spec.policy.confidence) / max(1, family),
        alarms=alarms(spec, sizes),
    )
    out: list[Forecast] = []
    for index, gate in gates_of(spec):
        if isinstance(gate, MustImprove):
            out.append(_must_improve(ask, gate, index))
        elif isinstance(gate, NoRegression):
            out += [_no_regression(ask, gate, index, metric, key) for metric, key in _cells(ask, gate)]
        elif isinstance(gate, Floor):
            keys = [key for by in gate.slices for key in ask.keys(by)] or [None]
            out += [_floor(ask, gate, index, key) for key in keys]
        elif isinstance(gate, Fairness):
            metrics = list(gate.metrics) or list(spec.scorers)
            out += [_fairness(ask, gate, index, m, by) for m in metrics for by in gate.slices]
        elif isinstance(gate, Critical):
            out.append(_critical(ask, gate, index, tagged or {}))
        else:
            out.append(_budget(ask, gate, index))
    return tuple(out)


def _must_improve(ask: Expected, gate: MustImprove, index: int) -> Forecast:
    needed = fewest_discordant(alpha=1.0 - ask.confidence)
    likely = ask.of(gate.metric)
    warning = ""
    if likely.binary and likely.spread * ask.n < needed:
        warning = (
            f"{words.count(ask.n, 'case')} of which {100 * likely.spread:.3g}% differ are too few: {needed} must "
            "differ, all for the better, before an improvement can be proven"
        )
    return Forecast(
        gate=gate.type,
        gate_index=index,
        metric=gate.metric,
        slice=None,
        n=ask.n,
        assumed=likely,
        mde=ask.mde(gate.metric, ask.n),
        warning=warning,
    )


def _no_regression(ask: Expected, gate: NoRegression, index: int, metric: str, key: SliceKey | None) -> Forecast:
    n, likely, alarm = ask.size(key), ask.of(metric), key is not None and is_alarm(gate)
    sure = 1.0 - (1.0 - ask.confidence) / max(1, ask.alarms) if alarm else ask.confidence
    needed = ask.needed(metric, gate.margin, confidence=ask.confidence)
    worth = int(ask.worth(metric, n))
    power = None
    if likely.binary and n >= 1 and not alarm:
        power = noninferiority_power(
            worth, margin=gate.margin, discordance=likely.spread, alpha=(1.0 - ask.confidence) / 2.0
        )
    return Forecast(
        gate=gate.type,
        gate_index=index,
        metric=metric,
        slice=key,
        n=n,
        assumed=likely,
        margin=gate.margin,
        mde=ask.mde(metric, n, confidence=sure),
        n_needed=needed,
        power=power,
        warning=_alarm_warning(ask, gate, metric, n) if alarm else _margin_warning(ask, gate, metric, key, power),
    )


def _margin_warning(ask: Expected, gate: NoRegression, metric: str, key: SliceKey | None, power: float | None) -> str:
    n, likely = ask.size(key), ask.of(metric)
    if key is not None and n < gate.min_n:
        return f"{words.count(n, 'case')}, fewer than min_n {gate.min_n}: it will not be judged"
    reach = no_change_reach(max(1, int(ask.worth(metric, n))), confidence=ask.confidence)
    size = words.size(gate.margin, share=likely.binary)
    if likely.binary and reach >= gate.margin:
        return (
            f"cannot pass: even if not one of {words.count(n, 'case')} differs, a drop of "
            f"{words.size(round(reach, 4), share=True)} is not ruled out, more than the margin of {size}"
        )
    if power is not None and power < 0.5:
        return f"an unchanged model passes in {100 * power:.0f}% of runs only: too few cases for a margin of {size}"
    return ""


def _alarm_warning(ask: Expected, gate: NoRegression, metric: str, n: int) -> str:
    if n < gate.min_n:
        return f"{words.count(n, 'case')}, fewer than min_n {gate.min_n}: it will not be judged"
    likely = ask.of(metric)
    needed = fewest_discordant(max(1, ask.alarms), alpha=1.0 - ask.confidence)
    if likely.binary and likely.spread * n < needed:
        return (
            f"cannot raise an alarm: among {words.count(ask.alarms, 'slice')} {needed} cases must differ, all for the "
            f"worse, and {likely.spread * n:.1f} are to be expected"
        )
    return ""


def _floor(ask: Expected, gate: Floor, index: int, key: SliceKey | None) -> Forecast:
    n, limit = ask.size(key), gate.min if gate.min is not None else None
    if limit is None and gate.max is not None:
        limit = 1.0 - gate.max
    needed, warning = None, ""
    if gate.basis == "proven" and limit is not None and 0.0 < limit < 1.0:
        needed = zero_failure_examples(limit, confidence=ask.confidence)
        if n < needed:
            warning = f"cannot be proven: even without a failure {needed:,} cases are needed, and there are {n:,}"
    return Forecast(
        gate=gate.type,
        gate_index=index,
        metric=gate.metric,
        slice=key,
        n=n,
        assumed=ask.of(gate.metric),
        n_needed=needed,
        warning=warning,
    )


def _fairness(ask: Expected, gate: Fairness, index: int, metric: str, by: str) -> Forecast:
    """The smallest group decides: its gap is the hardest to see."""
    least = next((item.min_n for item in ask.spec.slices if item.name == by), 30)
    sizes = {value: n for value, n in ask.sizes.get(by, {}).items() if value != MISSING}
    large = {value: n for value, n in sizes.items() if n >= least}
    likely = ask.of(metric)
    if len(sizes) < 2 or not large:
        warning = f"no group of {by} has the {least} cases that min_n asks for, beside another group"
        return Forecast(
            gate=gate.type, gate_index=index, metric=metric, slice=None, n=ask.n, assumed=likely, warning=warning
        )
    value, n = min(large.items(), key=lambda kv: (kv[1], kv[0]))
    rest = max(1, sum(sizes.values()) - n)
    sure = 1.0 - (1.0 - ask.confidence) / len(large)
    harmonic = 1.0 / (1.0 / n + 1.0 / rest)
    needed = ask.needed(metric, gate.max_change, confidence=sure, noise=1.0 + n / rest)
    reach = no_change_reach(max(1, int(ask.worth(metric, n))), confidence=sure)
    warning = ""
    if likely.binary and reach >= gate.max_change:
        warning = (
            f"cannot pass: even if nothing differs, {words.count(n, 'case')} of {value} do not rule out a growth of "
            f"{words.size(gate.max_change, share=True)}"
        )
    return Forecast(
        gate=gate.type,
        gate_index=index,
        metric=metric,
        slice=SliceKey(by=by, value=value),
        n=n,
        assumed=likely,
        margin=gate.max_change,
        mde=smallest_detectable(
            ask.worth(metric, 1) * harmonic / likely.design_effect, spread=likely.spread, confidence=sure
        ),
        n_needed=needed,
        warning=warning,
    )


def _critical(ask: Expected, gate: Critical, index: int, tagged: Mapping[str, int]) -> Forecast:
    n = tagged.get(gate.tag, 0)
    return Forecast(
        gate=gate.type,
        gate_index=index,
        metric=", ".join(gate.metrics) or "*",
        slice=None,
        n=n,
        assumed=ask.default,
        warning="" if n or gate.tag not in tagged else f"no case is tagged {gate.tag}",
    )


def _budget(ask: Expected, gate: Budget, index: int) -> Forecast:
    return Forecast(gate=gate.type, gate_index=index, metric=gate.metric, slice=None, n=ask.n, assumed=ask.default)


def _cells(ask: Expected, gate: NoRegression) -> Sequence[tuple[str, SliceKey | None]]:
    keys: list[SliceKey | None] = [key for by in gate.slices for key in ask.keys(by)] if gate.slices else [None]
    return [(metric, key) for metric in metrics_of(gate) for key in keys]
