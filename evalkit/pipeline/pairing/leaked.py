"""Held-out rows that were trained on: what they mean for a comparison, and the comparison without them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from evalkit.core.columns import Column, Comparison, Coverage
from evalkit.core.errors import count_of
from evalkit.core.exchange import Json, Response
from evalkit.core.sets import ArmCodes
from evalkit.data.held_out.check import HeldOut
from evalkit.data.held_out.tiers import TIERS

KEY = "leaked"
"""Where the manifest of a comparison names its leaked rows"""
_Answers = Mapping[str, tuple[Response, ...]]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaked:
    """Why leaked rows make a comparison unsound, and what its manifest says of them."""

    reasons: tuple[str, ...] = ()
    manifest: Mapping[str, Json] = field(default_factory=dict)


def leaked_rows(found: HeldOut | None, *, of: int) -> Leaked:
    """Judge a search of the training data.

    Proven leaks (of so many rows) and unreadable rows leave nothing.
    """
    if found is None:
        return Leaked()
    reasons = []
    if found.proven_leaks:
        leaks = found.proven_leaks
        count = Counter(leak.tier for leak in leaks)
        tiers = ", ".join(f"{count[tier]} {tier}" for tier in TIERS if count[tier])
        first = leaks[0]
        reasons.append(
            f"{len(leaks)} of {count_of(of, 'example')} {'is' if len(leaks) == 1 else 'are'} in the "
            f"training data ({tiers}; first: {first.example_id!r} at {first.where}): take them out of the suite"
        )
    if found.problems:
        reasons.append(
            f"the training data could not be read whole ({found.problems[0].where}: {found.problems[0].what}): "
            "held-out is not proven"
        )
    rows = {leak.example_id: leak.tier for leak in found.proven_leaks}
    return Leaked(reasons=tuple(reasons), manifest={KEY: {"rows": rows, "because": reasons[0]}} if rows else {})


def judge_both_ways(comparison: Comparison) -> Comparison:
    """Return the comparison as if its leaked rows were sound.

    Whatever else is unsound stays so.
    """
    because = comparison.manifest[KEY]["because"]
    return replace(comparison, unsound=tuple(why for why in comparison.unsound if why != because))


def without_leaked(comparison: Comparison) -> Comparison:
    """Return the comparison of the other rows alone."""
    gone = comparison.manifest[KEY]["rows"]
    keep = [row for row, example in enumerate(comparison.examples) if example.id not in gone]
    examples = _take(comparison.examples, keep)
    ids = {example.id for example in examples}
    base, candidate = (
        {key: rows for key, rows in answers.items() if key in ids}
        for answers in (comparison.base_responses, comparison.candidate_responses)
    )
    return replace(
        judge_both_ways(comparison),
        examples=examples,
        clusters=_take(comparison.clusters, keep),
        columns={
            name: replace(column, base=_rows_of(column.base, keep), candidate=_rows_of(column.candidate, keep))
            for name, column in comparison.columns.items()
        },
        sets={
            name: replace(
                one,
                gold=one.gold[np.array(keep, dtype=np.intp)],
                base=_codes_of(one.base, keep),
                candidate=_codes_of(one.candidate, keep),
            )
            for name, one in comparison.sets.items()
        },
        levels={by: _take(values, keep) for by, values in comparison.levels.items()},
        coverage=_coverage(comparison, base, candidate, share=len(keep) / max(len(comparison.examples), 1)),
        base_responses=base,
        candidate_responses=candidate,
    )


def _rows_of(column: Column, keep: Sequence[int]) -> Column:
    at = np.array(keep, dtype=np.intp)
    return Column(raw=column.raw[at], scored=column.scored[at], failed=column.failed[at], errors=column.errors[at])


def _codes_of(arm: ArmCodes, keep: Sequence[int]) -> ArmCodes:
    at = np.array(keep, dtype=np.intp)
    return ArmCodes(codes=arm.codes[at], scored=arm.scored[at], missing=arm.missing[at])


def _take(values: Sequence[_T], keep: Sequence[int]) -> tuple[_T, ...]:
    return tuple(values[row] for row in keep)


def _coverage(comparison: Comparison, base: _Answers, candidate: _Answers, *, share: float) -> Coverage:
    """Calls and failed calls of the rows that are left."""
    whole = comparison.coverage
    failed = [
        Counter(str(r.failure.kind) for rows in answers.values() for r in rows if r.failure is not None)
        for answers in (base, candidate)
    ]
    return replace(
        whole,
        examples=round(whole.examples * share),
        asked=round(whole.asked * share),
        base_failed=failed[0].total(),
        candidate_failed=failed[1].total(),
        base_failures=dict(failed[0]),
        candidate_failures=dict(failed[1]),
    )
