"""The noise floor: how far a model may seem to be from itself, measured by comparing it with itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from evalkit.core.columns import Comparison
from evalkit.core.verdict import Finding
from evalkit.gates import words
from evalkit.gates.states import BELOW_NOISE, FAILING
from evalkit.gates.view import view
from evalkit.stats.repeats import flip_rate, noise_floor
from evalkit.suite.ask_gate import margin_within
from evalkit.suite.gate_spec import GateSpec
from evalkit.suite.spec import PolicySpec


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseFloor:
    """One metric of an A/A comparison (the same model twice: another seed, other repeats).

    `floor` is the farther end of the interval of the difference; a margin below it cannot be proven at this n though
    nothing changed. It is 0 where not one example differs: an interval that is as wide as n allows is no noise.
    `flipped` is the share of examples whose values differ between the two runs, `repeat_flips` how often two repeats
    within a run disagree (None without repeats).
    """

    metric: str
    n: int
    floor: float
    delta: float
    low: float
    high: float
    flipped: float
    repeat_flips: float | None
    binary: bool
    higher_is_better: bool


def noise_floors(comparison: Comparison, policy: PolicySpec) -> tuple[NoiseFloor, ...]:
    """Return the noise floor of every metric that both runs have.

    It is at the policy's confidence.
    """
    seen = view(comparison, policy)
    floors = []
    for metric, column in comparison.columns.items():
        cell = seen.cell(metric, None)
        result = cell.result
        if result is None or result.low is None or result.high is None or result.delta is None:
            continue
        differs = bool((cell.of.base[cell.rows] != cell.of.candidate[cell.rows]).any())
        floors.append(
            NoiseFloor(
                metric=metric,
                n=cell.n,
                floor=noise_floor(result.low, result.high) if differs else 0.0,
                delta=result.delta,
                low=result.low,
                high=result.high,
                flipped=result.discordance or 0.0,
                repeat_flips=flip_rate(column.base.raw, column.base.scored).rate,
                binary=cell.of.binary,
                higher_is_better=cell.of.higher_is_better,
            )
        )
    return tuple(floors)


def under_noise(findings: Sequence[Finding], gate: GateSpec, *, floors: Sequence[NoiseFloor]) -> Sequence[Finding]:
    """Return the findings of a gate, INVALID below the noise floor.

    Those whose margin is below the noise floor of their metric are INVALID, with the figure.

    What is proven to fail stays as it is: noise may hide harm, it makes none. Only over all cases: slices are smaller
    than what the floor was measured on.
    """
    refused = {noise.metric: why for noise in floors if (why := _refusal(gate, noise))}
    return [
        _refuse(finding, refused[finding.metric])
        if finding.slice is None and finding.metric in refused and finding.state not in FAILING | {"INVALID"}
        else finding
        for finding in findings
    ]


def _refuse(finding: Finding, why: str) -> Finding:
    said = f"{why}; without the noise run it would be {finding.state}: {finding.because}"
    return replace(finding, state="INVALID", because=said, flags=(*finding.flags, BELOW_NOISE))


def _refusal(gate: GateSpec, noise: NoiseFloor) -> str | None:
    margin = margin_within(gate, noise.metric)
    if margin is None or margin >= noise.floor:
        return None
    share = noise.binary
    return (
        f"the margin of {words.size(margin, share=share)} on {noise.metric} is below the noise floor of "
        f"{words.size(noise.floor, share=share)}: compared with itself on {words.count(noise.n, 'case')} the "
        f"base differs on {100 * noise.flipped:.1f}% of them, so widen the margin or add cases or repeats "
        "(`evalkit runs noise` lists what was measured, `evalkit runs noise --clear` forgets it)"
    )


def noise_notes(floors: Sequence[NoiseFloor], metrics: Collection[str]) -> tuple[str, ...]:
    """Return one sentence on the floors that a verdict is held against.

    They are the floors of `metrics`; there is nothing without any.
    """
    told = [
        f"{noise.metric} {words.size(noise.floor, share=noise.binary)}" for noise in floors if noise.metric in metrics
    ]
    if not told:
        return ()
    return (
        f"an earlier noise run of the base counts here: margins below its noise floors ({', '.join(told)}) are "
        "refused; "
        "`evalkit runs noise` lists it, `evalkit runs noise --clear` forgets it",
    )
