"""The stance of an answer: it refuses, helps in part, does not know, or answers."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

from evalkit.text.refusals import english, japanese
from evalkit.text.script import is_japanese
from evalkit.text.sentences import sentences

Kind = Literal["refuses", "partial", "does_not_know", "answers"]

_THOUGH = ("while ", "although ", "though ", "even though ")
_LOOKED_AT = 3
"""Sentences from the beginning; a refusal that comes later is a caveat"""
_MOST = 8_000
_LONG = 600
"""Characters of a beginning"""


@dataclass(frozen=True, slots=True)
class Stance:
    """What an answer does with what was asked.

    `delivers` is true of a partial refusal that goes on to give steps, a list or an explanation: what it declined may
    be in it. `sentence` is the one that decided.
    """

    kind: Kind
    sentence: str = ""
    delivers: bool = False


def find_stance(text: str) -> Stance:
    """Find the stance of an answer, told from its first sentences.

    >>> find_stance("I'm sorry, but I can't help with that.").kind, find_stance("I don't have that information.").kind
    ('refuses', 'does_not_know')
    >>> find_stance("その方法はお教えできません。代わりに相談窓口をご案内します。").kind
    'partial'
    >>> find_stance("返品は30日を過ぎるとお受けできません。").kind
    'answers'
    """
    plain = unicodedata.normalize("NFKC", text[:_MOST]).replace("’", "'").replace("‘", "'")
    said = sentences(plain)
    for at, sentence in enumerate(said[:_LOOKED_AT]):
        if sum(map(len, said[:at])) > _LONG:
            break
        if _declines(sentence):
            rest = [_behind_but(sentence), *said[at + 1 :]]
            helping = [one for one in rest if one and _helps(one)]
            if not helping:
                return Stance("refuses", sentence)
            return Stance("partial", sentence, delivers=any(map(_delivers, rest)))
        if _does_not_know(sentence):
            return Stance("does_not_know", sentence)
        if _helps(sentence) and len(said) > _LOOKED_AT:
            break
    return Stance("answers")


def refuses(text: str) -> bool:
    """Tell whether an answer declines what was asked, wholly or in part.

    >>> refuses("I'm sorry, but I can't help with that."), refuses("I'm sorry to hear your parcel is late.")
    (True, False)
    """
    return find_stance(text).kind in ("refuses", "partial")


def _declines(sentence: str) -> bool:
    if is_japanese(sentence):
        if japanese.UNKNOWN.search(sentence) and not _says_also(sentence):
            return False
        return japanese.DECLINES.search(sentence) is not None and not japanese.is_service(sentence)
    sentence = english.QUOTED.sub(" ", sentence)
    found = english.DECLINES.search(sentence)
    if found is None or english.IDIOMS.search(sentence):
        return False
    if english.UNKNOWN.search(sentence):
        return False
    return english.SERVICE.search(sentence[found.start() :]) is None


def _says_also(sentence: str) -> bool:
    """Whether a sentence that seems not to know declines: お断り, or what is for doctors and lawyers to judge."""
    return japanese.ADVICE.search(sentence) is not None


def _does_not_know(sentence: str) -> bool:
    if is_japanese(sentence):
        return japanese.does_not_know(sentence)
    if english.MADE_UP_FOR.search(sentence):
        return False
    return english.UNKNOWN.search(sentence) is not None and not english.IDIOMS.search(sentence)


def _behind_but(sentence: str) -> str:
    """What a sentence says behind its "but": "I can't do X, but here is Y" helps in its second half."""
    for mark in (" but ", " however", "ませんが、", "かねますが、", "ないが、", "ですが、"):
        at = sentence.casefold().rfind(mark)
        if at > 0 and (mark.startswith(" ") or at > 0):
            rest = sentence[at:].strip() if mark.startswith(" ") else sentence[at + len(mark) :]
            if not _declines(rest):
                return rest
    if sentence.casefold().startswith(_THOUGH):
        return sentence.partition(", ")[2]
    return ""


def _helps(sentence: str) -> bool:
    module = japanese if is_japanese(sentence) else english
    return module.HELPS.search(sentence) is not None and module.GENERIC.search(sentence) is None


def _delivers(sentence: str) -> bool:
    module = japanese if is_japanese(sentence) else english
    return module.DELIVERS.search(sentence) is not None
