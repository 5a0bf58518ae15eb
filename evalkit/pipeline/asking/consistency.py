"""Columns of consistency, made of the repeats of another column."""

from __future__ import annotations

import numpy as np

from evalkit.core.columns import Column
from evalkit.pipeline.suites.consistency import FLIP_RATE, PASS_ALL, Consistency
from evalkit.stats.repeats import flip_rate, pass_hat_k


def consistency_column(of: Column, how: Consistency) -> Column:
    """Compute one value an example, (n, 1), of the repeats of `of`.

    One wrong repeat is enough to know that not all pass; where all that came back pass and a call failed it is not
    known. Flips and pass^k need two and k repeats that came back.
    """
    gone = (of.failed | of.errors) & ~of.scored
    count = of.scored.sum(axis=1)
    passes = of.scored & ((of.raw >= 1.0) if how.of.higher_is_better else (of.raw <= 0.0))
    passed = passes.sum(axis=1)
    values = np.zeros(count.size)
    if how.kind == PASS_ALL:
        known = (count > 0) & ((passed < count) | ~gone.any(axis=1))
        values = (passed == count).astype(np.float64)
    elif how.kind == FLIP_RATE:
        found = flip_rate(of.raw, of.scored)
        known = count >= 2
        values[found.examples] = found.per_example
    else:
        k = how.k or 1
        known = count >= k
        for n, good in {(int(n), int(c)) for n, c in zip(count[known], passed[known], strict=True)}:
            values[(count == n) & (passed == good)] = pass_hat_k(n, good, k=k)
    lost = ~known & gone.any(axis=1)
    failed = lost & of.failed.any(axis=1)
    return Column(
        raw=np.where(known, values, 0.0)[:, None],
        scored=known[:, None],
        failed=failed[:, None],
        errors=(lost & ~failed)[:, None],
    )
