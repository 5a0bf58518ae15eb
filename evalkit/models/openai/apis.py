"""One row an API: where it is posted, how the body is written, how the answer is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from evalkit.core.exchange import Failure, Json, Request
from evalkit.models.openai.answer import Answer
from evalkit.models.openai.ask_chat import chat_body
from evalkit.models.openai.ask_completions import completions_body
from evalkit.models.openai.ask_responses import responses_body
from evalkit.models.openai.read_chat import read_chat, read_completion
from evalkit.models.openai.read_responses import read_responses
from evalkit.models.openai.read_sse import whole_chat, whole_response
from evalkit.suite.spec import ModelSpec


class Ask(Protocol):
    """Writes the body of a call."""

    def __call__(self, request: Request, *, model: str, spec: ModelSpec) -> dict[str, Json]:
        """Return the JSON body to post."""


class Whole(Protocol):
    """Puts the events of a stream together."""

    def __call__(self, events: Iterable[Json], *, done: bool = False) -> Json:
        """Return the body that the same call would have returned unstreamed; None if it broke off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """How one API is spoken.

    `whole` puts the events of a stream together into the body that `read` reads.
    """

    path: str
    ask: Ask
    read: Callable[[Json], Answer | Failure]
    whole: Whole


_CHAT = Api(path="/chat/completions", ask=chat_body, read=read_chat, whole=whole_chat)

APIS: Mapping[str, Api] = {
    "chat": _CHAT,
    "responses": Api(path="/responses", ask=responses_body, read=read_responses, whole=whole_response),
    "completions": Api(path="/completions", ask=completions_body, read=read_completion, whole=whole_chat),
    "batch": _CHAT,
}
