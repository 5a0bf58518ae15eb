"""Choices so close that rounding decides between them: counted, and told beside the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalkit.scorers.likelihoods import TIE_NATS, TIED

if TYPE_CHECKING:
    from evalkit.pipeline.asking.arm_result import ArmResult


def tied_choices(arm: ArmResult) -> list[str]:
    """Write a sentence a scorer that met ties in an arm's answers."""
    said = []
    for scorer, rows in arm.measured.scores.items():
        found = [score for row in rows.values() for score in row if score.status == "SCORED"]
        count = sum(TIED in score.evidence for score in found)
        if count:
            said.append(
                f"{arm.identity.name}: in {count} of {len(found)} answers the best choices of {scorer!r} lie within "
                f"{TIE_NATS:g} nats of each other: which one is taken may differ between machines"
            )
    return said
