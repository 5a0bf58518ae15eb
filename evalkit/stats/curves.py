"""Confidence curves: every interval method behind one shape, so that interval and p-value always agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from evalkit.stats.distributions import t_cdf, t_quantile
from evalkit.stats.tango import one_tango_interval, tango_p


class Curve(Protocol):
    """What a method knows about a mean."""

    def interval(self, confidence: float) -> tuple[float, float]:
        """Compute the two-sided interval at `confidence`."""

    def p_at_most(self, mean: float) -> float:
        """Compute the one-sided p-value of H0: the true mean is at most `mean`."""

    def p_at_least(self, mean: float) -> float:
        """Compute the one-sided p-value of H0: the true mean is at least `mean`.

        It is exact in its own tail, not 1 - `p_at_most`.
        """


@dataclass(frozen=True, slots=True)
class TCurve:
    """Student's t: an estimate, its standard error > 0, its degrees of freedom."""

    estimate: float
    error: float
    df: float

    def interval(self, confidence: float) -> tuple[float, float]:
        """Compute estimate -+ t * error."""
        reach = t_quantile(0.5 + confidence / 2.0, self.df) * self.error
        return self.estimate - reach, self.estimate + reach

    def p_at_most(self, mean: float) -> float:
        """Compute P(T >= (estimate - mean) / error)."""
        return t_cdf((mean - self.estimate) / self.error, self.df)

    def p_at_least(self, mean: float) -> float:
        """Compute P(T <= (estimate - mean) / error)."""
        return t_cdf((self.estimate - mean) / self.error, self.df)


@dataclass(frozen=True, slots=True)
class TangoCurve:
    """Tango's score statistic of a paired yes/no table."""

    n: int
    fixed: int
    broken: int

    def interval(self, confidence: float) -> tuple[float, float]:
        """Compute Tango's interval."""
        return one_tango_interval(self.n, self.fixed, self.broken, confidence)

    def p_at_most(self, mean: float) -> float:
        """Compute Tango's one-sided p-value."""
        return tango_p(self.n, self.fixed, self.broken, margin=-mean)

    def p_at_least(self, mean: float) -> float:
        """Compute the same p-value of the swapped arms."""
        return tango_p(self.n, self.broken, self.fixed, margin=mean)
