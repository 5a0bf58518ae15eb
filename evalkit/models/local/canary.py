"""Whether an arm still computes what it computed before: the logits of one fixed prompt."""

from __future__ import annotations

from typing import Any

Tensor = Any
TOLERANCE = {"float32": 1e-3, "float64": 1e-6}
"""Largest difference of a logit, in standard deviations of the logits; other number types get `COARSE`"""
COARSE = 0.1
LENGTH = 8


def make_up(vocabulary: int, count: int, *, first: int = 1) -> list[int]:
    """Make up a text of `count` tokens, meaningless and the same every time."""
    return [(7919 * (i + first) + i * i) % vocabulary for i in range(count)]


def are_alike(found: Tensor, wanted: Tensor) -> bool:
    """Return whether two tensors of logits differ only by rounding.

    They may differ by no more than their number type rounds.
    """
    scale = float(wanted.float().std()) or 1.0
    worst = float((found.float() - wanted.float()).abs().max())
    return worst / scale <= TOLERANCE.get(str(wanted.dtype).removeprefix("torch."), COARSE)  # False for NaN


def canary_logits(model: Any, *, vocabulary: int, device: str) -> Tensor:
    """Return the (1, vocabulary) logits behind the fixed prompt.

    They are those of the model as it stands.
    """
    import torch

    ids = torch.tensor([make_up(vocabulary, LENGTH)], device=device)
    with torch.inference_mode():
        return model(input_ids=ids, use_cache=False).logits[:, -1].float()
