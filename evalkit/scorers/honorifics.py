"""Which kinds of Japanese honorifics an answer is written in: 尊敬語, 謙譲語, 丁寧語."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, not_applicable, score_of
from evalkit.text.honorific_kinds import KINDS, tell_kinds
from evalkit.text.honorifics import Kind
from evalkit.text.script import is_japanese
from evalkit.text.sentences import sentences

_PARTS = dict(zip(KINDS, ("sonkeigo", "kenjogo", "teineigo"), strict=True))
_MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Honorifics:
    """1 when every kind that is expected shows and none that is avoided.

    Each sentence is told by weights learned from the KeiCO corpus (CC BY 4.0) beside the rules of `register`: 尊敬
    raises whom it speaks of, 謙譲 lowers the speaker, 丁寧 is polite and neither of them. An answer without Japanese
    does not apply. Slower than `register`, and finer: use it where kinds matter. It tells forms, not whether what
    they say is courteous: 馬鹿ですね is 丁寧 (`register` has `allow_rude: false`).
    """

    VERSION: ClassVar[str] = "2"

    expect: tuple[Kind, ...] = ()
    """Kinds that must show in some sentence"""
    avoid: tuple[Kind, ...] = ()
    """Kinds that must show in none"""

    def __post_init__(self) -> None:
        if not self.expect and not self.avoid:
            raise ValueError("honorifics needs `expect` or `avoid`: 尊敬, 謙譲, 丁寧")
        if set(self.expect) & set(self.avoid):
            raise ValueError("a kind cannot be expected and avoided")

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """List yes/no, and the kinds."""
        return (
            Metric(about="every kind that is expected shows, and none that is avoided"),
            *(
                Metric(
                    part=part, about=f"some sentence is written in {kind}語", higher_is_better=kind not in self.avoid
                )
                for kind, part in _PARTS.items()
            ),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check nothing: no target is needed."""
        return ()

    def score(self, example: Example, response: Response) -> Score:
        """Tell the kind of every sentence."""
        text = answer_text(response)
        if text.strip() and not is_japanese(text):
            return not_applicable(example, response, self.version, reason="the answer holds no Japanese")
        told = [tell_kinds(one) for one in sentences(text)[:_MOST]]
        shown = {kind: sum(one[kind] for one in told) for kind in KINDS}
        good = bool(told) and all(shown[kind] for kind in self.expect) and not any(shown[kind] for kind in self.avoid)
        parts: dict[str, float | None] = {part: float(shown[kind] > 0) for kind, part in _PARTS.items()}
        evidence = {"sentences": len(told), "kinds": {str(kind): count for kind, count in shown.items() if count}}
        return score_of(example, response, self.version, float(good), parts=parts, evidence=evidence)
