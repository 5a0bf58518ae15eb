"""How many calls may be in flight: found out while asking, instead of configured.

Slow start doubles the limit a round until the server pushes back or the ceiling is reached; after that one more
a round. A round is as many answers as the limit allows. Push-back (429, 503) shrinks the limit in proportion to its
share of the round, as data-centre TCP does (Alizadeh et al., DCTCP, SIGCOMM 2010): one refusal in twenty is noise
and costs little, a round of nothing but refusals halves the limit. The limit grows only while it holds calls back.
"""

from __future__ import annotations

_MEMORY = 0.25
"""Weight of the latest round in the estimate of the refused share"""


class Pace:
    """The adaptive limit on calls in flight.

    It is pure arithmetic: it is told what happened and says what is allowed.
    """

    def __init__(self, *, ceiling: int, start: int) -> None:
        self.ceiling = max(1, ceiling)
        self.limit = float(min(start, self.ceiling))
        self.in_flight = 0
        self.refused_share = 0.0
        self._slow_start = True
        self._answers = 0
        self._refusals = 0
        self._saturated = False

    @property
    def room(self) -> int:
        """How many more calls may start now."""
        return int(self.limit) - self.in_flight

    def start(self) -> None:
        """Note that a call goes out."""
        self.in_flight += 1
        if self.in_flight >= int(self.limit):
            self._saturated = True

    def end(self, *, refused: bool) -> None:
        """Note that a call came back.

        `refused`: with the server's own sign of too much (429, 503).
        """
        self.in_flight -= 1
        self._answers += 1
        if refused:
            self._refusals += 1
        elif self._slow_start and self._saturated:
            self.limit = min(self.limit + 1, self.ceiling)
        if self._answers >= int(self.limit):
            self._end_of_round()

    def _end_of_round(self) -> None:
        share = self._refusals / self._answers
        self.refused_share = (1 - _MEMORY) * self.refused_share + _MEMORY * share
        if self._refusals:
            self._slow_start = False
            self.limit = max(1.0, self.limit * (1 - self.refused_share / 2))
        elif not self._slow_start and self._saturated:
            self.limit = min(self.limit + 1, float(self.ceiling))
        self._answers = self._refusals = 0
        self._saturated = self.in_flight >= int(self.limit)
