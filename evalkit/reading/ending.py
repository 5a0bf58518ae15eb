"""How an answer ended, whatever the server calls it."""

from __future__ import annotations

from typing import get_args

from evalkit.core.exchange import Ended, Response

ENDINGS: tuple[str, ...] = get_args(Ended)
"""Every way to end, the normal one first"""

_CUT = frozenset(
    {"length", "max_tokens", "max_output_tokens", "max_completion_tokens", "max_new_tokens", "model_length",
     "token_limit", "incomplete", "model_context_window_exceeded"}
)  # fmt: skip
_FILTERED = frozenset(
    {"content_filter", "content_filtered", "safety", "recitation", "blocklist", "prohibited_content", "spii",
     "image_safety", "guardrail_intervened", "guardrails", "sensitive", "language"}
)  # fmt: skip
BROKEN = frozenset({"error", "abort", "aborted", "server_error", "network_error", "insufficient_system_resource"})
"""Finish reasons of answers that broke off in the server: failed calls, whatever text there is"""
MALFORMED_CALL = "malformed_function_call"
"""The finish reason of a call that the server could not parse: the model's own attempt, no failed call"""


def finish_word(finish: str | None) -> str:
    """Return a finish reason in lower case, without a client's prefix.

    >>> finish_word("FinishReason.MAX_TOKENS"), finish_word(None)
    ('max_tokens', '')
    """
    return (finish or "").rpartition(".")[2].strip().lower()


def ending_of(response: Response, *, open_thought: bool = False) -> Ended:
    """Tell how an answer ended.

    `open_thought`: its text ends in a thought that nothing closes.

    Cut while thinking is also an answer of nothing but spent tokens: cut, empty, and the server counted reasoning.
    """
    word = finish_word(response.finish)
    if word in _FILTERED:
        return "filtered"
    cut = word in _CUT
    if open_thought and (cut or not word):
        return "cut_thinking"
    if not cut:
        return "normal"
    said = (response.text or "").strip() or response.tool_calls or response.refusal
    thought = response.thought or (response.usage is not None and response.usage.reasoning)
    return "cut_thinking" if thought and not said else "cut"


def is_broken(response: Response) -> bool:
    """Tell whether a kept answer is none.

    Its server broke off under HTTP 200, and an older evalkit kept what there was.
    """
    return response.failure is None and finish_word(response.finish) in BROKEN
