"""What a number of examples can and cannot show, before a cent is spent."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.stats.distributions import fair_coin_cdf, fair_coin_pmf, normal_quantile, two_sided_z

Floats = NDArray[np.float64]


def smallest_detectable(n: float, *, spread: float, confidence: float = 0.95, power: float = 0.8) -> float:
    """Compute the smallest true difference that n examples detect with `power`.

    It is (z + z_power) sqrt(spread / n).

    `spread` is the share of pairs that differ for a yes/no metric, the variance of the differences for a graded one;
    n is the effective n where rows are clustered.

    >>> round(100 * smallest_detectable(200, spread=0.10), 1)
    6.3
    """
    _positive("n", n)
    _positive("spread", spread)
    return (two_sided_z(confidence) + normal_quantile(power)) * math.sqrt(spread / n)


def examples_needed(margin: float, *, spread: float, confidence: float = 0.95, power: float = 0.8) -> int:
    """Return how many examples prove `margin` with `power` if nothing changed.

    Where their mean is normal.

    The published formula. On yes/no metrics Tango's interval is wider at small n: `noninferiority_examples` is exact.

    >>> [examples_needed(margin, spread=0.10) for margin in (0.05, 0.03, 0.01)]
    [314, 873, 7849]
    """
    _positive("margin", margin)
    _positive("spread", spread)
    return _ceil((two_sided_z(confidence) + normal_quantile(power)) ** 2 * spread / margin**2)


def examples_needed_with_repeats(
    delta: float,
    *,
    between: float,
    within_base: float = 0.0,
    within_candidate: float = 0.0,
    repeats_base: int = 1,
    repeats_candidate: int = 1,
    confidence: float = 0.95,
    power: float = 0.8,
) -> int:
    """Compute Miller's n for repeated answers (2024, arXiv 2411.00640).

    It is (z + z_power)^2 (between + within_A / K_A + within_B / K_B) / delta^2.

    `between` is the variance of the examples' true differences, `within_*` the mean variance of an arm's answers to
    one example, which K repeats divide: the trade between more examples and more repeats.
    """
    _positive("delta", delta)
    spread = between + within_base / repeats_base + within_candidate / repeats_candidate
    return _ceil((two_sided_z(confidence) + normal_quantile(power)) ** 2 * spread / delta**2)


def zero_failure_examples(floor: float, *, confidence: float = 0.95) -> int:
    """Return how many examples without a failure prove a rate of `floor`.

    That is, a pass rate of at least `floor`.

    >>> [zero_failure_examples(floor) for floor in (0.90, 0.95, 0.99)]
    [29, 59, 299]
    """
    if not 0.0 < floor < 1.0:
        raise ValueError(f"a floor to prove lies between 0 and 1, not {floor}")
    return _ceil(math.log(1.0 - confidence) / math.log(floor))


def fewest_discordant(comparisons: int = 1, *, alpha: float = 0.05) -> int:
    """Return how many pairs an exact McNemar test needs.

    All are changed one way, for p <= alpha / comparisons (two-sided).

    A slice that cannot be expected to have so many changed pairs cannot raise an alarm: it is too small.

    >>> [fewest_discordant(m) for m in (1, 5, 10, 20, 50)]
    [6, 8, 9, 10, 11]
    """
    if comparisons < 1:
        raise ValueError("comparisons must be at least 1")
    return max(1, _ceil(1.0 - math.log2(alpha / comparisons)))


@dataclass(frozen=True, slots=True)
class PairedCells:
    """The likely tables of n pairs: (cells,) counts fixed and broken with their probabilities."""

    fixed: NDArray[np.int64]
    broken: NDArray[np.int64]
    probability: Floats


def paired_cells(n: int, *, fixed: float, broken: float) -> PairedCells:
    """List all tables of n pairs that matter.

    A pair is fixed or broken with the given probabilities.

    Cells more than nine standard deviations off are left out; they hold less than 1e-15.
    """
    if n < 1 or min(fixed, broken) < 0.0 or fixed + broken > 1.0:
        raise ValueError("pairs need n >= 1 and probabilities of fixed and broken that add up to at most 1")
    b, c = np.meshgrid(_likely(n, fixed), _likely(n, broken), indexing="ij")
    inside = b + c <= n
    b, c = b[inside], c[inside]
    from scipy.special import gammaln, xlogy

    same = n - b - c
    log_p = gammaln(n + 1) - gammaln(b + 1) - gammaln(c + 1) - gammaln(same + 1)
    log_p = log_p + xlogy(b, fixed) + xlogy(c, broken) + xlogy(same, max(0.0, 1.0 - fixed - broken))
    return PairedCells(b, c, np.exp(log_p))


def mcnemar_power(n: int, *, fixed: float, broken: float, alpha: float = 0.05, mid_p: bool = False) -> float:
    """Compute the exact power of McNemar's two-sided exact (or mid-p) test.

    By enumerating all tables of n pairs.
    """
    cells = paired_cells(n, fixed=fixed, broken=broken)
    total, few = cells.fixed + cells.broken, np.minimum(cells.fixed, cells.broken)
    limit = np.full(int(total.max()) + 1, -1)
    for m in range(limit.size):
        while _mcnemar_p(int(limit[m]) + 1, m, mid_p=mid_p) <= alpha:
            limit[m] += 1
    return float(cells.probability[few <= limit[total]].sum())


def _mcnemar_p(few: int, total: int, *, mid_p: bool) -> float:
    if 2 * few > total or total == 0:
        return 1.0
    return min(1.0, 2.0 * fair_coin_cdf(few, total) - (fair_coin_pmf(few, total) if mid_p else 0.0))


def _likely(n: int, p: float) -> NDArray[np.int64]:
    reach = 9.0 * math.sqrt(n * p * (1.0 - p)) + 20.0
    return np.arange(max(0, math.floor(n * p - reach)), min(n, math.ceil(n * p + reach)) + 1, dtype=np.int64)


def _ceil(x: float) -> int:
    return math.ceil(x - 1e-9)


def _positive(name: str, value: float) -> None:
    if not 0.0 < value < math.inf:
        raise ValueError(f"{name} must be greater than 0, not {value}")
