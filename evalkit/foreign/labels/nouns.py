"""What a person said of one case."""

from __future__ import annotations

from dataclasses import dataclass, field

LabelValue = str | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One person's judgement of one case, under the name of the question.

    `base.good` is about the base's answer, `candidate.good` about the candidate's, any other name about the case.
    `suite` is None where the file does not say.
    """

    case: str
    name: str
    annotator: str
    value: LabelValue
    suite: str | None = None


@dataclass(slots=True, kw_only=True)
class ReadLabels:
    """The labels of a file, and what was left out of it."""

    labels: list[Label] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    """Why -> how often"""

    def leave_out(self, why: str) -> None:
        """Count what is not taken."""
        self.left_out[why] = self.left_out.get(why, 0) + 1
