from __future__ import annotations

import datetime as dt

import pytest

from evalkit.core.exchange import Usage
from evalkit.models.prices import cost, price_of, price_table
from evalkit.suite.spec import Price


def test_the_table_says_when_it_was_checked():
    assert dt.date.fromisoformat(price_table().checked) >= dt.date(2026, 1, 1)


def test_snapshots_have_the_price_of_their_alias_and_fine_tunes_their_own():
    assert price_of("gpt-4o-mini-2024-07-18") == price_of("gpt-4o-mini")
    assert price_of("ft:gpt-4o-mini-2024-07-18:acme::x").output == 1.2
    assert price_of("gpt-4o-2024-05-13").input == 5.0
    assert price_of("gpt-3.5-turbo-0125") == price_of("gpt-3.5-turbo")


def test_an_unknown_model_has_no_price_and_no_cost():
    assert price_of("gpt-99") is None
    assert price_of("ft:gpt-5:acme::x") is None
    assert cost(Usage(input=10, output=1), price_of("gpt-99")) is None


def test_models_yaml_overrides_the_table():
    assert price_of("gpt-4o", Price(input=1.0, output=2.0)).input == 1.0


def test_cached_tokens_cost_their_own_rate_and_batches_half():
    price = Price(input=2.0, cached_input=0.5, output=8.0)
    usage = Usage(input=1_000_000, cached_input=400_000, output=100_000, reasoning=50_000)
    assert cost(usage, price) == pytest.approx(0.6 * 2 + 0.4 * 0.5 + 0.8)
    assert cost(usage, price, batch=True) == pytest.approx(cost(usage, price) / 2)


@pytest.mark.parametrize(
    ("usage", "price"),
    [
        (Usage(input=None, output=1), Price(input=1.0, output=1.0)),
        (Usage(input=1, output=None), Price(input=1.0, output=1.0)),
        (Usage(input=1, output=1), Price(input=1.0)),
        (Usage(input=1, output=1), Price(output=1.0)),
        (Usage(input=1, output=1), None),
    ],
)
def test_what_is_not_known_is_not_zero(usage, price):
    assert cost(usage, price) is None
