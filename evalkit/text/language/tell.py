"""The letters of a text by language: clause by clause, undecided ones by the company they keep."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.text.language.aside import (
    drop_cited,
    drop_code,
    drop_latin,
    drop_names,
    drop_quoted_foreign,
    is_only_names,
)
from evalkit.text.language.codes import ARABIC, CODES, CYRILLIC, LATIN, count_letters
from evalkit.text.language.han import count_chinese, is_chinese_only, is_japanese_only
from evalkit.text.language.library import rank_languages
from evalkit.text.sentences import sentences

_MOST = 100_000
"""Characters looked at from the beginning and from the end of a very long text"""
_CLAUSE = re.compile(r"[，、,;；:：]")
_HAN_ALONE = 20
"""Up to this many Han characters without kana may be Japanese as well as Chinese"""
_ENOUGH = 25
"""Letters from which a sentence is told apart on its own"""
_NEAR = 4.0
"""Natural log-likelihood by which the language expected may fit worse than the best"""
_NEAR_SHORT = 6.0
"""The same for a few words of Cyrillic, which Russian and Bulgarian often share"""
_FAMILIES: Mapping[str, tuple[str, ...]] = {"latin": LATIN, "cyrillic": CYRILLIC, "arabic": ARABIC}


@dataclass(frozen=True, slots=True)
class LanguageReading:
    """How many letters a text has in each language.

    Code, addresses, numbers and names are in none.
    """

    letters: Mapping[str, int]

    @property
    def total(self) -> int:
        """Letters that are of a language."""
        return sum(self.letters.values())

    @property
    def main(self) -> str | None:
        """The language of most letters; None without any."""
        return max(self.letters, key=lambda one: self.letters[one]) if self.letters else None

    def purity(self, language: str) -> float | None:
        """Return the share of the letters that are of a language.

        None without any letter.
        """
        return self.letters.get(language, 0) / self.total if self.total else None


def tell_languages(text: str, *, expect: str | None = None) -> LanguageReading:
    """Count the letters of a text by language.

    What could be several languages is the one expected.

    Of an answer that is nothing but code (JSON in a fence) the letters that are not Latin count.

    >>> dict(tell_languages("ご注文ありがとうございます。您的订单已经发货。", expect="ja").letters)
    {'ja': 13, 'zh': 8}
    >>> tell_languages("Bonjour, votre commande est arrivée", expect="en").main
    'fr'
    """
    if len(text) > 2 * _MOST:
        text = f"{text[:_MOST]}\n{text[-_MOST:]}"
    told = _tell(drop_code(text), expect)
    if not told.total and CODES.get(expect or "", "latin") != "latin":
        return _tell(drop_latin(text), expect)
    return told


def _tell(plain: str, expect: str | None) -> LanguageReading:
    found: list[Counter[str]] = []
    alike: dict[str, list[str]] = {}
    for sentence in sentences(plain):
        found += [_of_clause(clause) for clause in _CLAUSE.split(_without_names(sentence, expect))]
        for script in _FAMILIES:
            if _is_counted(sentence, script, expect):
                alike.setdefault(script, []).append(sentence)
    letters = _with_company(found, expect)
    for script, written in alike.items():
        _tell_apart(letters, script, written, expect)
    return LanguageReading(dict(letters.most_common()))


def _without_names(sentence: str, expect: str | None) -> str:
    """The sentence without names in Latin letters, where another script is expected."""
    script = CODES.get(expect or "", "latin")
    if script == "latin":
        return drop_quoted_foreign(sentence)
    if set(count_letters(sentence)) == {"latin"}:
        return "" if is_only_names(sentence) else sentence
    return drop_names(drop_cited(sentence))


def _of_clause(clause: str) -> Counter[str]:
    """Letters of one clause by language; `han` and names of scripts are what is not decided yet."""
    counts = count_letters(clause)
    kana, han = counts.pop("kana", 0), counts.pop("han", 0)
    letters: Counter[str] = Counter()
    for script, count in counts.items():
        single = [code for code, of in CODES.items() if of == script]
        letters[single[0] if len(single) == 1 else script] += count
    if kana or han:
        letters += _of_han(clause, kana=kana, han=han)
    return letters


def _of_han(clause: str, *, kana: int, han: int) -> Counter[str]:
    chinese = sum(map(is_chinese_only, clause)) if kana else count_chinese(clause)
    if kana:
        return Counter(zh=han, ja=kana) if chinese and kana <= chinese else Counter(ja=kana + han)
    japanese = sum(map(is_japanese_only, clause))
    if chinese > japanese:
        return Counter(zh=han)
    return Counter(ja=han) if japanese else Counter(han=han)


def _with_company(found: Sequence[Counter[str]], expect: str | None) -> Counter[str]:
    """All letters; Han that may be either is what stands decided before it, else behind it, else what is expected."""
    decided = [next((code for code in ("ja", "zh") if one[code]), None) for one in found]
    open_ = sum(one["han"] for one in found)
    alone = expect if expect in ("ja", "zh") and (open_ <= _HAN_ALONE or expect == "zh") else "zh"
    letters: Counter[str] = Counter()
    last = next((code for code in decided if code), None)
    for one, code in zip(found, decided, strict=True):
        last = code or last
        for name, count in one.items():
            letters[(last or alone) if name == "han" else name] += count
    return letters


def _is_counted(sentence: str, script: str, expect: str | None) -> bool:
    return (expect is None or CODES.get(expect) == script) and script in count_letters(sentence)


def _tell_apart(letters: Counter[str], script: str, written: Sequence[str], expect: str | None) -> None:
    """Letters of a script that several languages share go to the language of each sentence, or of them all."""
    among = _FAMILIES[script]
    if expect == script:
        return
    if expect is not None and expect not in among:
        return
    whole = _nearest(" ".join(written), among, expect)
    total = letters.pop(script, 0)
    by_language: Counter[str] = Counter()
    for sentence in written:
        count = count_letters(sentence).get(script, 0)
        by_language[_nearest(sentence, among, expect) if count >= _ENOUGH else whole] += count
    seen = sum(by_language.values())
    for code, count in by_language.items():
        letters[code] += round(count * total / seen) if seen else 0


def _nearest(text: str, among: tuple[str, ...], expect: str | None) -> str:
    """The language that a text fits best, or the expected one where it fits about as well."""
    ranked = rank_languages(text.strip()[:2_000], among)
    best, score = ranked[0]
    expected = dict(ranked).get(expect or "")
    short = among == CYRILLIC and sum(map(str.isalpha, text)) < _ENOUGH
    near = _NEAR_SHORT if short else _NEAR
    return expect if expect is not None and expected is not None and score - expected <= near else best
