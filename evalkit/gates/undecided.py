"""What a suite does not say of its slices: not judged, undecided, or worse to look at though not proven."""

from __future__ import annotations

from evalkit.core.verdict import LOOKS_WORSE, UNDECIDED
from evalkit.stats.paired import PairedResult

__all__ = ["LOOKS_WORSE", "TOO_SMALL", "UNDECIDED", "looks_worse"]

TOO_SMALL = "too_small"
_HINT = 0.05
"""One-sided p-value from which a drop is worth a word, though it proves nothing"""


def looks_worse(result: PairedResult | None, margin: float | None) -> bool:
    """Return whether the candidate is behind by the margin or beyond chance.

    It is behind by the margin or more, or would be worse beyond chance if this were the one look.

    >>> from evalkit.stats import compare_paired
    >>> looks_worse(compare_paired([1] * 40, [0] * 4 + [1] * 36), 0.05)
    True
    """
    if result is None or result.delta is None or not result.delta < 0.0:
        return False
    alone = result.p_worse is not None and result.p_worse <= _HINT
    return alone or (margin is not None and -result.delta >= margin - 1e-12)
