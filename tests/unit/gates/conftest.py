"""The one fixture of the gates' tests: decide a planted comparison."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from planted_comparisons import suite

from evalkit.core.columns import Comparison
from evalkit.core.verdict import Finding
from evalkit.gates.decide import decide

TODAY = dt.date(2026, 6, 1)

Judge = Callable[..., tuple[Finding, ...]]


@pytest.fixture
def judge() -> Judge:
    """Decide a comparison under these gates, today."""

    def run(made: Comparison, *gates: Mapping[str, Any], **more: Any) -> tuple[Finding, ...]:
        call = {key: more.pop(key) for key in ("family", "noise", "confidence") if key in more}
        today = more.pop("today", TODAY)
        scorers = more.pop("scorers", tuple(name for name in made.columns if "." not in name))
        return decide(made, suite(gates, scorers=scorers, **more), today=today, **call)

    return run
