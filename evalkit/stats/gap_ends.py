"""The ends of what is said of gaps: one end accuses, the other acquits, and they do not need the same width.

To accuse, the change must be beyond chance: the width of a max-T cluster bootstrap, with sign flips where few clusters
moved. To acquit, what nobody has seen move yet must be counted in as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.stats.distributions import normal_cdf, t_quantile, two_sided_z
from evalkit.stats.gap_errors import draw_together
from evalkit.stats.gap_moves import Moves
from evalkit.stats.resample import Resampled
from evalkit.stats.sign_flips import FEW_CLUSTERS, FEW_MOVED, flip_p
from evalkit.stats.simultaneous import critical_value

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Widths:
    """(G,) half widths of the gaps and their changes.

    `accusing` is that of the change; `plain` and `unseen` make up the acquitting one.

    `gap` is that of the candidate's gap, `joint` of change and base gap together, `total` of the sum of both gaps,
    whose errors are `total_error`, with `alike` (G, G) their correlations. `freedom` are degrees of freedom.
    """

    accusing: Floats
    plain: Floats
    unseen: Floats
    gap: Floats
    joint_change: Floats
    joint_base: Floats
    total: Floats
    total_error: Floats
    alike: Floats
    freedom: Floats
    critical: float

    @property
    def acquitting(self) -> Floats:
        """(G,) of the change, with what was not seen."""
        out: Floats = np.hypot(self.plain, self.unseen)
        return out


def widths_of(drawn: Resampled, moves: Moves, wanted: Bools, *, confidence: float, seed: int) -> Widths:
    """Compute the half widths by max-T over the groups `wanted`.

    From (3 G) resampled changes, base gaps and candidate gaps.

    All but the accusing width grow as Student's t does with the clusters of the smaller side, and by what was not seen.
    """
    count, z = wanted.size, two_sided_z(confidence)
    changes, bases, candidates = (
        Resampled(drawn.estimate[part], drawn.draws[:, part], drawn.clusters)
        for part in (slice(i * count, (i + 1) * count) for i in range(3))
    )
    sums = Resampled(bases.estimate + candidates.estimate, bases.draws + candidates.draws, drawn.clusters)
    error, base_error, candidate_error, sum_error = (
        np.nan_to_num(of.error, nan=0.0) for of in (changes, bases, candidates, sums)
    )

    def critical(*parts: tuple[Resampled, Floats], sides: int = 2) -> float:
        family = Resampled(
            np.concatenate([of.estimate[wanted] for of, _ in parts]),
            np.concatenate([of.draws[:, wanted] for of, _ in parts], axis=1),
            drawn.clusters,
        )
        errors = np.concatenate([errors[wanted] for _, errors in parts])
        found = critical_value(family, errors, confidence=confidence, sides=sides)
        return found if math.isfinite(found) else z

    def width(critical: float, errors: Floats) -> Floats:
        out: Floats = np.hypot(small_sample(critical, moves.freedom) * errors, critical / z * moves.unseen)
        return out

    # wrong about any group, to one side, with a chance of 1 - confidence
    few, level = _as_of_few(moves.freedom), critical((changes, error), sides=1)
    drawn_together = draw_together(few * error, moves, _correlations(changes, error), wanted)
    beyond = _t_quantiles(level, drawn_together.freedom) * drawn_together.error
    own, joint = critical((changes, error)), critical((changes, error), (bases, base_error))
    return Widths(
        accusing=_widths_that_accuse(beyond, moves, wanted, confidence=confidence, seed=seed),
        plain=small_sample(own, moves.freedom) * error,
        unseen=own / z * moves.unseen,
        gap=width(critical((candidates, candidate_error)), candidate_error),
        joint_change=width(joint, error),
        joint_base=width(joint, base_error),
        total=small_sample(critical((sums, sum_error)), moves.freedom) * sum_error,
        total_error=few * sum_error,
        alike=_correlations(sums, sum_error),
        freedom=moves.freedom,
        critical=own,
    )


def small_sample(critical: float, freedom: Floats) -> Floats:
    """Return (G,) t quantiles at the level of a normal quantile.

    For errors that lack a factor sqrt((C - 1) / C).
    """
    return _t_quantiles(critical, freedom) * _as_of_few(freedom)


def _t_quantiles(critical: float, freedom: Floats) -> Floats:
    level = normal_cdf(critical)
    return np.array([t_quantile(level, df) for df in freedom.tolist()])


def _as_of_few(freedom: Floats) -> Floats:
    """The factor that errors of resampled clusters lack."""
    out: Floats = np.sqrt((freedom + 1.0) / freedom)
    return out


def _widths_that_accuse(plain: Floats, moves: Moves, wanted: Bools, *, confidence: float, seed: int) -> Floats:
    """The bootstrap's width; without end where few clusters moved and sign flips do not agree."""
    few = wanted & ((moves.moved <= FEW_MOVED) | (moves.freedom + 1.0 <= FEW_CLUSTERS))
    if not few.any():
        return plain
    p = np.ones(wanted.size)
    p[wanted] = np.maximum(*(flip_p(parts[:, wanted], seed=seed) for parts in moves.parts))
    chance = few & (p > 1.0 - confidence)
    return np.where(chance, np.inf, plain)


def _correlations(of: Resampled, error: Floats) -> Floats:
    """(G, G) correlations of resampled statistics; those that do not vary go along with none."""
    varies = error > 0.0
    scaled = np.where(varies, (of.draws - of.estimate) / np.where(varies, error, 1.0), 0.0)
    scaled = np.nan_to_num(scaled)
    out: Floats = scaled.T @ scaled / max(1, scaled.shape[0])
    np.fill_diagonal(out, 1.0)
    return out
