"""What a training row teaches, as text: the answer that stands in it."""

from __future__ import annotations

import json

from evalkit.core.exchange import Example, Json

BEGUN = "begun"
"""Key of `Example.extra`: the begin of its completion, where the model was given it"""
CONTINUE = "Your answer begins with these words. Write what follows them, and nothing else:"
"""What asks for the rest of a completion, where a model does not go on with the assistant's turn"""


def completion_of(example: Example) -> str:
    """Return the target of a row as a model would write it.

    Empty where it has none.
    """
    target: Json = example.target
    if target is None:
        return ""
    if example.choices and isinstance(target, int) and not isinstance(target, bool):
        return example.choices[target]
    if isinstance(target, dict) and isinstance(calls := target.get("tool_calls"), list):
        told = [str(target.get("content") or "")]
        told += [f"{call.get('name')} {_text(call.get('arguments'))}" for call in calls if isinstance(call, dict)]
        return "\n".join(filter(None, told))
    return _text(target)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def begun_of(example: Example) -> str:
    """Return the begin of its completion that the model was given.

    Empty where it was given none.
    """
    return str(example.extra.get(BEGUN, "")) if example.extra else ""
