"""Bodies of chat completions and of legacy completions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from evalkit.core.exchange import Failure, Json, ToolCall
from evalkit.models.openai.answer import Answer
from evalkit.models.openai.failures import read_failure
from evalkit.models.openai.malformed_call import FINISH, is_malformed, malformed_call
from evalkit.models.openai.read_thought import is_thinking, thought_of
from evalkit.models.openai.read_usage import read_usage
from evalkit.models.openai.read_values import numbers_of, text_of, write_out
from evalkit.reading.ending import BROKEN, finish_word


def read_chat(body: Json) -> Answer | Failure:
    """Read the first choice of a ``chat.completion`` body, or its failure.

    A failure may be an error under HTTP 200 too.
    """
    choice = _first_choice(body)
    if isinstance(choice, (Answer, Failure)):
        return choice
    message = choice.get("message")
    finish = choice.get("finish_reason")
    if not isinstance(message, Mapping):
        if not is_malformed(finish):
            return _no_message(finish)
        message = {}
    calls = read_tool_calls(message)
    refusal = write_out(message.get("refusal") or None) or read_refusal(message.get("content"))
    content = read_content(message.get("content"))
    content = content or _read_voice(message) or content
    if not content and not calls and not refusal and finish == "content_filter":
        return _no_message(finish)
    return Answer(
        text=content if content is not None or calls or refusal else "",
        tool_calls=calls,
        refusal=refusal,
        finish=FINISH if is_malformed(finish) else text_of(finish),
        usage=read_usage(body.get("usage")),
        served_model=text_of(body.get("model")),
        system_fingerprint=text_of(body.get("system_fingerprint")),
        token_logprobs=_chat_logprobs(choice.get("logprobs")),
        thought=thought_of(message),
    )


def _read_voice(message: Mapping[str, Json]) -> str | None:
    """What a model that answers by voice said."""
    audio = message.get("audio")
    return text_of(audio.get("transcript")) if isinstance(audio, Mapping) else None


def read_completion(body: Json) -> Answer | Failure:
    """Read the first choice of a legacy ``text_completion`` body, or its failure."""
    choice = _first_choice(body)
    if isinstance(choice, (Answer, Failure)):
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
    """Return the text of a message's content.

    It is a string, one part, or the text parts of a list; thoughts are left out.
    """
    if content is None or isinstance(content, str):
        return content
    if isinstance(content, Mapping) and isinstance(content.get("text"), str):
        content = [content]
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, Mapping) and not is_thinking(part)]
        return "".join(part["text"] for part in parts if isinstance(part.get("text"), str))
    return write_out(content)


def read_refusal(content: Json) -> str | None:
    """Return the refusal that stands as a part of the content.

    The Responses API writes it so; it is None where there is none.
    """
    parts = content if isinstance(content, list) else ()
    found = [part["refusal"] for part in parts if isinstance(part, Mapping) and isinstance(part.get("refusal"), str)]
    return "".join(found) or None


def read_tool_calls(message: Mapping[str, Json]) -> tuple[ToolCall, ...]:
    """Read the function, custom and legacy calls of an assistant message.

    They are in order, with arguments as the model wrote them.
    """
    calls = tuple(_call(c) for c in message.get("tool_calls") or () if isinstance(c, Mapping))
    legacy = message.get("function_call")
    if isinstance(legacy, Mapping):
        old = _tool_call(legacy, arguments=legacy.get("arguments"), identity=None, kind="legacy")
        if not any((call.name, call.arguments) == (old.name, old.arguments) for call in calls):  # servers that say both
            calls += (old,)
    return calls


def _call(call: Mapping[str, Json]) -> ToolCall:
    custom = call.get("custom")
    if call.get("type") == "custom" and isinstance(custom, Mapping):
        return _tool_call(custom, arguments=custom.get("input"), identity=call.get("id"), kind="custom")
    function = call.get("function") or (call if call.get("name") else {})
    return _tool_call(function, arguments=function.get("arguments"), identity=call.get("id"), kind="function")


def _tool_call(
    named: Mapping[str, Json], *, arguments: Json, identity: Json, kind: Literal["function", "custom", "legacy"]
) -> ToolCall:
    name = text_of(named.get("name")) or ""
    return ToolCall(name=name, arguments=write_out(arguments), id=text_of(identity), kind=kind)


def _first_choice(body: Json) -> Mapping[str, Json] | Answer | Failure:
    if not isinstance(body, Mapping):
        return Failure(kind="malformed", message=f"the body is not a JSON object but {type(body).__name__}")
    choices = body.get("choices")
    if not choices:
        if body.get("error") or body.get("object") == "error":
            return malformed_call(body) or read_failure(body)
        return Failure(kind="malformed", message="the body has no choices")
    first = choices[0] if isinstance(choices, list) else None
    if not isinstance(first, Mapping):
        return Failure(kind="malformed", message="the first choice is not an object")
    return read_broken_off(body, first) or first


def read_broken_off(body: Mapping[str, Json], choice: Mapping[str, Json]) -> Failure | None:
    """Return the failure of a choice that broke off upstream.

    Its HTTP status is 200 all the same: half an answer is none.
    """
    error = choice.get("error") or body.get("error")
    finish = choice.get("finish_reason")
    if error:
        failure = read_failure({"error": error})
        return replace(failure, kind="server") if failure.kind in ("other", "bad_request") else failure
    if finish_word(text_of(finish)) in BROKEN:
        return Failure(kind="server", message=f"the answer broke off in the server (finish_reason {finish!r})")
    return None


def _no_message(finish: Json) -> Failure:
    if finish == "content_filter":
        return Failure(kind="content_filter", message="the answer was withheld by the server's content filter")
    return Failure(kind="malformed", message=f"the choice holds no message (finish_reason {finish!r})")


def _chat_logprobs(logprobs: Json) -> tuple[float, ...]:
    if not isinstance(logprobs, Mapping):
        return ()
    return numbers_of(t.get("logprob") for t in logprobs.get("content") or () if isinstance(t, Mapping))
