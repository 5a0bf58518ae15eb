"""Texts to vectors: a local model by transformers, or an API's endpoint by the openai client."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.core.errors import MissingExtra, ScorerError

Floats = NDArray[np.float64]
_MOST_KEPT = 50_000


@dataclass(slots=True)
class Embedder:
    """Embeds texts, each one once."""

    embed: Callable[[Sequence[str]], Floats]
    """Texts to (N, D) vectors"""
    prefix: str = ""
    _kept: dict[str, Floats] = field(default_factory=dict)

    def cosine(self, one: str, other: str) -> float:
        """Return the cosine of two texts; equal texts have 1."""
        if one == other:
            return 1.0
        first, second = self.vectors([one, other])
        return float(np.clip(first @ second, -1.0, 1.0))

    def vectors(self, texts: Sequence[str]) -> list[Floats]:
        """Return one vector of length 1 a text."""
        new = list(dict.fromkeys(text for text in texts if text not in self._kept))
        if new:
            if len(self._kept) > _MOST_KEPT:
                self._kept.clear()
                new = list(dict.fromkeys(texts))
            made = np.asarray(self.embed([self.prefix + text for text in new]), dtype=np.float64)
            lengths = np.linalg.norm(made, axis=1, keepdims=True)
            if made.shape[0] != len(new) or not np.isfinite(made).all() or not lengths.all():
                raise ScorerError("the model gave no usable vector for every text")
            self._kept |= dict(zip(new, made / lengths, strict=True))
        return [self._kept[text] for text in texts]


def load_local(model: str, *, pooling: str, prefix: str) -> Embedder:
    """Load a model of this machine (transformers).

    Raises MissingExtra without torch and transformers, ScorerError where the model cannot be opened.
    """
    try:
        import torch
        from transformers import AutoModel, AutoTokenizer
    except ImportError as error:
        raise MissingExtra("transformers", "local", "the scorer 'embedding'") from error
    try:
        cut, net = AutoTokenizer.from_pretrained(model), AutoModel.from_pretrained(model).eval()
    except (OSError, ValueError) as error:
        raise ScorerError(f"embedding: cannot open {model!r}: {str(error).splitlines()[0]}") from error
    if cut.pad_token is None:
        cut.pad_token = cut.eos_token
    longest = _count_places(cut, net)

    def embed(texts: Sequence[str]) -> Floats:
        read: Any = cut(list(texts), padding=True, truncation=True, max_length=longest, return_tensors="pt")
        with torch.inference_mode():
            states = net(**read).last_hidden_state.float()
        if pooling == "cls":
            found = states[:, 0]
        else:
            mask = read["attention_mask"].unsqueeze(-1).float()
            found = (states * mask).sum(1) / mask.sum(1).clamp(min=1.0)
        return np.asarray(found.numpy(), dtype=np.float64)

    return Embedder(embed, prefix)


def _count_places(cut: Any, net: Any) -> int:
    """How many tokens the model has places for: RoBERTa's kin number them from behind the padding token."""
    places = int(getattr(net.config, "max_position_embeddings", 512))
    before = getattr(getattr(net, "embeddings", None), "padding_idx", None)
    return min(int(cut.model_max_length), places - (0 if before is None else int(before) + 1))


def load_api(model: str, *, base_url: str, key_env: str, prefix: str) -> Embedder:
    """Open an API's endpoint for embeddings; the key comes from the environment."""
    from openai import OpenAI, OpenAIError

    client = OpenAI(base_url=base_url, api_key=os.environ.get(key_env) or "none", max_retries=3, timeout=60.0)

    def embed(texts: Sequence[str]) -> Floats:
        try:
            answer = client.embeddings.create(model=model, input=list(texts), encoding_format="float")
        except OpenAIError as error:
            raise ScorerError(f"embedding: {base_url} did not embed: {type(error).__name__}") from error
        found = sorted(answer.data, key=lambda one: one.index)
        return np.asarray([one.embedding for one in found], dtype=np.float64)

    return Embedder(embed, prefix)
