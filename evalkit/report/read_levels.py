"""What scorers read of each answer, as levels that cases can be chosen by: decisions, labels of classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from evalkit.core.columns import Comparison
from evalkit.core.verdict import Score

_KEYS = (("expected", "decision"), ("target_label", "read_label"))
"""Keys of a score's evidence: what was wanted, and what was read"""
ARMS = ("base", "candidate")


def level_name(scorer: str, arm: str) -> str:
    """Return the name of what a scorer read of an arm."""
    return f"{scorer}: {arm}"


def level_value(wanted: str, read: str) -> str:
    """Return the value of a case where one thing was wanted, and another read."""
    return f"{wanted} → {read}"


def read_levels(comparison: Comparison) -> dict[str, Sequence[str]]:
    """Return level name -> value of every example.

    A value is empty where nothing was read of the first answer.
    """
    found: dict[str, Sequence[str]] = {}
    for arm, of_arm in zip(ARMS, (comparison.base_scores, comparison.candidate_scores), strict=True):
        for scorer, rows in of_arm.items():
            values = list(_read(rows, [example.id for example in comparison.examples]))
            if any(values):
                found[level_name(scorer, arm)] = values
    return found


def _read(rows: Mapping[str, tuple[Score, ...]], examples: Sequence[str]) -> Iterator[str]:
    for example in examples:
        evidence = next((score.evidence for score in rows.get(example, ())), {})
        pairs = ((evidence.get(wanted), evidence.get(read)) for wanted, read in _KEYS)
        yield next((level_value(a, b) for a, b in pairs if isinstance(a, str) and isinstance(b, str)), "")
