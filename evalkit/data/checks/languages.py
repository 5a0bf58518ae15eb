"""Languages of the rows: answers in another language than asked, and a few rows unlike the rest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from random import Random

from evalkit.core.data_report import DataFinding
from evalkit.core.exchange import Json
from evalkit.data.checks.base import Hits, RowCheck, list_words
from evalkit.data.checks.data_row import DataRow

_KANA = re.compile("[ぁ-ゖァ-ヺ]")
_SCRIPTS = (
    ("ko", re.compile("[가-힣]")),
    ("han", re.compile("[\u4e00-\u9fff]")),
    ("cyrillic", re.compile("[\u0400-\u04ff]{2}")),
    ("arabic", re.compile("[\u0600-\u06ff]{2}")),
    ("thai", re.compile("[\u0e00-\u0e7f]{2}")),
    ("devanagari", re.compile("[\u0900-\u097f]{2}")),
    ("greek", re.compile("[\u0370-\u03ff]{3}")),
    ("hebrew", re.compile("[\u0590-\u05ff]{2}")),
)
_LETTERS = re.compile(r"(?:[A-Za-zÀ-ɏ][^A-Za-zÀ-ɏ]{0,20}){12}")
_LEAST = 20
"""Letters from which the language of a text is told"""
_SURE = 80
"""The same for languages of one script"""
_SAMPLE = 2_000
_RARE = 0.05
_MOST = 0.9


class Languages(RowCheck):
    """Counts the scripts of questions and answers, in every row.

    Languages that share the Latin script are told apart in a seeded sample of 2,000 rows, and the report says so.
    """

    name = "languages"

    def __init__(self, *, seed: int = 0) -> None:
        self.pairs: dict[tuple[str, str], Hits] = {}
        self.answers: Counter[str] = Counter()
        self.dice = Random(seed)
        self.sample: list[tuple[DataRow, str]] = []
        self.latin = 0
        self.told: dict[str, int] = {}

    def look(self, row: DataRow) -> None:
        """Tell the scripts of a row."""
        answer = row.answer
        if len(answer) < _LEAST or answer[0] in "{[":
            return
        said = script_of(answer)
        if not said:
            return
        self.answers[said] += 1
        asked = script_of(row.prompt) if len(row.prompt) >= _LEAST else ""
        if asked:
            pair = (asked, said)
            if pair not in self.pairs:
                self.pairs[pair] = Hits()
            self.pairs[pair].add(row, excerpt=f"{row.prompt[:50]} → {answer[:60]}")
        if said == "latin" and len(answer) >= _SURE:
            self._draw(row, answer)

    def _draw(self, row: DataRow, answer: str) -> None:
        """A sample that does not depend on how many rows there are (Vitter's algorithm R)."""
        self.latin += 1
        if len(self.sample) < _SAMPLE:
            self.sample.append((row, answer))
        elif (place := self.dice.randrange(self.latin)) < _SAMPLE:
            self.sample[place] = (row, answer)

    def tell(self, rows: int) -> Iterator[DataFinding]:
        """Give answers in another language, and the languages of few rows."""
        total = sum(hits.rows for hits in self.pairs.values())
        same = sum(hits.rows for (asked, said), hits in self.pairs.items() if _alike(asked, said))
        if total and same >= _MOST * total:
            for (asked, said), hits in sorted(self.pairs.items()):
                if not _alike(asked, said):
                    what = "the answer is in another script than the question, unlike most rows"
                    todo = "keep it where that is wanted (a translation), else mend the rows"
                    yield from hits.finding(self.name, "advice", what, todo, detail=f"{asked} → {said}")
        yield from self._of_sample()

    def _of_sample(self) -> Iterator[DataFinding]:
        """Rows in another language of the Latin script than the rest of the sample."""
        from evalkit.text.language import tell_languages

        read = [(row, answer, tell_languages(answer).main) for row, answer in self.sample]
        counts = Counter(main for _, _, main in read if main)
        self.told = dict(counts.most_common())
        if not counts:
            return
        main, count = counts.most_common(1)[0]
        if count < _MOST * counts.total():
            return
        hits, words = Hits(), Counter[str]()
        for row, answer, language in read:
            if language not in (None, main):
                again = tell_languages(answer, expect=main)
                if again.main not in (None, main) and again.total >= _SURE:
                    hits.add(row, excerpt=answer)
                    words[str(again.main)] += 1
        if hits.rows <= _RARE * len(read):
            what = "a few answers are in another language than the rest"
            if self.latin > len(self.sample):
                what = f"a few answers are in another language than the rest (in a sample of {_SAMPLE:,} rows)"
            todo = "make sure that they are wanted"
            yield from hits.finding(self.name, "advice", what, todo, detail=f"{main}; {list_words(words)}")

    def facts(self) -> Mapping[str, Json]:
        """Return answers by script, and by language in the sample."""
        found: dict[str, Json] = {"scripts": dict(self.answers.most_common())}
        if self.told:
            found |= {"latin_sample": len(self.sample), "of": self.latin, "languages": dict(self.told)}
        return found if self.answers else {}


def script_of(text: str) -> str:
    """Tell the script of a text; "" without enough letters.

    >>> script_of("返金できますか"), script_of("Can I get a refund?"), script_of("12:30")
    ('ja', 'latin', '')
    """
    if not text.isascii():
        if _KANA.search(text):
            return "ja"
        for name, pattern in _SCRIPTS:
            if pattern.search(text):
                return name
    return "latin" if _LETTERS.search(text) else ""


def _alike(one: str, other: str) -> bool:
    """Whether two scripts may be one language: a short Japanese text may have no kana."""
    return one == other or {one, other} <= {"ja", "han"}
