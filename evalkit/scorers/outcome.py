"""What simple scorers share: the text of an answer, the texts expected, and the Score that comes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evalkit.core.exchange import EMPTY, Example, Json, Response
from evalkit.core.fingerprint import canonical
from evalkit.core.verdict import Score
from evalkit.reading.response import strip_thoughts
from evalkit.text.marks import is_blank


def answer_text(response: Response) -> str:
    """Return what the model said in words.

    Its text, its refusal where it wrote that instead, or nothing beside tool calls. Signs that nobody sees are none.
    """
    text = strip_thoughts(response)
    said = text if text is not None else response.refusal or ""
    return "" if not said.isascii() and is_blank(said) else said


def expected_texts(example: Example) -> tuple[str, ...]:
    """Return the texts that count as right.

    A list is one of alternatives; with choices, the right one's text.
    """
    target = example.target
    if example.choices and isinstance(target, int) and not isinstance(target, bool):
        return (example.choices[target],)
    if example.choices and isinstance(target, (list, tuple)) and all(type(one) is int for one in target):
        return tuple(example.choices[one] for one in target)
    return tuple(as_text(one) for one in list_alternatives(target))


def list_alternatives(target: Json) -> tuple[Json, ...]:
    """List the values that count as right.

    Those of a list of texts and numbers, or the target itself.

    >>> list_alternatives(["a", 1]), list_alternatives("a"), list_alternatives([{"a": 1}])
    (('a', 1), ('a',), ([{'a': 1}],))
    """
    if isinstance(target, (list, tuple)) and target and not any(isinstance(one, (list, tuple, dict)) for one in target):
        return tuple(target)
    return (target,)


def as_text(value: Json) -> str:
    """Return a target as text.

    Text as it stands, anything else as canonical JSON.

    >>> as_text("a"), as_text(18), as_text({"b": True})
    ('a', '18', '{"b":true}')
    """
    return value if isinstance(value, str) else canonical(value)


def missing_target(example: Example) -> tuple[str, ...]:
    """Return the sentence for an example without a target."""
    return ("it has no target",) if example.target is None else ()


def score_of(
    example: Example,
    response: Response,
    version: str,
    value: float,
    *,
    parts: Mapping[str, float | None] | None = None,
    reason: str = "",
    evidence: Mapping[str, Any] | None = None,
    reading: str | None = None,
    expected: str | None = None,
) -> Score:
    """Return a Score with a number."""
    return Score(
        example_id=example.id,
        scorer="",
        version=version,
        value=float(value),
        parts=parts or EMPTY,
        reason=reason,
        evidence=evidence or EMPTY,
        repeat=response.repeat,
        reading=reading,
        expected=expected,
    )


def not_applicable(example: Example, response: Response, version: str, *, reason: str) -> Score:
    """Return a Score that does not count, and says why."""
    return Score(
        example_id=example.id,
        scorer="",
        version=version,
        status="NOT_APPLICABLE",
        reason=reason,
        repeat=response.repeat,
    )
