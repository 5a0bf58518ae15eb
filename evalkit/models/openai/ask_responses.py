"""The body of a Responses API call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evalkit.core.exchange import Json, Message, Request
from evalkit.models.openai.ask_chat import stops, with_system
from evalkit.models.openai.open_door import add_open_parameters
from evalkit.models.openai.tools import responses_tool, responses_tool_choice
from evalkit.suite.spec import ModelSpec


def responses_body(request: Request, *, model: str, spec: ModelSpec) -> dict[str, Json]:
    """Return what is posted to ``/responses``.

    Nothing is stored by the vendor; parameters that are None are not sent.
    """
    sampling = request.sampling
    body: dict[str, Json] = {
        "model": model,
        "input": [item for message in with_system(request, spec) for item in _items(message)],
        "store": False,
    }
    for name, value in (
        ("temperature", sampling.temperature),
        ("max_output_tokens", sampling.max_tokens),
        ("top_p", sampling.top_p),
        ("seed", sampling.seed),
        ("stop", stops(request, spec) or None),
        ("tools", [responses_tool(tool) for tool in request.tools] or None),
    ):
        if value is not None:
            body[name] = value
    for name, value in sampling.extra.items():
        if value is not None:
            _extra(body, name, value)
    add_open_parameters(body, request, spec)
    # said in so many words: `transformers serve` streams where nothing is said
    body["stream"] = bool(body.get("stream"))
    if not request.tools:
        body.pop("tool_choice", None)
        body.pop("parallel_tool_calls", None)
    return body


def _extra(body: dict[str, Json], name: str, value: Json) -> None:
    """Put a parameter that chat completions names into the place where the Responses API expects it."""
    if name == "response_format":
        kind = value.get("type")
        inner = value.get(kind) if isinstance(value.get(kind), Mapping) else {}
        body["text"] = {**body.get("text", {}), "format": {"type": kind, **inner}}
    elif name == "verbosity":
        body["text"] = {**body.get("text", {}), "verbosity": value}
    elif name == "reasoning_effort":
        body["reasoning"] = {"effort": value}
    elif name == "tool_choice":
        body["tool_choice"] = responses_tool_choice(value)
    elif name == "logprobs":
        if value:
            body["include"] = ["message.output_text.logprobs"]
    elif name != "stream_options":
        body[name] = value


def _items(message: Message) -> Iterator[dict[str, Json]]:
    """One chat message as input items: tool calls and tool results are items of their own."""
    if message.role in ("tool", "function"):
        yield {
            "type": "function_call_output",
            "call_id": message.tool_call_id or message.name or "call_0",
            "output": message.content if isinstance(message.content, str) else _texts(message.content),
        }
        return
    if message.content:
        yield {"role": message.role, "content": _content(message)}
    for index, call in enumerate(message.tool_calls):
        yield {
            "type": "function_call",
            "call_id": call.id or f"call_{index}",
            "name": call.name,
            "arguments": call.arguments,
        }


def _content(message: Message) -> Json:
    if isinstance(message.content, str) or message.content is None:
        return message.content
    text_type = "output_text" if message.role == "assistant" else "input_text"
    return [_part(part, text_type) for part in message.content]


def _part(part: Mapping[str, Json], text_type: str) -> Mapping[str, Json]:
    if part.get("type") == "text":
        return {"type": text_type, "text": part.get("text", "")}
    if part.get("type") == "image_url":
        image = part.get("image_url")
        url, detail = (image.get("url"), image.get("detail")) if isinstance(image, Mapping) else (image, None)
        return {"type": "input_image", "image_url": url, "detail": detail or "auto"}
    return part


def _texts(parts: tuple[Mapping[str, Json], ...] | None) -> str:
    return "".join(str(part.get("text", "")) for part in parts or ())
