"""Stopping early: proven non-inferior or proven worse before all calls are spent.

The hybrid: part of the error goes to betting e-processes that may be looked at after every batch, the rest to one
fixed test of all examples; the union bound keeps the whole. Only the primary metric may stop a run.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.stats.betting import confidence_sequence, stakes
from evalkit.stats.tango import tango_interval

Floats = NDArray[np.float64]
Decision = Literal["CONTINUE", "PASS", "REGRESSION"]

SEQUENTIAL_SHARE = 0.4
"""Of the error a side: what the early looks may spend; the final test has the rest"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When to stop.

    `alpha` is the error a side of the early looks; `margin` and differences are in units of `reach`.

    Looks happen after every `batch` units. `reach` is the largest possible difference: 1 for a rate.
    """

    margin: float
    alpha: float = 0.01
    batch: int = 10
    reach: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 < self.margin < self.reach or not 0.0 < self.alpha < 1.0 or self.batch < 1:
            raise ValueError("early stopping needs 0 < margin < reach, 0 < alpha < 1 and a batch of at least 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """How the error is shared between the looks and the final interval.

    `alpha` is for the early looks, `final_confidence` for the interval of all examples.
    """

    alpha: float
    final_confidence: float


def split_error(confidence: float) -> Split:
    """Split the error a side between the looks and the fixed test.

    The looks get two fifths of it, the fixed test three fifths.

    >>> split = split_error(0.90)
    >>> round(split.alpha, 6), round(split.final_confidence, 6)
    (0.02, 0.94)
    """
    side = (1.0 - confidence) / 2.0
    return Split(alpha=SEQUENTIAL_SHARE * side, final_confidence=1.0 - 2.0 * (1.0 - SEQUENTIAL_SHARE) * side)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was known after n units.

    `low` and `high` are the confidence sequence, which holds at all looks together.

    `noninferior` and `worse` are the e-values against "at least margin worse" and "not worse"; 1 / alpha decides.
    """

    n: int
    decision: Decision
    noninferior: float
    worse: float
    low: float
    high: float


class Monitor:
    """A monitor that says, after every batch of differences, whether to go on.

    It takes the differences in the seeded order.
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.looks: list[Look] = []
        self._seen: list[float] = []
        theta = rule.margin / rule.reach
        self._bets = np.concatenate([stakes([-theta], [0.0]), stakes([0.0], [theta])])
        self._logs = np.zeros_like(self._bets)

    @property
    def decision(self) -> Decision:
        """The first decision that was reached; later differences never change it."""
        return self.looks[-1].decision if self.looks else "CONTINUE"

    @property
    def n(self) -> int:
        """How many units were taken."""
        return len(self._seen)

    def take(self, differences: Sequence[float] | Floats) -> Decision:
        """Take the next differences (candidate - base, higher better).

        What comes after a decision is not taken.
        """
        for difference in np.asarray(differences, dtype=np.float64) / self.rule.reach:
            if self.decision != "CONTINUE":
                break
            if not -1.0 <= difference <= 1.0:
                raise ValueError(f"a difference of {difference * self.rule.reach:g} exceeds {self.rule.reach:g}")
            self._seen.append(float(difference))
            theta = self.rule.margin / self.rule.reach
            steps = np.asarray([[difference + theta], [-difference]])
            self._logs += np.log1p(self._bets * steps)
            if self.n % self.rule.batch == 0:
                self.looks.append(self._look())
        return self.decision

    def _look(self) -> Look:
        noninferior, worse = (float(v) for v in np.exp(np.minimum(self._logs, 700.0)).mean(axis=1))
        enough = 1.0 / self.rule.alpha
        decision: Decision = "PASS" if noninferior >= enough else "REGRESSION" if worse >= enough else "CONTINUE"
        theta = self.rule.margin / self.rule.reach
        low, high = confidence_sequence(self._seen, margin=theta, alpha=self.rule.alpha)
        scale = self.rule.reach
        return Look(
            n=self.n, decision=decision, noninferior=noninferior, worse=worse, low=low * scale, high=high * scale
        )


def stopping_order(n: int, *, seed: int, strata: Sequence[Hashable] | None = None) -> NDArray[np.int64]:
    """Return a seeded order of n units.

    With `strata` every stretch of it holds the strata in their proportions.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(n)
    if strata is None:
        return order.astype(np.int64)
    rows: dict[Hashable, list[int]] = {}
    for unit in order.tolist():
        rows.setdefault(strata[unit], []).append(unit)
    place = np.empty(n)
    for members in rows.values():
        place[members] = (np.arange(len(members)) + rng.random(len(members))) / len(members)
    return np.argsort(place, kind="stable").astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """Exact chances of each decision within n units, and the expected number.

    That number is of units asked.
    """

    passed: float
    regression: float
    undecided: float
    expected_n: float


def stopping_odds(
    n: int,
    rule: Rule,
    *,
    discordance: float,
    delta: float,
    watch: Literal["both", "noninferior", "worse"] = "both",
    final_confidence: float | None = None,
) -> Odds:
    """Compute the exact odds of each decision for a yes/no metric.

    By dynamic programming over the counts fixed and broken (no simulation).

    A pair differs with chance `discordance`, the true difference is `delta`. `watch` leaves one e-process out. With
    `final_confidence` what is undecided after n pairs goes to Tango's interval: the hybrid as it is run.
    """
    if not abs(delta) <= discordance <= 1.0:
        raise ValueError(f"a difference of {delta} needs at least that share of pairs that differ, not {discordance}")
    up, down = (discordance + delta) / 2.0, (discordance - delta) / 2.0
    most = _most(n, up), _most(n, down)
    mass = np.zeros((most[0] + 1, most[1] + 1))
    mass[0, 0] = 1.0
    passed = regression = expected = 0.0
    for t in range(1, n + 1):
        after = mass * (1.0 - discordance)
        after[1:, :] += mass[:-1, :] * up
        after[:, 1:] += mass[:, :-1] * down
        if t % rule.batch == 0:
            proven, worse = _tabulate_decisions(t, rule, most)
            for hit in [proven] * (watch != "worse") + [worse] * (watch != "noninferior"):
                gone = float(after[hit].sum())
                passed, regression = (passed + gone, regression) if hit is proven else (passed, regression + gone)
                expected += t * gone
                after[hit] = 0.0
        mass = after
    expected += n * (1.0 - passed - regression)
    if final_confidence is not None:
        at_end = _at_end(mass, n, rule, final_confidence)
        passed, regression = passed + at_end[0], regression + at_end[1]
    return Odds(passed=passed, regression=regression, undecided=1.0 - passed - regression, expected_n=expected)


def _at_end(mass: Floats, n: int, rule: Rule, confidence: float) -> tuple[float, float]:
    """Of the mass that is left over (fixed, broken): what the fixed test of all n pairs calls PASS, and REGRESSION."""
    up, down = np.nonzero(mass > 1e-18)
    low, high = tango_interval(n, up, down, confidence=confidence)
    weight, margin = mass[up, down], rule.margin / rule.reach
    return float(weight[low > -margin].sum()), float(weight[(low <= -margin) & (high < 0.0)].sum())


def _most(n: int, p: float) -> int:
    """The largest count of n that matters: nine standard deviations off, beyond which lies less than 1e-15."""
    return min(n, math.ceil(n * p + 9.0 * math.sqrt(n * p * (1.0 - p)) + 20.0))


def _tabulate_decisions(t: int, rule: Rule, most: tuple[int, int]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tables over counts (fixed, broken) up to `most`: where each e-process has reached 1 / alpha after t pairs."""
    theta = rule.margin / rule.reach
    up, down = np.meshgrid(np.arange(most[0] + 1.0), np.arange(most[1] + 1.0), indexing="ij")
    same = t - up - down
    enough = 1.0 / rule.alpha
    proven = _table(up, same, down, stakes([-theta], [0.0])[0], -theta) >= enough
    worse = _table(down, same, up, stakes([0.0], [theta])[0], 0.0) >= enough
    possible = same >= 0.0
    return proven & possible, worse & possible


def _table(up: Floats, same: Floats, down: Floats, bets: ArrayLike, theta: float) -> Floats:
    total = np.zeros_like(up)
    for bet in np.asarray(bets, dtype=np.float64):
        gain, idle, loss = (float(np.log1p(bet * (d - theta))) for d in (1.0, 0.0, -1.0))
        total += np.exp(np.clip(up * gain + same * idle + down * loss, -700.0, 700.0))
    out: Floats = total / np.asarray(bets).size
    return out
