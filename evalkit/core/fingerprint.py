"""Canonical JSON and SHA-256: the identity of a request, a model, a data set, a scorer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path

from evalkit.core.nouns import Json, Message, Request, Sampling


def plain(value: object) -> Json:
    """Turn dataclasses, mappings and sequences into plain JSON values; a tuple becomes a list."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [plain(v) for v in value]
    return value


def canonical(value: object) -> str:
    """The one JSON text of a value: sorted keys, no spaces, no NaN.

    >>> canonical({"b": 1, "a": (2, "é")})
    '{"a":[2,"é"],"b":1}'
    """
    return json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(value: object) -> str:
    """SHA-256 (hex) of the canonical JSON of a value."""
    return hashlib.sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 (hex) of a file's bytes, read in blocks."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def prompt_digest(
    messages: Sequence[Message], *, tools: Sequence[Mapping[str, Json]] = (), choices: Sequence[str] = ()
) -> str:
    """What an arm was shown, independent of who it is: messages, tools and choices."""
    return digest([[m.wire() for m in messages], list(tools), list(choices)])


def request_key(model_fingerprint: str, *, prompt_sha256: str, sampling: Sampling, repeat: int) -> str:
    """The identity of one answer: who was asked, what, how, and for the how-manieth time."""
    return digest([model_fingerprint, prompt_sha256, plain(sampling), repeat])


def keyed(request: Request, *, model_fingerprint: str) -> Request:
    """The request with `prompt_sha256` and `key` filled in."""
    prompt = prompt_digest(request.messages, tools=request.tools, choices=request.choices)
    return Request(
        example_id=request.example_id,
        messages=request.messages,
        tools=request.tools,
        choices=request.choices,
        sampling=request.sampling,
        repeat=request.repeat,
        suite=request.suite,
        prompt_sha256=prompt,
        key=request_key(model_fingerprint, prompt_sha256=prompt, sampling=request.sampling, repeat=request.repeat),
    )
