"""The plain way to compute: whole rows, the model's own cache, nothing shared.

The way for models whose attention is not over everything (sliding windows, recurrent layers), and the reference that
the fast way is held against.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evalkit.models.local.engine import Engine
from evalkit.models.local.masks import padded
from evalkit.models.local.sampling import Row, likeliest

Tensor = Any


def plain_generate(engine: Engine, adapter: str | None, rows: Sequence[Row]) -> None:
    """Answer one batch to its end. Rows that are over stay in the batch until the last one is."""
    import torch

    started = engine.clock()
    ids, real = padded([row.prompt.ids for row in rows], pad=engine.pad, device=engine.device)
    cache: Any = None
    alive = list(range(len(rows)))
    while alive:
        positions = (real.long().cumsum(1) - 1).clamp(min=0)[:, -ids.shape[1] :]
        logits, cache = plain_forward(engine, adapter, ids, positions=positions, mask=real, cache=cache)
        best = likeliest(logits[:, -1])
        alive = [i for i in alive if not rows[i].take(logits[i, -1], best[i])]
        last = torch.tensor([row.tokens[-1:] for row in rows], device=engine.device)
        # a model that hands no cache back reads everything again
        ids = last if cache is not None else torch.cat([ids, last], dim=1)
        real = torch.cat([real, torch.ones_like(last, dtype=torch.bool)], dim=1)
    for row in rows:
        row.seconds += (engine.clock() - started) / len(rows)


def plain_scores(engine: Engine, adapter: str | None, prompt: Sequence[int], choice: Sequence[int]) -> float:
    """The summed log-likelihood of one choice behind one prompt, by one whole pass."""
    import torch

    ids, real = padded([[*prompt, *choice]], pad=engine.pad, device=engine.device)
    positions = torch.arange(ids.shape[1], device=engine.device)[None]
    logits, _ = plain_forward(
        engine, adapter, ids, positions=positions, mask=real, cache=None, keep=len(choice) + 1, use_cache=False
    )
    chances = torch.log_softmax(logits[0, :-1].float(), dim=-1)
    target = torch.tensor(list(choice), device=engine.device)
    return float(chances.gather(1, target[:, None]).double().sum())


def plain_forward(
    engine: Engine,
    adapter: str | None,
    ids: Tensor,
    *,
    positions: Tensor,
    mask: Tensor,
    cache: Any,
    keep: int = 1,
    use_cache: bool = True,
) -> tuple[Tensor, Any]:
    """One pass with a padding mask (rows, columns) and the model's own cache; logits and the cache."""
    import torch

    with engine.lock, torch.inference_mode():
        engine.switch(adapter)
        out = engine.model(
            input_ids=ids,
            attention_mask=mask.long(),
            position_ids=positions,
            **{engine.cache_name: cache},
            use_cache=use_cache,
            logits_to_keep=keep,
        )
        return out.logits, getattr(out, engine.cache_name, None)
