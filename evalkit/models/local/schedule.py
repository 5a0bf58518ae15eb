"""Which requests are computed together, and what happens when memory runs out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from evalkit.core.errors import ModelError, Problem
from evalkit.models.local.choices import Scored, fast_choices, plain_choices
from evalkit.models.local.engine import Engine, Room
from evalkit.models.local.failures import is_out_of_memory
from evalkit.models.local.generate import fast_generate
from evalkit.models.local.groups import by_opening
from evalkit.models.local.plain import plain_generate
from evalkit.models.local.prompt import Prompt
from evalkit.models.local.sampling import Row
from evalkit.models.local.ways import How

Progress = Callable[[str], None]
T = TypeVar("T")
R = TypeVar("R", Row, Scored)


def answer_rows(
    engine: Engine, adapter: str | None, rows: Sequence[Row], progress: Progress, *, deterministic: bool = False
) -> Iterator[Row]:
    """Answer every row, each yielded when it is over.

    Each is answered by the quickest way that is right for its length.

    With `deterministic` no answer depends on what is asked beside it: one request at a time, nothing shared.
    """
    by_way: dict[How, list[Row]] = {}
    for row in rows:
        size = len(row.prompt.ids)
        by_way.setdefault(engine.ways.how(size, size + row.limit, deterministic=deterministic), []).append(row)
    for way, members in by_way.items():
        if way == "fast":
            yield from _fast_rows(engine, adapter, members, progress)
            continue

        def run(left: Sequence[Row], room: Room, way: How = way) -> Iterator[Row]:
            return _plain_rows(engine, adapter, left, room, way)

        yield from _run_halving(engine, members, run, progress)


def answer_choices(
    engine: Engine, adapter: str | None, prompts: Sequence[Prompt], progress: Progress, *, deterministic: bool = False
) -> Iterator[Scored]:
    """Score the choices of every question, batch by batch.

    It scores one choice at a time where the fast way does not hold.
    """
    fast: list[Prompt] = []
    plain: list[Prompt] = []
    for prompt in prompts:
        whole = len(prompt.ids) + max(map(len, prompt.choices))
        way = engine.ways.how(len(prompt.ids), whole, deterministic=deterministic)
        (fast if way == "fast" else plain).append(prompt)
    for length, members in by_opening([prompt.ids for prompt in fast]):
        group = [fast[i] for i in members]
        opening = group[0].ids[:length]

        def run(left: Sequence[Prompt], room: Room, opening: tuple[int, ...] = opening) -> Iterator[Scored]:
            return fast_choices(engine, adapter, left, opening=opening, room=room)

        yield from _run_halving(engine, group, run, progress)
    yield from plain_choices(engine, adapter, plain)


def _fast_rows(engine: Engine, adapter: str | None, rows: Sequence[Row], progress: Progress) -> Iterator[Row]:
    """Rows by their shared openings."""
    for length, members in by_opening([row.prompt.ids for row in rows]):
        group = [rows[i] for i in members]
        opening = group[0].prompt.ids[:length]

        def run(left: Sequence[Row], room: Room, opening: tuple[int, ...] = opening) -> Iterator[Row]:
            for row in left:
                row.again()
            return fast_generate(engine, adapter, left, opening=opening, room=room)

        yield from _run_halving(engine, group, run, progress)


def _plain_rows(engine: Engine, adapter: str | None, rows: Sequence[Row], room: Room, way: How) -> Iterator[Row]:
    """Batches of rows of about the same length, longest first; one by one where batches are not right."""
    waiting = sorted(rows, key=lambda row: -len(row.prompt.ids))
    while waiting:
        longest = len(waiting[0].prompt.ids)
        size = max(1, min(room.rows, 4 * room.tokens // longest)) if way == "batch" else 1
        batch, waiting = waiting[:size], waiting[size:]
        for row in batch:
            row.again()
        plain_generate(engine, adapter, batch, anew=way == "anew")
        yield from batch


def _run_halving(
    engine: Engine, items: Sequence[T], run: Callable[[Sequence[T], Room], Iterator[R]], progress: Progress
) -> Iterator[R]:
    """Run to the end; when memory runs out, go on with what is left in half the room, which the engine remembers."""
    left = {id(_prompt(item)): item for item in items}
    while left:
        try:
            for result in run(list(left.values()), engine.room):
                del left[id(result.prompt)]
                yield result
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            if engine.room.rows == 1:
                raise ModelError(
                    Problem(
                        what=f"memory runs out on {engine.device} even for one request at a time: {error}",
                        todo="choose a smaller model, `dtype: bfloat16`, a smaller max_tokens, or another device",
                    )
                ) from error
            engine.room = engine.room.halve()
            engine.forget()
            progress(f"Out of memory on {engine.device}: going on with {engine.room.rows} requests at a time")


def _prompt(item: object) -> object:
    return item.prompt if isinstance(item, Row) else item
