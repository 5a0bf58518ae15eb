"""Which languages evalkit speaks, and which one a reader asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from evalkit.core.errors import Problem, UsageError, did_you_mean

Language = Literal["en", "ja"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
VARIABLE = "EVALKIT_LANG"
"""The environment variable that chooses a language where `--lang` does not"""
_ALSO = {"english": "en", "英語": "en", "jp": "ja", "jpn": "ja", "japanese": "ja", "日本語": "ja"}


def read_language(word: str, *, source: str = "--lang") -> Language:
    """Read a language's name.

    Raises UsageError for one that evalkit does not speak; `source` says where it stood.

    >>> read_language("ja")
    'ja'
    """
    for known in LANGUAGES:
        if word == known:
            return known
    near = _ALSO.get(word.casefold())
    guess = f" (did you mean {near!r}?)" if near else did_you_mean(word, LANGUAGES)
    raise UsageError(Problem(what=f"{source}: unknown language {word!r}{guess}", allowed=", ".join(LANGUAGES)))


def language_of(environment: Mapping[str, str]) -> Language:
    """Return the language that an environment asks for, English where it is silent.

    Raises UsageError for an unknown one.
    """
    word = environment.get(VARIABLE, "").strip()
    return read_language(word, source=VARIABLE) if word else "en"
