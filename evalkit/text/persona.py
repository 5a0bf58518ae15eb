"""The surface of a Japanese persona: which first person is used, how sentences end, and what stands inside them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from evalkit.text.marks import drop_invisible
from evalkit.text.register_ja import find_tone
from evalkit.text.sentences import sentences

FIRST_PERSONS = (
    "私", "わたし", "わたくし", "あたし", "僕", "ぼく", "ボク", "俺", "おれ", "オレ", "わし", "儂", "ワシ", "拙者",
    "吾輩", "我輩", "おいら", "おら", "わい", "うち", "自分", "小生", "余",
)  # fmt: skip
"""What evalkit knows as first persons, besides those a suite names"""
EVERYDAY = frozenset({"私", "わたし", "わたくし", "あたし", "僕", "ぼく", "ボク", "俺", "おれ", "オレ", "うち", "自分"})
"""First persons that many people use: alone they give no persona away"""

_AFTER = r"(?=[はがのもをにとへで、。！？!?\s]|ら[はがのもを]|らあ?[、の]|たち|達|じゃ|や|こそ|だって|[ゃぁあ]|$)"
_AFTERS = {
    "うち": r"(?=[はがも、]|ら[はがのもを、]|$)",
    "おら": r"(?=[はがもの、ぁあ]|$)",
    "自分": r"(?=[はがも、]|たち|$)",
    "あし": r"(?=[は]|ら[はがの])",
}
"""`うちに帰る` and `自分で` name no speaker"""
_NOT_BEFORE = {
    "わし": "ぎかあくまさたしこふわい",
    "わい": "かこしぎにさよんるただい",
    "うち": "一-鿿のるたいこ",
    "おら": "てでとな",
    "あし": "一-鿿ぁ-ん",
    "余": "一-鿿",
    "おれ": "な",
    "ぼく": "の",
}
_MARK = r"\s。．.、,！!？?…・」』”\"）)♪☆★♡~～〜ー\-\U0001F300-\U0001FAFF"
_TRAILING = re.compile(f"[{_MARK}]+$")
_MORE = r"[っッぁあぇえぉおゃ～〜~ー]*(?:[よねなのさ]|のう|わい|ぞ|え)?[っッぁあぇえぉおー～〜~]*"
"""What may stand behind an ending: it is drawn out, or a particle follows"""
_SAID = re.compile(r"[「『“\"][^「」『』“”\"]*[」』”\"]")
_LETTERS = re.compile(r"[ぁ-ゖァ-ヺ一-鿿A-Za-z]")
_ONLY_AT_THE_END = frozenset(
    {
        "じゃ",
        "や",
        "わ",
        "の",
        "と",
        "で",
        "たい",
        "けん",
        "やで",
        "ぬ",
        "まい",
        "まして",
        "いらして",
        "になって",
        "とる",
    }
)
"""Endings that are ordinary words before a comma: それじゃ、／いやで、"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonaMarks:
    """What a persona is known by.

    `endings` close sentences or clauses, `markers` stand anywhere; `shared` ones count only beside those, `apart` are
    of near dialects. Of `register` "polite" or "casual" a sentence of the other kind is none of the persona's.
    """

    first_person: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    markers: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    register: str = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a text shows of a persona."""

    sentences: int
    """That say something"""
    with_ending: int
    """Of them: with one of the persona's endings"""
    shows: int
    """Of them: with anything that is the persona's"""
    strong: int
    """Of them: with what is the persona's alone"""
    found: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    own: dict[str, int] = field(default_factory=dict)
    others: dict[str, int] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """Of the sentences, those that show the persona."""
        return self.shows / self.sentences if self.sentences else 0.0


def first_persons(text: str, *, known: Sequence[str] = FIRST_PERSONS) -> dict[str, int]:
    """Count the uses of each first person, those at 0 left out.

    A use is a word followed by a particle, or melted with it (わしゃあ).

    >>> first_persons("わしは龍馬じゃ。僕の夢はにぎわしい海ぜよ。")
    {'僕': 1, 'わし': 1}
    >>> first_persons("わしゃあ行く。わしらの番じゃ。自分で決めて、うちに帰る。")
    {'わし': 2}
    """
    counts = {word: len(_first_person(word).findall(text)) for word in known if word in text}
    return {word: count for word, count in counts.items() if count}


def sentence_endings(text: str, *, endings: Sequence[str]) -> tuple[int, int]:
    """Count the sentences with these endings, and all sentences.

    (sentences in which one of `endings` closes the sentence or a clause, sentences of Japanese text). A leading ～ in
    an ending is dropped; one that is drawn out (ぜよ～！) is the same ending.

    >>> sentence_endings("日本の夜明けぜよ～！ 海は広いがじゃ。ありがとう。", endings=["～ぜよ", "～じゃ"])
    (2, 3)
    """
    wanted = _ending(tuple(endings))
    said = _split_said(text)
    return sum(wanted.search(sentence) is not None for sentence in said), len(said)


def find_persona(text: str, marks: PersonaMarks) -> Shown:
    """Find what a text shows of a persona, sentence by sentence.

    What is quoted does not count, unless nothing else is said: 「ぜよ」は土佐の方言です shows none.

    >>> find_persona("わしは行くぜよ～！ 待ちよれ。", PersonaMarks(first_person=("わし",), endings=("ぜよ",))).share
    0.5
    """
    known = tuple(dict.fromkeys((*marks.first_person, *FIRST_PERSONS)))
    plain = _without_quotes(drop_invisible(text))
    used = first_persons(plain, known=known)
    said = _split_said(plain)
    alone = tuple(word for word in marks.endings if word not in marks.shared)
    ending, anywhere, shared = _ending(alone), _anywhere(marks.markers), _ending(marks.shared)
    closed = [ending.search(one) if alone else None for one in said]
    inside = [anywhere.search(one) if marks.markers else None for one in said]
    right = [marks.register == "any" or find_tone(one) in (marks.register, "fragment", None) for one in said]
    own = tuple(word for word in marks.first_person if word in used)
    strong = [bool(one or other) and fits for one, other, fits in zip(closed, inside, right, strict=True)]
    weak = [
        fits and bool((marks.shared and shared.search(one)) or (own and first_persons(one, known=own)))
        for one, fits in zip(said, right, strict=True)
    ]
    many = sum(strong)
    return Shown(
        sentences=len(said),
        with_ending=sum(one is not None for one in closed),
        shows=sum(one or (other and many > 0) for one, other in zip(strong, weak, strict=True)),
        strong=many,
        found=tuple(dict.fromkeys(hit.group().strip() for hit in (*closed, *inside) if hit)),
        apart=tuple(word for word in marks.apart if word in plain),
        forbidden=tuple(word for word in marks.forbidden if word in plain),
        own={word: count for word, count in used.items() if _is_one_of(word, marks.first_person)},
        others={word: count for word, count in used.items() if not _is_one_of(word, marks.first_person)},
    )


def _is_one_of(word: str, own: Sequence[str]) -> bool:
    return any(word == one or one.startswith(word) for one in own)


def _without_quotes(text: str) -> str:
    rest = _SAID.sub("", text)
    return rest if len(_LETTERS.findall(rest)) * 3 >= len(_LETTERS.findall(text)) else text


def _split_said(text: str) -> list[str]:
    said = [_TRAILING.sub("", sentence.rstrip("。！!？?♪～ 」』")) for sentence in sentences(text)]
    return [sentence for sentence in said if sentence]


@lru_cache(maxsize=256)
def _ending(endings: tuple[str, ...]) -> re.Pattern[str]:
    """Closes a sentence, or (what is no ordinary word there) a clause."""
    words = [ending.lstrip("～〜~-") for ending in endings]
    free = [word for word in words if len(word) > 1 and word not in _ONLY_AT_THE_END]
    last = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    inner = "|".join(map(re.escape, sorted(free, key=len, reverse=True)))
    pattern = rf"(?:{last}){_MORE}$"
    return re.compile(pattern + (rf"|(?:{inner}){_MORE}(?=[{_MARK}])" if inner else ""))


@lru_cache(maxsize=256)
def _anywhere(markers: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(markers, key=len, reverse=True))))


@lru_cache(maxsize=128)
def _first_person(word: str) -> re.Pattern[str]:
    before = _NOT_BEFORE.get(word, "")
    after = _AFTERS.get(word, _AFTER)
    return re.compile((f"(?<![{before}])" if before else "") + re.escape(word) + after)
