"""A ceiling on what a run may spend: the call that would exceed it is not made."""

from __future__ import annotations

from collections.abc import Callable

from evalkit.core.exchange import Request, Response, Usage

Price = Callable[[Usage], float | None]
"""What an answer cost in USD, or None where the price or the usage is unknown"""
Guess = Callable[[Request], float | None]
"""What a request may cost at most in USD, or None where unknown"""


class CostCeiling:
    """Spending of all arms of a run together, in USD.

    A call is allowed while what was spent, what is in flight and the call itself (at its maximum length) stay under
    the ceiling. A call of unknown price is not allowed: unknown is not free.
    """

    def __init__(self, ceiling: float) -> None:
        self.ceiling = ceiling
        self.spent = 0.0
        self.refused = 0
        self._flying: dict[str, float] = {}
        self._reserved = 0.0
        self._price: Price = lambda _: None
        self._guess: Guess = lambda _: None

    def arm(self, *, price: Price, guess: Guess) -> None:
        """Set how the arm that is asked next is priced."""
        self._price, self._guess = price, guess

    @property
    def sentence(self) -> str:
        """Why a call was not made."""
        return f"not asked: the next call could exceed --max-cost {self.ceiling:g} USD (spent {self.spent:.4f})"

    def allows(self, request: Request) -> bool | None:
        """Reserve the request's highest cost, or refuse it.

        None: ask again when calls in flight have come back. Calls mostly cost less than reserved, so that a refusal is
        final only when nothing is in flight.
        """
        most = self._guess(request)
        if most is not None and self.spent + self._reserved + most <= self.ceiling:
            self._flying[request.key] = most
            self._reserved += most
            return True
        if most is not None and self._flying and self.spent + most <= self.ceiling:
            return None
        self.refused += 1
        return False

    def settle(self, request: Request, response: Response) -> None:
        """Replace the reservation by what the answer really cost.

        It stays as reserved where the usage is unknown.
        """
        reserved = self._flying.pop(request.key, 0.0)
        self._reserved = self._reserved - reserved if self._flying else 0.0
        cost = self._price(response.usage) if response.usage is not None else None
        if cost is not None:
            self.spent += cost
        elif response.failure is None:
            self.spent += reserved
