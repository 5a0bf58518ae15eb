"""The prompt tokens a request is billed for, as this model is asked: its own system text and separator included."""

from __future__ import annotations

from dataclasses import replace

from evalkit.core.exchange import Request
from evalkit.models.openai.ask_chat import with_system
from evalkit.models.openai.ask_completions import completion_prompt
from evalkit.models.tokens import count_tokens, encoding_name, estimate_tokens
from evalkit.suite.spec import ModelSpec


def prompt_tokens(request: Request, *, model: str, spec: ModelSpec) -> int:
    """Count the tokens of what is really sent.

    `estimate_tokens` says how exact that is.

    >>> from evalkit.core.exchange import Message
    >>> asked = Request(example_id="1", messages=(Message(role="user", content="Hi"),))
    >>> [prompt_tokens(asked, model="gpt-4o", spec=ModelSpec(provider="openai", system=s)) for s in (None, "Be brief.")]
    [8, 15]
    """
    if spec.api == "completions":
        return count_tokens(completion_prompt(request, spec), encoding_name(model))
    return estimate_tokens(replace(request, messages=with_system(request, spec)), model)
