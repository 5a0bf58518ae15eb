"""Whether a gap grew, and at whose expense: from the gaps of both arms to the ends of growth and of loss.

With the base gap b and the candidate gap a, c = a - b is the change and |a| - |b| the growth of the gap's size. A gap
that changed sides has grown only if it is larger than before: a + b lies then on the side that c points to.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.stats.gap_ends import Widths
from evalkit.stats.gap_sides import which_moved_away

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ends = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True)
class Growth:
    """(G,) estimates with their ends.

    `size` is |a| - |b|; `loss` is the growth at the group's expense: that of the size where the group fell behind,
    minus the change where it gained. `away` marks gaps that moved away from level beyond chance, to either side: the
    size is seen to have grown, and proven so only where its own lower end is above 0.
    """

    size: Floats
    size_ends: Ends
    loss: Floats
    loss_ends: Ends
    away: Bools


def change_ends(change: Floats, widths: Widths) -> Ends:
    """Compute the interval of the change.

    The near end accuses where it leaves 0 out, all other ends acquit.
    """
    proven = np.abs(change) > widths.accusing
    near = np.where(
        proven, np.minimum(widths.accusing, widths.acquitting), np.maximum(widths.acquitting, np.abs(change))
    )
    below = np.where(change > 0.0, near, widths.acquitting)
    above = np.where(change < 0.0, near, widths.acquitting)
    return change - below, change + above


def growth_of(
    before: Floats, after: Floats, change: Ends, widths: Widths, wanted: Bools, *, confidence: float
) -> Growth:
    """Compute the ends of growth and loss.

    The upper ends are proven: the most that |b + c| - |b| can be for any b and c within their joint intervals, and
    never more than the largest change. They know that a gap seen on one side may truly stand on the other. The lower
    end of the size, where it was seen to grow, is the nearer of two: that of the change, and that of a + b. The lower
    end of the loss accuses: where a gap fell away beyond chance (`gap_sides`) it is that of the change.
    """
    scale = np.abs(before) + np.abs(after)
    shift, size = _snap(after - before, scale), _snap(np.abs(after) - np.abs(before), scale)
    low, high = change
    farthest = np.maximum(np.abs(low), np.abs(high))
    corners = {end: _corners(before, shift + end * widths.joint_change, widths.joint_base) for end in (-1.0, 1.0)}
    most = np.maximum(np.minimum(np.maximum(corners[-1.0], corners[1.0]), farthest), size)
    side = np.where(shift < 0.0, -1.0, 1.0)
    towards = np.where(shift < 0.0, -high, low)
    own = side * (before + after) - widths.total
    least = np.where(size > 0.0, np.minimum(np.minimum(towards, own), size), np.minimum(-farthest, size))
    away = which_moved_away(shift, _snap(before + after, scale), widths, wanted, confidence=confidence) & (size > 0.0)
    away |= least > 0.0
    fell = shift < 0.0
    loss = np.where(fell, size, -shift)
    fallen = np.where(away, np.minimum(towards, size), np.minimum(least, 0.0))
    behind = np.maximum(np.where(low < 0.0, np.minimum(corners[-1.0], -low), -low), loss)
    return Growth(size, (least, most), loss, (np.where(fell, fallen, np.minimum(-high, loss)), behind), away)


def _snap(values: Floats, scale: Floats) -> Floats:
    """Differences that rounding alone may have left are 0, so that their sign decides nothing."""
    return np.where(np.abs(values) <= 1e-9 * scale, 0.0, values)


def _corners(before: Floats, shift: Floats, joint_base: Floats) -> Floats:
    """The most that |b + shift| - |b| is for base gaps within their interval."""
    ends = [np.abs(gap + shift) - np.abs(gap) for gap in (before - joint_base, before + joint_base)]
    out: Floats = np.maximum(*ends)
    return out
