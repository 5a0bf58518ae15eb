"""Counterfactual families: the same request under names, pronouns or dialects of several groups.

Within a family everything but the group is the same, so that a difference between its members is the model's doing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evalkit.core.errors import DataError
from evalkit.slices.groups import Groups
from evalkit.stats.means import MeanInterval, mean_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class PairGap:
    """The gap between group `one` and group `other` within families.

    `signed` is the mean of `one` less `other`, with its interval.

    `size` is the mean absolute difference, `flips` the share of families whose members differ at all.
    """

    one: str
    other: str
    families: int
    signed: MeanInterval
    size: float
    flips: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Families:
    """What changing the group changes in one arm.

    `flip_rate` is the share of families whose members do not all score alike, `mean_gap` the mean over families of
    (largest - smallest group mean). `beyond_noise` is `mean_gap` less `noise`, the mean |score - score of a rerun| of
    the same model, where one was given: what is not above it is not the group's doing. `incomplete` families have a
    single group and take no part.
    """

    families: int
    incomplete: int
    flip_rate: float | None
    mean_gap: float | None
    beyond_noise: float | None
    noise: float | None
    pairs: tuple[PairGap, ...]


def families(
    scores: ArrayLike,
    by: Groups,
    clusters: Sequence[object],
    *,
    noise: float | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> Families:
    """Compare (n,) scores between groups within clusters (families).

    Several rows of a group in a family are averaged.

    The family is the unit: intervals of pairs of groups are those of the mean over families that have both.
    """
    values = np.asarray(scores, dtype=np.float64)
    if not values.shape == by.codes.shape == (len(clusters),):
        raise DataError(f"{values.size} scores, {by.codes.size} groups and {len(clusters)} clusters do not match")
    means = _means(values, by, clusters)
    whole = {name: members for name, members in means.items() if len(members) > 1}
    gaps = [max(members.values()) - min(members.values()) for members in whole.values()]
    gap = float(np.mean(gaps)) if gaps else None
    return Families(
        families=len(whole),
        incomplete=len(means) - len(whole),
        flip_rate=float(np.mean([value > 0.0 for value in gaps])) if gaps else None,
        mean_gap=gap,
        beyond_noise=None if gap is None or noise is None else gap - noise,
        noise=noise,
        pairs=_pairs(whole, by.names, bound=_bound(values), confidence=confidence, seed=seed),
    )


def rerun_noise(scores: ArrayLike, again: ArrayLike) -> float:
    """Compute the mean absolute difference to a rerun of the same model.

    Mean |score - score of a rerun| over (n,) rows: the floor under every disparity.
    """
    one, two = np.asarray(scores, dtype=np.float64), np.asarray(again, dtype=np.float64)
    if one.shape != two.shape or one.size == 0:
        raise DataError(f"a rerun needs the same rows, one or more, not {one.size} and {two.size}")
    return float(np.abs(one - two).mean())


def _means(values: np.ndarray, by: Groups, clusters: Sequence[object]) -> dict[object, dict[str, float]]:
    """family -> group -> mean."""
    rows: dict[object, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for cluster, code, value in zip(clusters, by.codes.tolist(), values.tolist(), strict=True):
        rows[cluster][by.names[code]].append(value)
    return {
        cluster: {name: sum(members) / len(members) for name, members in found.items()}
        for cluster, found in rows.items()
    }


def _pairs(
    whole: Mapping[object, Mapping[str, float]], names: Sequence[str], *, bound: float, confidence: float, seed: int
) -> tuple[PairGap, ...]:
    out = []
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            gaps = np.array([m[one] - m[other] for m in whole.values() if one in m and other in m])
            if gaps.size == 0:
                continue
            signed = mean_interval(gaps, bounds=(-bound, bound), confidence=confidence, seed=seed)
            out.append(
                PairGap(
                    one=one,
                    other=other,
                    families=int(gaps.size),
                    signed=signed,
                    size=float(np.abs(gaps).mean()),
                    flips=float((gaps != 0.0).mean()),
                )
            )
    return tuple(out)


def _bound(values: np.ndarray) -> float:
    """How far two members of a family can lie apart: 1 for rates, else the range that was seen."""
    if values.size == 0:
        return 1.0
    low, high = float(values.min()), float(values.max())
    return 1.0 if low >= 0.0 and high <= 1.0 else (high - low or abs(high) or 1.0)
