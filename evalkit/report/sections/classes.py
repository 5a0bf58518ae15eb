"""Which label was given where which one was the target: both arms and their difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from evalkit.core.blocks import Block, Matrix, Prose, Tone
from evalkit.core.columns import Comparison
from evalkit.core.verdict import Score, Verdict
from evalkit.report.read_levels import level_name, level_value

Counts = Counter[tuple[str, str]]
MOST = 30
"""Labels that one matrix still shows; those that are never the target nor given are left out"""
_NOTE = (
    "Targets down, what was read across: answers of the base → of the candidate (difference). "
    "`other` is every answer outside of the labels; it counts as wrong."
)


def blocks(comparison: Comparison | None, verdict: Verdict) -> Sequence[Block]:
    """Return one matrix per scorer of classes."""
    out: list[Block] = []
    for name, one in (comparison.sets if comparison is not None else {}).items():
        figure = next(iter(one.figures.values()))
        if comparison is None or figure.kind != "classes":
            continue
        base, candidate = _counts(comparison.base_scores.get(name, {})), _counts(
            comparison.candidate_scores.get(name, {})
        )  # fmt: skip
        seen = {label for pair in base.keys() | candidate.keys() for label in pair}
        labels = [label for label in figure.labels if label in seen]
        if len(labels) > MOST:
            out.append(Prose(text=f"{name} has {len(labels)} labels: its matrix is not drawn."))
        elif labels:
            out.append(_matrix(name, labels, [*labels, *sorted(seen - {*labels})], base, candidate))
    return out


def _matrix(name: str, rows: Sequence[str], columns: Sequence[str], base: Counts, candidate: Counts) -> Matrix:
    return Matrix(
        heading=f"Classes: {name}",
        rows=tuple(f"target: {row}" for row in rows),
        columns=tuple(columns),
        cells=tuple(tuple(float(candidate[row, column]) for column in columns) for row in rows),
        text=tuple(tuple(_text(base[row, column], candidate[row, column]) for column in columns) for row in rows),
        tones=tuple(
            tuple(_tone(row == column, candidate[row, column] - base[row, column]) for column in columns)
            for row in rows
        ),
        links=tuple(
            tuple(
                _link(name, row, column, bool(candidate[row, column]))
                if base[row, column] or candidate[row, column]
                else None
                for column in columns
            )
            for row in rows
        ),
        note=_NOTE,
    )


def _link(scorer: str, target: str, read: str, candidate: bool) -> dict[str, str]:
    """To the candidate's answers in the cell; to the base's where it has none."""
    name = level_name(scorer, "candidate" if candidate else "base")
    return {"group": "all", f"tag.{name}": level_value(target, read)}


def _text(base: int, candidate: int) -> str:
    if not base and not candidate:
        return ""
    change = candidate - base
    return f"{base:,} → {candidate:,}" + (f" ({change:+,})" if change else "")


def _tone(right: bool, change: int) -> Tone:
    if not change:
        return "plain"
    return "good" if (change > 0) == right else "bad"


def _counts(rows: Mapping[str, tuple[Score, ...]]) -> Counts:
    found: Counts = Counter()
    for scores in rows.values():
        for score in scores:
            target, read = score.evidence.get("target_label"), score.evidence.get("read_label")
            if isinstance(target, str) and isinstance(read, str):
                found[target, read] += 1
    return found
