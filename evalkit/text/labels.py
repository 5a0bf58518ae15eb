"""Several labels written as one answer."""

from __future__ import annotations

import json
import re

_APART = re.compile(r"[,、，;；\n|・/]|(?<=\s)(?:and|及び|および)(?=\s)")
_BULLET = re.compile(r"^\s*(?:[-*•・]|\d{1,2}[.)])\s*|\s*[.。]\s*$")


def split_labels(text: str) -> list[str]:
    """Split an answer into its labels.

    A JSON list of texts, else what stands between commas and line ends.

    >>> split_labels('["a", "b"]'), split_labels("- red\\n- blue"), split_labels("赤、青")
    (['a', 'b'], ['red', 'blue'], ['赤', '青'])
    """
    if text.strip()[:1] == "[":
        try:
            read = json.loads(text)
        except (ValueError, RecursionError):
            read = None
        if isinstance(read, list):
            return [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in read]
    pieces = (_BULLET.sub("", piece).strip() for piece in _APART.split(text))
    return [piece for piece in pieces if piece]
