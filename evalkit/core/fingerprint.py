"""Canonical JSON and SHA-256: the identity of a request, a model, a data set, a scorer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import lru_cache
from pathlib import Path

from evalkit.core.exchange import Json, Message, Request, Sampling, Stretch


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
    """Write a value as its one JSON text.

    Keys are sorted; there are no spaces and no NaN.

    >>> canonical({"b": 1, "a": (2, "é")})
    '{"a":[2,"é"],"b":1}'
    """
    return _ENCODER.encode(value)


def _shallow(value: object) -> Json:
    """One level of what the encoder does not know: nouns and mappings that are no dict."""
    if is_dataclass(value) and not isinstance(value, type):
        return {name: getattr(value, name) for name in _names(type(value))}
    if isinstance(value, Mapping):
        return dict(value)
    return plain(value) if isinstance(value, Sequence) else _refuse(value)


@lru_cache(maxsize=256)
def _names(kind: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind))


def _refuse(value: object) -> Json:
    raise TypeError(f"{type(value).__name__} is no JSON value")


# one encoder for all: the text is made in C, whatever the nesting
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_shallow
)


def digest(value: object) -> str:
    """Return the SHA-256 (hex) of the canonical JSON of a value."""
    return hashlib.sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()


def digest_of_many(values: Iterable[object]) -> str:
    """Return the digest of a list of values, without holding its text.

    >>> digest_of_many(iter([1, "a"])) == digest([1, "a"])
    True
    """
    found = hashlib.sha256(b"[")
    for number, value in enumerate(values):
        text = f",{canonical(value)}" if number else canonical(value)
        found.update(text.encode("utf-8", "surrogatepass"))
    found.update(b"]")
    return found.hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 (hex) of a file's bytes, read in blocks."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def prompt_digest(
    messages: Sequence[Message],
    *,
    tools: Sequence[Mapping[str, Json]] = (),
    choices: Sequence[str] = (),
    stretch: Stretch | None = None,
    remember: bool = True,
) -> str:
    """Hash what an arm was shown: messages, tools and choices.

    The digest is independent of which arm it is. `stretch` is what is measured of it, where nothing is answered. With
    `remember` the next arm's is at hand, and the question is held.
    """
    if stretch is not None:
        return digest([[m.wire() for m in messages], list(tools), list(choices), stretch])
    if remember and len(messages) == 1 and not tools and not choices and _is_question(messages[0]):
        return _question_digest(str(messages[0].content))
    return digest([[m.wire() for m in messages], list(tools), list(choices)])


def _is_question(turn: Message) -> bool:
    """Whether a turn is a user's text and nothing else."""
    bare = turn.name is None and not turn.tool_calls and turn.tool_call_id is None
    return bare and turn.role == "user" and isinstance(turn.content, str)


@lru_cache(maxsize=1 << 17)
def _question_digest(text: str) -> str:
    """One plain question, which every arm is asked: hashed once for all of them."""
    return digest([[{"role": "user", "content": text}], [], []])


def request_key(model_fingerprint: str, *, prompt_sha256: str, sampling: Sampling, repeat: int) -> str:
    """Identify one answer: who was asked, what, how, and which repeat."""
    return digest([model_fingerprint, prompt_sha256, plain(sampling), repeat])


def request_keys(model_fingerprint: str) -> Callable[[Request], str]:
    """Make `request_key` for many requests to one model.

    What the requests share is put into text once.

    >>> request = Request(example_id="a", messages=(), prompt_sha256="p")
    >>> request_keys("m")(request) == request_key("m", prompt_sha256="p", sampling=request.sampling, repeat=0)
    True
    """
    head = canonical(model_fingerprint)
    last: list[tuple[Sampling, str]] = []

    def key(request: Request) -> str:
        if not last or last[0][0] is not request.sampling:
            last[:] = [(request.sampling, canonical(request.sampling))]
        asked = canonical(request.asked_sha256 or request.prompt_sha256)
        text = f"[{head},{asked},{last[0][1]},{request.repeat}]"
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    return key


def add_keys(request: Request, *, model_fingerprint: str) -> Request:
    """Return the request with `prompt_sha256` and `key` filled in."""
    prompt = prompt_digest(request.messages, tools=request.tools, choices=request.choices, stretch=request.stretch)
    return Request(
        example_id=request.example_id,
        messages=request.messages,
        tools=request.tools,
        choices=request.choices,
        sampling=request.sampling,
        repeat=request.repeat,
        suite=request.suite,
        beside=request.beside,
        stretch=request.stretch,
        prompt_sha256=prompt,
        key=request_key(model_fingerprint, prompt_sha256=prompt, sampling=request.sampling, repeat=request.repeat),
    )
