"""What answers without a figure may have cost: what is slowest and longest is what fails, or comes without a count."""

from __future__ import annotations

import numpy as np

from evalkit.core.columns import Column, PairedColumn
from evalkit.gates import words
from evalkit.gates.measured import Floats

FAILED = "failed_calls"
_BEYOND = 1_000.0
"""A quantile needs no more of a value that nobody saw than that it lies beyond all that were"""


def count_hidden(pair: PairedColumn) -> int:
    """Count the cases of which either arm lacks a figure."""
    return int(np.count_nonzero((_count_lacking(pair.base, pair) + _count_lacking(pair.candidate, pair)) > 0))


def tell_hidden(metric: str, pair: PairedColumn, limit: str) -> str:
    """Say why what is missing leaves a budget open."""
    cases = words.count(count_hidden(pair), "case")
    return (
        f"{metric}: with the {cases} of which an arm has no figure counted against the "
        f"candidate {limit} is not ruled out, so it cannot be told."
    )


def fill_against_candidate(pair: PairedColumn, *, quantile: float | None) -> tuple[Floats, Floats]:
    """Fill every figure that is missing: least in the base, most in the candidate.

    Returns (n,) values of base and candidate. For a mean that is the least and the most that either arm shows, for a
    quantile anything beyond.
    """
    seen = np.concatenate([arm.raw[arm.scored] for arm in (pair.base, pair.candidate)])
    low, high = (float(seen.min()), float(seen.max())) if seen.size else (0.0, 0.0)
    if quantile is not None:
        low, high = low / _BEYOND, max(high, 1.0) * _BEYOND
    return _fill(pair.base, pair, low), _fill(pair.candidate, pair, high)


def _count_lacking(arm: Column, pair: PairedColumn) -> Floats:
    """(n,) repeats without a figure, of as many as either arm was asked for."""
    asked = [(one.scored | one.failed | one.errors).sum(axis=1) for one in (pair.base, pair.candidate)]
    out: Floats = (np.maximum(*asked).clip(min=1) - arm.scored.sum(axis=1)).clip(min=0).astype(np.float64)
    return out


def _fill(arm: Column, pair: PairedColumn, fill: float) -> Floats:
    lacking = _count_lacking(arm, pair)
    out: Floats = ((arm.raw * arm.scored).sum(axis=1) + fill * lacking) / (arm.scored.sum(axis=1) + lacking)
    return out
