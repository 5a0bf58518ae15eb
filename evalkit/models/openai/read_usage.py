"""Token counts, under the names of all three APIs."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.exchange import Json, Usage
from evalkit.models.openai.read_values import count_of


def read_usage(usage: Json) -> Usage | None:
    """Read the `usage` object of a body; None where the server said nothing.

    Cached tokens are a part of the input, reasoning tokens a part of the output.

    >>> read_usage({"prompt_tokens": 12, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 8}})
    Usage(input=12, output=5, cached_input=8, reasoning=None)
    """
    if not isinstance(usage, Mapping):
        return None
    get = usage.get
    into = get("prompt_tokens_details") or get("input_tokens_details")
    out = get("completion_tokens_details") or get("output_tokens_details")
    prompt, completion = get("prompt_tokens"), get("completion_tokens")
    return Usage(
        input=count_of(get("input_tokens") if prompt is None else prompt),
        output=count_of(get("output_tokens") if completion is None else completion),
        cached_input=count_of(into.get("cached_tokens")) if isinstance(into, Mapping) else None,
        reasoning=count_of(out.get("reasoning_tokens")) if isinstance(out, Mapping) else None,
    )
