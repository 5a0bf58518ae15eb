"""What is exchanged with a model: messages, examples, requests, responses; frozen, slotted, keyword-only.

A failed call is data (`Response.failure`), never a wrong answer; a missing number is None, never NaN and never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

Json = Any
"""A JSON value: None, bool, int, float, str, list of Json, or dict of str to Json."""


CONVERSATION, TURN = "generated_conversation", "generated_turn"
"""Keys of `Example.extra` where one turn of a conversation is a case by itself: the id of its row, and its number"""


class _Empty(dict[str, Any]):
    """A dict that stays empty: what one owner wrote into it, all the others would read."""

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("this empty mapping is shared and cannot be written into: make a new one")

    __setitem__ = __ior__ = update = setdefault = _refuse

    def __reduce__(self) -> str:
        return "EMPTY"


EMPTY: Mapping[str, Any] = _Empty()
"""The empty mapping that many objects share; copies and pickles of it are itself"""

FailureKind = Literal[
    "rate_limit", "quota", "timeout", "server", "connection", "malformed", "auth", "not_found", "bad_request",
    "context_length", "content_filter", "missing", "out_of_budget", "interrupted", "other",
]  # fmt: skip

Ended = Literal["normal", "cut", "cut_thinking", "filtered"]
"""How an answer ended: by itself, at the token limit, at the limit while still thinking, stopped by a filter"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One call a model made.

    `arguments` is the raw string the model wrote, parsed by nobody yet.
    """

    name: str
    arguments: str
    id: str | None = None
    kind: Literal["function", "custom", "legacy", "text"] = "function"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn of a conversation.

    `content` is text, a tuple of content parts as the API writes them, or None beside tool calls.
    """

    role: str
    content: str | tuple[Mapping[str, Json], ...] | None = None
    name: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None

    def wire(self) -> dict[str, Json]:
        """Return the message in the shape of the chat completions API."""
        out: dict[str, Json] = {"role": self.role}
        out["content"] = list(self.content) if isinstance(self.content, tuple) else self.content
        if self.name is not None:
            out["name"] = self.name
        if self.tool_calls:
            out["tool_calls"] = [
                {
                    "id": call.id or f"call_{index}",
                    "type": "function",
                    "function": {"name": call.name, "arguments": call.arguments},
                }
                for index, call in enumerate(self.tool_calls)
            ]
        if self.tool_call_id is not None:
            out["tool_call_id"] = self.tool_call_id
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One held-out case: what is asked and what is expected.

    Its tags are what it is sliced by. `target` is None where the data has none. With `choices`, `target` is the index
    of the right choice. `cluster` groups rows that are not independent; None means the row stands alone.
    """

    id: str
    messages: tuple[Message, ...]
    target: Json = None
    choices: tuple[str, ...] = ()
    tools: tuple[Mapping[str, Json], ...] = ()
    tags: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    cluster: str | None = None
    extra: Mapping[str, Json] = field(default_factory=lambda: EMPTY)

    @property
    def unit(self) -> str:
        """The independent unit this example belongs to: its cluster, or itself."""
        return self.cluster if self.cluster is not None else f"\0{self.id}"

    @property
    def row_id(self) -> str:
        """The id of its row; a turn scored by itself has its conversation's."""
        return str(self.extra.get(CONVERSATION, self.id)) if self.extra else self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How an answer is drawn.

    None means the server's or the model's default; temperature 0 is greedy.
    """

    temperature: float | None = 0.0
    max_tokens: int | None = 256
    top_p: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    extra: Mapping[str, Json] = field(default_factory=dict)
    """response_format, tool_choice, parallel_tool_calls, logprobs, reasoning_effort, stream: as the API names them"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A turn of a conversation, counted from 1, and a call within it.

    Calls after the first of a turn follow on results of tools.
    """

    number: int
    of: int
    step: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The text whose log-likelihood is measured, where nothing is to be answered.

    `target`: the request's one choice behind its messages; `assistant`: the assistant's turns in its messages, as the
    chat template writes them; `document`: the one message's text as it stands, without a template, in windows.
    """

    over: Literal["target", "assistant", "document"]
    window: int | None = None
    """Most tokens of a document that are read at once"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One thing to ask one model once.

    With `choices` the model is asked for the log-likelihood of each choice behind the messages (local models);
    where choices are asked by letter the pipeline has written them into the messages and `choices` is empty.
    `key` is the identity under which the ledger keeps the answer: model, prompt, tools, sampling, repeat.
    `prompt_sha256` covers messages, tools and choices alone, so that two arms can be proven to have seen the same.
    """

    example_id: str
    messages: tuple[Message, ...]
    tools: tuple[Mapping[str, Json], ...] = ()
    choices: tuple[str, ...] = ()
    sampling: Sampling = field(default_factory=Sampling)
    repeat: int = 0
    key: str = ""
    prompt_sha256: str = ""
    suite: str | None = None
    """The suite that asks, for arms that hold the answers of several; no part of the identity"""
    beside: Mapping[str, Json] = field(default_factory=dict)
    """What is sent along and decides no answer (service_tier, metadata, ...); no part of the identity"""
    turn: Turn | None = None
    """Of conversations that the arm answers turn by turn; `prompt_sha256` then covers what the row brings alone"""
    stretch: Stretch | None = None
    """What is measured, where nothing is to be answered; `prompt_sha256` covers it"""
    asked_sha256: str = ""
    """Digest of the very messages, where the arm's own answers are among them; it makes the `key`"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one answer as the server (or the tokenizer) counted them.

    None where it did not say.
    """

    input: int | None = None
    output: int | None = None
    cached_input: int | None = None
    reasoning: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why there is no answer. `message` is already free of secrets."""

    kind: FailureKind
    message: str
    status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back for one request: an answer, or a named failure.

    It is never both and never neither. `latency_s` is the answered attempt's own seconds, without waiting in a queue or
    for retries. `choice_scores` holds one summed log-likelihood (natural log) a choice or measured stretch,
    `choice_tokens` their token counts. `tokens_sha256` is the digest of the prompt's token ids (of a stretch: of those
    measured) where the backend renders them itself.
    """

    example_id: str
    repeat: int = 0
    text: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    refusal: str | None = None
    finish: str | None = None
    usage: Usage | None = None
    latency_s: float | None = None
    first_token_s: float | None = None
    served_model: str | None = None
    system_fingerprint: str | None = None
    request_id: str | None = None
    failure: Failure | None = None
    choice_scores: tuple[float, ...] = ()
    choice_tokens: tuple[int, ...] = ()
    token_logprobs: tuple[float, ...] = ()
    """Natural log-probability of each answered token, where they were asked for"""
    prompt_sha256: str | None = None
    input_sha256: str | None = None
    """Of arms with a prompt of their own, in recordings: digest of what the row itself brings to be asked"""
    tokens_sha256: str | None = None
    adapted: Mapping[str, Json] = field(default_factory=lambda: EMPTY)
    """Parameters the server refused and what was sent instead, e.g. {"max_tokens": "max_completion_tokens"}"""
    suite: str | None = None
    """Set in recordings that hold the answers of several suites"""
    thought: str | None = None
    """What a reasoning model thought; no part of the answer, never scored"""
    ended: Ended | None = None
    """How the answer ended; None before it was read (`evalkit.reading`), and of failed calls"""
    taken: tuple[str, ...] = ()
    """What reading took out of the text, and why, one sentence each"""
    scores: Mapping[str, Json] = field(default_factory=lambda: EMPTY)
    """Values that another judge, a person or another tool gave, by name; the scorer `given` reads them"""
    turn: int | None = None
    """Which turn of a conversation it answers, counted from 1"""
    step: int | None = None
    """Which call of its turn it answers, where tools were called before it: 2, 3, ..."""
    conversation: tuple[Message, ...] = ()
    """The turns up to the one it answers, with the arm's own earlier answers; empty where the arm gave none"""
    answered_at: float | None = field(default=None, compare=False)
    """When it was given, in seconds since 1970, where it was kept from an earlier run; no part of what was answered"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelIdentity:
    """Who answers. `fingerprint` covers all that decides the answers: two models never share one.

    For local models that is the content of weights, adapter, tokenizer and chat template, and dtype; for an API the
    provider, host, model name and api. `details` is shown in the report and kept in recordings.
    """

    name: str
    provider: str
    model: str
    fingerprint: str
    details: Mapping[str, Json] = field(default_factory=dict)
