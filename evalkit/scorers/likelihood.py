"""How likely a model finds a reference text: nats, bits per byte, perplexity, by the model's own log-probabilities."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from evalkit.core.exchange import Example, Json, Response, Stretch
from evalkit.core.fingerprint import canonical
from evalkit.core.sets import SetFigure
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import score_of
from evalkit.scorers.unscorable import Unscorable

TOP = 1e6
"""What figures of which less is better are kept as the rest of; no perplexity worth comparing is above"""
FIGURES: Mapping[str, str] = {
    "nats_per_token": "nats of all rows over their tokens; comparable within one tokenizer",
    "bits_per_byte": "bits of all rows over the bytes of their text; comparable across tokenizers",
    "perplexity": "e to the power of nats a token; comparable within one tokenizer",
    "word_perplexity": "e to the power of nats a word, cut at blanks as lm-eval does; comparable across tokenizers",
}
BY_TOKEN = ("nats_per_token", "perplexity")
"""Figures that mean something only where both arms cut the text into the same tokens"""
_ROUNDING = 1e-3
"""Nats that sums in low precision may be off: a certain text is seen a little above 0"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Likelihood:
    """Negative log-likelihood of a reference text, in nats; less is better.

    Rows that it looks at are measured and not answered; the model must give log-probabilities (local weights, or a
    recording of such). `over: target` measures the target behind the prompt, `assistant` every turn of the assistant
    (the target is the last one) under the chat template, as trl's assistant-only loss does, `document` the text of the
    row's one message without a template, in windows as lm-eval rolls them. Figures of all rows are ratios of sums,
    never means of ratios.
    """

    VERSION: ClassVar[str] = "1"

    over: Literal["target", "assistant", "document"] = "target"
    """Which text is measured"""
    window: Annotated[int, Field(ge=2)] | None = None
    """document: most tokens read at once; 2048 unless said"""

    def __post_init__(self) -> None:
        if self.window is not None and self.over != "document":
            raise ValueError("`window` belongs to `over: document`: other texts are read whole")

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def stretch(self) -> Stretch:
        """Return what is measured of a row."""
        return Stretch(over=self.over, window=(self.window or 2048) if self.over == "document" else None)

    def metrics(self) -> Sequence[Metric]:
        """List the nats of a row, its counts, and the figures of all rows."""
        sizes = (("tokens", "tokens measured"), ("bytes", "bytes of the text in UTF-8"))
        return (
            Metric(higher_is_better=False, binary=False, low=0.0, about="nats of the text", unit="nats"),
            *(Metric(part=name, binary=False, low=0.0, either=True, about=about, unit=name) for name, about in sizes),
            *(
                Metric(
                    part=name,
                    higher_is_better=False,
                    binary=False,
                    low=0.0,
                    about=about,
                    over=SetFigure(figure=name, kind="sums", span=(-TOP * TOP, TOP), falls=True),
                )
                for name, about in FIGURES.items()
            ),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check that the row has the text that is measured, and no choices."""
        if example.choices:
            return (
                "it has choices, and a likelihood is of one text: take the choices out, or use the scorer `choice`",
            )
        if self.over == "target":
            return () if _is_text(example.target) else ("its target is no text that could be measured",)
        if self.over == "assistant":
            said = any(message.role == "assistant" for message in example.messages)
            return (
                () if said or example.target is not None else ("it has neither a target nor a turn of the assistant",)
            )
        only = len(example.messages) == 1 and _is_text(example.messages[0].content)
        return () if only else ("a document is one message with a text: `input`, or a column that is named so",)

    def gold(self, example: Example) -> tuple[float, ...]:
        """Return what a certain text would add: no nats, its bytes and words."""
        size, words = self._size(example)
        return 0.0, 0.0, float(size), float(words)

    def score(self, example: Example, response: Response) -> Score:
        """Read what was measured; Unscorable for an answer without a likelihood."""
        if len(response.choice_scores) != 1 or len(response.choice_tokens) != 1:
            raise Unscorable("the answer has no log-likelihood of this text")
        nats, tokens = 0.0 - response.choice_scores[0], float(response.choice_tokens[0])
        size, words = self._size(example)
        if nats < -_ROUNDING:
            raise Unscorable(f"the log-likelihood {-nats:g} is above 0, which no probability has: is it a loss?")
        if tokens < 1 and nats > _ROUNDING:
            raise Unscorable(f"{nats:g} nats over no token: the text was not measured")
        parts: dict[str, float | None] = {"tokens": tokens, "bytes": float(size)}
        evidence = {"nats": nats, "tokens": int(tokens), "bytes": size, "words": words}
        found = score_of(example, response, self.version, nats, parts=parts, evidence=evidence)
        return dataclasses.replace(found, code=(nats, tokens, float(size), float(words)))

    def _size(self, example: Example) -> tuple[int, int]:
        """Bytes and words of the text that is measured."""
        texts = self._texts(example)
        return sum(len(text.encode("utf-8", "surrogatepass")) for text in texts), sum(map(count_words, texts))

    def _texts(self, example: Example) -> list[str]:
        if self.over == "document":
            return [str(example.messages[-1].content or "")]
        target = [] if example.target is None else [_as_text(example.target)]
        if self.over == "target":
            return target
        return [*(str(one.content or "") for one in example.messages if one.role == "assistant"), *target]


def count_words(text: str) -> int:
    r"""Count words as lm-eval's word perplexity does: `re.split(r"\s+", text)`, empty ends included.

    >>> count_words("one two"), count_words(" one "), count_words("一二三")
    (2, 3, 1)
    """
    return len(re.split(r"\s+", text))


def _is_text(value: Json) -> bool:
    return isinstance(value, str) and value != ""


def _as_text(value: Json) -> str:
    return value if isinstance(value, str) else canonical(value)
