"""The gate against harm: the candidate is not worse than the base by the margin, overall or slice by slice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evalkit.core.verdict import Finding, SliceKey, State
from evalkit.gates import words
from evalkit.gates.family import Alarm, Family
from evalkit.gates.finding import cannot_speak, drafted, escaped, harm, moved
from evalkit.gates.resolve import few_pairs, keys
from evalkit.gates.states import FINE, under_both
from evalkit.gates.view import Cell, View
from evalkit.stats.paired import PairedResult
from evalkit.stats.planning import fewest_discordant
from evalkit.stats.states import classify
from evalkit.suite.spec import NoRegression

GATE = "no_regression"


def metrics_of(gate: NoRegression) -> Sequence[str]:
    """The metrics a gate names."""
    return [gate.metric] if isinstance(gate.metric, str) else gate.metric


def is_alarm(gate: NoRegression) -> bool:
    """Whether the gate's slices only raise alarms (a proven regression) instead of having to pass."""
    return bool(gate.slices) and gate.mode == "alarm"


def judge(view: View, gate: NoRegression, *, index: int, family: Family) -> tuple[Finding, ...]:
    """One finding a metric, or one a metric and slice value."""
    cells, findings = keys(view, metrics_of(gate), gate.slices, gate=GATE, index=index)
    for metric, key in cells:
        cell = view.cell(metric, key, margin=gate.margin)
        findings.append(_finding(view, cell, gate, index=index, family=family))
    return tuple(findings)


def judged(result: PairedResult | None, margin: float) -> tuple[State, tuple[str, ...]]:
    """The partition of one interval; what has no interval cannot tell."""
    if result is None or result.low is None or result.high is None:
        return "INCONCLUSIVE", ()
    return classify(result.low, result.high, margin, mde=result.mde)


def _finding(view: View, cell: Cell, gate: NoRegression, *, index: int, family: Family) -> Finding:
    alarm = is_alarm(gate)
    draft = drafted(view, cell, gate=GATE, index=index, margin=gate.margin, alarm=alarm)
    small = _too_small(cell, gate) if cell.slice else None
    if small is not None:
        return replace(draft, state="TOO_SMALL", because=small)
    why = few_pairs(view, cell.n) if cell.slice is None else None
    if why is not None:
        return replace(draft, state="INVALID", because=f"{why}.")
    complete, flags = judged(cell.result, gate.margin)
    worst = judged(cell.worst, gate.margin)[0] if cell.worst else None
    state = under_both(complete, worst)
    if state != complete:
        flags = ("failed_calls",)
    if alarm and cell.slice is not None:
        adjusted = family.adjusted.get((cell.of.metric, cell.slice))
        draft = replace(draft, p_adjusted=adjusted, state=state, flags=(*flags, "alarm"))
        return _alarm(view, cell, draft, margin=gate.margin, family=family)
    apart = cannot_speak(view, cell, draft) if state in FINE else None
    if apart is not None:
        return apart
    if state == "PASS" and _nothing_to_lose(cell, gate.margin):
        flags = (*flags, "nothing_to_lose")
    text = _because(view, cell, gate.margin, state=state, flags=flags)
    return replace(draft, state=state, flags=flags, because=text)


def _nothing_to_lose(cell: Cell, margin: float) -> bool:
    """Whether the base is so low (or, where lower is better, so high) that it cannot drop by the margin at all."""
    base = cell.result.base if cell.result is not None else None
    return cell.of.binary and base is not None and base < margin


def _too_small(cell: Cell, gate: NoRegression) -> str | None:
    if cell.n >= gate.min_n:
        return None
    return f"{words.count(cell.n, 'pair')}{words.where(cell.slice)}, fewer than min_n {gate.min_n}: not judged."


def _because(view: View, cell: Cell, margin: float, *, state: State, flags: Sequence[str]) -> str:
    """What the figures mean for the margin."""
    harmed = harm(cell, margin)
    start = moved(view, cell)
    if "failed_calls" in flags:
        return f"{start}: {failed_calls(cell)}"
    if state == "IMPROVED":
        return f"{start}: better beyond chance."
    if state == "PASS":
        more = ", though a smaller one is proven" if "tolerated_drop" in flags else ""
        if "nothing_to_lose" in flags:
            more += "; but the base has no more to lose than that, so this gate guards nothing"
        return f"{start}: a {harmed} or more is ruled out{more}."
    if state == "REGRESSION":
        if "material" in flags:
            return f"{start}: a {harmed} or more is proven."
        return f"{start}: it is proven worse, and a {harmed} is not ruled out."
    return f"{start}: a {harmed} is not ruled out{_what_it_takes(cell, margin)}."


def failed_calls(cell: Cell) -> str:
    """Why failed calls leave it open."""
    return (
        f"with the {words.count(cell.missing, 'case')} whose calls failed counted against the candidate the verdict "
        "would be another, so it cannot be told."
    )


def _what_it_takes(cell: Cell, margin: float) -> str:
    result, share = cell.result, cell.of.binary
    if result is None or result.mde is None:
        return ""
    beyond = share and result.mde > 1.0
    told = "no difference at all" if beyond else f"a difference of {words.size(result.mde, share=share)}"
    text = f"; {words.count(cell.n, 'case')} can tell {told}"
    if result.n_needed is not None and result.n_needed > cell.n:
        text += f", and about {result.n_needed:,} are needed for {words.size(margin, share=share)}"
    return text


def _alarm(view: View, cell: Cell, draft: Finding, *, margin: float, family: Family) -> Finding:
    """An alarm fails only by a regression that stays proven when all slices looked at are counted.

    `draft.state` is what the slice would be by itself. What cannot be told here passes, and says so.
    """
    adjusted, start = draft.p_adjusted, moved(view, cell)
    after = f"(one-sided p = {adjusted:.2g} after {family.named})" if adjusted is not None else ""
    if draft.state == "REGRESSION" and (adjusted is None or adjusted <= family.alpha):
        told = _because(view, cell, margin, state=draft.state, flags=draft.flags)
        return replace(draft, because=f"{told[:-1]} {after}." if after else told)
    apart = escaped(cell.n, cell.one_sided, limit=view.policy.max_error_rate)
    if draft.state in FINE and apart:
        named = ("alarm", "undecided", "one_sided")
        return replace(draft, state="PASS", flags=named, mde=None, n_needed=None, because=f"{start}: {apart}.")
    if draft.state in FINE:
        return replace(draft, because=_because(view, cell, margin, state=draft.state, flags=draft.flags))
    if "failed_calls" not in draft.flags and _hopeless(cell, family):
        told = (
            f"{start}: so few cases differ that no regression could be proven among "
            f"{words.count(family.size, 'slice')}, so it is not judged."
        )
        return replace(draft, state="TOO_SMALL", because=told)
    if draft.state == "REGRESSION":
        told = f"{start}: it looks worse, but not beyond chance {after}."
    elif "failed_calls" in draft.flags:
        told = f"{start}: {failed_calls(cell)}"
    else:
        told = f"{start}: it is not proven worse, and a {harm(cell, margin)} is not ruled out either."
    flags = tuple(flag for flag in draft.flags if flag != "material")
    return replace(draft, state="PASS", because=told, flags=(*flags, "undecided"))


def _hopeless(cell: Cell, family: Family) -> bool:
    """Neither the cases that differ here nor as many as are to be expected could ever prove a regression.

    Only for yes/no metrics: with k cases that differ, all one way, McNemar's exact p is 2 / 2^k.
    """
    result = cell.result
    if result is None or result.fixed is None or result.broken is None:
        return False
    needed = fewest_discordant(max(1, family.size), alpha=2.0 * family.alpha)
    expected = family.discordance.get(cell.of.metric, 0.0) * cell.n
    return result.fixed + result.broken < needed and expected < needed


def alarm_cells(view: View, gates: Sequence[tuple[int, NoRegression]]) -> list[Alarm]:
    """Every distinct (metric, slice value) under alarm, with the least min_n that a gate asks of it."""
    alarms: dict[tuple[str, SliceKey], Alarm] = {}
    for index, gate in gates:
        if is_alarm(gate):
            for metric, key in keys(view, metrics_of(gate), gate.slices, gate=GATE, index=index)[0]:
                if key is not None:
                    known = alarms.get((metric, key))
                    least = min(gate.min_n, known.min_n) if known else gate.min_n
                    cell = known.cell if known else view.cell(metric, key, margin=gate.margin)
                    alarms[metric, key] = Alarm(cell=cell, min_n=least)
    return list(alarms.values())
