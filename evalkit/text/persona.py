"""The surface of a Japanese persona: which first person is used, and how sentences end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from evalkit.text.sentences import sentences

FIRST_PERSONS = (
    "私", "わたし", "わたくし", "あたし", "僕", "ぼく", "ボク", "俺", "おれ", "オレ", "わし", "儂", "ワシ", "拙者",
    "吾輩", "我輩", "おいら", "わい", "自分", "小生", "余",
)  # fmt: skip
"""What evalkit knows as first persons, besides those a suite names"""

_AFTER = r"(?=[はがのもをにとへで、。！？!?\s]|ら[はがのもを]|たち|達|じゃ|や|こそ|だって|$)"
_NOT_BEFORE = {
    "わし": "ぎかあくまさたしこ",
    "わい": "かこしぎにさよ",
    "自分": "",
    "余": "一-鿿",
    "おれ": "な",
    "ぼく": "の",
}
_TRAILING = re.compile(r"[\s。．.、,！!？?…・」』”\"）)♪☆★~～〜ー\-\U0001F300-\U0001FAFF]+$")


def first_persons(text: str, *, known: Sequence[str] = FIRST_PERSONS) -> dict[str, int]:
    """Count the uses of each first person, those at 0 left out.

    A use is a word followed by a particle.

    >>> first_persons("わしは龍馬じゃ。僕の夢はにぎわしい海ぜよ。")
    {'僕': 1, 'わし': 1}
    """
    counts = {word: len(_first_person(word).findall(text)) for word in known}
    return {word: count for word, count in counts.items() if count}


def sentence_endings(text: str, *, endings: Sequence[str]) -> tuple[int, int]:
    """Count the sentences with these endings, and all sentences.

    (sentences that end with one of `endings`, sentences of Japanese text). A leading ～ in an ending is dropped.

    >>> sentence_endings("日本の夜明けぜよ！ 海は広いがじゃ。ありがとう。", endings=["～ぜよ", "～じゃ"])
    (2, 3)
    """
    wanted = tuple(ending.lstrip("～〜~-") for ending in endings)
    said = [_TRAILING.sub("", sentence) for sentence in sentences(text)]
    said = [sentence for sentence in said if sentence]
    return sum(sentence.endswith(wanted) for sentence in said), len(said)


@lru_cache(maxsize=128)
def _first_person(word: str) -> re.Pattern[str]:
    before = _NOT_BEFORE.get(word, "")
    return re.compile((f"(?<![{before}])" if before else "") + re.escape(word) + _AFTER)
