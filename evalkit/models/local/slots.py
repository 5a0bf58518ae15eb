"""Keys and values of what was read, kept for attention: an opening shared by many, and slots filled in place.

Both are given to a transformers model as its cache; of that interface, models whose layers all attend to
everything use `update` alone, and `probe.py` proves for each model loaded that this is so.
Shapes: keys and values of a layer are (rows, heads, columns, head size).
"""

from __future__ import annotations

from typing import Any

Tensor = Any
Layers = list[tuple[Tensor, Tensor]]


class Behind:
    """A cache for one forward pass behind a shared opening.

    It may stand behind nothing, to compute that opening.
    """

    def __init__(self, opening: Layers | None = None) -> None:
        self.opening = opening
        self.layers: Layers = []

    def update(self, key: Tensor, value: Tensor, layer_idx: int, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        """Return the opening's keys and values for each row, then the new ones."""
        import torch

        if self.opening is None:
            self.layers.append((key, value))
            return key, value
        kept = (
            old.expand(new.shape[0], -1, -1, -1) for old, new in zip(self.opening[layer_idx], (key, value), strict=True)
        )
        return torch.cat([next(kept), key], dim=2), torch.cat([next(kept), value], dim=2)

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """Return the columns that were there before this pass."""
        return 0 if self.opening is None else int(self.opening[layer_idx][0].shape[2])


class Slots:
    """Room for `rows` requests of up to `columns` tokens.

    Rows 0..n-1 are in use; the last replaces one that leaves.
    """

    def __init__(self, rows: int, columns: int, opening: Layers | None) -> None:
        self.rows, self.columns = rows, columns
        self.opening = opening
        self.start = 0 if opening is None else int(opening[0][0].shape[2])
        self.layers: Layers = []
        self._reading: tuple[int, int] | None = None
        self._places: Tensor = None
        self._width = 0

    def read(self, first: int, count: int) -> None:
        """Let the next pass read prompts into slots, behind the opening.

        The slots are `first` to `first + count`.
        """
        self._reading = (first, count)

    def write(self, places: Tensor, width: int) -> None:
        """Let the next pass add one token to each of the first n slots.

        The token goes to column `places` (n,) of `width` in use.
        """
        self._reading, self._places, self._width = None, places, width

    def update(self, key: Tensor, value: Tensor, layer_idx: int, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        """Store the new keys and values in their slots.

        Returns all that the rows of this pass attend to.
        """
        if layer_idx == len(self.layers):
            self.layers.append((self._room(key), self._room(value)))
        keys, values = self.layers[layer_idx]
        return self._store(keys, key, layer_idx, 0), self._store(values, value, layer_idx, 1)

    def _store(self, room: Tensor, new: Tensor, layer: int, side: int) -> Tensor:
        import torch

        if self._reading is None:
            rows = torch.arange(new.shape[0], device=new.device)
            room[rows, :, self._places] = new[:, :, 0]
            return room[: new.shape[0], :, : self._width]
        first, count = self._reading
        end = self.start + new.shape[2]
        if self.opening is not None:
            room[first : first + count, :, : self.start] = self.opening[layer][side]
        room[first : first + count, :, self.start : end] = new
        return room[first : first + count, :, :end]

    def _widen(self, room: Tensor, columns: int) -> Tensor:
        wide = room.new_zeros((self.rows, room.shape[1], columns, room.shape[3]))
        wide[:, :, : self.columns] = room
        return wide

    def _room(self, like: Tensor) -> Tensor:
        """Zeros, never garbage: a masked column has weight 0, and 0 times NaN is NaN."""
        return like.new_zeros((self.rows, like.shape[1], self.columns, like.shape[3]))

    def grow(self, columns: int) -> None:
        """Make room for texts of up to `columns` tokens.

        One layer after the other, so that no more than one is there twice.
        """
        import torch

        with torch.inference_mode():
            for number, layer in enumerate(self.layers):
                keys, values = (self._widen(room, columns) for room in layer)
                self.layers[number] = (keys, values)
        self.columns = columns

    def move(self, source: int, target: int, width: int) -> None:
        """Copy the first `width` columns of one slot over another."""
        import torch

        with torch.inference_mode():
            for layer in self.layers:
                for room in layer:
                    room[target, :, :width] = room[source, :, :width]

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """Return the columns that were there before this pass."""
        return self.start
