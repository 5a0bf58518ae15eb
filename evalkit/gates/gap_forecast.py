"""What a fairness gate will be able to tell before anything is asked."""

from __future__ import annotations

import dataclasses
import math

from evalkit.core.verdict import SliceKey
from evalkit.gates import words
from evalkit.gates.expected import NOT_KNOWN, Forecast, Outlook, draft_forecast
from evalkit.gates.resolve import MISSING
from evalkit.stats.gap_planning import GapWidth, expected_width
from evalkit.stats.score import no_change_reach
from evalkit.suite.amount import Amount, amount_of


def forecast_gap(
    ask: Outlook, gate: str, index: int, metric: str, by: str, *, max_change: Amount, reference: str | None
) -> Forecast:
    """Forecast what the gate can tell of the smallest group.

    Its gap is the hardest to see.
    """
    least = next((item.min_n for item in ask.spec.slices if item.name == by), 30)
    counts = {value: c for value, c in ask.population(metric).slices.get(by, {}).items() if value != MISSING}
    large = {value: c for value, c in counts.items() if c.n >= least}
    if len(counts) < 2 or not large:
        warning = f"no group of {by} has the {least} cases that min_n asks for, beside another group"
        return dataclasses.replace(draft_forecast(ask, gate, index, metric), warning=warning)
    value, count = min(large.items(), key=lambda kv: (kv[1].n, kv[0]))
    key = SliceKey(by=by, value=value)
    draft = draft_forecast(ask, gate, index, metric, key)
    facing = counts.get(reference or "")
    rest = max(1, facing.n if facing and facing is not count else sum(c.n for c in counts.values()) - count.n)
    likely, sure = draft.assumed, 1.0 - (1.0 - ask.confidence) / len(large)
    if likely.spread is None:
        return dataclasses.replace(draft, warning=NOT_KNOWN)
    width = expected_width(
        draft.n,
        draft.n_clusters,
        spread=likely.spread,
        design_effect=likely.design_effect,
        noise=1.0 + count.n / rest,
        binary=likely.binary,
        confidence=sure,
    )
    # a share of the base's value is not known beforehand, and at most that share of 1 where it is a rate
    margin = amount_of(max_change, 1.0) if likely.binary or not isinstance(max_change, str) else None
    times = None if margin is None else width.times_for(margin)
    return dataclasses.replace(
        draft,
        margin=margin,
        mde=width.at(1.0),
        n_needed=None if times is None else math.ceil(times * draft.n - 1e-9),
        warning=_cannot(draft, value, margin, width, sure) if likely.binary and margin is not None else "",
    )


def _cannot(draft: Forecast, value: str, margin: float, width: GapWidth, sure: float) -> str:
    """Why the gate cannot pass, or hardly; empty if it can."""
    size = words.size(margin, share=True)
    if width.at(1.0, power=0.5) < margin:
        return ""
    if no_change_reach(draft.n_clusters, confidence=sure) >= margin:
        return (
            f"cannot pass unless the gap shrinks: even if nothing differs, {draft.cases} of {value} do not rule "
            f"out a growth of {size}"
        )
    return f"an unchanged gap passes in less than half of runs: {draft.cases} of {value} are too few for {size}"
