"""Which ways of computing give a model's own logits; asked of each model once, when it is loaded.

The reference is always the same: one text alone, in one pass, without cache and mask.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evalkit.core.errors import ModelError, Problem
from evalkit.models.local.canary import are_alike, make_up
from evalkit.models.local.engine import Engine
from evalkit.models.local.masks import causal, pack_branches, pad_left
from evalkit.models.local.plain import plain_step, whole_pass
from evalkit.models.local.slots import Behind, Slots
from evalkit.models.local.ways import Ways, stretch_length, window

SHORT, LONG, BEYOND = 14, 160, 8
"""Tokens of the short and the long texts, and how far a text goes beyond a window"""
WORK = {"cuda": 1e15, "cpu": 4e12}
"""Operations that one text may cost: a window further away than they reach is taken from the config, unprobed"""


def probe_ways(engine: Engine) -> Ways:
    """Prove the ways of a model, quickest first.

    Raises ModelError for a model that reads what comes later.
    """
    require_causal(engine)
    config = engine.model.config
    local, (turn, dynamic) = window(config), stretch_length(config)
    most = _affordable(engine, [turn, engine.context_length])
    fast = _holds(engine, 11) and _holds(engine, min(most, local or LONG, LONG if local is None else most))
    if fast and local is None:
        return Ways(reach=None, turn=turn, dynamic=dynamic)
    beyond = min(most, LONG if local is None else local + BEYOND)
    batches = _plain_holds(engine, [beyond, 5, 9])
    caches = batches or _plain_holds(engine, [beyond])
    return Ways(reach=local if fast else 0, batches=batches, caches=caches, turn=turn, dynamic=dynamic)


def require_causal(engine: Engine) -> None:
    """Raise ModelError when logits change with the tokens behind them.

    Such a model reads, it does not write.
    """
    row = make_up(engine.vocabulary, 9)
    try:
        before, after = whole_pass(engine, None, row[:7], keep=1), whole_pass(engine, None, row, keep=3)[:, :1]
    except Exception as error:  # each library behind a model raises its own
        raise ModelError(
            Problem(
                what=f"the model does not compute: {type(error).__name__}: {error}", todo="try it with transformers"
            )
        ) from error
    if not are_alike(after, before):
        raise ModelError(
            Problem(
                what="the model reads the tokens behind a place to fill it: it is an encoder and cannot write answers",
                allowed="a causal language model",
            )
        )


def _affordable(engine: Engine, ends: Sequence[int | None]) -> int:
    """The longest text that may be probed: within the model's lengths, and the work that a start may cost."""
    size = sum(weight.numel() for weight in engine.model.parameters())
    most = int(WORK["cuda" if engine.device.startswith("cuda") else "cpu"] / (2 * max(1, size)))
    return max(SHORT, min(most, *(end - 2 for end in ends if end is not None), most))


def _holds(engine: Engine, count: int) -> bool:
    """Whether the fast way is right for a text of `count` tokens and a shorter one: slots, openings, branches."""
    import torch

    made = make_up(engine.vocabulary, count + 3)
    whole = [made[: count - 1], [*made[:6], *made[count - 1 : count + 1]]]
    nexts = [made[count + 2], made[0]]
    try:
        fast = _fast(engine, whole, nexts, start=6)
    except Exception:  # a model that does not take these caches or masks at all
        return False
    finally:
        engine.forget()
    slow = torch.stack([whole_pass(engine, None, [*row, token])[0] for row, token in zip(whole, nexts, strict=True)])
    return all(are_alike(way, slow) for way in fast)


def _plain_holds(engine: Engine, lengths: Sequence[int]) -> bool:
    """Whether texts in one padded batch, read and then written on with the model's own cache, are right."""
    import torch

    rows = [make_up(engine.vocabulary, length, first=length) for length in lengths]
    written = [make_up(engine.vocabulary, 2, first=77 + length) for length in lengths]
    ids, real = pad_left(rows, pad=engine.pad, device=engine.device)
    cache: Any = None
    try:
        for step in range(3):
            logits, cache = plain_step(engine, None, ids, real=real, cache=cache)
            wanted = [whole_pass(engine, None, [*row, *new[:step]])[0] for row, new in zip(rows, written, strict=True)]
            if not are_alike(logits, torch.stack(wanted)):
                return False
            if step < 2:
                last = torch.tensor([[new[step]] for new in written], device=engine.device)
                ids = last if cache is not None else torch.cat([ids, last], dim=1)
                real = torch.cat([real, torch.ones_like(last, dtype=torch.bool)], dim=1)
    except Exception:  # a model that takes no padded batch, or no cache
        return False
    return True


def _fast(engine: Engine, whole: list[list[int]], nexts: list[int], *, start: int) -> list[Any]:
    """The same logits by slots (one token written behind read ones) and by branches, each (rows, 1, vocabulary)."""
    import torch

    opening, _ = engine.opening(None, tuple(whole[0][:start]))
    engine.token_bytes = sum(part[0, :, 0].nbytes for layer in opening or () for part in layer) or 1
    tails = [row[start:] for row in whole]
    ids, real = pad_left(tails, pad=engine.pad, device=engine.device)
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
    return [written, _run_branched(engine, opening, tails, nexts, start=start)]


def _run_branched(engine: Engine, opening: Any, tails: list[list[int]], nexts: list[int], *, start: int) -> Any:
    """The token wanted as the second of two branches, so that seeing the first would show."""
    rows = [[*tail, 1, 2, token] for tail, token in zip(tails, nexts, strict=True)]
    ids, _ = pad_left(rows, pad=engine.pad, device=engine.device)
    stems = [len(tail) for tail in tails]
    mask, positions = pack_branches(stems, [[2, 1]] * len(rows), opening=start, device=engine.device)
    return engine.forward(None, ids, positions=positions, mask=mask, cache=Behind(opening))
