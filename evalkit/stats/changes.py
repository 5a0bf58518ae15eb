"""Changes of a metric over runs: slow drift and single steps, with one budget of false alarms for every look.

At each run all steps and one line are tested together: sign flips of whole clusters give the largest of the studentised
contrasts its distribution (Westfall & Young 1993, single-step max-T; Canay, Romano & Shaikh 2017 for flips of
clusters), whatever the correlation of a case with itself from run to run. Looking again at every run spends one error
rate (Lan & DeMets 1983, Biometrika 70:659; the family of Hwang, Shih & DeCani 1990, Statistics in Medicine 9:1439,
gamma -6), carried through the same flips, so that looks cost little more than one look at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evalkit.stats.clusters import Clusters, cluster_codes
from evalkit.stats.contrasts import RunContrasts, contrast_runs, is_paired

Floats = NDArray[np.float64]

HORIZON = 12
"""Runs that one budget of false alarms is for"""
_GAMMA = -6.0
_HANDICAP = 0.5
"""By how much a step must beat the line: steps are many, and easier to see than a slow drift"""
_WORSE, _BETTER = 0.8, 0.1
"""Shares of the error for changes to the worse and to the better; the rest is held back, as flips are approximate"""
_EXACT = 2_000
"""Clusters that changed, from which on normal draws of the same covariance stand for sign flips"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change that was found.

    `kind` is what fits best: a line through the runs (drift) or one step. `first` is the first run of the new level (a
    drift: of the line), `told` the run at which it was found; both count from 0. `size` is the step, or the change over
    the whole line, in the metric's unit, with an interval at 95 % that holds for all places at once.
    """

    kind: Literal["drift", "step"]
    first: int
    told: int
    size: float
    low: float
    high: float
    better: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundChanges:
    """What was found, oldest first.

    `paired`: most scores are of cases that several runs asked, and each case is compared with itself. `since` is the
    first run of the window that the last look was at. `p` is of the last look alone, adjusted for all contrasts of its
    window, both sides; None with fewer than two runs.
    """

    found: tuple[Change, ...]
    paired: bool
    since: int
    p: float | None


def find_changes(
    scores: Floats,
    *,
    clusters: Clusters | None = None,
    higher_is_better: bool = True,
    alpha: float = 0.05,
    horizon: int = HORIZON,
    draws: int = 5_000,
    seed: int = 0,
) -> FoundChanges:
    """Find where (N, K) scores of N cases over K runs, oldest first, changed.

    NaN where a case was not asked or has no score. At most `alpha` of histories in which the mean never changes raise
    an alarm within `horizon` runs, looked at after every one: eight tenths of it for the worse, one for the better. A
    new budget begins after `horizon` runs and after every change; it looks back over as many runs again.

    Assumes clusters (of cases; each alone where None) to be independent, and a change of a cluster to be as likely up
    as down where nothing changes.
    """
    scores = np.asarray(scores, dtype=np.float64)
    codes, _ = cluster_codes(np.arange(scores.shape[0]) if clusters is None else clusters)
    paired = is_paired(scores)
    runs = scores.shape[1]
    start, look, fresh = 0, 1, True
    found: list[Change] = []
    p: float | None = None
    while look < runs:
        due = horizon - 1 if fresh else horizon
        looks = range(look, min(look + due, runs))
        window = scores[:, start : looks[-1] + 1]
        within = range(look - start, looks[-1] - start + 1)
        contrasts = contrast_runs(window, codes, within, paired=paired)
        watch = _Watch(contrasts, up=higher_is_better, alpha=alpha, draws=draws, seed=seed)
        change = watch.first_change(within, due=due)
        p = watch.p
        if change is None:
            look, fresh = looks[-1] + 1, False
            start = start if look >= runs else max(start, look - horizon)
            continue
        moved = replace(change, first=change.first + start, told=change.told + start)
        found.append(moved)
        start = moved.first if moved.kind == "step" else moved.told
        look, fresh = max(moved.told, start) + 1, True
    return FoundChanges(found=tuple(found), paired=paired, since=start, p=p)


class _Watch:
    """One budget, spent look by look."""

    def __init__(self, contrasts: RunContrasts, *, up: bool, alpha: float, draws: int, seed: int) -> None:
        self.contrasts = contrasts
        self.p: float | None = None
        self._up = up
        self._budgets = {False: alpha * _WORSE, True: alpha * _BETTER}
        scale = np.sqrt((contrasts.parts**2).sum(axis=0))
        known = scale > 1e-12
        scaled = np.where(known, contrasts.parts / np.where(known, scale, 1.0), 0.0)
        self._drawn = _flip(scaled, draws=draws, seed=seed)
        """(B, J) studentised contrasts; the first row is what was observed"""

    def first_change(self, looks: range, *, due: int) -> Change | None:
        """The first look at which a side's budget is crossed; the worse side is asked first."""
        alive = {better: np.ones(self._drawn.shape[0], dtype=bool) for better in (False, True)}
        spent = {False: 0, True: 0}
        for number, look in enumerate(looks, start=1):
            self.p = self._p_at(look)
            for better, budget in self._budgets.items():
                tops = self._tops(look, better=better)
                may = int(_spend(number / due, budget) * tops.size + 1e-9) - spent[better]
                crossed = _cross(tops, alive[better], may)
                if crossed[0]:
                    return self._describe(look, better=better)
                spent[better] += int(crossed.sum())
                alive[better] &= ~crossed
        return None

    def _tops(self, look: int, *, better: bool) -> Floats:
        """(B,) the largest contrast of a look to one side."""
        at = np.flatnonzero(self.contrasts.look == look)
        sign = 1.0 if better == self._up else -1.0
        handicap = np.where(self.contrasts.step[at] > 0, _HANDICAP, 0.0)
        tops: Floats = (sign * self._drawn[:, at] - handicap).max(axis=1)
        return tops

    def _p_at(self, look: int) -> float:
        tops = np.maximum(self._tops(look, better=False), self._tops(look, better=True))
        return float((tops >= tops[0] - 1e-4).mean())

    def _describe(self, look: int, *, better: bool) -> Change:
        at = np.flatnonzero(self.contrasts.look == look)
        best = int(at[int((self._drawn[0, at] * (1.0 if better == self._up else -1.0)).argmax())])
        step = int(self.contrasts.step[best])
        parts, weights = self.contrasts.parts[:, best], self.contrasts.weights[:, best]
        slope = parts.sum() / weights.sum()
        count = parts.size
        error = np.sqrt(((parts - slope * weights) ** 2).sum() * count / max(count - 1, 1)) / weights.sum()
        critical = float(np.quantile(np.abs(self._drawn[:, at]).max(axis=1), 0.95))
        length = 1.0 if step else float(look)
        size = float(slope) * length
        return Change(
            kind="step" if step else "drift",
            first=step,
            told=look,
            size=size,
            low=size - critical * float(error) * length,
            high=size + critical * float(error) * length,
            better=better,
        )


def _cross(tops: Floats, alive: NDArray[np.bool_], may: int) -> NDArray[np.bool_]:
    """Which draws cross: those above a bar that at most `may` of the living lie over; ties with the bar stay below."""
    if may <= 0:
        return np.zeros(tops.size, dtype=bool)
    living = tops[alive]
    bar = -np.inf if living.size <= may else np.partition(living, living.size - may - 1)[living.size - may - 1]
    out: NDArray[np.bool_] = alive & (tops > bar + 1e-4)
    return out


def _spend(share: float, alpha: float) -> float:
    """The error that may be spent when `share` of the looks are over."""
    return alpha * float(np.expm1(-_GAMMA * share) / np.expm1(-_GAMMA))


def _flip(scaled: Floats, *, draws: int, seed: int) -> Floats:
    """(draws, J): the observed sums, then sums under random signs of the clusters."""
    moved = scaled[np.abs(scaled).sum(axis=1) > 0.0]
    rng = np.random.default_rng(seed)
    observed = moved.sum(axis=0)[None]
    if moved.shape[0] == 0:
        return np.zeros((draws, scaled.shape[1]))
    if moved.shape[0] > _EXACT:
        values, vectors = np.linalg.eigh(moved.T @ moved)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        return np.concatenate([observed, rng.standard_normal((draws - 1, values.size)) @ root.T])
    signs = (rng.integers(0, 2, (draws - 1, moved.shape[0]), dtype=np.int8) * 2 - 1).astype(np.float32)
    return np.concatenate([observed, (signs @ moved.astype(np.float32)).astype(np.float64)])
