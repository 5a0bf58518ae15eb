"""Likeness of meaning to the target: the cosine of two embeddings, by a local model or an API's endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.embedding.embedders import Embedder, load_api, load_local
from evalkit.scorers.outcome import answer_text, expected_texts, missing_target, score_of


@dataclass(frozen=True, kw_only=True)
class Embedding:
    """Cosine of the embeddings of answer and target, from -1 to 1.

    Of several targets the nearest counts; an empty answer is like nothing. Likeness of meaning is no truth: a negated
    sentence is near (.958 was measured for one), so gate on it only beside a scorer that reads the fact. `model` is a
    folder or hub id of a local model (extra `local`), or with `base_url` the name of an API's model: its calls are not
    in the plan nor under `--max-cost`.
    """

    VERSION: ClassVar[str] = "1"

    model: str
    """A folder or hub id; with `base_url` the model of that server"""
    base_url: str = ""
    """An OpenAI-compatible server with an endpoint for embeddings"""
    api_key_env: str = "OPENAI_API_KEY"
    """The environment variable that holds the key of that server"""
    pooling: Literal["mean", "cls"] = "mean"
    """How a local model's tokens become one vector"""
    prefix: str = ""
    """Put before both texts, where the model wants it (`query: `)"""
    threshold: float | None = None
    """From which cosine the part `alike` is 1; without it there is no such part"""

    def __post_init__(self) -> None:
        if not self.model:
            raise ValueError("embedding needs a `model`")
        if self.threshold is not None and not -1 <= self.threshold <= 1:
            raise ValueError(f"threshold must be from -1 to 1, not {self.threshold}")

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """List the cosine, and whether it reaches the threshold."""
        told = f"cosine to the target ({self.model}); a negated sentence is near"
        found = [Metric(binary=False, low=-1.0, high=1.0, about=told)]
        if self.threshold is not None:
            found.append(Metric(part="alike", about=f"the cosine is at least {self.threshold:g}"))
        return found

    def check(self, example: Example) -> Sequence[str]:
        """Check that there is a target."""
        return missing_target(example)

    def score(self, example: Example, response: Response) -> Score:
        """Embed the answer and every target."""
        expected, text = expected_texts(example), answer_text(response)
        near = [self.embedder.cosine(text, one) if text.strip() else 0.0 for one in expected]
        best = max(near)
        parts: dict[str, float | None] = {}
        if self.threshold is not None:
            parts["alike"] = float(best >= self.threshold)
        evidence = {"expected": expected[near.index(best)], "cosine": round(best, 4), "model": self.model}
        return score_of(example, response, self.version, best, parts=parts, evidence=evidence)

    @cached_property
    def embedder(self) -> Embedder:
        """The model, opened when it is first needed."""
        if self.base_url:
            return load_api(self.model, base_url=self.base_url, key_env=self.api_key_env, prefix=self.prefix)
        return load_local(self.model, pooling=self.pooling, prefix=self.prefix)
