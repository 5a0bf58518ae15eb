"""What templates over a row may name."""

from __future__ import annotations

from typing import Any

from evalkit.core.exchange import Example


def template_values(example: Example) -> dict[str, Any]:
    """Return what a template may name of an example.

    `input` is its last turn.
    """
    return {
        "id": example.id,
        "input": example.messages[-1].content if example.messages else "",
        "target": example.target,
        "choices": list(example.choices),
        "tags": dict(example.tags),
        "extra": dict(example.extra),
    }
