"""What a reader does next: one sentence under the verdict, and where it leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from evalkit.core.summary import Summary
from evalkit.core.verdict import UNDECIDED, Finding, SuiteVerdict, Verdict
from evalkit.report import figures, tones
from evalkit.report.links import to_cases

_FAILING = ("CRITICAL_FAIL", "REGRESSION", "FLOOR_FAIL", "INVALID")


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """A sentence, and the cases it speaks of.

    They are a suite's, chosen by filters of its list.
    """

    text: str
    suite: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)


def find_gravest(verdict: Verdict) -> tuple[SuiteVerdict, Finding] | None:
    """Return the finding that weighs most, with its suite; None without any."""
    found = [(suite, one) for suite in verdict.suites for one in suite.findings]
    order = {id(one): at for at, one in enumerate(tones.gravest_first(tuple(one for _, one in found)))}
    return min(found, key=lambda pair: order[id(pair[1])], default=None)


def say_gravest(verdict: Verdict) -> str:
    """Return the gravest finding in figures: `answer (intent = refund): 84.9% → 73.0% (...)`."""
    found = find_gravest(verdict)
    if found is None or found[1].base is found[1].candidate is None:
        return ""
    suite, finding = found
    where = f" ({figures.place(finding.slice)})" if finding.slice is not None else ""
    named = f"{suite.name}: " if len(verdict.suites) > 1 else ""
    return f"{named}{finding.metric}{where} {figures.terse(finding)}".replace("->", "→")


def advise(verdict: Verdict) -> NextStep:
    """Return what to do about a verdict."""
    found = find_gravest(verdict)
    if found is None:
        return NextStep(text="Mend what the notes say, and compare again.")
    suite, finding = found
    if verdict.outcome == "INVALID":
        return NextStep(text=f"Mend what makes {suite.name} unsound, and compare again.", suite=suite.name)
    if finding.state in _FAILING:
        return _after_failure(suite, finding)
    if verdict.outcome == "PASS":
        return _after_pass(verdict, suite)
    return _when_untold(verdict)


def advise_together(summary: Summary, verdicts: Sequence[Verdict]) -> tuple[NextStep, str]:
    """Return what to do about several candidates, and of which it speaks."""
    if summary.best is not None:
        text = f"Deploy {summary.best}, and keep its run as the baseline: evalkit baseline bless."
        return NextStep(text=text), summary.best
    nearest = min(verdicts, key=_distance)
    if nearest.outcome == "PASS":
        return NextStep(text="Train a candidate that differs from the base, and compare again."), nearest.candidate
    own = advise(nearest)
    return replace(own, text=f"Begin with {nearest.candidate}, the nearest to passing. {own.text}"), nearest.candidate


def _distance(verdict: Verdict) -> tuple[int, int]:
    """How far from passing: by the outcome, then by how many findings fail."""
    failing = sum(one.state in _FAILING for suite in verdict.suites for one in suite.findings)
    return ("PASS", "INCONCLUSIVE", "FAIL", "INVALID").index(verdict.outcome), failing


def _after_failure(suite: SuiteVerdict, finding: Finding) -> NextStep:
    """To the cases that broke, where there are any."""
    broken = finding.broken or len(finding.examples)
    if not broken:
        wanted = f"Bring {finding.metric} of {suite.name} to what its gate asks for, and compare again."
        return NextStep(text=wanted, suite=suite.name, filters=to_cases(finding.metric, finding.slice, "both_wrong"))
    what, them = ("the broken case", "it") if broken == 1 else (f"the {broken:,} broken cases", "them")
    place = f" ({figures.place(finding.slice)})" if finding.slice is not None else ""
    return NextStep(
        text=f"Look at {what} of {finding.metric}{place}, and train or prompt for {them}.",
        suite=suite.name,
        filters=to_cases(finding.metric, finding.slice, "broken"),
    )


def _after_pass(verdict: Verdict, suite: SuiteVerdict) -> NextStep:
    undecided = sum(one.shown == UNDECIDED for of in verdict.suites for one in of.findings)
    if undecided:
        slices = "slice that is" if undecided == 1 else "slices that are"
        return NextStep(text=f"Deploy, and watch the {undecided:,} {slices} undecided.", suite=suite.name)
    return NextStep(text="Deploy, and keep this run as the baseline: evalkit baseline bless.")


def _when_untold(verdict: Verdict) -> NextStep:
    """Where a gate says how many cases would settle it, the most that any asks for."""
    untold = [(of, one) for of in verdict.suites for one in of.findings if one.state == "INCONCLUSIVE"]
    needed = [(one.n_needed, of, one) for of, one in untold if one.n_needed and one.n_needed > one.n]
    if needed:
        many, suite, finding = max(needed, key=lambda item: item[0])
        told = f"Ask more cases: about {many:,} in place of {finding.n:,}"
        return NextStep(text=f"{told} would settle {finding.metric} in {suite.name}.", suite=suite.name)
    suite = untold[0][0] if untold else verdict.suites[0]
    return NextStep(text=f"Ask more cases or repeats in {suite.name}, and compare again.", suite=suite.name)
