"""What answers cost: a dated table of list prices, overridden by models.yaml. Unknown stays unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from evalkit.core.exchange import Usage
from evalkit.suite.spec import Price

BATCH_SHARE = 0.5
"""What a call through the Batch API costs of its standard price"""
_SNAPSHOT = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{4})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTable:
    """List prices in USD a million tokens.

    `checked` is the ISO date they were last compared with the vendor's page.
    """

    checked: str
    models: Mapping[str, Price]
    fine_tuned: Mapping[str, Price]


def price_of(model: str, override: Price | None = None) -> Price | None:
    """Return the price of a model: what models.yaml says, else the table's.

    It is None where neither knows it.

    >>> price_of("ft:gpt-4o-mini-2024-07-18:acme::x").output
    1.2
    >>> price_of("my-own-model") is None
    True
    """
    if override is not None:
        return override
    table = price_table()
    if model.startswith("ft:"):
        return _find_price(table.fine_tuned, model.split(":")[1])
    return _find_price(table.models, model)


def cost(usage: Usage, price: Price | None, *, batch: bool = False) -> float | None:
    """Return the USD of one answer.

    It is None where the price or the counts it needs are unknown.

    Cached input costs its own rate where that is known, else the full one; reasoning tokens are part of the output.
    """
    if price is None or usage.input is None or usage.output is None:
        return None
    if (price.input is None and usage.input) or (price.output is None and usage.output):
        return None
    rate_in, rate_out = price.input or 0.0, price.output or 0.0
    cached = min(usage.cached_input or 0, usage.input)
    rate_cached = rate_in if price.cached_input is None else price.cached_input
    total = (usage.input - cached) * rate_in + cached * rate_cached + usage.output * rate_out
    return total / 1e6 * (BATCH_SHARE if batch else 1.0)


@cache
def price_table() -> PriceTable:
    """Return the table that ships with evalkit."""
    from ruamel.yaml import YAML

    text = files("evalkit.models").joinpath("prices.yaml").read_text(encoding="utf-8")
    data = YAML(typ="safe", pure=True).load(text)
    return PriceTable(
        checked=str(data["checked"]),
        models={name: Price(**rates) for name, rates in data["models"].items()},
        fine_tuned={name: Price(**rates) for name, rates in data["fine_tuned"].items()},
    )


def _find_price(table: Mapping[str, Price], name: str) -> Price | None:
    """The price of a name, or of the alias its date-stamped snapshot belongs to."""
    return table.get(name) or table.get(_SNAPSHOT.sub("", name))
