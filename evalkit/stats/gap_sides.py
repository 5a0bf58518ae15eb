"""Which gaps moved away from the others' level beyond chance, to one side, and are larger than before.

A fall of ten points from level and a lead of five that became a lag of five are the same change c; what tells them
apart is the sum s of the gaps of both arms: c itself, or 0. To prove |gap| grown takes c and s beyond chance (an
intersection-union test, Berger 1982), but s is the noisier: no rule keeps both nine tenths of a plain interval's power
for such falls and 5 % false alarms of such reversals (docs/benchmarks/fairness.md has the front by Neyman and Pearson's
lemma). So s is asked for by degrees: where the fall is just beyond chance and alone, to be no smaller than chance makes
of a fall from level; where it is larger, or several gaps moved to the same side, to be beyond chance itself. The
sharper the sum is beside the change, the sooner.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evalkit.stats.distributions import t_quantile
from evalkit.stats.gap_ends import Widths

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_BLUNT, _SHARPER = 1.65, 2.0
"""Of a sum so blunt that the width of the change is so many of its errors, or fewer, nothing but growth seen is asked;
of sharper ones twice the excess"""
_LENIENT, _STRICT = (1.6, 1.35), (2.2, 1.75)
"""Up to so many half widths of the change it stays at that; from so many the sum must be beyond chance: of blunt sums,
of sharp ones"""
_FROM, _TO = 1.3, 1.5
"""A sum is blunt up to a width of the change of so many of its errors, and sharp from so many"""


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
        beyond = _quantiles(widths.freedom[far], confidence)
        found = ratio > _least_ratio(side * shift[far], widths.accusing[far], own, beyond)
        if far.size > 1:
            # two ways to show it, each with half the error
            error = (1.0 - confidence) / 2.0
            alone = ratio > _quantiles(widths.freedom[far], 1.0 - error / far.size)
            found &= _shows_in_all(ratio, far, widths, 1.0 - error) | alone
        out[far] = found & (sums > 0.0)
    return out


def _quantiles(freedom: Floats, confidence: float) -> Floats:
    return np.array([t_quantile(0.5 + confidence / 2.0, df) for df in freedom.tolist()])


def _least_ratio(fall: Floats, width: Floats, error: Floats, beyond: Floats) -> Floats:
    """How many of its errors the sum must reach: by degrees from that of a fall from level to what proves it."""
    there = error > 0.0
    width_in_errors = np.where(there, width / np.where(there, error, 1.0), 0.0)
    start = _SHARPER * np.maximum(width_in_errors - _BLUNT, 0.0)
    sharp = np.clip((width_in_errors - _FROM) / (_TO - _FROM), 0.0, 1.0)
    lenient, strict = (blunt + sharp * (sharpest - blunt) for blunt, sharpest in (_LENIENT, _STRICT))
    reached = np.where(width > 0.0, fall / np.where(width > 0.0, width, 1.0), np.inf)
    degree = np.clip((reached - lenient) / (strict - lenient), 0.0, 1.0)
    return np.minimum(start + degree * np.maximum(beyond - start, 0.0), beyond)


def _shows_in_all(ratio: Floats, far: NDArray[np.intp], widths: Widths, confidence: float) -> bool:
    """Whether the sums of several gaps are beyond chance taken together; they may go along with each other."""
    spread = float(widths.alike[np.ix_(far, far)].sum())
    least = float(_quantiles(widths.freedom[far], confidence).max())
    return bool(ratio.sum() > least * np.sqrt(max(spread, 0.0)))
