"""What training costs a million tokens, by a dated table of list prices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_SNAPSHOT = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{4})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRate:
    """USD a million training tokens, and the longest row in tokens.

    `checked` is the ISO date both were last looked up.
    """

    usd: float
    context: int
    checked: str


def training_rate_of(model: str) -> TrainingRate | None:
    """Return the rate of a base model, or of the base of a fine-tune.

    None where it is not known.

    >>> training_rate_of("gpt-4o-mini-2024-07-18").usd, training_rate_of("ft:gpt-4.1-mini:acme::x").usd
    (3.0, 5.0)
    >>> training_rate_of("my-own-model") is None
    True
    """
    base = model.split(":")[1] if model.startswith("ft:") and ":" in model[3:] else model
    models = _table()["models"]
    found: Mapping[str, Any] | None = models.get(base) or models.get(_SNAPSHOT.sub("", base))
    return None if found is None else TrainingRate(checked=str(_table()["checked"]), **found)


@cache
def _table() -> Mapping[str, Any]:
    from ruamel.yaml import YAML

    text = files("evalkit.models").joinpath("training_rates.yaml").read_text(encoding="utf-8")
    data: Mapping[str, Any] = YAML(typ="safe", pure=True).load(text)
    return data
