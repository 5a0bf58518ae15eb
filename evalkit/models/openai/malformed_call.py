"""A call that the server could not parse is what the model answered: an attempt that failed, no failed call."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.exchange import Json
from evalkit.models.openai.answer import Answer
from evalkit.models.openai.read_values import text_of, write_out

FINISH = "malformed_function_call"
"""Gemini's finish reason, for all of them"""
_CODES = ("tool_use_failed", "tool_parse_error", "invalid_tool_call", "tool_call_parse_error")


def malformed_call(body: Json) -> Answer | None:
    """Return the malformed call that an error body holds; else None.

    Groq says so by `tool_use_failed` with `failed_generation`.

    The text is what the model wrote, as far as the server tells.
    """
    error = body.get("error") if isinstance(body, Mapping) else None
    if not isinstance(error, Mapping):
        return None
    code, written = str(error.get("code") or ""), error.get("failed_generation")
    if code not in _CODES and not (isinstance(written, str) and written):
        return None
    return Answer(text=write_out(written), finish=FINISH, served_model=text_of(body.get("model")))


def is_malformed(finish: Json) -> bool:
    """Return whether a finish reason says that the model's call could not be parsed."""
    return isinstance(finish, str) and FINISH in finish.lower()
