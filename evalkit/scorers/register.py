"""Whether an answer keeps the register it should: polite or casual, in Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, not_applicable, score_of
from evalkit.text.honorifics import Kind
from evalkit.text.register import RegisterReading as Shown
from evalkit.text.register import register


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """1 when the answer shows the expected register, else 0.

    Japanese is told sentence by sentence (です・ます and honorifics against plain and casual endings), English by
    courtesies against slang. By default one sentence of the other register makes an answer *mixed*, which is wrong;
    `min_share` says how many must be right. An answer that shows neither counts as what is expected only with
    `accept_neutral`. With `honorifics` those kinds must show. Rudeness is told apart: いい加減にしてください is polite,
    and rude. Answers that are nothing but tool calls do not apply.
    """

    VERSION: ClassVar[str] = "3"

    expect: Literal["polite", "casual"]
    """The register the answer should keep"""
    accept_neutral: bool = False
    """Whether an answer that shows no register counts as right"""
    min_share: float = 1.0
    """Share of the sentences that show a register which must show this one"""
    honorifics: tuple[Kind, ...] = ()
    """Kinds of Japanese honorifics that must all show: 尊敬, 謙譲, 丁寧"""
    allow_rude: bool = True
    """Whether a rude answer may be right"""

    def __post_init__(self) -> None:
        if not 0 < self.min_share <= 1:
            raise ValueError(f"min_share must be above 0 and at most 1, not {self.min_share}")

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """List yes/no, polite signs, mixed answers, rudeness and kinds of honorifics.

        Of polite signs it is their share.
        """
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
            Metric(part="mixed", higher_is_better=False, about="it shows both registers"),
            Metric(part="rude", higher_is_better=False, about="it holds rude words, in whatever register"),
            Metric(part="sonkeigo", about="it raises whom it speaks of (尊敬語); Japanese only"),
            Metric(part="kenjogo", about="it lowers itself (謙譲語); Japanese only"),
            Metric(part="teineigo", about="it speaks in です・ます (丁寧語); Japanese only"),
            Metric(part="read", about="it shows a register"),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check nothing: no target is needed."""
        return ()

    def score(self, example: Example, response: Response) -> Score:
        """Look at the sentences of the answer."""
        text = answer_text(response)
        if not text.strip() and response.tool_calls:
            return not_applicable(example, response, self.version, reason="a tool call without words")
        shown = register(text)
        label = shown.label
        parts: dict[str, float | None] = {
            "polite_share": shown.share,
            "mixed": float(label == "mixed"),
            "rude": float(shown.manner == "rude"),
            "read": float(label != "neutral"),
        }
        for part, kind in _PARTS.items():
            parts[part] = float(kind in shown.honorifics) if shown.language == "ja" else None
        evidence = {
            "register": label,
            "polite": shown.polite,
            "casual": shown.casual,
            "language": shown.language,
            "honorifics": dict(shown.honorifics),
            "manner": shown.manner,
        }
        return score_of(
            example,
            response,
            self.version,
            self._is_kept(shown, said=bool(text.strip())),
            parts=parts,
            evidence=evidence,
            reading=None if label == "neutral" else label,
            expected=self.expect,
        )

    def _is_kept(self, shown: Shown, *, said: bool) -> bool:
        if shown.manner == "rude" and not self.allow_rude:
            return False
        if any(kind not in shown.honorifics for kind in self.honorifics):
            return False
        if shown.share is None:
            return self.accept_neutral and said
        if shown.language == "en" and self.min_share == 1:
            return shown.label == self.expect
        return (shown.share if self.expect == "polite" else 1 - shown.share) >= self.min_share


_PARTS: Mapping[str, Kind] = {"sonkeigo": "尊敬", "kenjogo": "謙譲", "teineigo": "丁寧"}
