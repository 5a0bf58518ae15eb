"""Which gaps moved away from the others' level beyond chance, to one side, and are larger than before.

A fall of ten points from level and a lead of five that became a lag of five are the same change c; what tells them
apart is the sum s of the gaps of both arms: c itself, or 0. To prove |gap| grown takes c and s beyond chance (an
intersection-union test, Berger 1982), but s is the noisier: no rule keeps both nine tenths of a plain interval's power
for such falls and 5 % false alarms of leads of five that became lags (docs/benchmarks/fairness.md has the front by
Neyman and Pearson's lemma). So s must be beyond chance where the gap was to the other side before by more than chance
makes; else it is enough that the gap is seen to have grown. A gap that fell farther is never accused less for it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evalkit.stats.distributions import t_quantile
from evalkit.stats.gap_ends import Widths

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_LEVEL = 0.45
"""A gap to the other side counts as level, as what chance makes, up to so many half widths of the change"""
_PROOF = 0.2
"""The share of the error at which the sum of one gap is beyond chance: to one side 1 % of 5"""


def which_moved_away(shift: Floats, both: Floats, widths: Widths, wanted: Bools, *, confidence: float) -> Bools:
    """Return (G,) whether gaps moved away from level beyond chance.

    They changed by `shift`, and `both` are the sums of those of both arms.

    Several that moved to the same side must show in all, or one by itself after Bonferroni's correction, that sums are
    beyond chance.
    """
    errors = widths.total_error
    out = np.zeros(shift.size, dtype=bool)
    for side in (-1.0, 1.0):
        far = np.flatnonzero(wanted & (side * shift > widths.accusing))
        if not far.size:
            continue
        sums, own = side * both[far], errors[far]
        ratio = np.where(own > 0.0, sums / np.where(own > 0.0, own, 1.0), np.copysign(np.inf, sums))
        ratio = np.where(sums == 0.0, 0.0, ratio)
        lead = (side * shift[far] - sums) / 2.0
        beyond = ratio > _quantiles(widths.freedom[far], 1.0 - 2.0 * _PROOF * (1.0 - confidence))
        found = beyond | (lead <= _LEVEL * widths.accusing[far])
        if far.size > 1:
            # two ways to show it, each with half the error
            error = (1.0 - confidence) / 2.0
            alone = ratio > _quantiles(widths.freedom[far], 1.0 - error / far.size)
            found &= _shows_in_all(ratio, far, widths, 1.0 - error) | alone
        out[far] = found & (sums > 0.0)
    return out


def _quantiles(freedom: Floats, confidence: float) -> Floats:
    return np.array([t_quantile(0.5 + confidence / 2.0, df) for df in freedom.tolist()])


def _shows_in_all(ratio: Floats, far: NDArray[np.intp], widths: Widths, confidence: float) -> bool:
    """Whether the sums of several gaps are beyond chance taken together; they may go along with each other."""
    spread = float(widths.alike[np.ix_(far, far)].sum())
    least = float(_quantiles(widths.freedom[far], confidence).max())
    return bool(ratio.sum() > least * np.sqrt(max(spread, 0.0)))
