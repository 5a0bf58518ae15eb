"""McNemar's test of a paired 2x2 table: exact, mid-p and the two asymptotic forms."""

from __future__ import annotations

import math
from dataclasses import dataclass

from evalkit.stats.distributions import fair_coin_cdf, fair_coin_pmf, normal_cdf


@dataclass(frozen=True, slots=True, kw_only=True)
class McNemar:
    """p-values of H0: as many cases are fixed as are broken.

    `exact` and `mid_p` are two-sided; `worse` and `better` are exact and one-sided (H0: not worse, H0: not better);
    `worse_mid_p` is the mid-p form of `worse`.
    `asymptotic` is McNemar 1947 without, `corrected` with Edwards' continuity correction.
    """

    fixed: int
    broken: int
    exact: float
    mid_p: float
    worse: float
    better: float
    worse_mid_p: float
    asymptotic: float
    corrected: float


def mcnemar(fixed: int, broken: int) -> McNemar:
    """Test `fixed` (only the candidate is right) against `broken` (only the base is right).

    Fagerland, Lydersen & Laake (2013, BMC Med Res Methodol 13:91) recommend mid-p: exact minus the probability of the
    observed table. Without a discordant pair every p is 1.
    """
    n = fixed + broken
    few = min(fixed, broken)
    point = fair_coin_pmf(few, n)
    tail = fair_coin_cdf(few, n)
    exact = min(1.0, 2.0 * tail)
    mid = min(1.0, 2.0 * tail - point) if n else 1.0
    gap = abs(fixed - broken)
    return McNemar(
        fixed=fixed,
        broken=broken,
        exact=exact,
        mid_p=mid,
        worse=fair_coin_cdf(fixed, n),
        better=fair_coin_cdf(broken, n),
        worse_mid_p=fair_coin_cdf(fixed, n) - 0.5 * fair_coin_pmf(fixed, n),
        asymptotic=_two_sided(gap / math.sqrt(n)) if n else 1.0,
        corrected=_two_sided(max(gap - 1, 0) / math.sqrt(n)) if n else 1.0,
    )


def _two_sided(z: float) -> float:
    return min(1.0, 2.0 * normal_cdf(-z))
