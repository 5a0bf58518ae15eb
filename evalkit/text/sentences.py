"""Sentences of English and Japanese text."""

from __future__ import annotations

import re
from collections.abc import Sequence

_END = re.compile(
    r"""[。！？｡.!?…\n](?:  # every end begins with one of these
        (?<=[。！？｡])[。！？｡]*[」』）)"”’]*            # Japanese full stops, with the brackets that close behind them
      | (?<=[^\W\d_][.!?…])[.!?…]*["'”’)]*(?=\s|$)    # Western stops behind a letter
      | (?<=[\d%)"'”’…][.!?])[.!?]*["'”’)]*(?=\s|$)    # ... or behind a number or a bracket
      | (?<=[!?])(?<![!?][!?])[!?]*(?=\s|$|[^\x00-\x7f])   # from its first mark: a long run is tried once
      | (?<=\n)\s*                                     # a line ends a sentence
    )""",
    re.VERBOSE,
)
_ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|e\.g|i\.e|approx|No|Inc|Ltd|Co|etc|a\.m|p\.m|[A-Z])\.$")

_LONGEST = 12
"""Characters that an abbreviation and what stands before it need: what grows is not searched again at every stop"""


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, trimmed, none empty.

    A full stop inside Japanese brackets ends a sentence too; abbreviations (Mr., e.g.) and decimal points do not.

    >>> sentences("Mr. Sato paid 3.50. Thank you!")
    ['Mr. Sato paid 3.50.', 'Thank you!']
    >>> sentences("はい。明日は「雨」です！\\n傘を持って")
    ['はい。', '明日は「雨」です！', '傘を持って']
    """
    return cut_sentences(text, find_ends(text))


def find_ends(text: str) -> list[int]:
    """Find where the sentences of a text end.

    Without the end of the text, where no mark closes it.

    >>> find_ends("はい。そう")
    [3]
    """
    found: list[int] = []
    start = 0
    for mark in _END.finditer(text):
        end = mark.end()
        if text[end - 1] == "." and _ABBREVIATION.search(text[max(start, end - _LONGEST) : end]):
            continue
        found.append(end)
        start = end
    return found


def cut_sentences(text: str, ends: Sequence[int]) -> list[str]:
    """Cut a text at these places; return the pieces, trimmed, none empty."""
    if not ends:
        return [text.strip()] if text and not text.isspace() else []
    pieces = [text[start:end].strip() for start, end in zip((0, *ends), (*ends, len(text)), strict=True)]
    return [piece for piece in pieces if piece]
