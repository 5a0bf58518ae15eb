"""Every metric with both arms, their difference and its interval: overall and in every slice, for reading."""

from __future__ import annotations

import dataclasses

from evalkit.core.columns import Comparison
from evalkit.core.verdict import Estimate, SliceKey
from evalkit.gates import words
from evalkit.gates.cell_estimate import blank_estimate, estimate_of
from evalkit.gates.quantiles import quantiles
from evalkit.gates.view import Cell, View, view
from evalkit.stats.multiplicity import benjamini_hochberg
from evalkit.suite.spec import SuiteSpec

MIN_N = 30


def estimates(comparison: Comparison, spec: SuiteSpec, *, seen: View | None = None) -> tuple[Estimate, ...]:
    """Estimate every metric overall, then slice by slice.

    `p_adjusted` of a slice is Benjamini-Hochberg over all slices shown: this table is for exploring; what decides is
    corrected in the gates. A slice to which a metric applies in neither arm is left out; of intersections smaller than
    their min_n only the count is shown. Costs (latency, tokens, money) are shown overall only, the seconds by
    their median and 95th percentile, too. An unsound comparison has no estimates. What `seen` has computed already at
    the policy's confidence is not computed again.
    """
    if comparison.unsound or not comparison.examples:
        return ()
    if seen is None or seen.confidence != spec.policy.confidence:
        seen = view(comparison, spec.policy)
    least = {item.name: item.min_n for item in spec.slices}
    metrics = (*comparison.columns, *comparison.set_metrics)
    found = [estimate_of(seen, seen.cell(metric, None)) for metric in metrics]
    slices: list[Estimate] = []
    for metric in metrics:
        if metric.partition(".")[0] not in spec.scorers:
            continue
        for by in comparison.levels:
            for value in seen.values(by):
                key = SliceKey(by=by, value=value)
                if not applies(seen, metric, key):
                    continue
                cell = seen.cell(metric, key)
                small = "*" in by and cell.n < least.get(by, MIN_N)
                slices.append(_hide(seen, cell, least.get(by, MIN_N)) if small else estimate_of(seen, cell))
    return (*found, *quantiles(seen), *_adjust(slices))


def applies(seen: View, metric: str, key: SliceKey) -> bool:
    """Return whether a metric applies to some case of the slice.

    It does where a case has a value of it in either arm, or failed to get one.
    """
    of = seen.orient(metric)
    return bool(((of.base_present | of.candidate_present | of.missing) & seen.mask(key)).any())


def _hide(seen: View, cell: Cell, least: int) -> Estimate:
    return blank_estimate(
        seen, cell, f"{words.count(cell.n, 'pair')} in this intersection, fewer than min_n {least}: not shown"
    )


def _adjust(slices: list[Estimate]) -> list[Estimate]:
    told = [(place, item.p) for place, item in enumerate(slices) if item.p is not None]
    out = list(slices)
    if told:
        for (place, _), p in zip(told, benjamini_hochberg([p for _, p in told]).tolist(), strict=True):
            out[place] = dataclasses.replace(slices[place], p_adjusted=p)
    return out
