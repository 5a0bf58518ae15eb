"""Packs many short conversations behind one shared prefix, so that training on a CPU does not recompute it.

A pack is one row: the tokens that all its conversations begin with, once, then the rest of each. A conversation sees
the prefix and itself, nothing else, and its positions count from the prefix on, so its loss is the one it would have
alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import torch


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """One training row as token ids: `prefix` (system turn), `body` (user turn), `answer` (what is learnt)."""

    prefix: tuple[int, ...]
    body: tuple[int, ...]
    answer: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Pack:
    """Tensors of one step: ids and positions (1, T), mask (1, 1, T, T) bool; places, ids and weights of labels (A,)."""

    ids: torch.Tensor
    positions: torch.Tensor
    mask: torch.Tensor
    predict_at: torch.Tensor
    labels: torch.Tensor
    weights: torch.Tensor
    conversations: int


def tokenized(row: dict[str, Any], *, tokenizer: Any) -> Conversation:
    """Render one row with the model's own chat template and cut it into system turn, user turn and answer."""
    messages = row["messages"]
    prompt = tokenizer.apply_chat_template(messages[:-1], tokenize=False, add_generation_prompt=True)
    cut = prompt.index("<|im_start|>user")
    prefix = tuple(tokenizer(prompt[:cut], add_special_tokens=False)["input_ids"])
    body = tuple(tokenizer(prompt[cut:], add_special_tokens=False)["input_ids"])
    answer = tuple(tokenizer(messages[-1]["content"] + "<|im_end|>", add_special_tokens=False)["input_ids"])
    return Conversation(prefix=prefix, body=body, answer=answer)


def pack(conversations: Sequence[Conversation]) -> Pack:
    """One pack of conversations with the same prefix. Each conversation weighs the same, however long its answer."""
    prefix = conversations[0].prefix
    ids, positions, owner = list(prefix), list(range(len(prefix))), [0] * len(prefix)
    predict_at: list[int] = []
    labels: list[int] = []
    weights: list[float] = []
    for number, one in enumerate(conversations, start=1):
        tail = one.body + one.answer[:-1]
        first = len(ids) + len(one.body) - 1
        predict_at += range(first, first + len(one.answer))
        labels += one.answer
        weights += [1 / len(one.answer) ** 0.5] * len(one.answer)
        ids += tail
        positions += range(len(prefix), len(prefix) + len(tail))
        owner += [number] * len(tail)
    own = torch.tensor(owner)
    causal = torch.ones(len(ids), len(ids), dtype=torch.bool).tril()
    mask = causal & ((own[:, None] == own[None, :]) | (own[None, :] == 0))
    return Pack(
        ids=torch.tensor([ids]),
        positions=torch.tensor([positions]),
        mask=mask[None, None],
        predict_at=torch.tensor(predict_at),
        labels=torch.tensor(labels),
        weights=torch.tensor(weights),
        conversations=len(conversations),
    )


def packs(conversations: Sequence[Conversation], *, tokens: int, rng: Random) -> list[Pack]:
    """All conversations in random order, in packs of about `tokens` tokens; packs of different prefixes are mixed."""
    by_prefix: dict[tuple[int, ...], list[Conversation]] = defaultdict(list)
    for one in rng.sample(conversations, len(conversations)):
        by_prefix[one.prefix].append(one)
    out: list[Pack] = []
    for prefix, members in by_prefix.items():
        group: list[Conversation] = []
        size = len(prefix)
        for one in members:
            length = len(one.body) + len(one.answer)
            if group and size + length > tokens:
                out.append(pack(group))
                group, size = [], len(prefix)
            group.append(one)
            size += length
        out.append(pack(group))
    rng.shuffle(out)
    return out
