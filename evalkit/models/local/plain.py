"""The plain way to compute: whole rows, the model's own cache or none, nothing shared.

The way for models whose attention is not over everything (sliding windows, recurrent layers), and the reference that
the fast way is held against.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evalkit.models.local.engine import Engine
from evalkit.models.local.masks import pad_left
from evalkit.models.local.sampling import Row, likeliest

Tensor = Any


def plain_generate(engine: Engine, adapter: str | None, rows: Sequence[Row], *, anew: bool = False) -> None:
    """Answer one batch to its end.

    With `anew` everything is read again for every token.

    Rows that are over stay in the batch until the last one is.
    """
    import torch

    started = engine.clock()
    ids, real = pad_left([row.prompt.ids for row in rows], pad=engine.pad, device=engine.device)
    cache: Any = None
    alive = list(range(len(rows)))
    while alive:
        logits, cache = plain_step(engine, adapter, ids, real=real, cache=cache, anew=anew)
        best = likeliest(logits[:, -1])
        alive = [i for i in alive if not rows[i].take(logits[i, -1], best[i])]
        last = torch.tensor([row.tokens[-1:] for row in rows], device=engine.device)
        # a model that hands no cache back reads everything again
        ids = last if cache is not None else torch.cat([ids, last], dim=1)
        real = torch.cat([real, torch.ones_like(last, dtype=torch.bool)], dim=1)
    for row in rows:
        row.seconds += (engine.clock() - started) / len(rows)


def plain_step(
    engine: Engine, adapter: str | None, ids: Tensor, *, real: Tensor, cache: Any, anew: bool = False
) -> tuple[Tensor, Any]:
    """Return the logits behind the last of the new `ids`, and the cache.

    `real` marks the tokens of all columns so far.
    """
    mask = None if bool(real.all()) else real  # nothing is padded: exactly the pass that a text alone gets
    positions = (real.long().cumsum(1) - 1).clamp(min=0)[:, -ids.shape[1] :]
    return plain_forward(engine, adapter, ids, positions=positions, mask=mask, cache=cache, use_cache=not anew)


def plain_scores(engine: Engine, adapter: str | None, prompt: Sequence[int], choice: Sequence[int]) -> float:
    """Return the summed log-likelihood of one choice behind one prompt.

    It is computed by one whole pass.
    """
    import torch

    logits = whole_pass(engine, adapter, [*prompt, *choice], keep=len(choice) + 1)
    chances = torch.log_softmax(logits[0, :-1].float(), dim=-1)
    target = torch.tensor(list(choice), device=engine.device)
    return float(chances.gather(1, target[:, None]).double().sum())


def whole_pass(engine: Engine, adapter: str | None, row: Sequence[int], *, keep: int = 1) -> Tensor:
    """Return (1, keep, vocabulary) logits of a row's last columns.

    One text alone, no cache, no mask: this is the reference.
    """
    import torch

    ids = torch.tensor([list(row)], device=engine.device)
    return plain_forward(engine, adapter, ids, positions=None, mask=None, cache=None, keep=keep, use_cache=False)[0]


def plain_forward(
    engine: Engine,
    adapter: str | None,
    ids: Tensor,
    *,
    positions: Tensor | None,
    mask: Tensor | None,
    cache: Any,
    keep: int = 1,
    use_cache: bool = True,
) -> tuple[Tensor, Any]:
    """Compute one pass with a padding mask and the model's own cache.

    The mask is (rows, columns). Returns logits and the cache.
    """
    out = engine.call(
        adapter,
        ids,
        positions=positions,
        mask=None if mask is None else mask.long(),
        cache=cache,
        keep=keep,
        use_cache=use_cache,
    )
    return out.logits[:, -keep:], getattr(out, engine.cache_name, None) if use_cache else None
