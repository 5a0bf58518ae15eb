"""The body of a legacy completions call: messages become the one text a legacy fine-tune was trained on."""

from __future__ import annotations

from evalkit.core.exchange import Json, Message, Request
from evalkit.models.openai.ask_chat import stops, with_system
from evalkit.models.openai.open_door import add_open_parameters
from evalkit.suite.spec import ModelSpec


def completions_body(request: Request, *, model: str, spec: ModelSpec) -> dict[str, Json]:
    """Return what is posted to ``/completions``.

    Tools and response formats have no place here and are left out.
    """
    sampling = request.sampling
    body: dict[str, Json] = {"model": model, "prompt": completion_prompt(request, spec)}
    for name, value in (
        ("temperature", sampling.temperature),
        ("max_tokens", sampling.max_tokens),
        ("top_p", sampling.top_p),
        ("seed", sampling.seed),
        ("stop", stops(request, spec) or None),
    ):
        if value is not None:
            body[name] = value
    for name in ("presence_penalty", "frequency_penalty", "top_k", "min_p"):
        if sampling.extra.get(name) is not None:
            body[name] = sampling.extra[name]
    if sampling.extra.get("logprobs"):
        body["logprobs"] = 1
    if sampling.extra.get("stream"):
        body["stream"] = True
        body["stream_options"] = {"include_usage": True}
    add_open_parameters(body, request, spec)
    return body


def completion_prompt(request: Request, spec: ModelSpec) -> str:
    """Join the texts of the messages and the separator of training.

    The texts stand one under the other; the separator closed every prompt in training.

    >>> from evalkit.core.exchange import Message, Request
    >>> asked = Request(example_id="1", messages=(Message(role="user", content="Hi"),))
    >>> completion_prompt(asked, ModelSpec(provider="openai", separator=" ->"))
    'Hi ->'
    """
    text = "\n".join(_text(message) for message in with_system(request, spec))
    separator = spec.separator or ""
    return text if separator and text.endswith(separator) else text + separator


def _text(message: Message) -> str:
    if isinstance(message.content, tuple):
        return "".join(str(part.get("text", "")) for part in message.content)
    return message.content or ""
