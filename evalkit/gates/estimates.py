"""Every metric with both arms, their difference and its interval: overall and in every slice, for reading."""

from __future__ import annotations

import dataclasses

from evalkit.core.columns import Comparison
from evalkit.core.verdict import Estimate, SliceKey
from evalkit.gates import words
from evalkit.gates.finding import own_interval
from evalkit.gates.measured import Measured
from evalkit.gates.quantiles import quantiles
from evalkit.gates.view import Cell, View, view
from evalkit.stats.multiplicity import benjamini_hochberg
from evalkit.suite.spec import SuiteSpec

MIN_N = 30


def estimates(comparison: Comparison, spec: SuiteSpec, *, seen: View | None = None) -> tuple[Estimate, ...]:
    """Every metric overall, then slice by slice.

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
    found = [_estimate(seen, seen.cell(metric, None)) for metric in comparison.columns]
    slices: list[Estimate] = []
    for metric in comparison.columns:
        if metric.partition(".")[0] not in spec.scorers:
            continue
        for by in comparison.levels:
            for value in seen.values(by):
                key = SliceKey(by=by, value=value)
                if not applies(seen, metric, key):
                    continue
                cell = seen.cell(metric, key)
                small = "*" in by and cell.n < least.get(by, MIN_N)
                slices.append(_hidden(seen, cell, least.get(by, MIN_N)) if small else _estimate(seen, cell))
    return (*found, *quantiles(seen), *_adjusted(slices))


def applies(seen: View, metric: str, key: SliceKey) -> bool:
    """Whether some case of the slice has a value of the metric in either arm, or failed to get one."""
    of = seen.measured(metric)
    return bool(((of.base_present | of.candidate_present | of.missing) & seen.mask(key)).any())


def _estimate(seen: View, cell: Cell) -> Estimate:
    result = cell.result
    if result is None:
        return _blank(seen, cell, _nothing(cell.of))
    low, high = own_interval(cell.of, result)
    base_low, base_high = _arm(cell.of, result.base_interval)
    candidate_low, candidate_high = _arm(cell.of, result.candidate_interval)
    return dataclasses.replace(
        _blank(seen, cell, result.reason),
        base=cell.of.own(result.base),
        candidate=cell.of.own(result.candidate),
        delta=cell.of.turned(result.delta),
        low=low,
        high=high,
        fixed=result.fixed,
        broken=result.broken,
        p=result.p,
        method=result.method,
        mde=result.mde,
        base_low=base_low,
        base_high=base_high,
        candidate_low=candidate_low,
        candidate_high=candidate_high,
    )


def _blank(seen: View, cell: Cell, because: str) -> Estimate:
    return Estimate(
        metric=cell.of.metric,
        slice=cell.slice,
        n=cell.n,
        n_clusters=cell.n_clusters,
        base=None,
        candidate=None,
        delta=None,
        low=None,
        high=None,
        confidence=seen.confidence,
        higher_is_better=cell.of.higher_is_better,
        binary=cell.of.binary,
        fixed=None,
        broken=None,
        p=None,
        p_adjusted=None,
        method="none",
        mde=None,
        because=because,
    )


def _hidden(seen: View, cell: Cell, least: int) -> Estimate:
    return _blank(
        seen, cell, f"{words.count(cell.n, 'pair')} in this intersection, fewer than min_n {least}: not shown"
    )


def _nothing(of: Measured) -> str:
    missing = int(of.missing.sum())
    failed = f"; {words.count(missing, 'case')} had a failed call or a crashed scorer" if missing else ""
    return f"no case has a value in both arms{failed}"


def _arm(of: Measured, interval: tuple[float, float] | None) -> tuple[float | None, float | None]:
    if interval is None:
        return None, None
    return interval if of.higher_is_better else (of.flipped - interval[1], of.flipped - interval[0])


def _adjusted(slices: list[Estimate]) -> list[Estimate]:
    told = [(place, item.p) for place, item in enumerate(slices) if item.p is not None]
    out = list(slices)
    if told:
        for (place, _), p in zip(told, benjamini_hochberg([p for _, p in told]).tolist(), strict=True):
            out[place] = dataclasses.replace(slices[place], p_adjusted=p)
    return out
