"""Whether an answer keeps the register it should: polite or casual, in Japanese and English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, not_applicable, scored
from evalkit.text.register import register


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """1 when the answer shows the expected register, else 0.

    Japanese is told by です・ます and honorifics, English by courtesies against slang. An answer that shows neither
    counts as what is expected only with `accept_neutral`. Answers that are nothing but tool calls do not apply.
    """

    VERSION: ClassVar[str] = "1"

    expect: Literal["polite", "casual"]
    """The register the answer should keep"""
    accept_neutral: bool = False
    """Whether an answer that shows no register counts as right"""

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """Yes/no, and the share of polite signs."""
        return (
            Metric(about=f"the answer is {self.expect}"),
            Metric(
                part="polite_share",
                higher_is_better=self.expect == "polite",
                binary=False,
                low=0.0,
                high=1.0,
                about="polite sentences (Japanese) or signs (English) among those that show a register",
            ),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Nothing is needed."""
        return ()

    def score(self, example: Example, response: Response) -> Score:
        """Look at the words of the answer."""
        text = answer_text(response)
        if not text.strip() and response.tool_calls:
            return not_applicable(example, response, self.version, reason="a tool call without words")
        shown = register(text)
        good = shown.label == self.expect or (shown.label == "neutral" and self.accept_neutral and bool(text.strip()))
        evidence = {"register": shown.label, "polite": shown.polite, "casual": shown.casual, "language": shown.language}
        return scored(example, response, self.version, good, parts={"polite_share": shown.share}, evidence=evidence)
