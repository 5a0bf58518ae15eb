"""The gate for the reason of the fine-tuning: the candidate is proven better, by `min_gain` or more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Literal

from evalkit.core.verdict import Finding, GateWords, State
from evalkit.gates import faults, words
from evalkit.gates.expected import Forecast, Outlook, draft_forecast
from evalkit.gates.finding import (
    ONE_SIDED,
    describe_change,
    describe_failed_calls,
    describe_few_unpaired,
    draft_finding,
    inconclusive_if_unpaired,
)
from evalkit.gates.gate import Gate, GateContext
from evalkit.gates.margins import margin_in
from evalkit.gates.proof import is_luck
from evalkit.gates.resolve import few_pairs
from evalkit.gates.states import under_both
from evalkit.gates.view import Cell, View
from evalkit.stats.distributions import normal_quantile, two_sided_z
from evalkit.stats.paired import PairedResult
from evalkit.stats.planning import fewest_discordant
from evalkit.suite.amount import Amount
from evalkit.suite.shape import Name

POWER = 0.8


class MustImprove(Gate):
    """The candidate must be proven better on this metric.

    That is low > 0, or low > min_gain.
    """

    words: ClassVar[GateWords] = GateWords(
        faults={"REGRESSION": faults.PROVEN_WORSE, "FLOOR_FAIL": faults.NO_GAIN},
    )

    judges: ClassVar[frozenset[str]] = frozenset({"sets"})

    type: Literal["must_improve"]
    metric: Name
    """SCORER or SCORER.PART"""
    min_gain: Amount | Literal[0] = 0
    """The gain must be proven to be more than this, in the metric's unit, or a share of the base's value ("5%")"""

    def judge(self, context: GateContext) -> Sequence[Finding]:
        """Return one finding: IMPROVED, or why not."""
        view, (cells, findings) = context.view, context.cells([self.metric])
        for name, key in cells:
            gain, why = margin_in(view, name, key, self.min_gain, zero=True)
            if why is not None:
                findings.append(context.invalid(name, why, key))
            else:
                findings.append(_finding(view, view.cell(name, key), self, gain, index=context.index))
        return findings

    def forecast(self, ask: Outlook, index: int) -> Sequence[Forecast]:
        """Return the smallest gain it tells.

        It warns where too few cases can differ for a proof.
        """
        draft = draft_forecast(ask, self.type, index, self.metric)
        needed = fewest_discordant(alpha=1.0 - ask.confidence)
        likely, worth = draft.assumed, ask.effective_n(self.metric, None)
        warning = ""
        differ = likely.spread or 0.0
        if likely.binary and differ * worth < needed:
            warning = (
                f"{draft.cases} of which {100 * differ:.3g}% differ are too few: {needed} must "
                "differ, all for the better, before an improvement can be proven"
            )
        return (replace(draft, mde=ask.mde(self.metric, None), warning=warning),)


def _finding(view: View, cell: Cell, gate: MustImprove, gain: float, *, index: int) -> Finding:
    draft = draft_finding(view, cell, gate=gate.type, index=index)
    if gain:
        draft = replace(draft, details={**draft.details, "min_gain": gain})
    why = few_pairs(view, cell.n)
    if why is not None:
        return replace(draft, state="INVALID", because=f"{why}.")
    complete = _state(cell.result, gain)
    state = under_both(complete, _state(cell.worst, gain) if cell.worst else None)
    flags = ("failed_calls",) if state != complete else ()
    apart = _judge_escaped(view, cell, draft, gain) if state == "IMPROVED" else None
    if apart is not None:
        return apart
    needed = _n_needed(cell, gain) if state == "INCONCLUSIVE" else None
    because = _because(view, cell, gain, state=state, flags=flags, needed=needed)
    return replace(draft, state=state, flags=flags, n_needed=needed, because=because)


def _judge_escaped(view: View, cell: Cell, draft: Finding, gain: float) -> Finding | None:
    """What stands in place of a gain that answers which escaped the metric could undo; None where it holds."""
    many = inconclusive_if_unpaired(view, cell, draft)
    if many is not None or cell.closed is None or _state(cell.closed, gain) == "IMPROVED":
        return many
    text = f"{describe_change(view, cell)}: {describe_few_unpaired(cell)}"
    return replace(draft, state="INCONCLUSIVE", flags=(ONE_SIDED,), because=text)


def _state(result: PairedResult | None, gain: float) -> State:
    """IMPROVED if low > gain; REGRESSION if high < 0; FLOOR_FAIL if it is proven that the gain is not reached.

    Neither of the first two where so few changes go one way by chance.
    """
    if result is None or result.low is None or result.high is None:
        return "INCONCLUSIVE"
    if is_luck(result) and (result.low > gain or result.high < 0.0):
        return "INCONCLUSIVE"
    if result.low > gain:
        return "IMPROVED"
    if result.high < 0.0:
        return "REGRESSION"
    return "FLOOR_FAIL" if result.high < gain else "INCONCLUSIVE"


def _because(view: View, cell: Cell, gain: float, *, state: State, flags: tuple[str, ...], needed: int | None) -> str:
    start = describe_change(view, cell)
    beyond = f" by more than {words.size(gain, share=cell.of.share, unit=cell.of.unit)}" if gain else ""
    if flags:
        return f"{start}: {describe_failed_calls(cell)}"
    if state == "IMPROVED":
        return f"{start}: better{beyond}, beyond chance."
    if state == "REGRESSION":
        return f"{start}: it had to improve and is proven worse."
    if state == "FLOOR_FAIL":
        return f"{start}: a gain{beyond} is ruled out."
    more = f"; a gain as large as this one would need about {words.count(needed, 'case')}" if needed else ""
    return f"{start}: it is not proven better{beyond}{more}."


def _n_needed(cell: Cell, gain: float) -> int | None:
    """How many examples would prove a gain as large as the one observed, with power 0.8; None without such a gain."""
    result = cell.result
    if result is None or result.low is None or result.high is None or result.delta is None or result.delta <= gain:
        return None
    z = two_sided_z(result.confidence)
    error = (result.high - result.low) / (2.0 * z)
    if result.fixed is not None and result.discordance and result.n_effective:
        # at very few cases the interval is too short on the side where the values end
        error = max(error, math.sqrt(result.discordance / result.n_effective))
    needed = math.ceil(cell.n * ((z + normal_quantile(POWER)) * error / (result.delta - gain)) ** 2)
    return max(needed, cell.n + 1)
