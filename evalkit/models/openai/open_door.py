"""What models.yaml adds to the body of a call beside what every API has a place for."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.exchange import Json, Request
from evalkit.suite.generate import BESIDE, GenerateSpec
from evalkit.suite.spec import ModelSpec

_COMMON = frozenset({"temperature", "max_tokens", "top_p", "stream", "choices", *BESIDE})
_TOOLS = frozenset(
    {"tool_choice", "parallel_tool_calls", "response_format", "reasoning_effort", "verbosity", "logprobs"}
)
_OLD = frozenset({"seed", "stop", "presence_penalty", "frequency_penalty", "logprobs"})
PARAMETERS: Mapping[str, frozenset[str]] = {
    "chat": _COMMON | _TOOLS | _OLD,
    "batch": _COMMON | _TOOLS | _OLD,
    "responses": _COMMON | _TOOLS,
    "completions": _COMMON | _OLD,
}
"""API -> what OpenAI and Azure take there, in the words of a suite; other servers answer for themselves"""


def add_open_parameters(body: dict[str, Json], request: Request, spec: ModelSpec) -> None:
    """Add what models.yaml says beside, in place.

    That is what decides no answer, what the chat template is given, and `extra_body`; a mapping of `extra_body` is
    added to the one that stands there already.
    """
    body.update(request.beside)
    if spec.chat_template_kwargs:
        body["chat_template_kwargs"] = dict(spec.chat_template_kwargs)
    for name, value in spec.extra_body.items():
        there = body.get(name)
        body[name] = {**there, **value} if isinstance(there, Mapping) and isinstance(value, Mapping) else value


def missing_parameters(generate: GenerateSpec, api: str) -> list[str]:
    """List the parameters asked for that an API lacks.

    >>> missing_parameters(GenerateSpec(seed=1, stop=["END"]), "responses")
    ['seed', 'stop']
    """
    asked = generate.model_dump(exclude_defaults=True, exclude_none=True)
    return [name for name in asked if name not in PARAMETERS[api]]
