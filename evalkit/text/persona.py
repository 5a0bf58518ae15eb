"""The surface of a Japanese persona: which first person is used, how sentences end, and what stands inside them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from evalkit.text.marks import drop_invisible
from evalkit.text.patterns import find_tail, marks_at_end
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
_TRAILING = marks_at_end('。．.、,！!？?…・」』”"）)♪☆★♡~～〜ー-')
_MORE = r"[っッぁあぇえぉおゃ～〜~ー]*(?:(?:[よねなのさ]|のう|わい|ぞ)[っッぁあぇえぉおー～〜~]*)?"
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
    return sum(wanted is not None and wanted.search(sentence) is not None for sentence in said), len(said)


def find_persona(text: str, marks: PersonaMarks) -> Shown:
    """Find what a text shows of a persona, sentence by sentence.

    What is quoted does not count, unless nothing else is said: 「ぜよ」は土佐の方言です shows none.

    >>> find_persona("わしは行くぜよ～！ 待ちよれ。", PersonaMarks(first_person=("わし",), endings=("ぜよ",))).share
    0.5
    """
    plain = _without_quotes(drop_invisible(text))
    used = first_persons(plain, known=_list_known(marks.first_person))
    own = {word: count for word, count in used.items() if any(one.startswith(word) for one in marks.first_person)}
    said = _split_said(plain)
    ending, anywhere = _ending(_alone(marks)), _anywhere(marks.markers)
    closed: list[str] = []
    inside: list[str] = []
    strong, others = 0, []
    for one in said:
        end = ending.search(one) if ending else None
        word = anywhere.search(one) if anywhere else None
        closed += [end.group().strip()] if end else []
        inside += [word.group().strip()] if word else []
        if marks.register != "any" and find_tone(one) not in (marks.register, "fragment", None):
            continue
        if end or word:
            strong += 1
        else:
            others.append(one)
    return Shown(
        sentences=len(said),
        with_ending=len(closed),
        shows=strong + (_count_weak(others, marks, used) if strong else 0),
        strong=strong,
        found=tuple(dict.fromkeys((*closed, *inside))),
        apart=tuple(word for word in marks.apart if word in plain),
        forbidden=tuple(word for word in marks.forbidden if word in plain),
        own=own,
        others={word: count for word, count in used.items() if word not in own} if used else {},
    )


def _count_weak(said: Sequence[str], marks: PersonaMarks, used: Mapping[str, int]) -> int:
    """How many sentences have what counts only beside others: a shared ending, the persona's first person."""
    shared = _ending(marks.shared)
    own = [(word, _first_person(word)) for word in marks.first_person if word in used]
    return sum(
        (shared is not None and shared.search(one) is not None)
        or any(word in one and pattern.search(one) is not None for word, pattern in own)
        for one in said
    )


@lru_cache(maxsize=256)
def _list_known(own: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*own, *FIRST_PERSONS)))


def _alone(marks: PersonaMarks) -> tuple[str, ...]:
    """The endings that count by themselves."""
    if not marks.shared:
        return marks.endings
    return tuple(word for word in marks.endings if word not in marks.shared)


def _without_quotes(text: str) -> str:
    """The text without what it quotes, unless that is more than two thirds of its letters."""
    rest = _SAID.sub("", text)
    if len(rest) == len(text):
        return text
    quoted = sum(len(_LETTERS.findall(one)) for one in _SAID.findall(text))
    needed = (quoted + 1) // 2
    return rest if sum(1 for _ in islice(_LETTERS.finditer(rest), needed)) == needed else text


def _split_said(text: str) -> list[str]:
    said = [sentence[: find_tail(sentence, _TRAILING)] for sentence in sentences(text)]
    return [sentence for sentence in said if sentence]


@lru_cache(maxsize=256)
def _ending(endings: tuple[str, ...]) -> re.Pattern[str] | None:
    """Closes a sentence, or (what is no ordinary word there) a clause; None without endings."""
    if not endings:
        return None
    words = [ending.lstrip("～〜~-") for ending in endings]
    free = [word for word in words if len(word) > 1 and word not in _ONLY_AT_THE_END]
    last = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    inner = "|".join(map(re.escape, sorted(free, key=len, reverse=True)))
    pattern = rf"(?:{last}){_MORE}$"
    return re.compile(pattern + (rf"|(?:{inner}){_MORE}(?=[{_MARK}])" if inner else ""))


@lru_cache(maxsize=256)
def _anywhere(markers: tuple[str, ...]) -> re.Pattern[str] | None:
    if not markers:
        return None
    return re.compile("|".join(map(re.escape, sorted(markers, key=len, reverse=True))))


@lru_cache(maxsize=128)
def _first_person(word: str) -> re.Pattern[str]:
    before = _NOT_BEFORE.get(word, "")
    after = _AFTERS.get(word, _AFTER)
    return re.compile((f"(?<![{before}])" if before else "") + re.escape(word) + after)
