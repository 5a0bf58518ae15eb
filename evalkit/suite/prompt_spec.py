"""The shapes of what is put around a row's words, and of what an arm's answers go through before they are scored."""

from __future__ import annotations

from typing import Any

from evalkit.suite.shape import Name, Strict


class PromptSpec(Strict):
    """What is put around an example's messages, by a suite or by an arm.

    Texts are jinja2 templates over the example, sandboxed.
    """

    system: str | None = None
    """The system message; replaces one that the rows bring"""
    user: str | None = None
    """Replaces the last user message; {{ input }} is its text"""
    prefix: str | None = None
    """Stands before the last user message, with nothing between: end it with a space or a line break"""
    few_shot: Name | list[dict[str, Any]] | None = None
    """Solved examples shown before the question: a file of rows, or the rows, each with a target"""


class TransformSpec(Strict):
    """What is made of an arm's answers before they are scored, in this order."""

    strip_before: Name | None = None
    """Takes away everything up to and with the last of these marks, e.g. "Answer:"; without one the answer stays"""
    json_path: Name | None = None
    """Takes what stands at this place of a JSON answer: answer, $.result[0].text"""
    function: Name | None = None
    """A function (text) -> text that a package brings under `evalkit.transforms`"""
