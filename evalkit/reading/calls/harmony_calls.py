"""gpt-oss: messages of harmony that name a recipient, with their special tokens or without."""

from __future__ import annotations

import re
from contextlib import suppress

from evalkit.core.strict_json import strict_at
from evalkit.reading.calls.found import Found, Tools
from evalkit.reading.harmony import harmony_messages, is_harmony

MARK = re.compile(r"<\|channel\|>|(?:\A|assistant)(?:commentary|analysis)? ?to=[\w.]")
_STRIPPED = re.compile(
    r"(?:\A|assistant)(?:commentary|analysis)? ?to=([\w.-]{1,200}?)"
    r"(?:\s{0,4}(?:<\|constrain\|>)?\s{0,4}(?:(?:commentary|analysis)\s{0,4})?(?:json|code))?\s{0,4}(?:<\|message\|>\s{0,4})?(?=\{)"
)
_PREFIX = "functions."


def read(text: str, tools: Tools) -> Found | None:
    """Read every message to a function.

    Builtin tools (browser, python) keep their own names.
    """
    if is_harmony(text):
        messages = [message for message in harmony_messages(text) if message.recipient and message.role == "assistant"]
        calls = tuple((message.recipient.removeprefix(_PREFIX), message.body.strip()) for message in messages)
        return Found(calls=calls) if calls else None
    found: list[tuple[str, str]] = []
    headers = list(_STRIPPED.finditer(text))
    if not headers:
        return None
    ends = [header.start() for header in headers[1:]] + [len(text)]
    for header, end in zip(headers, ends, strict=True):
        raw = text[header.end() : end]
        with suppress(ValueError):
            raw = raw[: strict_at(raw, 0)[1]]
        found.append((_name(header[1], tools), raw.strip()))
    return Found(calls=tuple(found))


def _name(written: str, tools: Tools) -> str:
    """The name; where the tokens were dropped the channel's name may hang on it."""
    name = written.removeprefix(_PREFIX)
    if name in tools:
        return name
    for channel in ("commentary", "analysis"):
        if name.endswith(channel) and name != channel:
            return name.removesuffix(channel)
    return name
