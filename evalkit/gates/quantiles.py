"""The waits of a run as people feel them: the median and the 95th percentile of the seconds, both arms, overall."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evalkit.core.verdict import Estimate
from evalkit.gates.view import View

COLUMNS = {
    "latency_p50": ("latency_s", 0.5),
    "latency_p95": ("latency_s", 0.95),
    "latency_mean": ("latency_s", None),
    "first_token_p50": ("first_token_s", 0.5),
    "cost_usd": ("cost_usd", None),
    "tokens_in": ("tokens_in", None),
    "tokens_out": ("tokens_out", None),
}
"""What a budget names -> the column, and the quantile of it (None: the mean an example)."""

_SHOWN = ("latency_p50", "latency_p95", "first_token_p50")


def quantiles(seen: View) -> Iterator[Estimate]:
    """Yield an estimate a quantile that was measured in both arms.

    It has no interval: a budget gate gives one.
    """
    for metric in _SHOWN:
        column, share = COLUMNS[metric]
        pair = seen.comparison.columns.get(column)
        if pair is None or share is None or not pair.paired.any():
            continue
        rows = np.flatnonzero(pair.paired)
        base, candidate = (
            float(np.quantile(arm.values[rows], share, method="inverted_cdf")) for arm in (pair.base, pair.candidate)
        )
        yield Estimate(
            metric=metric,
            slice=None,
            n=rows.size,
            n_clusters=np.unique(seen.clusters[rows]).size,
            base=base,
            candidate=candidate,
            delta=candidate - base,
            low=None,
            high=None,
            confidence=seen.confidence,
            higher_is_better=False,
            binary=False,
            fixed=None,
            broken=None,
            p=None,
            p_adjusted=None,
            method="quantile",
            mde=None,
            because=f"a budget gate on {metric} gives its interval",
        )
