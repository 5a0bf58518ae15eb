"""A candidate that says nothing: whatever is not in empty answers, or short of them, no gate passes on that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from evalkit.core.columns import Comparison
from evalkit.core.exchange import Response
from evalkit.core.verdict import Finding
from evalkit.gates import words
from evalkit.gates.arm_read import MOST
from evalkit.gates.finding import with_figures
from evalkit.gates.look import look_at
from evalkit.gates.readings import UNREAD
from evalkit.gates.states import FINE
from evalkit.reading.ending import ending_of
from evalkit.suite.spec import SuiteSpec
from evalkit.text.marks import is_blank

ENDED = "ended"
MORE = 0.10
"""Empty answers beyond the base's share of them, by which silence that is paid is told"""
_KEPT = ("alarm", "ratio", "maximum", "failed_calls", "one_sided")


def is_silent(answer: Response) -> bool:
    """Return whether an answer has no words, calls, refusal, likelihoods or scores."""
    said = not (is_blank(answer.text or "") and is_blank(answer.refusal or ""))
    return not (said or answer.tool_calls or answer.choice_scores or answer.scores or answer.failure)


def is_tied(answer: Response) -> bool:
    """Return whether the two likeliest choices are equally likely, so that none was chosen."""
    first, *others = sorted(answer.choice_scores, reverse=True) or [0.0]
    return bool(others) and first == others[0]


def settle_silence(findings: Sequence[Finding], comparison: Comparison, spec: SuiteSpec) -> list[Finding]:
    """Return the findings, INCONCLUSIVE where they pass on a candidate that says nothing.

    Most of its answers are empty where the case's target is not, or a tenth more than the base's where the metric takes
    empty answers for as good as others. To hold all choices for equally likely says nothing either. What answering
    costs proves nothing where most answers were cut at the limit: the limit is then what was measured.
    """
    return [_settle(finding, comparison, spec) if finding.state in FINE else finding for finding in findings]


def _settle(finding: Finding, comparison: Comparison, spec: SuiteSpec) -> Finding:
    scorer = finding.metric.partition(".")[0]
    if scorer in spec.scorers and spec.scorers[scorer].options.get("empty") == "judged":
        return finding
    answers = list(_answers(finding, comparison, scorer, comparison.candidate_responses))
    silent = _share(answers)
    before = _share(list(_answers(finding, comparison, scorer, comparison.base_responses)))
    if silent > MOST or (silent > before + MORE and _is_paid(finding, comparison)):
        share = words.value(silent, share=True)
        return _untold(
            finding, comparison, UNREAD, f"{share} of the candidate's answers could not be read: they are empty"
        )
    tied = sum(is_tied(answer) for answer in answers)
    if scorer in spec.scorers and tied > MOST * len(answers):
        share = words.value(tied / len(answers), share=True)
        return _untold(
            finding, comparison, UNREAD, f"in {share} of the candidate's answers no choice is likelier than another"
        )
    if scorer in spec.scorers or spec.reading.cut == "scored":
        return finding
    cut = sum((answer.ended or ending_of(answer)) in ("cut", "cut_thinking") for answer in answers)
    if cut <= MOST * len(answers):
        return finding
    share = words.value(cut / len(answers), share=True)
    return _untold(finding, comparison, ENDED, f"{share} of the candidate's answers were cut at the token limit")


def _share(answers: Sequence[Response]) -> float:
    return sum(is_silent(answer) for answer in answers) / len(answers) if answers else 0.0


def _is_paid(finding: Finding, comparison: Comparison) -> bool:
    """Whether empty answers look as good as others do; what answering costs always looks better."""
    pair = comparison.columns.get(finding.metric)
    if finding.metric.partition(".")[0] not in comparison.candidate_scores:
        return True
    if pair is None:
        return False
    said: dict[bool, list[float]] = {True: [], False: []}
    for row in rows_of(finding, comparison, finding.metric.partition(".")[0]):
        rows = comparison.candidate_responses.get(comparison.examples[row].id, ())
        if rows and pair.candidate.present[row]:
            said[all(is_silent(answer) for answer in rows)].append(float(pair.candidate.values[row]))
    if not said[True] or not said[False]:
        return False
    turn = 1.0 if finding.estimate.higher_is_better else -1.0
    empty, full = (turn * sum(values) / len(values) for values in (said[True], said[False]))
    return empty >= full


def _answers(
    finding: Finding, comparison: Comparison, scorer: str, arm: Mapping[str, tuple[Response, ...]]
) -> Iterator[Response]:
    """The answers of one arm that a finding is about; a case whose target is an empty text asks for silence."""
    for row in rows_of(finding, comparison, scorer):
        example = comparison.examples[row]
        if not (isinstance(example.target, str) and not example.target.strip()):
            yield from (one for one in arm.get(example.id, ()) if one.failure is None)


def rows_of(finding: Finding, comparison: Comparison, scorer: str) -> list[int]:
    """Return the cases that a finding is about."""
    key, applied = finding.slice, comparison.candidate_scores.get(scorer)
    return [
        row
        for row, example in enumerate(comparison.examples)
        if (key is None or comparison.levels[key.by][row] == key.value) and (applied is None or example.id in applied)
    ]


def _untold(finding: Finding, comparison: Comparison, flag: str, told: str) -> Finding:
    look, cases = look_at(comparison, finding.metric, rows_of(finding, comparison, finding.metric.partition(".")[0]))
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
