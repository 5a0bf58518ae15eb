"""What gates show of their own findings: sections that came with the verdict, each under its own title."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.blocks import Block
from evalkit.core.columns import Comparison
from evalkit.core.verdict import Verdict


def title_sections(comparison: Comparison | None, verdict: Verdict) -> Sequence[tuple[str, Sequence[Block]]]:
    """Return the sections that have something to show."""
    return verdict.suites[0].sections


def blocks(comparison: Comparison | None, verdict: Verdict) -> Sequence[Block]:
    """Return the blocks of all sections, one after the other."""
    return [block for _, shown in title_sections(comparison, verdict) for block in shown]
