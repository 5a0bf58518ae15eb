"""Bodies of chat completions and of legacy completions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from evalkit.core.exchange import Failure, Json, ToolCall
from evalkit.models.openai.answer import Answer
from evalkit.models.openai.failures import read_failure
from evalkit.models.openai.read_usage import read_usage
from evalkit.models.openai.read_values import numbers_of, text_of, write_out


def read_chat(body: Json) -> Answer | Failure:
    """The first choice of a ``chat.completion`` body, or the failure it stands for (an error under HTTP 200 too)."""
    choice = _first_choice(body)
    if isinstance(choice, Failure):
        return choice
    message = choice.get("message")
    finish = choice.get("finish_reason")
    if not isinstance(message, Mapping):
        return _no_message(finish)
    calls = read_tool_calls(message)
    refusal = write_out(message.get("refusal") or None) or None
    content = read_content(message.get("content"))
    if not content and not calls and not refusal and finish == "content_filter":
        return _no_message(finish)
    return Answer(
        text=content if content is not None or calls or refusal else "",
        tool_calls=calls,
        refusal=refusal,
        finish=text_of(finish),
        usage=read_usage(body.get("usage")),
        served_model=text_of(body.get("model")),
        system_fingerprint=text_of(body.get("system_fingerprint")),
        token_logprobs=_chat_logprobs(choice.get("logprobs")),
    )


def read_completion(body: Json) -> Answer | Failure:
    """The first choice of a legacy ``text_completion`` body, or the failure it stands for."""
    choice = _first_choice(body)
    if isinstance(choice, Failure):
        return choice
    text, finish = choice.get("text"), choice.get("finish_reason")
    if not isinstance(text, str) or (not text and finish == "content_filter"):
        return _no_message(finish)
    logprobs = choice.get("logprobs")
    return Answer(
        text=text,
        finish=text_of(finish),
        usage=read_usage(body.get("usage")),
        served_model=text_of(body.get("model")),
        system_fingerprint=text_of(body.get("system_fingerprint")),
        token_logprobs=numbers_of(logprobs.get("token_logprobs") or ()) if isinstance(logprobs, Mapping) else (),
    )


def read_content(content: Json) -> str | None:
    """The text of a message's content: a string, or the text parts of a list."""
    if content is None or isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(p["text"] for p in content if isinstance(p, Mapping) and isinstance(p.get("text"), str))
    return write_out(content)


def read_tool_calls(message: Mapping[str, Json]) -> tuple[ToolCall, ...]:
    """Function, custom and legacy calls of an assistant message, in order, arguments as the model wrote them."""
    calls = tuple(_call(c) for c in message.get("tool_calls") or () if isinstance(c, Mapping))
    legacy = message.get("function_call")
    if isinstance(legacy, Mapping):
        calls += (_tool_call(legacy, arguments=legacy.get("arguments"), identity=None, kind="legacy"),)
    return calls


def _call(call: Mapping[str, Json]) -> ToolCall:
    custom = call.get("custom")
    if call.get("type") == "custom" and isinstance(custom, Mapping):
        return _tool_call(custom, arguments=custom.get("input"), identity=call.get("id"), kind="custom")
    function = call.get("function") or {}
    return _tool_call(function, arguments=function.get("arguments"), identity=call.get("id"), kind="function")


def _tool_call(
    named: Mapping[str, Json], *, arguments: Json, identity: Json, kind: Literal["function", "custom", "legacy"]
) -> ToolCall:
    name = text_of(named.get("name")) or ""
    return ToolCall(name=name, arguments=write_out(arguments), id=text_of(identity), kind=kind)


def _first_choice(body: Json) -> Mapping[str, Json] | Failure:
    if not isinstance(body, Mapping):
        return Failure(kind="malformed", message=f"the body is not a JSON object but {type(body).__name__}")
    choices = body.get("choices")
    if not choices:
        if body.get("error"):
            return read_failure(body)
        return Failure(kind="malformed", message="the body has no choices")
    first = choices[0] if isinstance(choices, list) else None
    if not isinstance(first, Mapping):
        return Failure(kind="malformed", message="the first choice is not an object")
    return first


def _no_message(finish: Json) -> Failure:
    if finish == "content_filter":
        return Failure(kind="content_filter", message="the answer was withheld by the server's content filter")
    return Failure(kind="malformed", message=f"the choice holds no message (finish_reason {finish!r})")


def _chat_logprobs(logprobs: Json) -> tuple[float, ...]:
    if not isinstance(logprobs, Mapping):
        return ()
    return numbers_of(t.get("logprob") for t in logprobs.get("content") or () if isinstance(t, Mapping))
