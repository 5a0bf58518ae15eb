"""What the arms decided where tools were offered, against what was expected: call, abstain, try in vain, refuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from evalkit.core.blocks import Block, Matrix, Tone
from evalkit.core.columns import Comparison
from evalkit.core.verdict import Score, Verdict
from evalkit.report.read_levels import level_name, level_value

DECISIONS = ("call", "abstain", "malformed", "refusal")
Counts = Counter[tuple[str, str]]


def blocks(comparison: Comparison | None, verdict: Verdict) -> Sequence[Block]:
    """Return one table per scorer that reports decisions.

    Expected down, decided across, base → candidate in the cells.
    """
    if comparison is None:
        return []
    out = []
    for scorer, rows in comparison.base_scores.items():
        base = _counts(rows)
        candidate = _counts(comparison.candidate_scores.get(scorer, {}))
        if base or candidate:
            out.append(_matrix(scorer, base, candidate))
    return out


def _matrix(scorer: str, base: Counts, candidate: Counts) -> Matrix:
    seen = base.keys() | candidate.keys()
    rows = tuple(sorted({expected for expected, _ in seen}))
    made = {decision for _, decision in seen}
    columns = (*DECISIONS, *sorted(made - set(DECISIONS)))
    return Matrix(
        heading=f"Decisions: {scorer}",
        rows=tuple(f"expected: {row}" for row in rows),
        columns=columns,
        cells=tuple(tuple(float(candidate[row, column]) for column in columns) for row in rows),
        text=tuple(tuple(_text(base[row, column], candidate[row, column]) for column in columns) for row in rows),
        tones=tuple(
            tuple(_tone(row, column, candidate[row, column] - base[row, column]) for column in columns) for row in rows
        ),
        links=tuple(
            tuple(
                _link(scorer, row, column, bool(candidate[row, column])) if seen & {(row, column)} else None
                for column in columns
            )
            for row in rows
        ),
        note="Answers of the base → of the candidate. Malformed: a call was tried that nobody could carry out.",
    )


def _text(base: int, candidate: int) -> str:
    return f"{base:,} → {candidate:,}" if base or candidate else ""


def _link(scorer: str, expected: str, decision: str, candidate: bool) -> dict[str, str]:
    """To the candidate's answers in the cell; to the base's where it has none."""
    name = level_name(scorer, "candidate" if candidate else "base")
    return {"group": "all", f"tag.{name}": level_value(expected, decision)}


def _tone(expected: str, decision: str, change: int) -> Tone:
    """More of the expected decision is good, more of another one is bad; where any will do only malformed is bad."""
    if not change or (expected not in ("call", "abstain") and decision != "malformed"):
        return "plain"
    return "good" if (change > 0) == (expected == decision) else "bad"


def _counts(rows: Mapping[str, tuple[Score, ...]]) -> Counts:
    found: Counts = Counter()
    for scores in rows.values():
        for score in scores:
            expected, decision = score.evidence.get("expected"), score.evidence.get("decision")
            if isinstance(expected, str) and isinstance(decision, str):
                found[expected, decision] += 1
    return found
