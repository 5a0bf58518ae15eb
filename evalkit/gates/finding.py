"""Findings: a cell's figures in the metric's own direction, and the sentences all gates share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from evalkit.core.fingerprint import plain
from evalkit.core.verdict import Estimate, Finding, SliceKey
from evalkit.gates import words
from evalkit.gates.cell_estimate import estimate_of, own_interval
from evalkit.gates.repeats import repeats_of
from evalkit.gates.view import Cell, View
from evalkit.stats.paired import PairedResult

ONE_SIDED = "one_sided"
"""Flag of what answers escaped"""
BROKEN_SHOWN = 100
"""How many broken ids a finding carries; how many there are stands in `details`."""


def invalid(gate: str, metric: str, because: str, *, index: int, key: SliceKey | None = None) -> Finding:
    """Return the finding of a gate that cannot be judged at all."""
    told = because if because.endswith((".", "?")) else f"{because}."
    figures = Estimate(metric=metric, slice=key)
    return Finding(gate=gate, estimate=figures, state="INVALID", because=told, gate_index=index)


def draft_finding(
    view: View, cell: Cell, *, gate: str, index: int, margin: float | None = None, alarm: bool = False
) -> Finding:
    """Draft a finding with every figure of a paired comparison.

    They are in the metric's own direction; state and sentence are to come.
    """
    draft = Finding(
        gate=gate,
        estimate=estimate_of(view, cell),
        state="INCONCLUSIVE",
        margin=margin,
        alarm=alarm,
        gate_index=index,
    )
    result = cell.result
    if result is None:
        return with_figures(draft, method="")
    broken = broken_rows(cell)
    return replace(
        draft,
        n_needed=result.n_needed,
        examples=view.ids(broken[:BROKEN_SHOWN]),
        details=_details(view, cell, result, broken=int(broken.size)),
    )


def with_figures(finding: Finding, **figures: Any) -> Finding:
    """Return the finding with other figures (fields of its Estimate)."""
    return replace(finding, estimate=replace(finding.estimate, **figures))


def _details(view: View, cell: Cell, result: PairedResult, *, broken: int) -> dict[str, Any]:
    details: dict[str, Any] = {
        "reason": result.reason,
        "n_effective": result.n_effective,
        "discordance": result.discordance,
        "p_worse": result.p_worse,
        "p_noninferior": result.p_noninferior,
        "seed": view.seed,
        "higher_is_better": cell.of.higher_is_better,
        "binary": cell.of.binary,
        "broken_total": broken,
        "scale": None if cell.of.scale is None else list(cell.of.scale),
        "reach": result.reach,
        "unit": cell.of.unit,
    }
    column = view.comparison.columns.get(cell.of.metric)
    if column is not None and cell.slice is None and column.base.raw.shape[1] > 1:
        arms = {"base": column.base, "candidate": column.candidate}
        how = {"binary": column.binary, "higher_is_better": column.higher_is_better}
        details["repeats"] = {name: plain(found) for name, arm in arms.items() if (found := repeats_of(arm, **how))}
    if cell.missing:
        details["missing"] = missing_details(cell)
    if cell.one_sided:
        details["one_sided"] = cell.one_sided
    return details


def broken_rows(cell: Cell) -> Any:
    """Return the positions of the examples where the candidate is worse.

    The largest drop comes first, ties are in the order of the data.
    """
    drop = cell.of.base[cell.rows] - cell.of.candidate[cell.rows]
    order = np.argsort(-drop, kind="stable")
    return cell.rows[order[: int(np.count_nonzero(drop > 0.0))]]


def missing_details(cell: Cell) -> dict[str, Any]:
    """Return what the failed calls could hide.

    It is the interval with every one of them counted against the candidate.
    """
    worst = cell.worst
    base_share, candidate_share = cell.of.missing_share
    out: dict[str, Any] = {
        "examples": cell.missing,
        "base_share": base_share,
        "candidate_share": candidate_share,
    }
    if worst is not None:
        low, high = own_interval(cell.of, worst)
        out |= {"worst_delta": cell.of.signed_delta(worst.delta), "worst_low": low, "worst_high": high}
    return out


def describe_change(view: View, cell: Cell) -> str:
    """Say from what to what a metric changed, and how sure.

    Every verdict on a difference stands on these figures.
    """
    result, share = cell.result, cell.of.share
    if result is None:
        return f"{cell.of.metric}{words.where(cell.slice)} has no complete pair"
    low, high = own_interval(cell.of, result)
    base, candidate, delta = (
        cell.of.to_metric_units(result.base),
        cell.of.to_metric_units(result.candidate),
        cell.of.signed_delta(result.delta),
    )
    if base is None or candidate is None or delta is None:
        told = f"cannot be told ({result.reason}; n = {cell.n:,})" if cell.n else "has no complete pair"
        return f"{cell.of.metric}{words.where(cell.slice)} {told}"
    text = (
        f"{cell.of.metric}{words.where(cell.slice)} went from {words.value(base, share=share)} to "
        f"{words.value(candidate, share=share)} ({words.change(delta, share=share)}"
    )
    if low is not None and high is not None:
        text += f", {words.level(view.confidence)} interval {words.between(low, high, share=share)}"
    return f"{text}, n = {cell.n:,}{_apart(cell)}{cell.few}{_scale_seen(cell, result)})"


def _scale_seen(cell: Cell, result: PairedResult) -> str:
    """A loss that nobody has drawn yet can be larger than any that was seen, where the scale does not end there."""
    if result.scale_known or cell.of.binary or result.reach is None:
        return ""
    if cell.of.counted is not None:
        return f"; its scale has one end, and {result.reach:.3g} is what a case is counted on to lose"
    return f"; its scale is only what was seen, {result.reach:.3g} from end to end"


def _apart(cell: Cell) -> str:
    """Cases that only one arm has a value for are in no pair: a metric that answers may escape says so."""
    count = cell.one_sided
    return f"; {words.count(count, 'case')} with a value in one arm only left out" if count else ""


def too_many_unpaired(pairs: int, apart: int, *, limit: float) -> str:
    """Say why the pairs cannot speak for the cases; empty where they can.

    They cannot where too many (`apart`) have a value in one arm only.

    A metric that an answer can escape (arguments of calls that are not made) compares what is left over, not the arms.
    """
    if apart <= limit * (pairs + apart):
        return ""
    return (
        f"{words.count(apart, 'case')} {'has' if apart == 1 else 'have'} a value in one arm only, more than "
        f"max_error_rate {100 * limit:g}%: the {words.count(pairs, 'pair')} left cannot speak for them, so it cannot "
        "be told; gate on a metric that every case has"
    )


def describe_few_unpaired(cell: Cell) -> str:
    """Say why even a few cases without a pair leave it open."""
    what = words.count(cell.one_sided, "case") if cell.one_sided else "repeats"
    return (
        f"with the {what} that one arm alone has a value for counted against the candidate the verdict "
        "would be another, so it cannot be told; gate on a metric that every case has."
    )


def inconclusive_if_unpaired(view: View, cell: Cell, draft: Finding) -> Finding | None:
    """Return the finding of a cell whose answers escaped the metric; else None.

    It stands instead of a good one; None where few escaped.

    No number of examples of the same kind would tell, so `n_needed` is not given.
    """
    why = too_many_unpaired(cell.n, cell.one_sided, limit=view.policy.max_error_rate)
    if not why:
        return None
    text = f"{describe_change(view, cell)}: {why}."
    draft = with_figures(draft, mde=None)
    return replace(draft, state="INCONCLUSIVE", flags=(ONE_SIDED,), n_needed=None, because=text)


def describe_failed_calls(cell: Cell) -> str:
    """Say why failed calls leave it open."""
    return (
        f"with the {words.count(cell.missing, 'case')} whose calls failed counted against the candidate the verdict "
        "would be another, so it cannot be told."
    )


def harm(cell: Cell, margin: float) -> str:
    """Write the margin as a drop (or, where lower is better, a rise)."""
    name = "drop" if cell.of.higher_is_better else "rise"
    return f"{name} of {words.size(margin, share=cell.of.share, unit=cell.of.unit)}"
