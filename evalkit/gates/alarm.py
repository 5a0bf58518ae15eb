"""A slice under alarm: it fails by a regression that stays proven when all slices are counted, and by nothing less.

What cannot be told passes, and is `undecided`: never where failed calls or answers that escaped the metric may hide a
proven regression, and never where the base has nothing to lose in the suite as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from evalkit.core.verdict import Finding, State
from evalkit.gates import words
from evalkit.gates.expected import Forecast, Outlook
from evalkit.gates.family import Family
from evalkit.gates.finding import (
    ONE_SIDED,
    describe_change,
    describe_failed_calls,
    describe_few_unpaired,
    harm,
    too_many_unpaired,
    with_figures,
)
from evalkit.gates.nothing_to_lose import NOTHING_TO_LOSE, has_nothing_to_lose, nothing_to_lose
from evalkit.gates.proof import judge_interval
from evalkit.gates.states import FINE, under_both
from evalkit.gates.undecided import LOOKS_WORSE, TOO_SMALL, UNDECIDED, looks_worse
from evalkit.gates.view import Cell, View
from evalkit.stats.paired import PairedResult
from evalkit.stats.planning import fewest_discordant

FAILED, ALARM = "failed_calls", "alarm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listened:
    """A slice under alarm.

    It says what the slice would be by itself (`state`), and how the gate tells such a state (`tell`).
    """

    view: View
    cell: Cell
    margin: float
    min_n: int
    family: Family
    state: State
    flags: tuple[str, ...]
    tell: Callable[[State, tuple[str, ...]], str]

    @property
    def adjusted(self) -> float | None:
        """Its p-value after the correction.

        It is None without one, or where the slice is no part of the family.
        """
        key = self.cell.slice
        return self.family.adjusted.get((self.cell.of.metric, key)) if key is not None else None

    @property
    def small(self) -> bool:
        """Fewer cases than the gate asks for."""
        return self.cell.size < self.min_n

    @property
    def after(self) -> str:
        """The corrected p-value in words; empty where there is none."""
        return f" (one-sided p = {self.adjusted:.2g} after {self.family.named})" if self.adjusted is not None else ""


def judge_alarm(heard: Listened, draft: Finding) -> Finding:
    """Judge a slice under alarm and return its finding."""
    draft = with_figures(draft, p_adjusted=heard.adjusted)
    if _is_proven(heard):
        flags = (*(flag for flag in heard.flags if flag != FAILED), ALARM)
        told = heard.tell("REGRESSION", heard.flags)
        return replace(draft, state="REGRESSION", flags=flags, because=f"{told[:-1]}{heard.after}.")
    hidden = _what_hides(heard)
    if hidden is not None:
        return replace(draft, state="INCONCLUSIVE", flags=(hidden, ALARM), because=_hides(heard, hidden))
    if heard.small:
        lost = () if heard.cell.n else (ONE_SIDED if heard.cell.one_sided else FAILED,)
        flags = (TOO_SMALL, ALARM, *lost)
        return _mark(heard, replace(draft, state="TOO_SMALL", flags=flags, because=_too_small(heard)))
    if not heard.cell.n:
        return _judge_vanished(heard, draft)
    if _state_when_closed(heard) not in ("IMPROVED", "REGRESSION") and has_nothing_to_lose(heard.cell, heard.margin):
        return _guards_nothing(heard, draft)
    return _mark(heard, _tell(heard, draft))


def _is_proven(heard: Listened) -> bool:
    """Worse beyond chance when all slices are counted; without a correction by the slice's own interval and test."""
    result = heard.cell.result
    if result is None or result.p_worse is None or heard.state in FINE or FAILED in heard.flags:
        return False
    if heard.family.correction == "none":
        exact = not heard.small or result.p_worse <= heard.family.alpha
        return heard.state == "REGRESSION" and exact
    if heard.adjusted is None or heard.adjusted > heard.family.alpha:
        return False
    return heard.state == "REGRESSION" or heard.small


def _state_when_closed(heard: Listened) -> State:
    """What the slice would be by itself with what escaped the metric counted against the candidate."""
    closed = heard.cell.closed
    return heard.state if closed is None else under_both(heard.state, judge_interval(closed, heard.margin)[0])


def _what_hides(heard: Listened) -> str | None:
    """What could hide a regression: with it counted against the candidate the slice is proven worse by itself."""
    for kind, result in ((FAILED, heard.cell.worst), (ONE_SIDED, heard.cell.closed)):
        if result is not None and _is_worse(heard, result):
            return kind
    return None


def _is_worse(heard: Listened, result: PairedResult) -> bool:
    proven = result.p_worse is not None and result.p_worse <= heard.family.alpha
    return proven and judge_interval(result, heard.margin)[0] not in FINE


def _hides(heard: Listened, kind: str) -> str:
    cell, start = heard.cell, describe_change(heard.view, heard.cell)
    if kind == FAILED:
        return f"{start}: {describe_failed_calls(cell)}"
    apart = too_many_unpaired(cell.n, cell.one_sided, limit=heard.view.policy.max_error_rate)
    return f"{start}: {apart}." if apart else f"{start}: {describe_few_unpaired(cell)}"


def _too_small(heard: Listened) -> str:
    cell = heard.cell
    told = f"{words.count(cell.size, 'pair' if cell.n == cell.size else 'case')}{words.where(cell.slice)}, fewer than "
    told += f"min_n {heard.min_n}: not judged"
    if not cell.n:
        return f"{told}, and nothing was compared: {_say_lost(cell)}."
    if cell.result is None or cell.result.delta is None or not cell.result.delta < 0.0:
        return f"{told}."
    seems = "though it looks worse" if looks_worse(cell.result, heard.margin) else "though it is behind"
    return f"{told}, and not proven worse, {seems}; {describe_change(heard.view, cell)}{heard.after}."


def _judge_vanished(heard: Listened, draft: Finding) -> Finding:
    """A slice of which no case was compared, because one arm gave no value at all: nothing passes on nothing."""
    cell = heard.cell
    flag = ONE_SIDED if cell.one_sided else FAILED
    told = f"{describe_change(heard.view, cell)}: {_say_lost(cell)}, so nothing was compared."
    draft = replace(with_figures(draft, mde=None), n_needed=None, because=told)
    return replace(draft, state="INCONCLUSIVE", flags=(flag, ALARM))


def _say_lost(cell: Cell) -> str:
    what = "has a value in one arm only" if cell.one_sided else "had its call failed"
    return f"each of {words.count(cell.size, 'case')} {what}"


def _guards_nothing(heard: Listened, draft: Finding) -> Finding:
    """A base at the worst end: of the whole suite nothing is told; of this slice alone it is undecided."""
    view, cell = heard.view, heard.cell
    told = nothing_to_lose(view, cell, draft, heard.margin)
    whole = view.cell(cell.of.metric, None)
    if has_nothing_to_lose(whole, heard.margin):
        return replace(told, flags=(NOTHING_TO_LOSE, ALARM))
    return replace(told, state="PASS", flags=(ALARM, UNDECIDED, NOTHING_TO_LOSE))


def _tell(heard: Listened, draft: Finding) -> Finding:
    cell, start, state = heard.cell, describe_change(heard.view, heard.cell), heard.state
    draft = replace(draft, flags=(*heard.flags, ALARM))
    apart = too_many_unpaired(cell.n, cell.one_sided, limit=heard.view.policy.max_error_rate)
    if not apart and state in FINE and _state_when_closed(heard) not in FINE:
        apart = describe_few_unpaired(cell).rstrip(".")
    if apart and state != "REGRESSION":
        draft = replace(with_figures(draft, mde=None), flags=(ALARM, UNDECIDED, ONE_SIDED), n_needed=None)
        return replace(draft, state="PASS", because=f"{start}: {apart}.")
    if state in FINE:
        return replace(draft, state=state, because=heard.tell(state, heard.flags))
    if FAILED not in draft.flags and _is_hopeless(cell, heard.family):
        told = (
            f"{start}: so few cases differ that no regression could be proven among "
            f"{words.count(heard.family.size, 'slice')}, so it is not judged."
        )
        return replace(draft, state="TOO_SMALL", because=told)
    if state == "REGRESSION":
        told = f"{start}: it looks worse, but not beyond chance{heard.after}."
    elif FAILED in draft.flags:
        told = f"{start}: {describe_failed_calls(cell)}"
    else:
        told = f"{start}: it is not proven worse, and a {harm(cell, heard.margin)} is not ruled out either."
    flags = tuple(flag for flag in draft.flags if flag != "material")
    return replace(draft, state="PASS", because=told, flags=(*flags, UNDECIDED))


def _mark(heard: Listened, found: Finding) -> Finding:
    """The finding, flagged where it looks worse though nothing is proven."""
    told = UNDECIDED in found.flags or found.state == "TOO_SMALL"
    if not told or not looks_worse(heard.cell.result, heard.margin):
        return found
    return replace(found, flags=(*found.flags, LOOKS_WORSE))


def _is_hopeless(cell: Cell, family: Family) -> bool:
    """Neither the cases that differ here nor as many as are to be expected could ever prove a regression.

    Only for yes/no metrics: with k cases that differ, all one way, McNemar's exact p is 2 / 2^k.
    """
    result = cell.result
    if result is None or result.fixed is None or result.broken is None:
        return False
    needed = fewest_discordant(max(1, family.size), alpha=2.0 * family.alpha)
    expected = family.discordance.get(cell.of.metric, 0.0) * cell.n
    return result.fixed + result.broken < needed and expected < needed


def alarm_warning(ask: Outlook, draft: Forecast) -> str:
    """Say why a slice can hardly raise an alarm; empty if it can.

    It is said before anything is asked.
    """
    needed = fewest_discordant(max(1, ask.alarms), alpha=1.0 - ask.confidence)
    likely, differ = draft.assumed, (draft.assumed.spread or 0.0) * draft.n
    if likely.binary and differ < needed:
        return (
            f"cannot raise an alarm: among {words.count(ask.alarms, 'slice')} {needed} cases must differ, all for the "
            f"worse, and {differ:.1f} are to be expected"
        )
    return ""
