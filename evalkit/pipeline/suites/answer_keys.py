"""Tags and other keys of rows that hold the answer: an arm's own prompt may not show them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from evalkit.core.errors import Location, Problem, SuiteError
from evalkit.core.exchange import Example, Message
from evalkit.text.normalize import normalize

Ask = Callable[[Example], tuple[Message, ...]]
_NEARLY_ALL = 0.95
_TRIED = 50
"""Rows that are rendered once more, with another value in the key's place"""
_ANOTHER = "another value"


def find_answers_shown(arm: Ask, suite: Ask, examples: Sequence[Example], *, where: Location | None) -> list[Problem]:
    """List the keys equal to the target that an arm's prompt depends on.

    `arm` asks a row as the arm does, `suite` as the suite alone does: what all arms are shown is no arm's own.
    """
    problems = []
    for place, key in find_answer_keys(examples):
        rows = [example for example in examples if key in getattr(example, place)][:_TRIED]
        if any(_depends(arm, row, place, key) and not _depends(suite, row, place, key) for row in rows):
            what = f"the prompt of one arm shows {place}.{key}, which is the target: that proves nothing"
            problems.append(Problem(what=what, where=where, todo="leave it out: an answer that is shown is not found"))
    return problems


def find_answer_keys(examples: Sequence[Example]) -> list[tuple[str, str]]:
    """List the (place, key) whose values are nearly all the row's target.

    Targets that are all alike tell nothing.
    """
    answers = [(example, told) for example in examples if (told := _answers(example))]
    if len({min(told) for _, told in answers}) < 2:
        return []
    found = []
    for place in ("tags", "extra"):
        keys = dict.fromkeys(key for example, _ in answers for key in getattr(example, place))
        for key in keys:
            alike = sum(_fold(getattr(example, place).get(key)) in told for example, told in answers)
            if alike >= _NEARLY_ALL * len(answers):
                found.append((place, key))
    return found


def _answers(example: Example) -> set[str]:
    """The target as text, and the text of the choice that it names."""
    target = example.target
    told = {_fold(target)}
    if isinstance(target, int) and not isinstance(target, bool) and 0 <= target < len(example.choices):
        told.add(_fold(example.choices[target]))
    return told - {""}


def _fold(value: Any) -> str:
    return normalize(str(value), ("nfkc", "casefold", "spaces")) if isinstance(value, (str, int, float)) else ""


def _depends(ask: Ask, example: Example, place: str, key: str) -> bool:
    held: Mapping[str, Any] = getattr(example, place)
    changed: dict[str, Any] = {place: {**held, key: _ANOTHER}}
    return _try(ask, dataclasses.replace(example, **changed)) != _try(ask, example)


def _try(ask: Ask, example: Example) -> tuple[Message, ...] | None:
    """What is asked; None where a template cannot take the value."""
    try:
        return ask(example)
    except SuiteError:
        return None
