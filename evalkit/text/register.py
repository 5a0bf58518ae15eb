"""The register of a text in English or Japanese: polite, casual, or neither."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evalkit.text.register_en import register_marks
from evalkit.text.register_ja import register_counts
from evalkit.text.script import is_japanese

Label = Literal["polite", "casual", "neutral"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """What a text shows. `polite` and `casual` count sentences in Japanese and signs in English."""

    language: Literal["ja", "en"]
    polite: int
    casual: int

    @property
    def label(self) -> Label:
        """The register most signs speak for. In Japanese a tie is polite, in English casual (one "lol" spoils)."""
        if not self.polite and not self.casual:
            return "neutral"
        if self.polite == self.casual:
            return "polite" if self.language == "ja" else "casual"
        return "polite" if self.polite > self.casual else "casual"

    @property
    def share(self) -> float | None:
        """Polite signs among all signs (敬体率 in Japanese); None without any."""
        total = self.polite + self.casual
        return self.polite / total if total else None


def register(text: str) -> Register:
    """The register of a text; Japanese where it holds kana, English otherwise.

    >>> register("かしこまりました。確認いたします。").label, register("わかった、見とくね。").label
    ('polite', 'casual')
    >>> register("Sure thing, your parcel is on its way.").label
    'neutral'
    """
    if is_japanese(text):
        polite, casual = register_counts(text)
        return Register(language="ja", polite=polite, casual=casual)
    polite, casual = register_marks(text)
    return Register(language="en", polite=polite, casual=casual)
