"""Errors of gaps whose clusters are few, drawn towards each other as far as groups are seen to be alike.

A group of forty clusters knows its error to about a ninth, and Student's t pays for that in width. What the other
groups show of the spread of a row is knowledge as well, as far as it is the same in all: a variance is mixed with that
of all groups, and has the degrees of freedom of both (the moderated t of Smyth 2004). How unlike groups are is taken at
an upper limit, and the others never weigh more than the group's own clusters, so that one which is noisier than the
others keeps most of its own error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.stats.distributions import normal_quantile
from evalkit.stats.gap_moves import Moves

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_SURE = 0.65
"""The spread of the variances between groups is the most that fits what was seen, with this confidence"""
_MOST = 1.0
"""The others weigh so many times as much as the group's own clusters, at most"""


@dataclass(frozen=True, slots=True)
class SharedErrors:
    """(G,) standard errors with their degrees of freedom."""

    error: Floats
    freedom: Floats


def draw_together(error: Floats, moves: Moves, alike: Floats, wanted: Bools) -> SharedErrors:
    """Mix (G,) standard errors with what all groups `wanted` show.

    `alike` (G, G) are the correlations of the gaps' changes: errors that come from the same rows, as those of two
    groups do, tell nothing more. Variances are compared by the row.
    """
    known = wanted & (error > 0.0) & (moves.freedom > 1.0)
    others = _count_independent(alike[np.ix_(known, known)]) - 1.0
    if not others > 0.0:
        return SharedErrors(error, moves.freedom)
    own, one_row = moves.freedom[known], moves.one_row[known]
    variance = error[known] ** 2 / one_row
    added = np.minimum(_worth_of_others(np.log(variance), own, others), _MOST * min(others, 1.0) * own)
    common = float(own @ variance / own.sum())
    mixed, freedom = error.copy(), moves.freedom.copy()
    mixed[known] = np.sqrt((added * common + own * variance) / (added + own) * one_row)
    freedom[known] = own + added
    return SharedErrors(mixed, freedom)


def _worth_of_others(logs: Floats, own: Floats, others: float) -> Floats:
    """The degrees of freedom that the others are worth: 2 over the variance of logarithms of true variances.

    Those seen vary by 2 / freedom on their own.
    """
    least = _chi_square_quantile(1.0 - _SURE, others)
    spread = float(((logs - logs.mean()) ** 2).sum()) / least if least > 0.0 else math.inf
    out: Floats = 2.0 / np.maximum(spread - 2.0 / own, 1e-9)
    return out


def _count_independent(alike: Floats) -> float:
    """How many errors that do not depend on each other they are worth: variances go along by squared correlations."""
    count = alike.shape[0]
    return count**2 / float((alike**2).sum()) if count else 0.0


def _chi_square_quantile(p: float, df: float) -> float:
    """By Wilson and Hilferty (1931); 0 where there are too few degrees of freedom for it."""
    part = 2.0 / (9.0 * df)
    return float(df * max(1.0 - part + normal_quantile(p) * math.sqrt(part), 0.0) ** 3)
