"""Token counts, under the names of all three APIs."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.nouns import Json, Usage


def read_usage(usage: Json) -> Usage | None:
    """The `usage` object of a body; None where the server did not say.

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
        input=_count(get("input_tokens") if prompt is None else prompt),
        output=_count(get("output_tokens") if completion is None else completion),
        cached_input=_count(into.get("cached_tokens")) if isinstance(into, Mapping) else None,
        reasoning=_count(out.get("reasoning_tokens")) if isinstance(out, Mapping) else None,
    )


def _count(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
