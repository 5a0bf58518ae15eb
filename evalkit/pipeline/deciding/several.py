"""Several candidates: one summary, the one to deploy or none, and why."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from evalkit import __version__
from evalkit.core.errors import Problem, UsageError, count_of
from evalkit.core.summary import CandidateLine, Summary
from evalkit.core.verdict import Finding, SuiteVerdict, Verdict
from evalkit.pipeline.deciding.verdict import WORST_FIRST
from evalkit.pipeline.options import CandidateResult


def summarize(results: Sequence[CandidateResult], *, best: bool = False) -> Summary:
    """Write one line a candidate, the best, and the outcome.

    The best is of those that pass; the outcome is that of the whole. That is the worst candidate's; with `best` the
    outcome of the one to deploy, where there is one. Candidates that pass are ranked by their mean change over the
    suites, those alike in the order they were named.
    """
    lines = tuple(_line(result.verdict) for result in results)
    passing = [at for at, result in enumerate(results) if result.verdict.outcome == "PASS" and not _is_base(result)]
    order = sorted(passing, key=lambda at: (-_gain(results[at].verdict), at))
    chosen = order[0] if order else None
    worst = next((at for name in WORST_FIRST for at, line in enumerate(lines) if line.outcome == name), 0)
    counts = lines[chosen if best and chosen is not None else worst]
    return Summary(
        version=__version__,
        base=results[0].verdict.base,
        outcome=counts.outcome,
        exit_code=counts.exit_code,
        best=None if chosen is None else lines[chosen].candidate,
        because=_none(lines, results) if chosen is None else _why(lines, order),
        lines=lines,
    )


def check_together(results: Sequence[CandidateResult]) -> None:
    """Check that runs can be one page.

    They are of one base that answered the same, and each of another candidate. UsageError with everything that keeps
    them apart.
    """
    first = results[0]
    problems: list[Problem] = []
    for at, one in enumerate(results[1:], start=1):
        named = f"{_name(first)} and {_name(one)}"
        if one.verdict.base != first.verdict.base:
            what = f"{named} are of two bases, {first.verdict.base!r} and {one.verdict.base!r}"
            problems.append(Problem(what=what, todo="name runs of one base"))
        elif differing := _base_differs(results[:at], one):
            what = f"the base of {named} did not answer {differing} alike"
            problems.append(Problem(what=what, todo="compare them in one command: evalkit compare BASE CANDIDATE ..."))
        if one.verdict.candidate in [other.verdict.candidate for other in results[:at]]:
            what = f"two runs are of the candidate {one.verdict.candidate!r}: {named}"
            problems.append(Problem(what=what, todo="evalkit runs compare shows runs of one candidate over time"))
    if problems:
        raise UsageError(problems)


def _name(result: CandidateResult) -> str:
    return result.summary.id if result.summary is not None else result.verdict.candidate


def _base_differs(others: Sequence[CandidateResult], result: CandidateResult) -> str:
    """The first case, as `SUITE: ID`, that a base answered or was asked otherwise in another run; "" where none is."""
    known = {(of.suite, one.id): (of, one) for other in others for of in other.comparisons for one in of.examples}
    for of in result.comparisons:
        for one in of.examples:
            found = known.get((of.suite, one.id))
            if found is None:
                continue
            before, example = found
            said = [[reply.text for reply in by.base_responses.get(one.id, ())] for by in (before, of)]
            if example.messages != one.messages or example.target != one.target or said[0] != said[1]:
                return f"{of.suite}: {one.id}"
    return ""


def _line(verdict: Verdict) -> CandidateLine:
    ranked = [found for suite in verdict.suites if (found := _ranking(suite)) is not None]
    return CandidateLine(
        candidate=verdict.candidate,
        outcome=verdict.outcome,
        exit_code=verdict.exit_code,
        because=verdict.because,
        suites=tuple((suite.name, suite.outcome) for suite in verdict.suites),
        finding=ranked[0] if ranked else None,
    )


def _ranking(suite: SuiteVerdict) -> Finding | None:
    """The finding of a suite that candidates are ranked by: that of its first gate over all cases on what is scored."""
    whole = [finding for finding in suite.findings if finding.slice is None and finding.delta is not None]
    scored = [finding for finding in whole if "ratio" not in finding.flags and not finding.words.either]
    return next(iter(scored or whole), None)


def _gain(verdict: Verdict) -> float:
    """The mean change for the better over the suites: of rates as it is, of other metrics as a share of the base's."""
    gains = []
    for finding in (_ranking(suite) for suite in verdict.suites):
        if finding is None or finding.delta is None:
            continue
        scale = 1.0 if finding.estimate.binary or "ratio" in finding.flags else abs(finding.base or 0.0) or 1.0
        gains.append((finding.delta if finding.estimate.higher_is_better else -finding.delta) / scale)
    return fmean(gains) if gains else 0.0


def _is_base(result: CandidateResult) -> bool:
    """Whether a candidate is the base itself, asked again: there is nothing to deploy."""
    return bool(result.comparisons) and all(
        comparison.base.fingerprint == comparison.candidate.fingerprint != "" for comparison in result.comparisons
    )


def _why(lines: Sequence[CandidateLine], order: Sequence[int]) -> str:
    best = lines[order[0]]
    if len(order) == 1:
        beside = " beside the base itself" if sum(line.outcome == "PASS" for line in lines) > 1 else ""
        return f"{best.candidate} is the only one of {count_of(len(lines), 'candidate')} that passes every gate{beside}"
    others = ", ".join(lines[at].candidate for at in order[1:])
    by = f" on {best.finding.metric}" if best.finding is not None else ""
    return (
        f"{len(order)} of {count_of(len(lines), 'candidate')} pass every gate, and {best.candidate} does best{by}; "
        f"that it is better than {others} is not tested: compare them with each other to prove it"
    )


def _none(lines: Sequence[CandidateLine], results: Sequence[CandidateResult]) -> str:
    if any(result.verdict.outcome == "PASS" for result in results):
        return "none to deploy: what passes is the base itself"
    return "none to deploy: " + "; ".join(f"{line.candidate} is {line.outcome} ({line.because})" for line in lines)
