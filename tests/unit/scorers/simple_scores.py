"""What the tests of scorers simple share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evalkit.core.exchange import Example, Json, Message, Response
from evalkit.core.verdict import Score
from evalkit.scorers import build_scorer

ASK = (Message(role="user", content="q"),)


def score(
    type: str, text: str | None, target: Json = None, *, tags: dict[str, str] | None = None, **options: Any
) -> Score:
    scorer = build_scorer(type, options, root=Path())
    example = Example(id="a", messages=ASK, target=target, tags=tags or {})
    return scorer.score(example, Response(example_id="a", text=text, repeat=2))


def value(type: str, text: str | None, target: Json = None, **options: Any) -> float | None:
    return score(type, text, target, **options).value
