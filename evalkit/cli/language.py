"""The language of a command: `--lang` anywhere among its words, else EVALKIT_LANG, else English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evalkit.report.sentences import Language, Speaker

OPTION = "--lang"
_spoken: ContextVar[Language] = ContextVar("spoken", default="en")
_wanted: ContextVar[Language | None] = ContextVar("wanted", default=None)


def take_language(words: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """Set the language of a command and return its words without `--lang`.

    Raises UsageError for a language that evalkit does not speak, which is then told in English.
    """
    _spoken.set("en")
    rest, asked = _without_option(words)
    _wanted.set(None)
    if asked is not None or environment.get("EVALKIT_LANG"):
        from evalkit.report.sentences import language_of, read_language

        language = language_of(environment) if asked is None else read_language(asked)
        _spoken.set(language)
        _wanted.set(language)
    return rest


def _without_option(words: Sequence[str]) -> tuple[list[str], str | None]:
    rest: list[str] = []
    asked: str | None = None
    left = list(words)
    while left:
        word = left.pop(0)
        if word == "--":
            return [*rest, word, *left], asked
        name, given, value = word.partition("=")
        if name != OPTION:
            rest.append(word)
        elif given:
            asked = value
        else:
            asked = left.pop(0) if left else ""
    return rest, asked


def current_language() -> Language:
    """Return the language that this command speaks."""
    return _spoken.get()


def asked_language() -> Language | None:
    """Return the language that was asked for by name, else None."""
    return _wanted.get()


def speak() -> Speaker:
    """Return what says evalkit's sentences in that language."""
    if current_language() == "en":
        return str
    from evalkit.report.sentences import speaker

    return speaker(current_language())
