"""The register of a text in English or Japanese: polite, casual, mixed, or neither."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from evalkit.text.honorifics import Kind, count_honorifics
from evalkit.text.manner import LONGEST, Manner, find_manner, tell_manner
from evalkit.text.normalize import nfkc
from evalkit.text.register_en import register_marks
from evalkit.text.register_ja import count_tones
from evalkit.text.script import HAN, is_japanese

_HAN = re.compile(f"[{HAN}]")
_LATIN = re.compile("[A-Za-z]")
_MOST = 50_000
"""Characters looked at from the beginning and from the end of a very long text"""
Label = Literal["polite", "casual", "mixed", "neutral"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterReading:
    """What a text shows of its register.

    `polite` and `casual` count sentences in Japanese and signs in English.

    `honorifics` counts 尊敬, 謙譲 and 丁寧 (Japanese only); `manner` is rude or gentle where words say so, whatever the
    register: いい加減にしてください is polite and rude.
    """

    language: Literal["ja", "en"]
    polite: int
    casual: int
    honorifics: Mapping[Kind, int] = field(default_factory=dict)
    manner: Manner | None = None

    @property
    def label(self) -> Label:
        """Polite, casual, mixed or neutral.

        Polite or casual where nothing speaks for the other, mixed where both show, neutral where neither does.

        In English, where signs are words and not sentences, as many casual ones as polite are casual: one "lol" spoils.
        """
        if self.polite and self.casual:
            return "casual" if self.language == "en" and self.casual >= self.polite else "mixed"
        if self.polite:
            return "polite"
        return "casual" if self.casual else "neutral"

    @property
    def share(self) -> float | None:
        """Polite signs among all signs (敬体率 in Japanese); None without any."""
        total = self.polite + self.casual
        return self.polite / total if total else None


def register(text: str) -> RegisterReading:
    """Read the register of a text.

    Japanese where it holds kana or nothing but Han, English otherwise.

    >>> register("かしこまりました。確認いたします。").label, register("わかった、見とくね。").label
    ('polite', 'casual')
    >>> register("ご注文を承りました。明日届くよ。").label, register("Sure thing, your parcel is on its way.").label
    ('mixed', 'neutral')
    """
    if len(text) > 2 * _MOST:
        text = f"{text[:_MOST]}\n{text[-_MOST:]}"
    plain = nfkc(text)
    manner = tell_manner(plain) if len(text) <= LONGEST else find_manner(text)
    if is_japanese(text) or _is_only_han(text):
        polite, casual = count_tones(text)
        honorifics = count_honorifics(plain)
        return RegisterReading(language="ja", polite=polite, casual=casual, honorifics=honorifics, manner=manner)
    polite, casual = register_marks(text)
    return RegisterReading(language="en", polite=polite, casual=casual, manner=manner)


def _is_only_han(text: str) -> bool:
    return _HAN.search(text) is not None and _LATIN.search(text) is None
