"""Writes placeholders in place of personal data; the same value gets the same placeholder."""

from __future__ import annotations

from collections.abc import MutableMapping

from evalkit.text.marks import drop_invisible
from evalkit.text.personal.find import PersonalFinder
from evalkit.text.personal.fold import fold


def redact(
    text: str,
    *,
    finder: PersonalFinder | None = None,
    seen: MutableMapping[tuple[str, str], str] | None = None,
) -> str:
    """Return the text with placeholders for what is personal.

    They are `[KIND_1]`, `[KIND_2]`, ...; all else stays as it is.

    `seen` maps a kind and a value to its placeholder: one mapping for several texts numbers them through, so that the
    same value is the same placeholder everywhere.

    >>> redact("taro@example.jp から hana@example.jp へ、taro@example.jp に写し")
    '[EMAIL_1] から [EMAIL_2] へ、[EMAIL_1] に写し'
    """
    known = {} if seen is None else seen
    parts, at = [], 0
    for span in (finder or PersonalFinder()).find(text):
        key = (span.kind, fold(drop_invisible(text[span.start : span.end])))
        if key not in known:
            number = 1 + sum(kind == span.kind for kind, _ in known)
            known[key] = f"[{span.kind.upper()}_{number}]"
        parts += [text[at : span.start], known[key]]
        at = span.end
    return "".join([*parts, text[at:]])
