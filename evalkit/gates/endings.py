"""How answers ended, and whether that decides: what was cut or filtered is neither right nor wrong of the model.

Two rules. Where more than `max_error_rate` of one arm's answers were cut while thinking, nothing may be concluded. And
a gate whose state changes when every cut or filtered answer counts once as right and once as wrong is INVALID: the
token limit (or the filter) decides, not the model.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from evalkit.core.columns import Column, Comparison, PairedColumn
from evalkit.core.errors import count_of
from evalkit.core.exchange import Response
from evalkit.core.sets import PairedSet
from evalkit.core.verdict import Finding, SliceKey
from evalkit.gates.measured import Bools, span_of
from evalkit.gates.set_cells import put, wrong_codes
from evalkit.reading.ending import ENDINGS, ending_of
from evalkit.suite.spec import SuiteSpec

Answers = Mapping[str, tuple[Response, ...]]
Endings = Mapping[str, Mapping[str, int]]
"""`base` and `candidate` -> how many of the arm's answers ended how; `answers` is their sum"""
RAISE = "raise max_tokens (or lower the reasoning effort) and ask again"


def endings_of(comparison: Comparison) -> Endings:
    """Say how the answers of both arms ended; failed calls are no answers."""
    arms = {"base": comparison.base_responses, "candidate": comparison.candidate_responses}
    return {name: count_endings(answers) for name, answers in arms.items()}


def count_endings(answers: Answers) -> dict[str, int]:
    """Count the answers of one arm by how they ended, and all of them."""
    counts = dict.fromkeys(("answers", *ENDINGS), 0)
    for rows in answers.values():
        for response in rows:
            if response.failure is None:
                counts["answers"] += 1
                counts[response.ended or ending_of(response)] += 1
    return counts


def cut_while_thinking(comparison: Comparison, *, limit: float) -> str | None:
    """Say why one arm's thoughts leave nothing to conclude; else None.

    It is so where more than `limit` of its answers are only thoughts.
    """
    for arm, counts in endings_of(comparison).items():
        cut, answers = counts["cut_thinking"], counts["answers"]
        if cut > limit * answers:
            return (
                f"{cut:,} of {count_of(answers, 'answer')} of the {arm} ({100 * cut / answers:.1f}%) were cut while "
                f"still thinking, more than max_error_rate {100 * limit:g}%: there is no answer to judge; {RAISE}."
            )
    return None


def settle_endings(
    findings: Sequence[Finding],
    comparison: Comparison,
    spec: SuiteSpec,
    *,
    judge: Callable[[Comparison], Sequence[Finding]],
) -> list[Finding]:
    """Return the findings, INVALID where cut or filtered answers could have decided them.

    `judge` lets the same gates decide another comparison: its findings come in the same order.
    """
    arms = (comparison.base_responses, comparison.candidate_responses)
    counted = _unknown(spec)
    base, candidate = (_mask(comparison, answers, counted) for answers in arms)
    if not (base.any() or candidate.any()):
        cut = _mask(comparison, comparison.base_responses, ENDINGS[1:])
        return [_no_plain_gain(finding, comparison, cut) for finding in findings]
    right, wrong = (judge(_count_as(comparison, base, candidate, right=side)) for side in (True, False))
    if not len(findings) == len(right) == len(wrong):
        right = wrong = list(findings)
    return [
        _settle(finding, best, worst, comparison, base, candidate)
        for finding, best, worst in zip(findings, right, wrong, strict=True)
    ]


def _unknown(spec: SuiteSpec) -> list[str]:
    """The endings whose answers may count either way: those that the suite has not decided on."""
    decided = {"cut"} if spec.reading.cut == "scored" else set()
    decided |= {"filtered"} if spec.reading.filtered == "refusal" else set()
    return [name for name in ENDINGS[1:] if name not in decided]


def _settle(
    finding: Finding, right: Finding, wrong: Finding, comparison: Comparison, base: Bools, candidate: Bools
) -> Finding:
    if finding.state == "INVALID":
        return finding
    many = f"{int(base.sum()):,} of the base, {int(candidate.sum()):,} of the candidate"
    if {right.state, wrong.state} != {finding.state}:
        because = (
            f"{finding.metric}: the answers that were cut or filtered ({many}) could decide: {right.state} where each "
            f"counts as right, {wrong.state} where each counts as wrong; {RAISE}. As scored: {finding.because}"
        )
        return dataclasses.replace(finding, state="INVALID", because=because, flags=(*finding.flags, "ended"))
    cut = _mask(comparison, comparison.base_responses, ENDINGS[1:])
    return _no_plain_gain(finding, comparison, cut)


def _no_plain_gain(finding: Finding, comparison: Comparison, base: Bools) -> Finding:
    """A case whose base was cut is no plain improvement: a finding that counts such cases as fixed says so."""
    column = comparison.columns.get(finding.metric)
    if finding.state != "IMPROVED" or column is None or finding.metric.partition(".")[0] not in comparison.base_scores:
        return finding
    sign = 1.0 if column.higher_is_better else -1.0
    fixed = (
        column.paired & (sign * (column.candidate.values - column.base.values) > 0) & _slice(comparison, finding.slice)
    )
    cut = int((fixed & base.any(axis=1)).sum())
    if not cut:
        return finding
    said = (
        f"{finding.because} Of {count_of(int(fixed.sum()), 'fixed case')} {cut:,} had an answer of the base that was "
    )
    said += "cut or filtered: no plain improvement."
    return dataclasses.replace(finding, because=said, details={**finding.details, "fixed_of_cut": cut})


def _slice(comparison: Comparison, key: SliceKey | None) -> Bools:
    if key is None or key.by not in comparison.levels:
        return np.ones(len(comparison.examples), dtype=bool)
    return np.array([value == key.value for value in comparison.levels[key.by]], dtype=bool)


def _mask(comparison: Comparison, answers: Answers, kinds: Sequence[str]) -> Bools:
    """(n, k) bool: the answers of one arm that ended in one of these ways."""
    repeats = max((column.base.raw.shape[1] for column in comparison.columns.values()), default=1)
    found = np.zeros((len(comparison.examples), repeats), dtype=bool)
    for row, example in enumerate(comparison.examples):
        for repeat, response in enumerate(answers.get(example.id, ())[:repeats]):
            if response.failure is None and (response.ended or ending_of(response)) in kinds:
                found[row, repeat] = True
    return found


def _count_as(comparison: Comparison, base: Bools, candidate: Bools, *, right: bool) -> Comparison:
    """The comparison with every masked score of a scorer as good, or as bad, as the metric can be."""
    columns = {
        name: _fill(column, base, candidate, right=right)
        if name.partition(".")[0] in comparison.base_scores
        else column
        for name, column in comparison.columns.items()
    }
    sets = {name: _set_filled(one, base, candidate, right=right) for name, one in comparison.sets.items()}
    return dataclasses.replace(comparison, columns=columns, sets=sets)


def _set_filled(one: PairedSet, base: Bools, candidate: Bools, *, right: bool) -> PairedSet:
    """Read as the target, or as the label that stands behind it (the last one: as none)."""
    figure = next(iter(one.figures.values()))
    behind = one.gold + 1.0 if figure.kind == "classes" else wrong_codes(one, one.gold, 0.0)
    codes = (one.gold if right else behind)[:, None]
    return dataclasses.replace(
        one,
        base=dataclasses.replace(one.base, codes=put(base & one.base.scored, codes, one.base.codes)),
        candidate=dataclasses.replace(
            one.candidate, codes=put(candidate & one.candidate.scored, codes, one.candidate.codes)
        ),
    )


def _fill(column: PairedColumn, base: Bools, candidate: Bools, *, right: bool) -> PairedColumn:
    low, high = span_of(column)
    value = high if right == column.higher_is_better else low
    return dataclasses.replace(
        column, base=_with(column.base, base, value), candidate=_with(column.candidate, candidate, value)
    )


def _with(arm: Column, mask: Bools, value: float) -> Column:
    return dataclasses.replace(arm, raw=np.where(mask & arm.scored, value, arm.raw))
