"""Row bootstrap of yes/no rates by group: fairlearn's intervals, without a frame for every replicate.

A replicate is a draw of rows with replacement, and a rate of it a count of four cells a group. With fairlearn's own
draws the ends are fairlearn's own. What they are good for is one arm and independent rows: rows of one template, or two
arms on the same rows, belong into `evalkit.slices.change`. The interval of the largest gap between groups leaves 0 out
even where nothing differs (a largest gap is never 0): it is for reading, and proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.core.errors import DataError
from evalkit.slices.groups import RATES, Confusion, Groups

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RateIntervals:
    """Quantiles of replicates, in the order asked for.

    None where no replicate had a value. `by_group` rate -> group -> ends, `difference` rate -> ends of the largest gap
    between groups. `lacking` rate -> group -> how many replicates had no value of it (no row, no positive, no
    negative): they are left out of the ends.
    """

    draws: int
    by_group: Mapping[str, Mapping[str, tuple[float | None, ...]]]
    difference: Mapping[str, tuple[float | None, ...]]
    lacking: Mapping[str, Mapping[str, int]]


def rate_intervals(
    truth: ArrayLike,
    prediction: ArrayLike,
    by: Groups,
    *,
    rates: Sequence[str] = RATES,
    draws: int = 2_000,
    quantiles: Sequence[float] = (0.025, 0.975),
    seed: int = 0,
) -> RateIntervals:
    """Resample (n,) bool truths and predictions, and return the quantiles of rates by group.

    The draws are those of fairlearn's MetricFrame with `n_boot`, and `random_state` = seed.
    """
    actual, said = np.asarray(truth), np.asarray(prediction)
    if actual.dtype != bool or said.dtype != bool:
        raise DataError("truth and prediction must be bool; make them so with yes_no(labels, positive=...)")
    n, count = by.codes.size, len(by.names)
    if not n or not actual.shape == said.shape == by.codes.shape:
        raise DataError(f"{actual.size} truths, {said.size} predictions and {n} groups do not match, or are none")
    cells = by.codes * 4 + actual * 2 + said
    seeds = np.random.default_rng(seed).integers(0, np.iinfo(np.uint32).max, draws, dtype=np.uint32)
    counts = np.empty((draws, 4 * count), dtype=np.int64)
    for at, one in enumerate(seeds.tolist()):
        counts[at] = np.bincount(cells[np.random.RandomState(one).choice(n, n)], minlength=4 * count)
    by_group, difference, lacking = {}, {}, {}
    for name in rates:
        values = _rates(counts.reshape(draws, count, 4), name)
        by_group[name] = {g: _ends(values[:, at], quantiles) for at, g in enumerate(by.names)}
        lacking[name] = {g: int(np.isnan(values[:, at]).sum()) for at, g in enumerate(by.names)}
        known = ~np.isnan(values)
        high, low = np.where(known, values, -np.inf).max(axis=1), np.where(known, values, np.inf).min(axis=1)
        gaps = np.where(known.sum(axis=1) > 1, high - low, np.nan)
        difference[name] = _ends(gaps, quantiles)
    return RateIntervals(draws=draws, by_group=by_group, difference=difference, lacking=lacking)


def _rates(cells: NDArray[np.int64], name: str) -> Floats:
    """(B, G) rates from (B, G, 4) cells; NaN for 0 / 0."""
    draws, count, _ = cells.shape
    flat = cells.reshape(-1, 4)
    table = Confusion(
        names=tuple(map(str, range(flat.shape[0]))),
        true_positive=flat[:, 3],
        false_positive=flat[:, 1],
        false_negative=flat[:, 2],
        true_negative=flat[:, 0],
    )
    top, bottom = table.counts(name)
    with np.errstate(invalid="ignore"):
        return (top / np.where(bottom > 0, bottom, np.nan)).reshape(draws, count)


def _ends(values: Floats, quantiles: Sequence[float]) -> tuple[float | None, ...]:
    known = values[~np.isnan(values)]
    if not known.size:
        return (None,) * len(quantiles)
    return tuple(float(end) for end in np.quantile(known, quantiles))
