"""The fenced blocks of an answer: ```lang ... ```, the last one perhaps not closed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

FENCES = re.compile(r"```[ \t]{0,8}([\w+-]{0,40})[ \t]{0,8}\r?\n(.*?)(?:```|\Z)", re.DOTALL)
PYTHON = frozenset({"", "python", "py", "python3", "py3"})
_DEFINES = re.compile(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """One fenced block.

    What language it names ("" for none), and what stands in it.
    """

    language: str
    body: str


def find_fences(text: str) -> tuple[Fence, ...]:
    """Find the fenced blocks of a text, in order.

    >>> find_fences("So:\\n```python\\nx = 1\\n```")
    (Fence(language='python', body='x = 1\\n'),)
    """
    return tuple(Fence(language=found[1], body=found[2]) for found in FENCES.finditer(text))


def python_in(text: str, *, defines: str = "") -> str:
    """Return the Python code of an answer.

    Of its fences in Python (or in no language) the last one that defines the name asked for; else the first one that
    defines anything; else the longest. An answer without such a fence is code as it stands; one whose fences are all
    in other languages has none.

    >>> python_in("```py\\ndef f(): ...\\n```\\nUse it:\\n```\\nf()\\n```")
    'def f(): ...\\n'
    >>> python_in("return a + b"), python_in("```sh\\nls\\n```")
    ('return a + b', '')
    """
    every = find_fences(text)
    if not every:
        return text.strip("\r\n") if text.strip() else ""
    bodies = [fence.body for fence in every if fence.language.lower() in PYTHON]
    named = [body for body in bodies if defines and defines in _names(body)]
    if named:
        return named[-1]
    return next((body for body in bodies if _names(body)), max(bodies, key=len, default=""))


def _names(body: str) -> Sequence[str]:
    return _DEFINES.findall(body)
