"""How the next token is drawn and when an answer ends; each request by itself, whatever shares its batch."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from evalkit.core.errors import ModelError, Problem
from evalkit.core.exchange import Sampling
from evalkit.core.fingerprint import digest
from evalkit.models.local.prompt import Prompt
from evalkit.models.local.shaping import OwnSampling

Decode = Callable[[Sequence[int]], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Temperature and nucleus sampling with a generator of its own; temperature 0 is greedy."""

    temperature: float
    top_p: float
    uniform: Callable[[], float]
    shape: Callable[[Sequence[int], int, Any, float], Any] | None = None
    """What the model's own generation config does to logits, where the request leaves the draw to the model"""

    @property
    def greedy(self) -> bool:
        """Whether the likeliest token is always taken."""
        return self.temperature == 0

    def pick(self, logits: Any) -> int:
        """Draw the next token from a (vocabulary,) tensor of logits.

        It takes one draw through the inverse of the cumulative distribution.
        """
        import torch

        heat = 1.0 if self.shape is not None else self.temperature  # a shape has divided by it already
        order = torch.sort(logits.double().cpu() / heat, descending=True, stable=True)
        mass = torch.softmax(order.values, dim=0).cumsum(0)
        kept = int(torch.searchsorted(mass, self.top_p)) + 1 if self.top_p < 1 else len(mass)
        target = self.uniform() * float(mass[min(kept, len(mass)) - 1])
        place = int(torch.searchsorted(mass, target, right=True))
        return int(order.indices[min(place, kept - 1, len(mass) - 1)])


def draw_for(prompt: Prompt, sampling: Sampling, *, default: OwnSampling, seed: int) -> Draw:
    """Return the draw of one request, seeded by (seed, prompt, repeat).

    The model is no part of the seed.

    `default` is the model's own sampling: all of it where the temperature is left to the model, nothing elsewhere.
    Arms that are asked the same thing use the same random numbers, which makes their difference less noisy.
    """
    own = sampling.temperature is None
    temperature = default.temperature if sampling.temperature is None else sampling.temperature
    top_p = sampling.top_p if sampling.top_p is not None else default.top_p if own else 1.0
    start = sampling.seed if sampling.seed is not None else seed
    key = digest([start, prompt.request.prompt_sha256 or list(prompt.ids), prompt.request.repeat])
    return Draw(
        temperature=float(temperature),
        top_p=float(top_p),
        uniform=random.Random(int(key, 16)).random,
        shape=default.shape if own else None,
    )


@dataclass(slots=True, kw_only=True)
class Row:
    """One request while it is answered.

    `seconds` is its share of the machine's time so far.
    """

    prompt: Prompt
    draw: Draw
    limit: int
    ends: frozenset[int]
    stops: tuple[str, ...]
    decode: Decode
    marks: tuple[tuple[int, ...], ...] = ()
    """Token ids of stop strings that hold special tokens, which no text shows"""
    tokens: list[int] = field(default_factory=list)
    seconds: float = 0.0
    finish: str | None = None
    logprobs: list[float] = field(default_factory=list)
    """Of each token drawn, where the request asks for them"""

    def take(self, logits: Any, likeliest: int) -> bool:
        """Draw the next token from (vocabulary,) logits; return whether the answer is over.

        `likeliest` is their argmax.
        """
        if self.draw.shape is not None:
            read = self.prompt.ids
            logits = self.draw.shape([*read, *self.tokens], len(read), logits, self.draw.temperature)
            likeliest = int(logits.argmax())
        token = likeliest if self.draw.greedy else self.draw.pick(logits)
        if self.prompt.request.sampling.extra.get("logprobs"):
            wide = logits.float()
            self.logprobs.append(float(wide[token] - wide.logsumexp(0)))
        return self.push(token)

    def push(self, token: int) -> bool:
        """Take the next token; return whether the answer is over."""
        self.tokens.append(token)
        if token in self.ends or self._mark() or self._is_stopped():
            self.finish = "stop"
        elif len(self.tokens) >= self.limit:
            self.finish = "length"
        return self.finish is not None

    def _mark(self) -> int:
        """How many of the last tokens are a stop string with special tokens."""
        return next((len(mark) for mark in self.marks if tuple(self.tokens[-len(mark) :]) == mark), 0)

    def _is_stopped(self) -> bool:
        if not self.stops:
            return False
        reach = max(len(stop.encode()) for stop in self.stops) + 4  # a token has at least one byte
        tail = self.decode(self.tokens[-reach:])
        return any(stop in tail for stop in self.stops)

    def text(self) -> str:
        """Return the answer: without the end token, cut before the first stop string."""
        over = 1 if self.tokens and self.tokens[-1] in self.ends else self._mark()
        kept = self.tokens[: len(self.tokens) - over]
        text = self.decode(kept)
        cuts = [place for stop in self.stops if (place := text.find(stop)) >= 0]
        return text[: min(cuts)] if cuts else text

    def again(self) -> None:
        """Forget what was drawn, so that the request can be asked from the start."""
        self.tokens.clear()
        self.logprobs.clear()
        self.finish = None


def likeliest(logits: Any) -> list[int]:
    """Return the argmax of each row of (rows, vocabulary) logits.

    Raises ModelError when they are not numbers.
    """
    best = logits.max(-1)
    if not bool(best.values.isfinite().all()):
        raise ModelError(
            Problem(
                what="the model computes NaN or infinity",
                todo="its weights are broken, or overflow in this number type: try `dtype: float32`",
            )
        )
    return [int(token) for token in best.indices.tolist()]
