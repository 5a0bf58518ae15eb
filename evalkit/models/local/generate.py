"""Answers by the fast way: a full house of slots that never waits for its slowest row.

Prompts are read behind their shared opening, longest first, a few at a time; every row in a slot gets one token a
step; a row that is over leaves at once and the next prompt takes its place.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.models.local.engine import Engine, Room
from evalkit.models.local.masks import causal, pad_left
from evalkit.models.local.sampling import Row, likeliest
from evalkit.models.local.slots import Slots

Tensor = Any
GROWTH = 64
"""Columns that slots get at a time: most answers end before their limit, and its room would stay empty"""
REFILL = 4
"""A quarter of the slots must be free before the next prompts are read: reading pays in handfuls"""


def fast_generate(
    engine: Engine, adapter: str | None, rows: Sequence[Row], *, opening: tuple[int, ...], room: Room
) -> Iterator[Row]:
    """Answer rows that share an opening; each is yielded when it is over.

    `Row.seconds` is its fair share of the machine's time: of a reading pass by its tokens, of a step in equal parts,
    of the opening in equal parts. The shares of all rows add up to the time that was spent.
    """
    layers, seconds = engine.opening(adapter, opening)
    for row in rows:
        row.seconds += seconds / len(rows)
    house = House(engine, adapter, rows, opening=len(opening), layers=layers, room=room)
    while house.waiting or house.seats:
        if house.wants_more():
            yield from house.read()
        else:
            yield from house.step()


@dataclass(slots=True, kw_only=True)
class Seat:
    """A row in a slot.

    Its next token goes to column `place` and has the position id `position`.
    """

    row: Row
    place: int
    position: int


class House:
    """The rows in slots and those still waiting.

    The row of `seats[i]` is in slot i.
    """

    def __init__(
        self, engine: Engine, adapter: str | None, rows: Sequence[Row], *, opening: int, layers: Any, room: Room
    ) -> None:
        import torch

        self.engine, self.adapter, self.opening, self.room = engine, adapter, opening, room
        self.waiting = deque(sorted(rows, key=lambda row: -len(row.prompt.ids)))
        longest = max(len(row.prompt.ids) for row in rows)
        self.most = longest + max(row.limit for row in rows)
        fitting = max(1, room.cache_bytes // (self.most * engine.token_bytes))
        self.size = min(room.rows, len(rows), fitting)
        columns = min(self.most, longest + GROWTH)
        self.slots = Slots(self.size, columns, layers)
        self.seats: list[Seat] = []
        self.seen = torch.zeros((self.size, columns), dtype=torch.bool, device=engine.device)

    def wants_more(self) -> bool:
        """Return whether enough slots are free to read the next prompts."""
        free = self.size - len(self.seats)
        return (
            bool(self.waiting) and free > 0 and (not self.seats or free >= min(self.size / REFILL, len(self.waiting)))
        )

    def read(self) -> list[Row]:
        """Read the next prompts into free slots.

        Returns the rows that are over with their first token.
        """
        start = self.engine.clock()
        batch = self._next_batch()
        ids, real = pad_left(
            [row.prompt.ids[self.opening :] for row in batch], pad=self.engine.pad, device=self.engine.device
        )
        first, width = len(self.seats), ids.shape[1]
        self.slots.read(first, len(batch))
        positions = self.opening + (real.long().cumsum(1) - 1).clamp(min=0)
        logits = self.engine.forward(
            self.adapter, ids, positions=positions, mask=causal(real, self.opening), cache=self.slots
        )
        place = self.opening + width
        self.seats += [Seat(row=row, place=place, position=len(row.prompt.ids)) for row in batch]
        self.seen[first : first + len(batch)] = False
        self.seen[first : first + len(batch), : self.opening] = True
        self.seen[first : first + len(batch), self.opening : place] = real
        over = self._take(logits, first)
        total = sum(len(row.prompt.ids) - self.opening for row in batch)
        seconds = self.engine.clock() - start
        for row in batch:
            row.seconds += seconds * (len(row.prompt.ids) - self.opening) / total
        return over

    def _next_batch(self) -> list[Row]:
        """The longest prompts that wait, as many as there are slots and tokens for."""
        width = len(self.waiting[0].prompt.ids) - self.opening
        count = min(self.size - len(self.seats), max(1, self.room.tokens // width), len(self.waiting))
        return [self.waiting.popleft() for _ in range(count)]

    def step(self) -> list[Row]:
        """Draw one token for every row in a slot.

        Returns the rows that are over.
        """
        import torch

        start = self.engine.clock()
        batch, device = list(self.seats), self.engine.device
        count, width = len(batch), max(seat.place for seat in batch) + 1
        if width > self.slots.columns:
            self._grow(width)
        places = torch.tensor([seat.place for seat in batch], device=device)
        self.seen[torch.arange(count, device=device), places] = True
        self.slots.write(places, width)
        logits = self.engine.forward(
            self.adapter,
            torch.tensor([[seat.row.tokens[-1]] for seat in batch], device=device),
            positions=torch.tensor([[seat.position] for seat in batch], device=device),
            mask=self.seen[:count, None, None, :width],
            cache=self.slots,
        )
        for seat in batch:
            seat.place += 1
            seat.position += 1
        over = self._take(logits, 0)
        seconds = (self.engine.clock() - start) / count
        for seat in batch:
            seat.row.seconds += seconds
        return over

    def _grow(self, width: int) -> None:
        """Widen every slot for longer answers."""
        import torch

        columns = min(self.most, width + GROWTH)
        self.slots.grow(columns)
        self.seen = torch.nn.functional.pad(self.seen, (0, columns - self.seen.shape[1]))

    def _take(self, logits: Tensor, first: int) -> list[Row]:
        """Give the rows from slot `first` on their next tokens; those that are over leave."""
        best = likeliest(logits[:, -1])
        gone = [first + i for i, token in enumerate(best) if self.seats[first + i].row.take(logits[i, -1], token)]
        return [self._leave(slot) for slot in reversed(gone)]

    def _leave(self, slot: int) -> Row:
        """Free a slot; the last row moves into it, so that the rows in use stay together."""
        row, last = self.seats[slot].row, len(self.seats) - 1
        if slot != last:
            self.slots.move(last, slot, self.seats[last].place)
            self.seen[slot] = self.seen[last]
            self.seats[slot] = self.seats[last]
        self.seats.pop()
        return row
