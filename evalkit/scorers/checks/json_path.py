"""A place in a JSON answer: `a.b[0]`, `$.a['b']` or `/a/b/0`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from evalkit.core.exchange import Json
from evalkit.scorers.checks.nouns import BadCheck

_STEP = re.compile(r"""\.?([^.\[\]'"]+)|\[(\d+)\]|\[(['"])(.*?)\3\]""")
Path = tuple[str | int, ...]


def read_path(text: Json) -> Path:
    """Read the steps of a path.

    Raises BadCheck where it is none, or one that may lead to several places.

    >>> read_path("$.items[0].price"), read_path("/items/0"), read_path("$")
    (('items', 0, 'price'), ('items', '0'), ())
    """
    if not isinstance(text, str) or not text.strip():
        raise BadCheck("json_path is a text such as order.items[0].price")
    if text.startswith("/"):
        return tuple(step.replace("~1", "/").replace("~0", "~") for step in text[1:].split("/"))
    rest, steps = text.strip().removeprefix("$"), []
    at = 0
    while at < len(rest):
        step = _STEP.match(rest, at)
        if step is None or "*" in (step[1] or "") or rest[at:].startswith(".."):
            raise BadCheck(f"json_path {text!r} is no path to one place (NAME, .NAME, [0], ['NAME'] or /NAME/0)")
        steps.append(int(step[2]) if step[2] is not None else step[4] if step[3] else step[1])
        at = step.end()
    return tuple(steps)


def value_at(value: Json, path: Sequence[str | int]) -> tuple[bool, Json]:
    """Return whether the place is there, and what stands there.

    A number leads into lists, a name into objects.
    """
    for step in path:
        if isinstance(value, list) and str(step).isdecimal() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, dict) and str(step) in value:
            value = value[str(step)]
        else:
            return False, None
    return True, value
