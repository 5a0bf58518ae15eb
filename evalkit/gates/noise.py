"""The noise floor: how far a model may seem to be from itself, measured by comparing it with itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.core.columns import Comparison
from evalkit.core.verdict import Finding
from evalkit.gates import words
from evalkit.gates.finding import invalid
from evalkit.gates.view import view
from evalkit.stats.repeats import flip_rate, noise_floor
from evalkit.suite.ask_gate import margin_within
from evalkit.suite.gate_spec import GateSpec
from evalkit.suite.spec import PolicySpec


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseFloor:
    """One metric of an A/A comparison (the same model twice: another seed, other repeats).

    `floor` is the farther end of the interval of the difference; a margin below it cannot be proven at this n though
    nothing changed. `flipped` is the share of examples whose values differ between the two runs, `repeat_flips` how
    often two repeats within a run disagree (None without repeats).
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
    """The noise floor of every metric that both runs have, at the policy's confidence."""
    seen = view(comparison, policy)
    floors = []
    for metric, column in comparison.columns.items():
        cell = seen.cell(metric, None)
        result = cell.result
        if result is None or result.low is None or result.high is None or result.delta is None:
            continue
        floors.append(
            NoiseFloor(
                metric=metric,
                n=cell.n,
                floor=noise_floor(result.low, result.high),
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


def refusal(gate: GateSpec, *, index: int, floors: Sequence[NoiseFloor]) -> Finding | None:
    """The INVALID finding of a margin below the noise floor of its metric, with the figure; None if it may be judged.

    Only over all cases: slices are smaller than what the floor was measured on.
    """
    for noise in floors:
        margin = margin_within(gate, noise.metric)
        if margin is not None and margin < noise.floor:
            share = noise.binary
            why = (
                f"the margin of {words.size(margin, share=share)} on {noise.metric} is below the noise floor of "
                f"{words.size(noise.floor, share=share)}: compared with itself on {words.count(noise.n, 'case')} the "
                f"base differs on {100 * noise.flipped:.1f}% of them, so widen the margin or add cases or repeats."
            )
            return invalid(gate.type, noise.metric, why, index=index)
    return None
