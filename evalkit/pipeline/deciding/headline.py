"""The one sentence under a verdict: what holds, and in which suites."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.verdict import LOOKS_WORSE, UNDECIDED, Fault, Finding, Outcome, SuiteVerdict
from evalkit.gates import words
from evalkit.gates.advisory import TRUSTED
from evalkit.gates.faults import GATE_FAILS
from evalkit.gates.outcome import is_unsound
from evalkit.gates.states import FAILING


def write_headline(outcome: Outcome, suites: Sequence[SuiteVerdict]) -> str:
    """Write why the verdict is what it is.

    What it does not speak of is named, too: slices that look worse one by one, of the others a few values of each tag.
    """
    return "; ".join([_why(outcome, suites), *name_unsettled(suites)])


def _why(outcome: Outcome, suites: Sequence[SuiteVerdict]) -> str:
    """A FAIL names every kind of fault, each with its suites."""
    guilty = [suite for suite in suites if suite.outcome == outcome]
    where = ", ".join(suite.name for suite in guilty)
    if outcome == "PASS":
        return _why_passed(suites)
    if outcome == "FAIL":
        return "; ".join(_name_faults(guilty))
    if outcome == "INCONCLUSIVE":
        return f"the data cannot tell in: {where}"
    if guilty and all(suite.findings and not is_unsound(suite.findings) for suite in guilty):
        return f"a margin is below the noise floor in: {where}"
    return f"nothing sound to compare in: {where}" if guilty else "no suite was compared"


def _why_passed(suites: Sequence[SuiteVerdict]) -> str:
    """Where a policy lets pass what could not be told, not every gate passes."""
    untold = [suite.name for suite in suites if any(finding.state == "INCONCLUSIVE" for finding in suite.findings)]
    of = f"{len(suites)} {'suite' if len(suites) == 1 else 'suites'}"
    unheld = [suite.name for suite in suites if any(TRUSTED in finding.flags for finding in suite.findings)]
    told = f"; judged, as a waiver says, by a judge that is not proven, in: {', '.join(unheld)}" if unheld else ""
    if not untold:
        return f"every gate of {of} passes{told}"
    return f"no gate of {of} fails; could not tell, which the policy lets pass, in: {', '.join(untold)}{told}"


def name_unsettled(suites: Sequence[SuiteVerdict]) -> list[str]:
    """Name the slices that look worse, the unjudged and the undecided.

    Those that look worse, though not proven, have figures.
    """
    cut = [(suite.name, finding) for suite in suites for finding in suite.findings if finding.slice is not None]
    rest = [(name, finding) for name, finding in cut if finding.state not in (*FAILING, "INVALID", "WAIVED")]
    worse = [one for one in rest if LOOKS_WORSE in one[1].flags]
    others = [one for one in rest if LOOKS_WORSE not in one[1].flags]
    untold = [one for one in others if one[1].state == "INCONCLUSIVE" or one[1].too_small]
    undecided = [one for one in others if one[1].shown == UNDECIDED]
    lists = (("looks worse, though not proven", worse), ("not judged", untold), ("undecided", undecided))
    return [f"{title}: {_list_found(found, several=len(suites) > 1)}" for title, found in lists if found]


def _list_found(found: Sequence[tuple[str, Finding]], *, several: bool) -> str:
    """Those with figures one by one; the others by metric and tag, so that many values make no long list."""
    told: dict[str, dict[str, None]] = {}
    for name, one in found:
        key, where = one.slice, f"{name} " if several else ""
        if key is None or LOOKS_WORSE in one.flags:
            told.setdefault(f"{where}{_slice(one)}", {})
        else:
            told.setdefault(f"{where}{one.metric} {key.by}=", {})[key.value] = None
    return ", ".join(start + _join_values([*values]) for start, values in told.items())


_MOST_VALUES = 6
"""Of a tag, those that a sentence names; the findings below it have them all"""


def _join_values(values: Sequence[str]) -> str:
    if len(values) < 2:
        return "".join(values)
    more = len(values) - _MOST_VALUES
    return "{" + ", ".join(values[:_MOST_VALUES]) + (f", … +{more}" if more > 0 else "") + "}"


def _slice(finding: Finding) -> str:
    key = finding.slice
    told = f"{finding.metric} {key.by}={key.value}" if key is not None else finding.metric
    if finding.base is None or finding.candidate is None:
        return f"{told} (n = {finding.n:,})"
    figures = (words.value(one, share=finding.estimate.binary) for one in (finding.base, finding.candidate))
    return f"{told} {' -> '.join(figures)} (n = {finding.n:,})"


def _name_faults(guilty: Sequence[SuiteVerdict]) -> list[str]:
    faults = {suite.name: {_fault(finding) for finding in suite.findings} for suite in guilty}
    known = {fault for found in faults.values() for fault in found if fault is not None}
    return [
        f"{fault.said} in: {', '.join(name for name, found in faults.items() if fault in found)}"
        for fault in sorted(known, key=lambda fault: (fault.rank, fault.said))
    ]


def _fault(finding: Finding) -> Fault | None:
    """What a finding holds against the candidate; None where it does not fail. A flag says more than the state."""
    if finding.state not in FAILING:
        return None
    known = finding.words.faults
    return next((known[name] for name in (*finding.flags, finding.state) if name in known), GATE_FAILS)
