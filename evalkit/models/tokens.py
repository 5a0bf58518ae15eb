"""How many tokens a request will cost, counted offline before it is sent.

Messages are counted exactly with the model's own encoding, plus the three tokens that frame each (OpenAI cookbook, "How
to count tokens with tiktoken"). Tool definitions are counted as the TypeScript-like text that they are shown as; what
frames them was read off the usage of recorded answers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Protocol, cast

from evalkit.core.errors import MissingExtra
from evalkit.core.exchange import Json, Message, Request

_PER_MESSAGE = 3
_REPLY = 3
_PER_TOOL_CALL = 7
_PER_IMAGE = 765
"""A high-detail picture of one tile row; a low-detail one costs 85"""
_TOOLS_FRAME = 9
_TOOLS_FRAME_WITH_SYSTEM = 5
_TOOLS_FRAME_REASONING = 90
_REASONING = ("gpt-5", "o1", "o3", "o4")
_CL100K = ("gpt-4-", "gpt-3.5", "gpt-35", "babbage-002", "davinci-002", "text-embedding-3")


class Encoding(Protocol):
    """What is needed of a tokenizer."""

    def encode_ordinary(self, text: str) -> list[int]:
        """Return the token ids of a text."""


def encoding_name(model: str) -> str:
    """Return the encoding of an OpenAI model, fine-tunes included.

    For every other it is o200k_base, the current one.

    >>> encoding_name("ft:gpt-3.5-turbo-0125:acme::x"), encoding_name("gpt-4.1-mini"), encoding_name("Qwen3-8B")
    ('cl100k_base', 'o200k_base', 'o200k_base')
    """
    base = model.split(":")[1] if model.startswith("ft:") and ":" in model[3:] else model.removeprefix("ft:")
    return "cl100k_base" if base == "gpt-4" or base.startswith(_CL100K) else "o200k_base"


def estimate_tokens(request: Request, model: str) -> int:
    """Estimate the prompt tokens a request will be billed for.

    Within a few tokens for text; an estimate for tools and images, and for models whose encoding is not OpenAI's.
    """
    name = encoding_name(model)
    reasoning = model.startswith(_REASONING)
    total = _REPLY - reasoning + sum(_message_tokens(message, name) for message in request.messages)
    if request.tools:
        system = any(message.role in ("system", "developer") for message in request.messages)
        frame = _TOOLS_FRAME_WITH_SYSTEM if system else _TOOLS_FRAME
        total += (_TOOLS_FRAME_REASONING if reasoning else frame) + count_tokens(tools_text(request.tools), name)
    form = request.sampling.extra.get("response_format")
    if isinstance(form, Mapping) and isinstance(form.get("json_schema"), Mapping):
        schema = json.dumps(form["json_schema"].get("schema"), ensure_ascii=False, separators=(",", ":"))
        total += count_tokens(schema, name)
    return total


@lru_cache(maxsize=8_192)
def count_tokens(text: str, encoding: str) -> int:
    """Count the tokens of a text.

    Special tokens written out in it count as plain text.
    """
    return len(_load_encoding(encoding).encode_ordinary(text))


@lru_cache(maxsize=2)
def _load_encoding(name: str) -> Encoding:
    try:
        from bpe_openai import get_encoding
    except ImportError as error:
        raise MissingExtra("bpe-openai", "openai", "counting tokens before a run") from error
    return cast(Encoding, get_encoding(name))


def _message_tokens(message: Message, encoding: str) -> int:
    total = _PER_MESSAGE + count_tokens(message.role, encoding)
    if isinstance(message.content, str):
        total += count_tokens(message.content, encoding)
    else:
        for part in message.content or ():
            total += count_tokens(str(part["text"]), encoding) if "text" in part else _PER_IMAGE
    if message.name is not None:
        total += 1 + count_tokens(message.name, encoding)
    for call in message.tool_calls:
        total += _PER_TOOL_CALL + count_tokens(call.name, encoding) + count_tokens(call.arguments, encoding)
    return total


def tools_text(tools: tuple[Mapping[str, Json], ...]) -> str:
    """Write tool definitions as the text a model is shown.

    It is a namespace of TypeScript-like types.

    >>> print(tools_text(({"name": "now", "parameters": {"type": "object", "properties": {"zone": {"type": "string"}},
    ...                                                  "required": ["zone"]}},)))
    namespace functions {
    type now = (_: {
    zone: string,
    }) => any;
    } // namespace functions
    """
    lines = ["namespace functions {"]
    for tool in tools:
        inner = tool.get(tool.get("type", "function"), tool)
        if inner.get("description"):
            lines.append(f"// {inner['description']}")
        parameters = inner.get("parameters") or {}
        if parameters.get("properties"):
            lines += [f"type {inner.get('name')} = (_: {{", *_properties(parameters), "}) => any;"]
        else:
            lines.append(f"type {inner.get('name')} = () => any;")
    return "\n".join([*lines, "} // namespace functions"])


def _properties(schema: Mapping[str, Json]) -> Iterator[str]:
    required = schema.get("required") or ()
    for name, value in (schema.get("properties") or {}).items():
        if isinstance(value, Mapping) and value.get("description"):
            yield f"// {value['description']}"
        yield f"{name}{'' if name in required else '?'}: {_type(value)},"


def _type(schema: Json) -> str:
    if not isinstance(schema, Mapping):
        return "any"
    if "enum" in schema:
        return " | ".join(json.dumps(value, ensure_ascii=False) for value in schema["enum"])
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(str(k) for k in kind)
    if kind == "array":
        return f"{_type(schema.get('items'))}[]"
    if kind == "object" and schema.get("properties"):
        return "\n".join(["{", *_properties(schema), "}"])
    return {"integer": "number", "number": "number", "string": "string", "boolean": "boolean"}.get(str(kind), "any")
