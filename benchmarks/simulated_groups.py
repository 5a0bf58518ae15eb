"""Groups whose true gaps are known: what the calibration of fairness draws from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grouped:
    """One simulated evaluation: both arms, group and cluster of every row."""

    base: Floats
    candidate: Floats
    groups: Ints
    clusters: Ints


def layout(design: str, n: int, count: int) -> tuple[Ints, Ints]:
    """(groups, clusters) of n rows: `independent`, 400 `nested` clusters, or 60 `crossed` templates."""
    rows = np.arange(n)
    if design == "independent":
        return rows % count, rows
    if design == "nested":
        return (rows // 5) % count, rows // 5
    return (rows // 60) % count, rows % 60


def yes_no(
    rng: np.random.Generator,
    design: str,
    *,
    n: int = 2_000,
    count: int = 10,
    discordance: float,
    lead: Floats | None = None,
    loss: Floats | None = None,
) -> Grouped:
    """Yes/no rows under templates of logit sd 0.8; `lead` (G,) is added to the base's rates, `loss` taken from them.

    `discordance` is the share of pairs that would differ without a loss: so many rows are drawn anew.
    """
    groups, clusters = layout(design, n, count)
    rate = 1.0 / (1.0 + np.exp(-(1.3 + rng.normal(0.0, 0.8, int(clusters.max()) + 1)[clusters])))
    before = np.clip(rate + (0.0 if lead is None else lead[groups]), 0.0, 1.0)
    after = np.clip(before - (0.0 if loss is None else loss[groups]), 0.0, 1.0)
    anew = rng.random(n) < min(1.0, discordance / (2.0 * float(np.mean(before * (1.0 - before)))))
    first = rng.random(n)
    second = np.where(anew, rng.random(n), first)
    return Grouped((first < before).astype(float), (second < after).astype(float), groups, clusters)


def templates(
    rng: np.random.Generator,
    shape: str,
    *,
    each: int,
    count: int,
    crossed: bool = False,
    unequal: bool = False,
    icc: float = 0.1,
    loss: float = 0.0,
) -> Grouped:
    """Templates that move: `each` a group (or in all, where crossed), of 6 rows (or 2 to 10) a group.

    The effects of templates on the change are `normal` (yes/no rows that lean with their template), `graded` (normal
    scores), `sparse` (few templates break or are mended as a whole) or `skewed` (lognormal losses). The first group
    loses `loss` on average.
    """
    total = each if crossed else each * count
    sizes = rng.integers(2, 11, total) if unequal else np.full(total, 6)
    if crossed:
        clusters = np.repeat(np.arange(total), sizes * count)
        groups = np.concatenate([np.repeat(np.arange(count), size) for size in sizes])
    else:
        clusters = np.repeat(np.arange(total), sizes)
        groups = clusters % count
    cell, cells = clusters * count + groups, total * count
    lost = np.where(groups == 0, loss, 0.0)
    if shape == "graded":
        effect = rng.normal(0.0, 0.3 * icc**0.5, cells)[cell]
        base = rng.normal(0.5, 0.2, clusters.size)
        return Grouped(
            base, base + effect - lost + rng.normal(0.0, 0.3 * (1.0 - icc) ** 0.5, clusters.size), groups, clusters
        )
    if shape == "normal":
        spread = (icc * 0.12 / (1.0 - icc)) ** 0.5 if icc else 0.0
        rate = 0.8 + np.zeros(clusters.size)
        tilt = np.clip(rng.normal(0.0, spread, cells), -0.2 + loss, 0.2)[cell]
        tilt = np.where(groups == 0, tilt - loss, tilt)
        first = rng.random(clusters.size)
        second = np.where(rng.random(clusters.size) < 0.3, rng.random(clusters.size), first)
        return Grouped(
            (first < rate).astype(float), (second < np.clip(rate + tilt, 0, 1)).astype(float), groups, clusters
        )
    if shape == "sparse":
        right = rng.random(cells) < 0.5
        moved = rng.random(cells) < np.where((np.arange(cells) % count == 0) & right, 0.04 + 2.0 * loss, 0.04)
        return Grouped(right.astype(float)[cell], (right ^ moved).astype(float)[cell], groups, clusters)
    base = np.full(clusters.size, 0.5)
    effect = 0.05 * (np.exp(0.5) - rng.lognormal(0.0, 1.0, cells))[cell]
    return Grouped(base, base + effect - lost, groups, clusters)
