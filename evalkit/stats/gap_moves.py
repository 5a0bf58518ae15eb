"""What clusters add to the change of a gap, how many of them moved, and how far one that was not seen might.

A bootstrap knows only moves that were seen: where nothing moved its width is nothing, which proves nothing. Until
moves are seen one that was not may be as large as the scale; after some, it is taken to be as large as those.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.stats.distributions import two_sided_z

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_FADES = 2.5
"""The trust in the sizes of the moves seen grows as 1 - exp(-moves / 2.5)"""


@dataclass(frozen=True, slots=True)
class Moves:
    """What C clusters add to the change of G gaps.

    `parts` are two (C, G) arrays that add up to the change: what each cluster moved beyond the level of the rows that
    the group is compared with, and beyond the group's own. One shows what the clusters of the group add, the other what
    those of the other side do. `clusters` (G,) hold rows of the group; in `moved` (G,) of them its rows and those it is
    compared with moved apart. `unseen` (G,) is how far the gap might still change by what was not seen, as the half
    width of a two-sided interval. `freedom` (G,) are the degrees of freedom of the change's error: nearly the clusters
    of the side that has fewer, less one. `one_row` (G,) is what the variance of one row becomes in the gap: one by
    the rows of the group, and one by those of the other side.
    """

    parts: tuple[Floats, Floats]
    clusters: Ints
    moved: Ints
    unseen: Floats
    freedom: Floats
    one_row: Floats


def size_of_move(typical: Floats | float, moved: Floats | Ints | float, *, reach: Floats | float) -> Floats:
    """Return how large a move that was not seen is assumed to be.

    After `moved` moves of a `typical` size, which themselves count ever less, down to a half: where resampling shows
    them, z^2 / (2 (C + z^2)) is all that a score interval (Wilson 1927) is wider by.
    """
    trust = 1.0 - np.exp(-np.asarray(moved, dtype=np.float64) / _FADES)
    out: Floats = typical * (1.0 - trust**2 / 2.0) + np.maximum(reach - typical, 0.0) * (1.0 - trust)
    return out


def moves_of(sums: Floats, others: Bools, *, reach: float, confidence: float) -> Moves:
    """Compute the moves from (C, 3 G) sums of `gap_sums`.

    `others` (G, G) marks in row g the groups that g is compared with.
    """
    rows, before, after = np.split(sums, 3, axis=1)
    facing = others.T.astype(np.float64)
    n, m = np.maximum(rows.sum(axis=0), 1.0), np.maximum(rows.sum(axis=0) @ facing, 1.0)
    near, far = rows > 0.0, (rows == 0.0) & (rows @ facing > 0.0)
    shift = after - before

    def parts(here: Floats | float, there: Floats | float) -> Floats:
        """What clusters add, less a level of change a row on either side."""
        out: Floats = (shift - rows * here) / n - (shift @ facing - (rows @ facing) * there) / m
        return out

    seen = parts(0.0, 0.0)
    level, facing_level = shift.sum(axis=0) / n, (shift.sum(axis=0) @ facing) / m
    own, apart = _Side.of(rows, seen, near), _Side.of(rows @ facing, seen, far)
    z = two_sided_z(confidence)
    return Moves(
        parts=(parts(facing_level, facing_level), parts(level, level)),
        clusters=near.sum(axis=0),
        moved=own.moved,
        unseen=np.hypot(own.unseen(z, reach, 1.0), apart.unseen(z, reach, apart.rows / m)),
        freedom=_freedom(parts(level, facing_level), (near, far), (own.worth, apart.worth)),
        one_row=1.0 / n + 1.0 / m,
    )


def _freedom(residuals: Floats, sides: tuple[Bools, Bools], worth: tuple[Floats, Floats]) -> Floats:
    """Satterthwaite's (1946): of a sum of two variances, each from its own clusters, counted by what they are worth."""
    one, two = (np.where(side, residuals**2, 0.0).sum(axis=0) for side in sides)
    spare = [np.maximum(count - 1.0, 1.0) for count in worth]
    parts = one**2 / spare[0] + two**2 / spare[1]
    freedom = np.where(parts > 0.0, (one + two) ** 2 / np.where(parts > 0.0, parts, 1.0), spare[0])
    # the spread of a single cluster cannot be seen
    alone = (sides[0].sum(axis=0) < 2) | (sides[1].sum(axis=0) == 1)
    return np.where(alone, 1.0, freedom)


@dataclass(frozen=True, slots=True)
class _Side:
    """(G,) rows of one side of a gap, their effective number of clusters, how many moved, their squared moves."""

    rows: Floats
    worth: Floats
    moved: Ints
    squares: Floats

    @classmethod
    def of(cls, rows: Floats, moves: Floats, side: Bools) -> _Side:
        rows, moves = np.where(side, rows, 0.0), np.where(side, moves, 0.0)
        total, square = rows.sum(axis=0), (rows**2).sum(axis=0)
        worth = total**2 / np.maximum(square, 1.0)
        return cls(total, worth, (np.abs(moves) > 1e-12).sum(axis=0), (moves**2).sum(axis=0))

    def unseen(self, z: float, reach: float, share: Floats | float) -> Floats:
        """The rule of three of a score interval, z^2 / (C + z^2), times the size of a move; 0 without clusters."""
        typical = np.sqrt(self.squares / np.maximum(self.moved, 1)) * self.worth
        size = size_of_move(typical, self.moved, reach=reach * share)
        out: Floats = np.where(self.worth > 0.0, size * z * z / (self.worth + z * z), 0.0)
        return out
