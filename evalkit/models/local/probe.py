"""Whether the fast way gives a model's own logits; asked of each model once, when it is loaded."""

from __future__ import annotations

from typing import Any

from evalkit.models.local.engine import Engine
from evalkit.models.local.masks import causal, packed, padded
from evalkit.models.local.plain import plain_forward
from evalkit.models.local.slots import Slots

TOLERANCE = {"float32": 1e-3, "float64": 1e-6}
"""Largest difference of a logit, in standard deviations of the logits; other number types get `COARSE`"""
COARSE = 0.1


def fast_is_exact(engine: Engine) -> bool:
    """Compare both ways on two short made-up prompts: behind an opening, one token on, and with branches."""
    import torch

    made = [(7919 * (i + 1)) % engine.vocabulary for i in range(14)]
    whole = [made[:6] + made[6:11], made[:6] + made[11:13]]
    nexts = [made[13], made[0]]
    try:
        fast = _fast(engine, whole, nexts, start=6)
    except Exception:  # a model that does not take these caches or masks at all
        return False
    slow = torch.stack([_slow(engine, [*row, token]) for row, token in zip(whole, nexts, strict=True)])
    scale = float(slow.float().std()) or 1.0
    worst = max(float((way.float() - slow.float()).abs().max()) for way in fast)
    name = str(slow.dtype).removeprefix("torch.")
    return worst / scale <= TOLERANCE.get(name, COARSE)


def _slow(engine: Engine, row: list[int]) -> Any:
    """(1, vocabulary) logits behind one row."""
    import torch

    ids, real = padded([row], pad=engine.pad, device=engine.device)
    positions = torch.arange(len(row), device=engine.device)[None]
    logits, _ = plain_forward(engine, None, ids, positions=positions, mask=real, cache=None)
    return logits[0]


def _fast(engine: Engine, whole: list[list[int]], nexts: list[int], *, start: int) -> list[Any]:
    """The same logits by slots (one token written behind read ones) and by branches, each (rows, 1, vocabulary)."""
    import torch

    opening, _ = engine.opening(None, tuple(whole[0][:start]))
    tails = [row[start:] for row in whole]
    ids, real = padded(tails, pad=engine.pad, device=engine.device)
    width = ids.shape[1]
    slots = Slots(3, start + width + 1, opening)
    slots.read(0, 2)
    positions = start + (real.long().cumsum(1) - 1).clamp(min=0)
    engine.forward(None, ids, positions=positions, mask=causal(real, start), cache=slots)
    slots.write(torch.tensor([start + width] * 2, device=engine.device), start + width + 1)
    step = torch.tensor(nexts, device=engine.device)[:, None]
    seen = torch.ones((2, start + width + 1), dtype=torch.bool, device=engine.device)
    seen[:, start:-1] = real
    at = torch.tensor([[len(row)] for row in whole], device=engine.device)
    written = engine.forward(None, step, positions=at, mask=seen[:, None, None], cache=slots)
    return [written, _branched(engine, opening, tails, nexts, start=start)]


def _branched(engine: Engine, opening: Any, tails: list[list[int]], nexts: list[int], *, start: int) -> Any:
    """The token wanted as the second of two branches, so that seeing the first would show."""
    from evalkit.models.local.slots import Behind

    rows = [[*tail, 1, 2, token] for tail, token in zip(tails, nexts, strict=True)]
    ids, _ = padded(rows, pad=engine.pad, device=engine.device)
    stems = [len(tail) for tail in tails]
    mask, positions = packed(stems, [[2, 1]] * len(rows), opening=start, device=engine.device)
    return engine.forward(None, ids, positions=positions, mask=mask, cache=Behind(opening))
