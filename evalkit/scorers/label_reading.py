"""Labels out of answers and targets: whole answers, mentions, choices, fields of JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from evalkit.core.exchange import Example, Json, Response
from evalkit.scorers.json_schema.parse import read_json
from evalkit.text.choices import find_shown_labels, read_choices

OTHER = "other"
"""What an answer outside the labels is shown as"""
ABSENT: Any = object()
"""Where JSON has nothing at a path"""


def as_label(value: Json) -> str:
    """Return a label as text: `true`, `null` and numbers as JSON writes them.

    >>> as_label(True), as_label("refund"), as_label(3)
    ('true', 'refund', '3')
    """
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def labels_at(value: Json, *, several: bool) -> list[str] | None:
    """Return the labels that a value says; None where it says none.

    One scalar, or with `several` a list of scalars.
    """
    if several and isinstance(value, (list, tuple)):
        return None if any(isinstance(one, (list, tuple, dict)) for one in value) else [as_label(one) for one in value]
    if value is ABSENT or isinstance(value, (list, tuple, dict)):
        return None
    return [as_label(value)]


def target_at(example: Example, field: str) -> Json:
    """Return the target, or what stands in it at a path.

    `ABSENT` where there is none; of choices the right one's text.
    """
    target = example.target
    if field:
        return json_at(target, field) if isinstance(target, str) else _at(target, field)
    if target is None:
        return ABSENT
    if example.choices and isinstance(target, int) and not isinstance(target, bool):
        return example.choices[target] if 0 <= target < len(example.choices) else ABSENT
    return target


def json_at(text: str, field: str) -> Json:
    """Return what a JSON text has at a dotted path.

    `ABSENT` where it is no JSON or has nothing there.
    """
    parsed = read_json(text)
    return ABSENT if parsed.stage == "unparsed" else _at(parsed.value, field)


def _at(value: Json, field: str) -> Json:
    for key in field.split("."):
        if not isinstance(value, dict) or key not in value:
            return ABSENT
        value = value[key]
    return value


def find_mentioned(text: str, labels: Sequence[str]) -> list[str]:
    """Find the labels that a text mentions as words of their own.

    One inside a longer one that is there does not count.

    >>> find_mentioned("it is not spam", ["spam", "not spam"]), find_mentioned("これは返金です", ["返金", "配送"])
    (['not spam'], ['返金'])
    """
    found = []
    for label in sorted(labels, key=len, reverse=True):
        left = r"(?<![a-z0-9_])" if re.match(r"[a-z0-9_]", label) else ""
        right = r"(?![a-z0-9_])" if re.search(r"[a-z0-9_]$", label) else ""
        text, count = re.subn(f"{left}{re.escape(label)}{right}", "\0", text)
        if count:
            found.append(label)
    return found


def chosen_text(example: Example, response: Response, text: str) -> str | None:
    """Return the text of the choice that was chosen.

    None where not exactly one was.
    """
    if response.choice_scores:
        if len(response.choice_scores) != len(example.choices):
            raise ValueError(f"{len(response.choice_scores)} likelihoods for {len(example.choices)} choices")
        scores = list(response.choice_scores)
        return example.choices[scores.index(max(scores))]
    asked = [turn.content for turn in example.messages if turn.role == "user" and isinstance(turn.content, str)]
    shown = find_shown_labels(asked[-1] if asked else "", example.choices)
    chosen = read_choices(text, example.choices, shown=shown)
    return example.choices[next(iter(chosen))] if len(chosen) == 1 else None
