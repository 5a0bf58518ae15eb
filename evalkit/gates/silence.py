"""A candidate that says nothing: whatever is not in empty answers, or short of them, no gate passes on that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from evalkit.core.columns import Comparison
from evalkit.core.exchange import Response
from evalkit.core.verdict import Finding
from evalkit.gates import words
from evalkit.gates.finding import with_figures
from evalkit.gates.look import look_at
from evalkit.gates.readings import MOST, UNREAD
from evalkit.gates.states import FINE
from evalkit.reading.ending import ending_of
from evalkit.suite.spec import SuiteSpec

ENDED = "ended"
_KEPT = ("alarm", "ratio", "maximum", "failed_calls", "one_sided")


def is_silent(answer: Response) -> bool:
    """Return whether an answer has no words, calls, refusal, likelihoods or scores."""
    said = (answer.text or "").strip() or (answer.refusal or "").strip()
    return not (said or answer.tool_calls or answer.choice_scores or answer.scores or answer.failure)


def settle_silence(findings: Sequence[Finding], comparison: Comparison, spec: SuiteSpec) -> list[Finding]:
    """Return the findings, INCONCLUSIVE where they pass on a candidate that says nothing.

    Most of its answers are empty where the case's target is not. What answering costs proves nothing either where most
    answers were cut at the limit: the limit is then what was measured.
    """
    return [_settled(finding, comparison, spec) if finding.state in FINE else finding for finding in findings]


def _settled(finding: Finding, comparison: Comparison, spec: SuiteSpec) -> Finding:
    scorer = finding.metric.partition(".")[0]
    if scorer in spec.scorers and spec.scorers[scorer].options.get("empty") == "judged":
        return finding
    answers = list(_answers(finding, comparison, scorer))
    silent = sum(is_silent(answer) for answer in answers)
    if silent > MOST * len(answers):
        share = words.value(silent / len(answers), share=True)
        return _untold(
            finding, comparison, UNREAD, f"{share} of the candidate's answers could not be read: they are empty"
        )
    if scorer in spec.scorers or spec.reading.cut == "scored":
        return finding
    cut = sum((answer.ended or ending_of(answer)) in ("cut", "cut_thinking") for answer in answers)
    if cut <= MOST * len(answers):
        return finding
    share = words.value(cut / len(answers), share=True)
    return _untold(finding, comparison, ENDED, f"{share} of the candidate's answers were cut at the token limit")


def _answers(finding: Finding, comparison: Comparison, scorer: str) -> Iterator[Response]:
    """The candidate's answers that a finding is about; a case whose target is an empty text asks for silence."""
    for row in _rows(finding, comparison, scorer):
        example = comparison.examples[row]
        if not (isinstance(example.target, str) and not example.target.strip()):
            yield from (one for one in comparison.candidate_responses.get(example.id, ()) if one.failure is None)


def _rows(finding: Finding, comparison: Comparison, scorer: str) -> list[int]:
    key, applied = finding.slice, comparison.candidate_scores.get(scorer)
    return [
        row
        for row, example in enumerate(comparison.examples)
        if (key is None or comparison.levels[key.by][row] == key.value) and (applied is None or example.id in applied)
    ]


def _untold(finding: Finding, comparison: Comparison, flag: str, told: str) -> Finding:
    look, cases = look_at(comparison, finding.metric, _rows(finding, comparison, finding.metric.partition(".")[0]))
    because = f"{finding.metric}{words.where(finding.slice)}: {told}, so this gate proves nothing"
    if flag == UNREAD:
        because += f"; to settle it, {look}"
    details = {**finding.details, "look_at": cases} if flag == UNREAD else finding.details
    return replace(
        with_figures(finding, mde=None),
        state="INCONCLUSIVE",
        n_needed=None,
        flags=(*(kept for kept in finding.flags if kept in _KEPT), flag),
        because=f"{because}; as measured: {finding.because}",
        details=details,
    )
