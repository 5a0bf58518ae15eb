"""Both arms on figures of all cases: the paired cluster bootstrap, widened by what no resample can show."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evalkit.core.sets import SetFigure
from evalkit.stats.distributions import normal_cdf, normal_quantile
from evalkit.stats.result import PairedResult, compare_nothing
from evalkit.stats.sets.arm import DRAWS, arm_interval, ends, few_units, spread, unseen_mass, unseen_move
from evalkit.stats.sets.cells import Cells, alike, draw_units, swap_units
from evalkit.stats.sets.figures import figure_of, hot
from evalkit.stats.sets.points import point_values
from evalkit.stats.sets.sums import LIKELIHOODS, values_of

Floats = NDArray[np.float64]
Valued = Callable[[Cells, Sequence[SetFigure]], list[float | None]]
_POWER = 0.8
FEW = 30
"""Cases of a label below which a figure says how few they are"""


def compare_sets(
    base: Cells,
    candidate: Cells,
    figures: Sequence[SetFigure],
    *,
    moved: float,
    confidence: float = 0.95,
    seed: int = 0,
    draws: int = DRAWS,
    valued: Valued = point_values,
) -> list[PairedResult]:
    """Compare both arms on every figure of one set.

    `moved` is the share of cases that were read otherwise.

    The interval of the difference: resamples of clusters (of cases that stand alone), both arms drawn together; their
    quantiles or normal ends, whichever is wider; in quadrature with what was not seen: as many cases as may have moved
    from right to wrong (or back) without one of them in the sample, put where they change the figure most. So it is
    never of no width, and of a label with few cases it is wide. The p-value is the larger one of the normal test and of
    the permutation of arms within clusters. All figures are oriented: higher is better. `valued` gives the values of an
    arm: scikit-learn's; simulations take the same from the formulas that the draws need anyway.
    """
    base, candidate = alike(base, candidate)
    if not base.units or not base.gold.size or not candidate.gold.size:
        return [compare_nothing(confidence) for _ in figures]
    arms = (base, candidate)
    points = [valued(arm, figures) for arm in arms]
    seen, swapped = _resample(arms, figures, seed=seed, draws=draws)
    found = []
    for at, figure in enumerate(figures):
        one, two = points[0][at], points[1][at]
        few = few_cases(base, candidate, figure)
        if one is None or two is None:
            found.append(_leave_undefined(base, figure, one, two, few, confidence=confidence))
            continue
        drawn = (seen[0][:, at], seen[1][:, at])
        result = _compare(arms, figure, (one, two), drawn, swapped[:, at], confidence=confidence)
        found.append(replace(result, discordance=moved, reason=result.reason + few))
    return found


def with_margin(result: PairedResult, margin: float | None) -> PairedResult:
    """Add to the result what it says of a margin."""
    if margin is None or result.low is None or result.delta is None:
        return result
    z = normal_quantile(1.0 - (1.0 - result.confidence) / 2.0)
    error = (result.delta - result.low) / z
    needed = math.ceil(result.n * ((z + normal_quantile(_POWER)) * error / margin) ** 2)
    return replace(
        result, p_noninferior=normal_cdf(-(result.delta + margin) / error) if error else 1.0, n_needed=needed
    )


def _resample(
    arms: tuple[Cells, Cells], figures: Sequence[SetFigure], *, seed: int, draws: int
) -> tuple[tuple[Floats, Floats], Floats]:
    """(B, M) both arms under resampling, and (B, M) the difference where arms change places in half of the clusters."""
    base, candidate = arms
    values: tuple[list[Floats], list[Floats]] = ([], [])
    for counts in draw_units(base.times, draws=draws, seed=seed):
        for arm, out in zip(arms, values, strict=True):
            drawn = arm.weigh_units(counts)
            out.append(np.stack([figure_of(arm.gold, arm.read, drawn, figure) for figure in figures], axis=-1))
    gold = np.concatenate([base.gold, candidate.gold])
    read = np.concatenate([base.read, candidate.read])
    swapped = []
    for swap in swap_units(base.times, draws=draws, seed=seed + 1):
        stay = base.times - swap
        one = np.concatenate([base.weigh_units(stay), candidate.weigh_units(swap)], axis=-1)
        two = np.concatenate([base.weigh_units(swap), candidate.weigh_units(stay)], axis=-1)
        swapped.append(
            np.stack([figure_of(gold, read, two, f) - figure_of(gold, read, one, f) for f in figures], axis=-1)
        )
    return (np.concatenate(values[0]), np.concatenate(values[1])), np.concatenate(swapped)


def _compare(
    arms: tuple[Cells, Cells],
    figure: SetFigure,
    points: tuple[float, float],
    drawn: tuple[Floats, Floats],
    swapped: Floats,
    *,
    confidence: float,
) -> PairedResult:
    base, candidate = arms
    delta = points[1] - points[0]
    units, n = base.units, float(base.weights.sum())
    reached = [ends(figure, point, draws) for point, draws in zip(points, drawn, strict=True)]
    span = max(top for _, top in reached) - min(floor for floor, _ in reached)
    mass = unseen_mass(n, units, confidence=confidence)
    worse = [unseen_move(arm, figure, mass, worse=True)[0] for arm in arms]
    better = [unseen_move(arm, figure, mass, worse=False)[1] for arm in arms]
    fall = max(0.0, points[1] - worse[1], better[0] - points[0])
    rise = max(0.0, points[0] - worse[0], better[1] - points[1])
    sides = spread(drawn[1] - drawn[0], delta, confidence=confidence, span=span)
    below, above = _widen(figure, sides, (fall, rise), units=units, span=span)
    z = normal_quantile(1.0 - (1.0 - confidence) / 2.0)
    p_worse = _p(delta, above / z, swapped, lower=True)
    p_better = _p(delta, below / z, swapped, lower=False)
    return PairedResult(
        n=round(n),
        n_clusters=units,
        base=points[0],
        candidate=points[1],
        delta=delta,
        low=max(-span, delta - below),
        high=min(span, delta + above),
        confidence=confidence,
        fixed=None,
        broken=None,
        p=min(1.0, 2.0 * min(p_worse, p_better)),
        p_worse=p_worse,
        p_noninferior=None,
        method="cluster_bootstrap" if units < round(n) else "bootstrap",
        reason="a figure of all cases at once: cases are drawn again, and what no draw can show is allowed for",
        mde=(z + normal_quantile(_POWER)) * below / z,
        discordance=None,
        n_effective=float(units),
        n_needed=None,
        base_interval=arm_interval(base, figure, points[0], drawn[0], confidence=confidence),
        candidate_interval=arm_interval(candidate, figure, points[1], drawn[1], confidence=confidence),
        reach=_reach(arms, figure) if figure.figure in LIKELIHOODS else fall * n / mass if fall else span,
        scale_known=True,
    )


def _widen(
    figure: SetFigure, sides: tuple[float, float], moves: tuple[float, float], *, units: int, span: float
) -> tuple[float, float]:
    """Both sides of the interval, with what no draw can show; one text says nothing of others."""
    if figure.figure in LIKELIHOODS and units < 2:
        return span, span
    few = few_units(figure, units)
    return math.hypot(few * sides[0], moves[0]), math.hypot(few * sides[1], moves[1])


def _reach(arms: tuple[Cells, Cells], figure: SetFigure) -> float:
    """How much the figure of one unit was seen to change at most: a text's likelihood has no other scale.

    Where nothing changed at all it is next to nothing: the very same likelihoods are the very same model.
    """
    one, two = (values_of(np.asarray(arm.members @ arm.read), figure) for arm in arms)
    apart = np.abs(two - one)
    apart = apart[np.isfinite(apart)]
    return max(float(apart.max()), 1e-9) if apart.size else 1e-9


def _p(delta: float, error: float, swapped: Floats, *, lower: bool) -> float:
    """One-sided: the larger one of the normal p-value and that of the permutation."""
    sign = 1.0 if lower else -1.0
    normal = normal_cdf(sign * delta / error) if error else 1.0
    # a draw without a value counts as extreme
    extreme = np.count_nonzero(~(sign * swapped > sign * delta + 1e-12))
    return max(normal, (1.0 + extreme) / (1.0 + swapped.size))


def _leave_undefined(
    base: Cells, figure: SetFigure, one: float | None, two: float | None, few: str, *, confidence: float
) -> PairedResult:
    arms = [name for name, value in (("the base", one), ("the candidate", two)) if value is None]
    return replace(
        compare_nothing(confidence),
        n=round(float(base.weights.sum())),
        n_clusters=base.units,
        base=one,
        candidate=two,
        method="none",
        reason=f"{_why(figure)} in {' and '.join(arms)}{few}",
    )


def _why(figure: SetFigure) -> str:
    if figure.figure in LIKELIHOODS:
        return f"{figure.figure} is not defined: it is above {figure.span[1]:,.0f}, or there is nothing to divide by"
    if figure.label is not None:
        label = figure.labels[figure.label]
        if figure.figure == "precision":
            return f"not defined: no answer was read as {label!r}"
        return f"not defined: {label!r} was neither a target nor read"
    if figure.kind == "sums":
        return f"{figure.figure} is not defined: no answer has what it counts"
    return f"{figure.figure} is not defined: there are not two different values"


def few_cases(base: Cells, candidate: Cells, figure: SetFigure) -> str:
    """Say how few cases stand behind a figure; empty where enough do."""
    if figure.kind in ("rating", "sums"):
        return ""
    counts = counts_of(base, figure), counts_of(candidate, figure)
    rows = range(len(figure.labels)) if figure.label is None else [figure.label]
    told = []
    for row in rows:
        target, read = round(float(counts[0][0][row])), [float(arm[1][row]) for arm in counts]
        if min(target, *read) < FEW and (target or any(read)):
            told.append(
                f"{figure.labels[row]!r} is the target of {target:,}, read {read[0]:.4g} times in the base and "
                f"{read[1]:.4g} in the candidate"
            )
    return f"; few cases: {'; '.join(told[:3])}" if told else ""


def counts_of(cells: Cells, figure: SetFigure) -> tuple[Floats, Floats]:
    """Count how often each label is the target, and how often read.

    Both are (L + 1,).
    """
    weights = cells.weights
    return weights @ hot(cells.gold, figure), weights @ hot(cells.read, figure)
