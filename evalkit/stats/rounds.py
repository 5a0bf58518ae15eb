"""The ratio candidate / base of times that were taken side by side, round by round; the round is the unit."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from evalkit.stats.distributions import t_quantile
from evalkit.stats.ratios import RatioResult

METHOD = "t_over_rounds"
TOO_FEW = "rounds were timed side by side"
"""What the reason says where they are too few"""
FEWEST = 5
"""Rounds below which no interval is given: t of fewer is too wide, and leans on the shape of too few"""


def draw_first(count: int, *, seed: int) -> list[bool]:
    """Draw for each of `count` rounds whether the base goes first.

    In half of them, up to one, it does not. An order that alternates keeps step with whatever swings at the pace of two
    rounds.
    """
    first = np.arange(count) % 2 == 0
    return [bool(one) for one in np.random.default_rng(seed).permutation(first)]


def ratio_over_rounds(
    base: Sequence[Sequence[float]],
    candidate: Sequence[Sequence[float]],
    *,
    quantile: float | None = None,
    confidence: float = 0.95,
) -> RatioResult:
    """Compute the ratio of the arms' means, or quantiles, of R rounds.

    `base[r]` and `candidate[r]` are seconds of round r.

    What a machine does beside (its heat, its other work) moves all answers of a round together, so answers are not
    independent and rounds are: the interval is that of Student's t on the R log ratios (Fieller's problem avoided by
    the logarithm; Georges et al., OOPSLA 2007, on repeated runs as the unit). Base and candidate are geometric means
    over the rounds, so that their ratio is the one shown. Rounds without a time above 0 in both arms are left out.
    """
    pairs = [
        (one, other)
        for x, y in zip(base, candidate, strict=True)
        if (one := _summary(x, quantile)) > 0.0 and (other := _summary(y, quantile)) > 0.0
    ]
    n, count = sum(map(len, base)), len(pairs)
    if count < FEWEST:
        return RatioResult(
            n=n, n_clusters=count, base=None, candidate=None, ratio=None, low=None, high=None, confidence=confidence,
            method="none", reason=f"{count} {TOO_FEW}, and {FEWEST} are needed",
        )  # fmt: skip
    logs = np.log(np.array(pairs, dtype=np.float64))
    moved = logs[:, 1] - logs[:, 0]
    middle, spread = float(moved.mean()), float(moved.std(ddof=1)) / math.sqrt(count)
    reach = t_quantile(0.5 + confidence / 2.0, count - 1) * spread
    before, after = (float(v) for v in np.exp(logs.mean(axis=0)))
    return RatioResult(
        n=n, n_clusters=count, base=before, candidate=after, ratio=math.exp(middle), low=math.exp(middle - reach),
        high=math.exp(middle + reach), confidence=confidence, method=METHOD,
        reason=f"{count} rounds timed side by side, the round as the unit",
    )  # fmt: skip


def _summary(values: Sequence[float], quantile: float | None) -> float:
    if not len(values):
        return 0.0
    return float(np.mean(values) if quantile is None else np.quantile(values, quantile, method="inverted_cdf"))
