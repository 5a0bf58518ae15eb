"""The log-likelihood of every choice behind its question.

The fast way reads the opening common to all questions once, and each question once, its choices packed behind it in
the same row: every choice sees the question and itself, never another choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evalkit.models.local.engine import Engine, Room
from evalkit.models.local.masks import pack_branches, pad_left
from evalkit.models.local.plain import plain_scores
from evalkit.models.local.prompt import Prompt
from evalkit.models.local.slots import Behind

LOGITS_SHARE = 4
"""Logits may take this part of the room for keys and values: a quarter"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A question's summed log-likelihoods and its share of the machine's time.

    There is one (natural log) for each choice.
    """

    prompt: Prompt
    scores: tuple[float, ...]
    seconds: float


def fast_choices(
    engine: Engine, adapter: str | None, prompts: Sequence[Prompt], *, opening: tuple[int, ...], room: Room
) -> Iterator[Scored]:
    """Score questions that share an opening, longest first, batch by batch."""
    _, seconds = engine.opening(adapter, opening)
    waiting = sorted(prompts, key=lambda prompt: -_width(prompt, len(opening)))
    while waiting:
        batch = waiting[: _batch_size(waiting, len(opening), room, vocabulary=engine.vocabulary)]
        waiting = waiting[len(batch) :]
        for scored in _batch(engine, adapter, batch, opening=opening):
            yield Scored(prompt=scored.prompt, scores=scored.scores, seconds=scored.seconds + seconds / len(prompts))


def plain_choices(engine: Engine, adapter: str | None, prompts: Sequence[Prompt]) -> Iterator[Scored]:
    """Score questions one choice at a time.

    This is the reference, and the way for models that cannot share.
    """
    for prompt in prompts:
        started = engine.clock()
        scores = tuple(plain_scores(engine, adapter, prompt.ids, choice) for choice in prompt.choices)
        yield Scored(prompt=prompt, scores=scores, seconds=engine.clock() - started)


def _different(prompt: Prompt) -> list[tuple[int, ...]]:
    """The choices without repetitions: equal choices are computed once, so that their scores are equal, too."""
    return list(dict.fromkeys(prompt.choices))


def _width(prompt: Prompt, opening: int) -> int:
    """Columns of a packed row; the last token of a choice needs no reading, for nothing comes behind it."""
    return len(prompt.ids) - opening + _behind(prompt)


def _behind(prompt: Prompt) -> int:
    """Tokens of all choices that are read, and whose logits are wanted."""
    return sum(len(choice) - 1 for choice in _different(prompt))


def _batch_size(waiting: Sequence[Prompt], opening: int, room: Room, *, vocabulary: int) -> int:
    """How many of the longest questions fit one pass: by tokens read, and by the room that their logits take."""
    width = _width(waiting[0], opening)
    kept = 1 + max(map(_behind, waiting[: room.rows]))
    logits = room.cache_bytes // (LOGITS_SHARE * 4 * vocabulary)
    return max(1, min(room.tokens // width, logits // kept, len(waiting)))


def _batch(engine: Engine, adapter: str | None, prompts: Sequence[Prompt], *, opening: tuple[int, ...]) -> list[Scored]:
    """One pass: logits behind each question and behind each token of its choices."""
    started = engine.clock()
    layers, _ = engine.opening(adapter, opening)
    start = len(opening)
    stems = [prompt.ids[start:] for prompt in prompts]
    parts = [[choice[:-1] for choice in _different(prompt)] for prompt in prompts]
    rows = [[*stem, *(token for part in own for token in part)] for stem, own in zip(stems, parts, strict=True)]
    ids, _ = pad_left(rows, pad=engine.pad, device=engine.device)
    mask, positions = pack_branches(
        [len(stem) for stem in stems], [[len(p) for p in own] for own in parts], opening=start, device=engine.device
    )
    keep = 1 + max(len(row) - len(stem) for row, stem in zip(rows, stems, strict=True))
    logits = engine.forward(adapter, ids, positions=positions, mask=mask, cache=Behind(layers), keep=keep)
    scores = [_scores(logits[i], prompt) for i, prompt in enumerate(prompts)]
    seconds, total = engine.clock() - started, sum(map(len, rows))
    return [
        Scored(prompt=prompt, scores=own, seconds=seconds * len(row) / total)
        for prompt, own, row in zip(prompts, scores, rows, strict=True)
    ]


def _scores(logits: object, prompt: Prompt) -> tuple[float, ...]:
    """Sum the log-likelihoods of each choice from one row's (keep, vocabulary) logits, right-aligned."""
    import torch

    assert isinstance(logits, torch.Tensor)
    behind = logits.shape[0] - 1 - _behind(prompt)
    columns: list[int] = []
    tokens: list[int] = []
    owners: list[int] = []
    place = behind + 1
    for owner, choice in enumerate(_different(prompt)):
        columns += [behind, *range(place, place + len(choice) - 1)]
        tokens += choice
        owners += [owner] * len(choice)
        place += len(choice) - 1
    picked = logits[torch.tensor(columns, device=logits.device)].float()
    target = torch.tensor(tokens, device=logits.device)[:, None]
    chances = (picked.gather(1, target)[:, 0] - picked.logsumexp(-1)).double().cpu()
    sums = torch.zeros(owners[-1] + 1, dtype=torch.double).index_add(0, torch.tensor(owners), chances)
    found = dict(zip(_different(prompt), sums.tolist(), strict=True))
    return tuple(found[choice] for choice in prompt.choices)
