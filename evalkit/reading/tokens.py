"""Special tokens that say something of an answer: marks of calls and thoughts, which decoding must not drop."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SAYS = re.compile(
    r"tool|function|func_|action|plugin|invoke|think|thought|reason|channel|python_(?:tag|start|end)|recipient"
    r"|\[(?:ARGS|CALL_ID)\]|<\|(?:call|message|constrain|content|from)\|>|arg_(?:key|value)|DSML|<escape>|<\|\"\|>"
    r"|<unused9[45]>",
    re.IGNORECASE,
)
_HARMONY = frozenset({"<|start|>", "<|end|>", "<|return|>"})
"""Ends of messages where `<|channel|>` is a token; elsewhere the same names are a template's own"""


def marks_among(tokens: Iterable[str]) -> frozenset[str]:
    """Return those of a tokenizer's special tokens that mark calls or thoughts.

    >>> sorted(marks_among(["<|im_end|>", "<|eot_id|>", "[TOOL_CALLS]", "<|python_tag|>", "<|end|>"]))
    ['<|python_tag|>', '[TOOL_CALLS]']
    """
    known = frozenset(tokens)
    found = {token for token in known if _SAYS.search(token)}
    return frozenset(found | (_HARMONY & known if "<|channel|>" in known else set()))
