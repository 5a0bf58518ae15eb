"""What answers cost: the price of an arm's model applied to tokens; unknown stays unknown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from evalkit.core.exchange import Request, Response, Sampling, Usage
from evalkit.core.ports import Model, facts_of
from evalkit.suite.spec import ModelSpec

_ANY = Request(example_id="", messages=(), sampling=Sampling(max_tokens=1))
"""The shortest request there is"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """What an answer cost, and what a request may cost at most.

    `price(usage)` is the former, `guess(request)` the latter; USD, None where unknown.
    """

    price: Callable[[Usage], float | None]
    guess: Callable[[Request], float | None]

    def of_answer(self, response: Response) -> float | None:
        """Return what an answer cost; None where its tokens are unknown."""
        return None if response.usage is None else self.price(response.usage)

    @property
    def known(self) -> bool:
        """Whether a call's cost can be told before it is made."""
        return self.guess(_ANY) is not None


def price_of(spec: ModelSpec, model: Model) -> Money:
    """Return how an arm is priced.

    By its own `price`, else the dated table; what is not metered by its `price` alone.
    """
    identity = model.identity
    if spec.price is None and not facts_of(model).metered:
        return Money(price=lambda _: None, guess=lambda _: 0.0)
    from evalkit.models.openai.billed import prompt_tokens
    from evalkit.models.prices import cost, price_of

    rate = price_of(identity.model, spec.price)
    batch = spec.api == "batch"

    def price(usage: Usage) -> float | None:
        return cost(usage, rate, batch=batch)

    def guess(request: Request) -> float | None:
        longest = request.sampling.max_tokens
        if longest is None:
            return None
        return price(Usage(input=prompt_tokens(request, model=identity.model, spec=spec), output=longest))

    return Money(price=price, guess=guess)
