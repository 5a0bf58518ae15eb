"""Languages that share a script, told apart by py3langid (offline, from n-grams)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from evalkit.text.language.codes import ARABIC, CYRILLIC, LATIN

_MOST = 2_000
"""Characters of a text that are looked at"""
_NORSK = {"nn": "no"}


@lru_cache(maxsize=4096)
def rank_languages(text: str, among: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """Rank these languages by how well the text fits them.

    Best first, with natural log-likelihoods.

    `among` is LATIN, CYRILLIC or ARABIC (as a tuple). The first call loads the model (a second).

    >>> rank_languages("Bonjour, votre commande est arrivée", LATIN)[0][0]
    'fr'
    """
    wanted = set(among)
    found: dict[str, float] = {}
    for code, score in _identifier().rank(text[:_MOST]):
        name = _NORSK.get(code, code)
        if name in wanted:
            found[name] = max(float(score), found.get(name, float("-inf")))
    return tuple(sorted(found.items(), key=lambda one: -one[1]))


@cache
def _identifier() -> Any:
    """An identifier of our own, so that nobody's settings of the shared one count."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    one = LanguageIdentifier.from_model_file(MODEL_FILE)
    one.set_languages([*LATIN, *CYRILLIC, *ARABIC, "nn"])
    return one
