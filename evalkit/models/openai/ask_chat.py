"""The body of a chat completions call."""

from __future__ import annotations

from evalkit.core.exchange import Json, Message, Request
from evalkit.models.openai.open_door import add_open_parameters
from evalkit.models.openai.tools import chat_tool, chat_tool_choice
from evalkit.suite.spec import ModelSpec


def with_system(request: Request, spec: ModelSpec) -> tuple[Message, ...]:
    """Return the messages to send.

    The arm's own system text goes first where the prompt has none.
    """
    if spec.system is None or any(m.role in ("system", "developer") for m in request.messages):
        return request.messages
    return (Message(role="system", content=spec.system), *request.messages)


def stops(request: Request, spec: ModelSpec) -> list[str]:
    """Return the stop texts of the request and of training, each once.

    Those of training are those that the model was trained with.
    """
    return list(dict.fromkeys((*request.sampling.stop, *spec.stop)))


def chat_body(request: Request, *, model: str, spec: ModelSpec) -> dict[str, Json]:
    """Return what is posted to ``/chat/completions``.

    Parameters that are None are not sent.
    """
    sampling = request.sampling
    body: dict[str, Json] = {
        "model": model,
        "messages": [message.wire() for message in with_system(request, spec)],
    }
    for name, value in (
        ("temperature", sampling.temperature),
        ("max_tokens", sampling.max_tokens),
        ("top_p", sampling.top_p),
        ("seed", sampling.seed),
        ("stop", stops(request, spec) or None),
        ("tools", [chat_tool(tool) for tool in request.tools] or None),
    ):
        if value is not None:
            body[name] = value
    body.update((name, value) for name, value in sampling.extra.items() if value is not None)
    if "tool_choice" in body:
        body["tool_choice"] = chat_tool_choice(body["tool_choice"])
    add_open_parameters(body, request, spec)
    if not body.get("stream"):
        body.pop("stream", None)
    else:
        body.setdefault("stream_options", {"include_usage": True})
    if not request.tools:
        # servers refuse both without tools; a suite may mix cases with and without
        body.pop("tool_choice", None)
        body.pop("parallel_tool_calls", None)
    return body
