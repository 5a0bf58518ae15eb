"""Training rows that are looked at together: their plain texts as one, cut into pieces."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evalkit.data.held_out.letters import PART, ROW, many
from evalkit.data.held_out.probes import LONGEST, Ints
from evalkit.data.training import TrainingRow

_PIECE = 2 * LONGEST


class Batch:
    """The plain texts of some rows.

    A row longer than two probes is cut into halves; two neighbours make a piece.
    """

    def __init__(self, rows: Sequence[TrainingRow]) -> None:
        self.rows = rows
        self.joined, self.codes = many([row.texts for row in rows])
        self.plain_rows = self.joined.split(ROW)
        self._ends: Ints = np.flatnonzero(self.codes == ord(ROW)).astype(np.int64)
        self._begins: Ints = np.append(np.zeros(1, dtype=np.int64), self._ends[:-1] + 1)
        length = self._ends - self._begins
        count = np.where(length > _PIECE, length // LONGEST + 1, 1)
        self.owner: Ints = np.repeat(np.arange(len(rows)), count)
        """The row of each half"""
        within = np.arange(len(self.owner)) - np.repeat(np.cumsum(count) - count, count)
        self.starts: Ints = self._begins[self.owner] + within * LONGEST
        """Where each half begins; it ends where the next one does"""

    def around(self, piece: int, reach: int) -> str:
        """Return the plain text of a piece and `reach` characters on both sides.

        It stays within the piece's row.
        """
        row = int(self.owner[piece])
        begin = max(int(self.starts[piece]) - reach, int(self._begins[row]))
        end = min(int(self.starts[piece]) + _PIECE + reach, int(self._ends[row]))
        return self.joined[begin:end].replace(PART, "")
