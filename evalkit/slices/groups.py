"""Numbers by group in one pass: counts of a yes/no prediction against a yes/no truth, and means of scores.

What fairlearn's MetricFrame computes with a Python call a group and metric, `numpy.bincount` counts in one sweep; what
is 0 / 0 is None here, never 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.core.errors import DataError, Problem, did_you_mean, join_allowed
from evalkit.slices.frame_guards import as_level, warn_mixed

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RATES = ("accuracy", "selection_rate", "true_positive_rate", "false_positive_rate", "false_negative_rate", "precision")


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """n rows cut into groups; `codes` (n,) are positions in `names`.

    A name no row has is kept, with n = 0.
    """

    names: tuple[str, ...]
    codes: Ints

    @property
    def sizes(self) -> Ints:
        """(G,) rows a group."""
        return np.bincount(self.codes, minlength=len(self.names)).astype(np.int64)


def groups(values: Sequence[object], *, names: Sequence[str] | None = None) -> Groups:
    """Cut rows into groups by the values of a tag.

    All values become text (1 and "1" are one group, which is warned about); None, NaN and "" are "(missing)".

    `names` fixes the groups and their order, empty ones included; DataError for a value that is not among them.
    """
    warn_mixed(values)
    text = [as_level(value) for value in values]
    order = list(names) if names is not None else sorted(set(text))
    place = {name: code for code, name in enumerate(order)}
    strange = sorted(set(text) - set(place))
    if strange:
        raise DataError(
            Problem(
                what=f"the group {strange[0]!r} is not among the groups given{did_you_mean(strange[0], order)}",
                allowed=join_allowed(order),
            )
        )
    return Groups(names=tuple(order), codes=np.array([place[value] for value in text], dtype=np.int64))


def yes_no(labels: Sequence[object], *, positive: object, what: str = "labels") -> NDArray[np.bool_]:
    """Return (n,) bool: which labels are the positive one.

    DataError where no label is, for a silent 0 helps nobody.
    """
    out = np.array([label == positive for label in labels], dtype=bool)
    if out.size and not out.any():
        seen = sorted({str(label) for label in labels})
        raise DataError(
            Problem(
                what=f"no {what} equals the positive label {positive!r}{did_you_mean(str(positive), seen)}",
                allowed=join_allowed(seen[:20]),
            )
        )
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """(G,) counts of every group; `overall` adds them up."""

    names: tuple[str, ...]
    true_positive: Ints
    false_positive: Ints
    false_negative: Ints
    true_negative: Ints

    def rate(self, metric: str) -> dict[str, float | None]:
        """Return one of `RATES` by group.

        None where it is undefined (no row, no positive, no negative).
        """
        top, bottom = self.counts(metric)
        return {
            name: float(a / b) if b else None
            for name, a, b in zip(self.names, top.tolist(), bottom.tolist(), strict=True)
        }

    def overall(self, metric: str) -> float | None:
        """Count the same over all rows."""
        top, bottom = self.counts(metric)
        return float(top.sum() / bottom.sum()) if bottom.sum() else None

    def size(self) -> dict[str, int]:
        """Count the rows by group."""
        return dict(zip(self.names, self.counts("accuracy")[1].tolist(), strict=True))

    def parts(self, metric: str) -> dict[str, tuple[int, int]]:
        """Return numerator and denominator by group.

        For intervals of one's own.
        """
        top, bottom = self.counts(metric)
        return dict(zip(self.names, zip(top.tolist(), bottom.tolist(), strict=True), strict=True))

    def counts(self, metric: str) -> tuple[Ints, Ints]:
        """Return numerators and denominators of a rate, (G,) each."""
        tp, fp, fn, tn = self.true_positive, self.false_positive, self.false_negative, self.true_negative
        table = {
            "accuracy": (tp + tn, tp + fp + fn + tn),
            "selection_rate": (tp + fp, tp + fp + fn + tn),
            "true_positive_rate": (tp, tp + fn),
            "false_positive_rate": (fp, fp + tn),
            "false_negative_rate": (fn, tp + fn),
            "precision": (tp, tp + fp),
        }
        if metric not in table:
            raise DataError(
                Problem(what=f"unknown rate {metric!r}{did_you_mean(metric, table)}", allowed=join_allowed(RATES))
            )
        return table[metric]


def confusion(truth: ArrayLike, prediction: ArrayLike, by: Groups) -> Confusion:
    """Count (n,) bool truths and predictions by group, in one pass."""
    actual, said = np.asarray(truth), np.asarray(prediction)
    if actual.dtype != bool or said.dtype != bool:
        raise DataError("truth and prediction must be bool; make them so with yes_no(labels, positive=...)")
    if not actual.shape == said.shape == by.codes.shape:
        raise DataError(f"{actual.size} truths, {said.size} predictions and {by.codes.size} groups do not match")
    count = len(by.names)
    cells = np.bincount(by.codes * 4 + actual * 2 + said, minlength=4 * count).reshape(count, 4).astype(np.int64)
    return Confusion(
        names=by.names,
        true_positive=cells[:, 3],
        false_positive=cells[:, 1],
        false_negative=cells[:, 2],
        true_negative=cells[:, 0],
    )


def means(values: ArrayLike, by: Groups) -> dict[str, float | None]:
    """Return the mean of (n,) finite scores by group.

    None for a group without a row.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.shape != by.codes.shape:
        raise DataError(f"{array.size} scores and {by.codes.size} groups do not match")
    if not np.isfinite(array).all():
        raise DataError("a score is not finite; leave rows without a score out")
    totals = np.bincount(by.codes, weights=array, minlength=len(by.names))
    return {
        name: float(total / n) if n else None
        for name, total, n in zip(by.names, totals.tolist(), by.sizes.tolist(), strict=True)
    }
