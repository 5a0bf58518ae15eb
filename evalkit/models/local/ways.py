"""The ways of computing that give a model's own logits, and what its config says of how far its attention reaches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

How = Literal["fast", "batch", "alone", "anew"]
"""fast: shared openings and slots; batch: padded batches with the model's own cache; alone: one request at a time with
that cache; anew: one request at a time, everything read again for every token"""
OTHER_SENSES = re.compile(r"vision|audio|image|video|speech")
WINDOW = re.compile(r"window|attention_chunk|chunk_size|floor_scale|local_attention|index_topk")
NO_WINDOW = re.compile(r"layers|pattern|num_|type|use_|feed_forward|conv|mamba|backbone")
LOCAL_LAYER = re.compile(r"sliding|chunk|local|window")
STRETCHED = ("longrope", "su", "dynamic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """What the probe has proven.

    `reach` None: the fast way holds at every length; 0: at none.
    """

    reach: int | None = 0
    """Longest text, answer included, for which the fast way is right"""
    batches: bool = True
    """Whether padded batches with the model's own cache are right"""
    caches: bool = True
    """Whether that cache is right for one request at a time"""
    turn: int | None = None
    """The length at which positions change their meaning (rope types longrope and dynamic)"""
    dynamic: bool = False
    """Whether they change again with every further token"""

    def how(self, prompt: int, whole: int, *, deterministic: bool = False) -> How:
        """Return the quickest right way for a prompt of so many tokens.

        `whole` is its length with its longest answer.
        """
        alone: How = "alone" if self.caches else "anew"
        if self.turn is not None and whole > self.turn:
            return "anew" if self.dynamic or prompt <= self.turn else alone
        if deterministic:
            return alone
        if self.reach is None or whole <= self.reach:
            return "fast"
        return "batch" if self.batches else alone

    @property
    def sentence(self) -> str:
        """How the model is computed where the fast way does not hold.

        It is empty when it holds everywhere.
        """
        slow = (
            "in batches of whole texts" if self.batches else
            "one request at a time" if self.caches else "one request at a time, read anew for every token"
        )  # fmt: skip
        if self.reach is None:
            return "" if self.turn is None else f"one request at a time, for texts of more than {self.turn} tokens"
        return f"{slow}, for texts of more than {self.reach} tokens" if self.reach else slow


def window(config: Any) -> int | None:
    """Return the fewest tokens that some layer sees, by any config key.

    It is None when every layer sees everything.

    >>> window({"sliding_window": 4096, "use_sliding_window": False}) is None
    True
    >>> window({"text_config": {"sliding_window": 512, "layer_types": ["sliding_attention", "full_attention"]}})
    512
    >>> window({"sliding_window": 512, "layer_types": ["full_attention"]}) is None
    True
    """
    return min(_windows(_plain(config)), default=None)


def stretch_length(config: Any) -> tuple[int | None, bool]:
    """Return the length at which positions change their meaning.

    The second value says whether they go on changing.

    >>> stretch_length({"rope_parameters": {"rope_type": "longrope", "original_max_position_embeddings": 4096}})
    (4096, False)
    """
    found: list[tuple[int, bool]] = []
    for part in _dicts(_plain(config)):
        kind = part.get("rope_type", part.get("type"))
        if kind in STRETCHED:
            length = part.get("original_max_position_embeddings")
            found.append((int(length) if length else _length(config), kind == "dynamic"))
    return min(found, default=(None, False))


def context_length(config: Any) -> int | None:
    """Return the most tokens a model was made for; None if unsaid.

    It is found also where its text model has a config of its own.

    >>> context_length({"text_config": {"max_position_embeddings": 8192}, "vision_config": {"n_positions": 9}})
    8192
    """
    names = ("max_position_embeddings", "n_positions", "max_seq_len", "max_sequence_length", "seq_length", "n_ctx")
    parts = list(_dicts(_plain(config)))
    lengths = (part[name] for name in names for part in parts if _is_count(part.get(name)))
    return next(lengths, None)


def _length(config: Any) -> int:
    return context_length(config) or 0


def _plain(config: Any) -> Mapping[str, Any]:
    """A config as nested dicts, what the library works out (such as `layer_types`) included."""
    return config if isinstance(config, Mapping) else config.to_dict()


def _dicts(config: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A config and every part of it that concerns text."""
    yield config
    for name, value in config.items():
        if isinstance(value, Mapping) and not OTHER_SENSES.search(str(name)):
            yield from _dicts(value)


def _windows(config: Mapping[str, Any]) -> Iterator[int]:
    for part in _dicts(config):
        kinds = part.get("layer_types")
        if isinstance(kinds, (list, tuple)) and not any(LOCAL_LAYER.search(str(kind)) for kind in kinds):
            continue
        for name, value in part.items():
            if not _is_count(value) or not WINDOW.search(str(name)) or NO_WINDOW.search(str(name)):
                continue
            if name == "sliding_window" and part.get("use_sliding_window") is False:
                continue
            yield int(value)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 1
