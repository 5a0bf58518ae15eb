"""How many alarms were listened for: p-values of slices adjusted over all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from evalkit.core.verdict import SliceKey
from evalkit.gates import words
from evalkit.gates.view import Cell, View
from evalkit.stats.multiplicity import holm

AlarmKey = tuple[str, SliceKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A cell that is listened to.

    It is always so from `min_n` cases on; a smaller one is where it could reach significance.
    """

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


def correct_alarms(view: View, alarms: Iterable[Alarm]) -> Family:
    """Adjust the p-values of all alarms of the family.

    It has all alarms of at least min_n cases, and smaller ones that could reach significance.

    Which ones count is decided by their size, and below min_n by how many units moved in either direction; never by
    the direction (the discrete tests of Tarone 1990, Biometrics 46:515-522).
    """
    alarms = _distinct(alarms)
    alpha = (1.0 - view.confidence) / 2.0
    large = [alarm.cell for alarm in alarms if alarm.cell.size >= alarm.min_n]
    small = _could_reach(view, [alarm.cell for alarm in alarms if alarm.cell.size < alarm.min_n], len(large), alpha)
    judged = [*large, *small]
    p = [1.0 if c.result is None or c.result.p_worse is None else c.result.p_worse for c in judged]
    names = [(c.of.metric, c.slice) for c in judged if c.slice is not None]
    if view.policy.correction == "holm":
        adjusted = holm(p).tolist() if p else []
    elif view.policy.correction == "max_t":
        from evalkit.gates.max_t import adjusted_p

        # a bootstrap of a handful of cases is none: the small ones keep their exact p, and their share of the error
        drawn = adjusted_p(view, [cell for cell in large if cell.n]) if any(cell.n for cell in large) else []
        found = iter(drawn)
        spread = len(judged) / max(1, len(large))
        adjusted = [min(1.0, next(found) * spread) if cell.n else 1.0 for cell in large]
        adjusted += [min(1.0, one * len(judged)) for one in p[len(large) :]]
    else:
        adjusted = []
    return Family(
        size=len(judged),
        correction=view.policy.correction,
        alpha=alpha,
        adjusted=dict(zip(names, adjusted, strict=False)),
        discordance=_discordance(view, {alarm.cell.of.metric for alarm in alarms}),
    )


def count_moved(view: View, cell: Cell) -> int:
    """Count the clusters (or single cases) that changed, in either direction.

    Single cases are those that stand alone.
    """
    gaps = cell.of.candidate[cell.rows] - cell.of.base[cell.rows]
    codes = np.unique(view.clusters[cell.rows], return_inverse=True)[1]
    return int(np.count_nonzero(np.abs(np.bincount(codes, weights=gaps)) > 1e-12)) if gaps.size else 0


def _could_reach(view: View, cells: Sequence[Cell], large: int, alpha: float) -> list[Cell]:
    """Of cells below min_n those whose exact p could be small enough beside all others that count.

    With k units that moved the smallest one-sided p is 1 / 2^k.
    """
    moved = sorted(((count_moved(view, cell), at) for at, cell in enumerate(cells)), key=lambda one: (-one[0], one[1]))
    taken: list[int] = []
    for units, at in moved:
        if 0.5**units > alpha / (large + len(taken) + 1):
            break
        taken.append(at)
    return [cells[at] for at in sorted(taken)]


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
        of = view.orient(metric)
        paired = of.paired
        out[metric] = float((of.base[paired] != of.candidate[paired]).mean()) if paired.any() else 0.0
    return out
