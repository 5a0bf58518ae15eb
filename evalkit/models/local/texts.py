"""Log-likelihoods of texts: short endings in batches, long texts piece by piece behind what was read before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from evalkit.core.errors import ModelError, Problem
from evalkit.models.local.choices import LOGITS_SHARE
from evalkit.models.local.engine import Engine
from evalkit.models.local.failures import is_out_of_memory
from evalkit.models.local.passages import Passages
from evalkit.models.local.plain import plain_forward
from evalkit.models.local.prompt import Prompt
from evalkit.models.local.schedule import answer_choices

LONGEST_ENDING = 512
"""Counted tokens at the end of a row up to which rows are read in batches, as choices are"""
Row = tuple[tuple[int, ...], tuple[bool, ...]]


def measure_passages(
    engine: Engine,
    adapter: str | None,
    texts: Sequence[Passages],
    progress: Callable[[str], None],
    *,
    deterministic: bool = False,
) -> Iterator[Passages]:
    """Sum the log-likelihoods of each text's counted tokens, each yielded when it is over."""
    endings = {id(prompt): (text, prompt) for text in texts if (prompt := _as_ending(text)) is not None}
    prompts = [prompt for _, prompt in endings.values()]
    for scored in answer_choices(engine, adapter, prompts, progress, deterministic=deterministic):
        text = endings[id(scored.prompt)][0]
        text.sums, text.seconds = list(scored.scores), scored.seconds
        yield text
    done = {id(text) for text, _ in endings.values()}
    for text in texts:
        if id(text) not in done:
            started = engine.clock()
            text.sums = [_measure(engine, adapter, row, progress, deterministic=deterministic) for row in text.rows]
            text.seconds = engine.clock() - started
            yield text


def _as_ending(text: Passages) -> Prompt | None:
    """A text whose counted tokens are one short ending, as a question with one choice."""
    (ids, marks), *others = text.rows
    count = sum(marks)
    if others or not 0 < count <= LONGEST_ENDING or not all(marks[-count:]):
        return None
    return Prompt(request=text.request, ids=ids[:-count], choices=(ids[-count:],))


def _measure(
    engine: Engine, adapter: str | None, row: Row, progress: Callable[[str], None], *, deterministic: bool
) -> float:
    """One row; where memory runs out, in pieces of half the size."""
    while True:
        try:
            return _sum_row(engine, adapter, row, deterministic=deterministic)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            if engine.room.tokens == 1:
                what = f"memory runs out on {engine.device} even for one token at a time: {error}"
                raise ModelError(Problem(what=what, todo="choose a smaller model, or another device")) from error
            engine.room = engine.room.halve()
            engine.forget()
            progress(f"Out of memory on {engine.device}: going on with {engine.room.tokens} tokens at a time")


def _sum_row(engine: Engine, adapter: str | None, row: Row, *, deterministic: bool) -> float:
    import torch

    ids, marks = row
    whole = engine.ways.how(len(ids), len(ids), deterministic=deterministic) == "anew"
    logits_room = engine.room.cache_bytes // (LOGITS_SHARE * 4 * engine.vocabulary)
    size = len(ids) if whole else max(1, min(engine.room.tokens, logits_room))
    total, cache = 0.0, None
    for start in range(0, len(ids) - 1, size):
        part = ids[start : min(start + size, len(ids) - 1)]
        read = torch.tensor([part], device=engine.device)
        places = None if whole else torch.arange(start, start + len(part), device=engine.device)[None]
        logits, cache = plain_forward(
            engine,
            adapter,
            read,
            positions=places,
            mask=None,
            cache=cache,
            keep=len(part),
            use_cache=not whole,
        )
        total += _sum_part(logits[0], ids[start + 1 : start + 1 + len(part)], marks[start + 1 : start + 1 + len(part)])
    return total


def _sum_part(logits: Any, after: Sequence[int], counts: Sequence[bool]) -> float:
    """The log-likelihoods of the tokens that count, each behind the logits of the one before it."""
    import torch

    places = [place for place, one in enumerate(counts) if one]
    if not places:
        return 0.0
    picked = logits[torch.tensor(places, device=logits.device)].float()
    wanted = torch.tensor([after[place] for place in places], device=logits.device)[:, None]
    chances = picked.gather(1, wanted)[:, 0] - picked.logsumexp(-1)
    return float(chances.double().sum())
