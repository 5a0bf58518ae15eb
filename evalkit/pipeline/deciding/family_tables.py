"""The family tables of a suite: flips, gaps and the worst families, of whatever its gates compare within families."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evalkit.core.answers import Scores, answer_text
from evalkit.core.columns import Column, Comparison
from evalkit.core.exchange import Example, Response
from evalkit.core.family_table import FamilyArm, FamilyMember, FamilyPair, FamilyTable, WorstFamily
from evalkit.gates.decide import gates_of, main_metrics, unsound_because
from evalkit.gates.family_gaps import family_codes, in_whole_families
from evalkit.gates.group_gaps import group_codes
from evalkit.gates.noise import NoiseFloor
from evalkit.gates.view import View
from evalkit.slices.families import Families, families
from evalkit.slices.groups import Groups
from evalkit.suite.spec import SuiteSpec

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SHOWN = 5
"""Worst families of a table"""
_LONGEST = 600
"""Characters of a text that is shown"""


def family_tables(
    comparison: Comparison, spec: SuiteSpec, *, seen: View, noise: Sequence[NoiseFloor] = ()
) -> tuple[FamilyTable, ...]:
    """Build a table a tag and metric that gates compare within families."""
    if unsound_because(comparison, spec) is not None:
        return ()
    wanted = dict.fromkeys(_judged_pairs(comparison, spec))
    made = (_table(comparison, seen, by, metric, noise) for by, metric in wanted)
    return tuple(table for table in made if table is not None)


def _judged_pairs(comparison: Comparison, spec: SuiteSpec) -> Iterator[tuple[str, str]]:
    """(tag, metric) of every gate over families that can be measured."""
    for _, gate in gates_of(spec):
        if getattr(gate, "families", False):
            names = [name for name, _ in gate.metric_names()] or list(main_metrics(spec, comparison))
            for by in gate.cut_by():
                yield from ((by, name) for name in names if by in comparison.levels and name in comparison.columns)


def _table(comparison: Comparison, seen: View, by: str, metric: str, noise: Sequence[NoiseFloor]) -> FamilyTable | None:
    column, codes = comparison.columns[metric], family_codes(seen)
    names, groups = group_codes(seen, by)
    every = in_whole_families(codes, groups, np.ones(groups.size, dtype=bool))
    rows = np.flatnonzero(in_whole_families(codes, groups, column.paired))
    if rows.size == 0:
        return None
    own = Groups(names=names, codes=groups[rows])
    floor = next((one.flipped for one in noise if one.metric == metric and one.binary), None)
    arms = []
    for arm, known in ((column.base, floor), (column.candidate, None)):
        rerun = _rerun_noise(arm, rows)
        arms.append(
            families(
                arm.values[rows],
                own,
                codes[rows].tolist(),
                noise=known if rerun is None else rerun,
                confidence=seen.confidence,
                seed=seen.seed,
            )
        )
    base, candidate = arms
    return FamilyTable(
        by=by,
        metric=metric,
        families=candidate.families,
        incomplete=len(set(codes[every].tolist())) - candidate.families,
        base=_arm(base),
        candidate=_arm(candidate),
        confidence=seen.confidence,
        share=column.binary,
        higher_is_better=column.higher_is_better,
        pairs=_pairs(base, candidate),
        worst=tuple(_worst(comparison, metric, names, groups, codes, rows)),
    )


def _arm(found: Families) -> FamilyArm:
    return FamilyArm(
        flip_rate=found.flip_rate, mean_gap=found.mean_gap, noise=found.noise, beyond_noise=found.beyond_noise
    )


def _pairs(base: Families, candidate: Families) -> tuple[FamilyPair, ...]:
    return tuple(
        FamilyPair(
            one=one.one,
            other=one.other,
            families=one.families,
            base=one.signed.mean,
            base_low=one.signed.low,
            base_high=one.signed.high,
            candidate=two.signed.mean,
            candidate_low=two.signed.low,
            candidate_high=two.signed.high,
        )
        for one, two in zip(base.pairs, candidate.pairs, strict=True)
    )


def _rerun_noise(arm: Column, rows: Ints) -> float | None:
    """The mean difference between two repeats of a case; None without repeats."""
    raw, scored = arm.raw[rows], arm.scored[rows]
    if raw.shape[1] < 2:
        return None
    both = scored[:, 1:] & scored[:, :-1]
    return float(np.abs(np.diff(raw, axis=1))[both].mean()) if both.any() else None


def _worst(
    comparison: Comparison, metric: str, names: Sequence[str], groups: Ints, codes: Ints, rows: Ints
) -> Iterator[WorstFamily]:
    """The families whose members the candidate scores most unlike each other, those that were alike before first."""
    column = comparison.columns[metric]
    base, candidate = column.base.values, column.candidate.values
    members: dict[int, list[int]] = {}
    for row in rows.tolist():
        members.setdefault(int(codes[row]), []).append(row)
    spans = [(float(np.ptp(candidate[mine])), float(np.ptp(base[mine])), mine) for mine in members.values()]
    order = sorted((span for span in spans if span[0] > 0.0), key=lambda span: (-span[0], span[1], span[2][0]))
    for gap, before, mine in order[:SHOWN]:
        example = comparison.examples[mine[0]]
        yield WorstFamily(
            family=str(example.tags.get("family") or example.cluster),
            gap=gap,
            base_gap=before,
            members=tuple(
                FamilyMember(
                    group=names[int(groups[row])],
                    asked=_question_of(comparison.examples[row]),
                    base=_answer_of(comparison.base_responses, comparison.base_scores, comparison.examples[row]),
                    candidate=_answer_of(
                        comparison.candidate_responses, comparison.candidate_scores, comparison.examples[row]
                    ),
                    base_score=float(base[row]),
                    candidate_score=float(candidate[row]),
                )
                for row in mine
            ),
        )


def _question_of(example: Example) -> str:
    content = next((message.content for message in reversed(example.messages) if message.role == "user"), None)
    if isinstance(content, tuple):
        content = " ".join(str(part.get("text", "")) for part in content)
    return (content or "")[:_LONGEST]


def _answer_of(responses: Mapping[str, tuple[Response, ...]], scores: Scores, example: Example) -> str:
    found = responses.get(example.id, ())
    return answer_text(found[0], scores)[:_LONGEST] if found else ""
