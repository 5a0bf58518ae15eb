"""Harmony, in which gpt-oss writes: messages with a role, a channel and, where it calls, a recipient."""

from __future__ import annotations

import re
from dataclasses import dataclass

HARMONY = re.compile(r"<\|channel\|>[^<\n]{0,200}(?:<\|constrain\|>[^<\n]{0,40})?<\|message\|>")
"""A header with a channel: what tells that a text is written in harmony, and not only speaks of it"""
_TOKEN = re.compile(r"<\|(start|channel|message|constrain|end|return|call)\|>")
_CHANNEL = re.compile(r"<\|channel\|>\s*(\w+)")
_RECIPIENT = re.compile(r"\bto=([^\s<]+)")
_ROLE = re.compile(r"<\|start\|>\s*(\w+)")

_GLUED = r"(?=[^\sa-z.,:;'’\"()\-\[\]{}])"
_STRIPPED = re.compile(rf"\A(?:assistant)?analysis(?:{_GLUED}|.*?assistant(?:final|commentary ?to=))", re.DOTALL)
"""Where a server has dropped the special tokens, the words of the headers are left: `analysis…assistantfinal…`"""
_STRIPPED_HEADER = re.compile(
    rf"\A(?:assistant)?(analysis)|assistant(?:(analysis){_GLUED}|(final)|(commentary)(?= ?to=))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HarmonyMessage:
    """One message of a harmony text.

    `closed`: it was ended by a token, not by the end of the text. `raw` is the text it stands in.
    """

    role: str = "assistant"
    channel: str = ""
    recipient: str = ""
    body: str
    closed: bool = True
    raw: str = ""


def is_harmony(text: str) -> bool:
    """Tell whether a text is written in harmony."""
    return "<|message|>" in text and HARMONY.search(text) is not None


def harmony_messages(text: str) -> list[HarmonyMessage]:
    """Return the messages of a text in order.

    Words before the first header are a message of their own, without a channel.
    """
    found: list[HarmonyMessage] = []
    header_at, body_at, header_end, last = 0, -1, 0, 0
    for token in _TOKEN.finditer(text):
        kind = token[1]
        if kind == "message" and body_at < 0:
            header_end, body_at = token.start(), token.end()
        elif kind in ("end", "return", "call") or (kind in ("start", "channel") and body_at >= 0):
            if body_at >= 0:
                end = token.end() if kind in ("end", "return", "call") else token.start()
                found.append(_message(text, header_at, header_end, body_at, token.start(), end))
            elif kind in ("end", "return", "call") and text[header_at : token.start()].strip():
                found.append(HarmonyMessage(body=text[header_at : token.start()]))
            header_at = token.end() if kind in ("end", "return", "call") else token.start()
            body_at = -1
        elif kind in ("start", "channel") and not _header_goes_on(text, header_at, token.start()):
            if text[header_at : token.start()].strip():
                found.append(HarmonyMessage(body=text[header_at : token.start()]))
            header_at = token.start()
        last = token.end()
    if body_at >= 0:
        found.append(_message(text, header_at, header_end, body_at, len(text), len(text), closed=False))
    elif text[max(header_at, last) :].strip():
        found.append(HarmonyMessage(body=text[max(header_at, last) :], closed=False))
    return found


def _header_goes_on(text: str, start: int, end: int) -> bool:
    """Whether the text before a `<|channel|>` is the beginning of its header: `<|start|>assistant to=…`."""
    return text.startswith("<|start|>", start) and end - start < 300


def _message(
    text: str, start: int, header_end: int, body: int, body_end: int, end: int, *, closed: bool = True
) -> HarmonyMessage:
    header = text[start : min(header_end, start + 1_000)]
    role, channel, recipient = _ROLE.search(header), _CHANNEL.search(header), _RECIPIENT.search(header)
    return HarmonyMessage(
        role=role[1] if role else "assistant",
        channel=channel[1] if channel else "",
        recipient=recipient[1] if recipient else "",
        body=text[body:body_end],
        closed=closed,
        raw=text[start:end],
    )


def is_stripped(text: str) -> bool:
    """Tell whether a text looks like harmony whose special tokens were dropped."""
    return text.startswith(("analysis", "assistantanalysis")) and _STRIPPED.match(text) is not None


def stripped_messages(text: str) -> list[HarmonyMessage]:
    """Return the messages of a text whose special tokens were dropped."""
    headers = list(_STRIPPED_HEADER.finditer(text))
    if not headers:
        return []
    ends = [header.start() for header in headers[1:]] + [len(text)]
    found = []
    for header, end in zip(headers, ends, strict=True):
        channel = next(name for name in header.groups() if name)
        body = text[header.end() : end]
        recipient = re.match(r" ?to=([\w.\-]+)", body) if channel == "commentary" else None
        found.append(
            HarmonyMessage(
                channel=channel,
                recipient=recipient[1] if recipient else "",
                body=body,
                closed=end < len(text) or channel != "analysis",
                raw=channel + body,
            )
        )
    return found
