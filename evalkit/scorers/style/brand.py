"""Rules of a brand in one scorer: bullets, headings, emoji, length, words, how an answer begins and closes."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, score_of
from evalkit.text.graphemes import count_graphemes
from evalkit.text.marks import drop_invisible
from evalkit.text.normalize import nfkc
from evalkit.text.register_ja import find_tone
from evalkit.text.script import is_japanese
from evalkit.text.sentences import sentences

Want = Literal["required", "allowed", "forbidden"]
_BULLET = re.compile(r"^[ \t]*(?:[-*+][ \t]+|[・●○◦•■◆]\s*|\d{1,3}[.)．）][ \t]*|[①-⑳]\s*)\S", re.MULTILINE)
_HEADING = re.compile(r"^[ \t]{0,3}#{1,6}[ \t]+\S|^[ \t]*(?:【[^】\n]+】|■[^\n]+)$", re.MULTILINE)
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55]")
_EMPHASIS = re.compile(r"\*\*[^*\n]+\*\*|__[^_\n]+__")
_CLOSING_EN = re.compile(
    r"(?:thank(?:s| you)|regards|sincerely|let (?:me|us) know|feel free|happy to|glad to|welcome|please"
    r"|have a (?:nice|great|good)|here to help|apologi[sz]e|appreciate)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandFormat:
    """1 when the answer keeps every rule of the brand, else 0.

    Rules that are not named do not count. What was broken stands in the reason and the evidence. An empty answer keeps
    no rule.
    """

    VERSION: ClassVar[str] = "1"

    bullets: Want = "allowed"
    """Lists with bullets or numbers"""
    max_bullets: int | None = None
    """Items of lists, at most"""
    headings: Want = "allowed"
    """Markdown headings, and lines like 【…】 or ■…"""
    emphasis: Want = "allowed"
    """**Bold** text"""
    emoji: Want = "allowed"
    """Emoji"""
    min_chars: int | None = None
    """Characters, at least"""
    max_chars: int | None = None
    """Characters, at most"""
    max_sentences: int | None = None
    """Sentences, at most"""
    required_words: tuple[str, ...] = ()
    """Texts that must all be there"""
    banned_words: tuple[str, ...] = ()
    """Texts that must not be there; Latin ones as whole words"""
    opening: tuple[str, ...] = ()
    """The answer begins with one of these"""
    closing: tuple[str, ...] = ()
    """The answer ends with one of these; marks behind it aside"""
    polite_closing: bool = False
    """Whether the last sentence must be polite: です・ます and honorifics, in English a courtesy"""

    def __post_init__(self) -> None:
        if all(getattr(self, field.name) == field.default for field in dataclasses.fields(self)):
            raise ValueError(
                "format needs at least one rule, such as `max_chars`, `bullets: forbidden` or `banned_words`"
            )
        if any(not word.strip() for word in (*self.required_words, *self.banned_words, *self.opening, *self.closing)):
            raise ValueError("an empty text stands in every answer: leave it out")
        if self.min_chars is not None and self.max_chars is not None and self.min_chars > self.max_chars:
            raise ValueError(f"min_chars {self.min_chars} is above max_chars {self.max_chars}")
        if self.bullets == "forbidden" and self.max_bullets:
            raise ValueError("bullets are forbidden, and max_bullets allows some")

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """List yes/no, and the share of the rules that are kept."""
        return (
            Metric(about="every rule of the brand is kept"),
            Metric(part="kept", binary=False, low=0.0, high=1.0, about="share of the rules that are kept"),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check nothing: no target is needed."""
        return ()

    def score(self, example: Example, response: Response) -> Score:
        """Look at every rule."""
        text = answer_text(response)
        rules = self._look_at(text)
        broken = [name for name, kept in rules.items() if not kept]
        if not text.strip():
            broken = list(rules)
        kept = 1.0 - len(broken) / len(rules)
        return score_of(
            example,
            response,
            self.version,
            float(not broken),
            parts={"kept": kept},
            reason=f"broken: {', '.join(broken)}" if broken else "",
            evidence={"broken": broken, "rules": list(rules)},
        )

    def _look_at(self, text: str) -> dict[str, bool]:
        """Every rule that is named, and whether it is kept."""
        plain = _show(text)
        found: dict[str, bool] = {}
        marks = {"bullets": _BULLET, "headings": _HEADING, "emphasis": _EMPHASIS, "emoji": _EMOJI}
        for name, pattern in marks.items():
            wanted: Want = getattr(self, name)
            if wanted != "allowed":
                found[name] = (pattern.search(text) is not None) == (wanted == "required")
        limits: tuple[tuple[str, Callable[[], bool]], ...] = (
            ("max_bullets", lambda: len(_BULLET.findall(text)) <= (self.max_bullets or 0)),
            ("min_chars", lambda: count_graphemes(text.strip()) >= (self.min_chars or 0)),
            ("max_chars", lambda: count_graphemes(text.strip()) <= (self.max_chars or 0)),
            ("max_sentences", lambda: len(sentences(text)) <= (self.max_sentences or 0)),
        )
        found |= {name: holds() for name, holds in limits if getattr(self, name) is not None}
        found |= {f"required: {word}": _show(word) in plain for word in self.required_words}
        found |= {f"banned: {word}": not _has_word(plain, _show(word)) for word in self.banned_words}
        if self.opening:
            found["opening"] = plain.lstrip().startswith(tuple(map(_show, self.opening)))
        if self.closing:
            bare = plain.rstrip(" \n\t。.!?")
            found["closing"] = bare.endswith(tuple(_show(one).rstrip(" 。.!?") for one in self.closing))
        if self.polite_closing:
            found["polite_closing"] = _closes_politely(text)
        return found


def _show(text: str) -> str:
    """Return what a reader sees: one width, and no sign that hides in a word."""
    return drop_invisible(nfkc(text))


def _has_word(text: str, word: str) -> bool:
    if not word.isascii():
        return word in text
    return re.search(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])", text, re.IGNORECASE) is not None


def _closes_politely(text: str) -> bool:
    said = sentences(text)
    if not said:
        return False
    last = said[-1]
    return find_tone(last) == "polite" if is_japanese(last) else _CLOSING_EN.search(last) is not None
