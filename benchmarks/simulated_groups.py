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

    `discordance` is the share of pairs that would differ without a loss: so many rows are drawn anew. All rates leave
    room for the largest lead to either side, so that one that becomes a lag is exactly as large.
    """
    groups, clusters = layout(design, n, count)
    rate = 1.0 / (1.0 + np.exp(-(1.3 + rng.normal(0.0, 0.8, int(clusters.max()) + 1)[clusters])))
    room = 0.0 if lead is None else float(np.abs(lead).max())
    rate = np.clip(rate, room, 1.0 - room)
    before = np.clip(rate + (0.0 if lead is None else lead[groups]), 0.0, 1.0)
    after = np.clip(before - (0.0 if loss is None else loss[groups]), 0.0, 1.0)
    anew = rng.random(n) < min(1.0, discordance / (2.0 * float(np.mean(before * (1.0 - before)))))
    first = rng.random(n)
    second = np.where(anew, rng.random(n), first)
    return Grouped((first < before).astype(float), (second < after).astype(float), groups, clusters)


def templates(
    rng: np.random.Generator,
    *,
    shape: str,
    each: int,
    count: int,
    crossed: bool = False,
    icc: float = 0.1,
    loss: float = 0.0,
) -> Grouped:
    """Templates that move: `each` a group (or in all, where crossed), of 2 to 10 rows a group.

    The effects of templates on the change are `normal` (yes/no rows that lean with their template), `graded` (normal
    scores), `sparse` (a few templates break or are mended as a whole, the others stay), `rare` (rows flip at random and
    the loss is that of whole templates that break) or `skewed` (lognormal losses). The first group loses `loss`.
    """
    total = each if crossed else each * count
    sizes = rng.integers(2, 11, total)
    if crossed:
        clusters = np.repeat(np.arange(total), sizes * count)
        groups = np.concatenate([np.repeat(np.arange(count), size) for size in sizes])
    else:
        clusters = np.repeat(np.arange(total), sizes)
        groups = clusters % count
    cell, first = clusters * count + groups, np.arange(total * count) % count == 0
    if shape in ("graded", "skewed"):
        return _scores(rng, shape, groups, clusters, cell, first, icc=icc, loss=loss)
    if shape == "sparse":
        right = rng.random(first.size) < 0.5
        moved = rng.random(first.size) < np.where(first & right, 0.04 + 2.0 * loss, 0.04)
        return Grouped(right.astype(float)[cell], (right ^ moved).astype(float)[cell], groups, clusters)
    spread = (icc * 0.12 / (1.0 - icc)) ** 0.5 if shape == "normal" else 0.0
    tilt = np.clip(rng.normal(0.0, spread, first.size), loss - 0.2, 0.2)
    if shape == "normal":
        tilt = np.where(first, tilt - loss, tilt)
    else:
        tilt = np.where(first & (rng.random(first.size) < loss / 0.8), -0.8, tilt)
    before = rng.random(clusters.size)
    after = np.where(rng.random(clusters.size) < 0.3, rng.random(clusters.size), before)
    return Grouped((before < 0.8).astype(float), (after < 0.8 + tilt[cell]).astype(float), groups, clusters)


def _scores(
    rng: np.random.Generator,
    shape: str,
    groups: Ints,
    clusters: Ints,
    cell: Ints,
    first: NDArray[np.bool_],
    *,
    icc: float,
    loss: float,
) -> Grouped:
    base = rng.normal(0.5, 0.2, clusters.size)
    lost = np.where(first, loss, 0.0)
    if shape == "skewed":
        effect = 0.05 * (np.exp(0.5) - rng.lognormal(0.0, 1.0, first.size)) - lost
        return Grouped(base, base + effect[cell], groups, clusters)
    effect = rng.normal(0.0, 0.3 * icc**0.5, first.size) - lost
    noise = rng.normal(0.0, 0.3 * (1.0 - icc) ** 0.5, clusters.size)
    return Grouped(base, base + effect[cell] + noise, groups, clusters)
