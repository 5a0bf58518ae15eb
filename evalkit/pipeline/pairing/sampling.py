"""How recorded answers were drawn, as their recording's header says: other sampling is another comparison."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evalkit.suite.spec import GenerateSpec

DECIDING = (
    "temperature",
    "max_tokens",
    "top_p",
    "stop",
    "tool_choice",
    "parallel_tool_calls",
    "response_format",
    "reasoning_effort",
)
"""What changes the distribution of answers. A seed does not: A/A runs take other ones on purpose"""


def known_sampling(header: Mapping[str, Any] | None, *, suite: str, asked: GenerateSpec) -> dict[str, Any]:
    """Return what is known of how answers were drawn, by parameter.

    They are an arm's answers to a suite. `header` is the `generate` of a recording: by suite where evalkit wrote it
    (what it leaves out was the default), or flat where somebody else did (what it leaves out is not known). None is an
    arm asked now, as the suite says.
    """
    if header is None:
        return {name: getattr(asked, name) for name in DECIDING}
    own = header.get(suite)
    if isinstance(own, Mapping):
        default = GenerateSpec()
        return {name: own.get(name, getattr(default, name)) for name in DECIDING}
    return {name: header[name] for name in DECIDING if name in header}


def sampling_differences(base: Mapping[str, Any], candidate: Mapping[str, Any]) -> list[str]:
    """Name every parameter that is known of both arms and differs."""
    return [
        f"{name} {base[name]!r} and {candidate[name]!r}"
        for name in DECIDING
        if name in base and name in candidate and base[name] != candidate[name]
    ]
