"""Bodies of chat completions and of legacy completions."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.nouns import Failure, Json, ToolCall
from evalkit.models.openai.answer import Answer
from evalkit.models.openai.failures import read_failure
from evalkit.models.openai.read_usage import read_usage


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
    refusal = message.get("refusal")
    content = read_content(message.get("content"))
    if not content and not calls and not refusal and finish == "content_filter":
        return _no_message(finish)
    return Answer(
        text=content if content is not None or calls or refusal else "",
        tool_calls=calls,
        refusal=refusal,
        finish=finish,
        usage=read_usage(body.get("usage")),
        served_model=body.get("model"),
        system_fingerprint=body.get("system_fingerprint"),
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
        finish=finish,
        usage=read_usage(body.get("usage")),
        served_model=body.get("model"),
        system_fingerprint=body.get("system_fingerprint"),
        token_logprobs=_numbers(logprobs.get("token_logprobs")) if isinstance(logprobs, Mapping) else (),
    )


def read_content(content: Json) -> str | None:
    """The text of a message's content: a string, or the text parts of a list."""
    if content is None or isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(p["text"] for p in content if isinstance(p, Mapping) and isinstance(p.get("text"), str))
    return str(content)


def read_tool_calls(message: Mapping[str, Json]) -> tuple[ToolCall, ...]:
    """Function, custom and legacy calls of an assistant message, in order, arguments as the model wrote them."""
    calls = tuple(_call(c) for c in message.get("tool_calls") or () if isinstance(c, Mapping))
    legacy = message.get("function_call")
    if isinstance(legacy, Mapping):
        calls += (ToolCall(name=legacy.get("name") or "", arguments=legacy.get("arguments") or "", kind="legacy"),)
    return calls


def _call(call: Mapping[str, Json]) -> ToolCall:
    custom = call.get("custom")
    if call.get("type") == "custom" and isinstance(custom, Mapping):
        return ToolCall(
            name=custom.get("name") or "", arguments=custom.get("input") or "", id=call.get("id"), kind="custom"
        )
    function = call.get("function") or {}
    return ToolCall(name=function.get("name") or "", arguments=function.get("arguments") or "", id=call.get("id"))


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
    return _numbers([t.get("logprob") for t in logprobs.get("content") or () if isinstance(t, Mapping)])


def _numbers(values: Json) -> tuple[float, ...]:
    return tuple(float(v) for v in values or () if isinstance(v, (int, float)))
