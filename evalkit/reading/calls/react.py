"""ReAct: ``Action: name`` and ``Action Input: {…}`` on lines of their own, up to the first observation."""

from __future__ import annotations

import json
import re
from itertools import islice

from evalkit.core.strict_json import strict_at
from evalkit.reading.calls import pythonic
from evalkit.reading.calls.found import Found, Tools, join_found
from evalkit.reading.calls.literals import literal
from evalkit.reading.calls.shape import strip_fence

MARK = re.compile(r"^[*#_ \t]{0,6}Action[*_ \t]{0,4}:", re.MULTILINE | re.IGNORECASE)
_ACTION = re.compile(
    r"^[*#_ \t]{0,6}Action[*_ \t]{0,4}:[*_ \t]{0,4}`?([A-Za-z_][\w.:-]{0,199})`?[ \t]{0,8}\r?\n\s{0,8}"
    r"[*#_ \t]{0,6}Action[ _]?Input[*_ \t]{0,4}:[*_]{0,3}\s{0,8}",
    re.MULTILINE | re.IGNORECASE,
)
_PYTHON = re.compile(
    r"^[*#_ \t]{0,6}Action[*_ \t]{0,4}:[*_ \t]{0,4}`?([A-Za-z_][\w.]{0,199})\(", re.MULTILINE | re.IGNORECASE
)
_OBSERVED = re.compile(r"^[*#_ \t]{0,6}Observation[*_ \t]{0,4}:", re.MULTILINE | re.IGNORECASE)
_MOST = 200
"""Actions that are read of one answer: no agent takes more in one turn, and time stays linear"""
_NONE = frozenset({"none", "n/a", "final", "finish"})


def read(text: str, tools: Tools) -> Found | None:
    """Read every action before the first observation.

    What a model makes up behind it no one would run.
    """
    seen = _OBSERVED.search(text)
    text = text[: seen.start()] if seen else text
    pieces = [
        _call(action[1], text[action.end() :])
        for action in islice(_ACTION.finditer(text), _MOST)
        if action[1].lower() not in _NONE or action[1] in tools
    ]
    if not pieces:
        for action in islice(_PYTHON.finditer(text), _MOST):
            line = text[action.end() - len(action[1]) - 1 :].partition("\n")[0].strip("`* ")
            if (action[1] in tools or not tools) and (found := pythonic.parse(line)) is not None:
                pieces.append(found)
    return join_found(pieces) if pieces else None


def _call(name: str, rest: str) -> Found:
    raw = rest.lstrip()
    if raw.startswith("```"):
        raw = strip_fence(raw.partition("\n\n")[0].strip())
    try:
        raw = raw[: strict_at(raw, 0)[1]]
    except ValueError:
        value, is_python = literal(line := raw.partition("\n")[0].strip())
        raw = json.dumps(value, ensure_ascii=False) if is_python and isinstance(value, dict) else line
    return Found(calls=((name, "" if raw.lower() in ("none", "{}", "n/a") else raw),))
