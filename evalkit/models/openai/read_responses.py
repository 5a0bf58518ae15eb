"""Bodies of the Responses API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evalkit.core.exchange import Failure, Json, ToolCall
from evalkit.models.openai.answer import Answer
from evalkit.models.openai.failures import read_failure
from evalkit.models.openai.malformed_call import malformed_call
from evalkit.models.openai.read_thought import thought_of_items
from evalkit.models.openai.read_usage import read_usage
from evalkit.models.openai.read_values import numbers_of, text_of, write_out

_REASONS = {"max_output_tokens": "length", "content_filter": "content_filter"}


def read_responses(body: Json) -> Answer | Failure:
    """Return the answer a ``response`` body holds, or the failure it stands for.

    `text` joins every output text, as the official client's `output_text` does. `finish` speaks chat's language:
    stop, tool_calls, length, content_filter.
    """
    if not isinstance(body, Mapping):
        return Failure(kind="malformed", message=f"the body is not a JSON object but {type(body).__name__}")
    if body.get("error"):
        return malformed_call(body) or read_failure(body)
    output = body.get("output")
    if not isinstance(output, list):
        return Failure(kind="malformed", message="the body has no output")
    status = body.get("status")
    if status in ("queued", "in_progress", "cancelled", "failed"):
        return Failure(kind="interrupted" if status == "cancelled" else "other", message=f"the response is {status}")
    items = [item for item in output if isinstance(item, Mapping)]
    parts = list(_message_parts(items))
    calls = tuple(_calls(items))
    texts = [p["text"] for p in parts if p.get("type") in ("output_text", "text") and isinstance(p.get("text"), str)]
    refusals = [p["refusal"] for p in parts if p.get("type") == "refusal" and isinstance(p.get("refusal"), str)]
    finish = _finish(body, calls=bool(calls))
    if finish == "content_filter" and not texts and not calls:
        return Failure(kind="content_filter", message="the answer was withheld by the server's content filter")
    return Answer(
        text="".join(texts) if texts or not (calls or refusals) else None,
        tool_calls=calls,
        refusal="".join(refusals) or None,
        finish=finish,
        usage=read_usage(body.get("usage")),
        served_model=text_of(body.get("model")),
        system_fingerprint=text_of(body.get("system_fingerprint")),
        token_logprobs=_logprobs(parts),
        thought=thought_of_items(items),
    )


def _message_parts(items: list[Mapping[str, Json]]) -> Iterator[Mapping[str, Json]]:
    for item in items:
        if item.get("type") != "message":
            continue
        if isinstance(item.get("content"), str):
            yield {"type": "output_text", "text": item["content"]}
        else:
            yield from (part for part in item.get("content") or () if isinstance(part, Mapping))


def _calls(items: list[Mapping[str, Json]]) -> Iterator[ToolCall]:
    for item in items:
        name, identity = text_of(item.get("name")) or "", text_of(item.get("call_id") or item.get("id"))
        if item.get("type") == "function_call":
            yield ToolCall(name=name, arguments=write_out(item.get("arguments")), id=identity)
        elif item.get("type") == "custom_tool_call":
            yield ToolCall(name=name, arguments=write_out(item.get("input")), id=identity, kind="custom")


def _finish(body: Mapping[str, Json], *, calls: bool) -> str:
    if body.get("status") == "incomplete":
        details = body.get("incomplete_details")
        reason = details.get("reason") if isinstance(details, Mapping) else None
        return _REASONS.get(str(reason), str(reason or "incomplete"))
    return "tool_calls" if calls else "stop"


def _logprobs(parts: list[Mapping[str, Json]]) -> tuple[float, ...]:
    tokens = (token for part in parts for token in part.get("logprobs") or () if isinstance(token, Mapping))
    return numbers_of(token.get("logprob") for token in tokens)
