"""Held out means never trained on: exact and near copies of examples in the training files."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from evalkit.core.errors import Location, Problem
from evalkit.core.exchange import Example
from evalkit.data.source import is_url
from evalkit.data.training import question_of, training_questions
from evalkit.text.normalize import normalize

NEAR = 0.9
"""Share of characters (normalised indel similarity) from which a training question is a near copy"""

SHOWN = 20
_READ_ONCE = 8 * 1024**2
"""Bytes of a training file up to which its questions are kept for the next suite"""
_MARKS = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d+")
_GRAM = 8
_STRIDE = 3
_TEMPLATE = 3
"""A run of characters in more units than this belongs to a template"""
_KEPT = 0.4
"""Share of an example's own runs that a near copy keeps at least"""
_LETTERS = 15
"""Shorter questions (digits not counted) are only compared literally: 12 + 7 is no copy of 12 + 8"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """An example whose question stands in a training file, literally (similarity 1) or nearly."""

    example_id: str
    where: Location
    similarity: float


def check_held_out(
    examples: Sequence[Example], trained_on: Sequence[str | Path], *, near: float = NEAR
) -> tuple[Problem, ...]:
    """One problem an example that is also in the training files (the first 20 in full), with the training line.

    Questions are compared without case, width, punctuation and white space; a beginning or end that all examples
    share (a prompt template) does not count. Training files that cannot be read are problems too.
    """
    problems: list[Problem] = []
    taught = (item for path in trained_on for item in _taught(path, problems))
    copies = find_copies(examples, taught, near=near)
    for copy in copies[:SHOWN]:
        how = "is" if copy.similarity == 1 else f"is nearly ({copy.similarity:.0%})"
        problems.append(
            Problem(
                what=f"held-out example {copy.example_id!r} {how} in the training data",
                where=copy.where,
                todo="take the example out of the suite, or the row out of the training data and train again",
            )
        )
    if len(copies) > SHOWN:
        problems.append(Problem(what=f"and {len(copies) - SHOWN} more held-out examples are in the training data"))
    return tuple(problems)


def find_copies(
    examples: Sequence[Example], taught: Iterable[tuple[Location, str]], *, near: float = NEAR
) -> tuple[Copy, ...]:
    """The nearest training question of every example that has one at or above `near`, in the examples' order.

    `taught` are training questions with their places, as `plain` writes them. One pass over them: a hash lookup finds
    exact copies; near copies are looked for among the examples whose own eight-character runs the question shares, and
    measured with rapidfuzz.
    """
    index = _Index(examples, near=near)
    best: dict[int, Copy] = {}
    for where, text in taught:
        for position, similarity in index.matches(text):
            if position not in best or similarity > best[position].similarity:
                best[position] = Copy(example_id=examples[position].id, where=where, similarity=similarity)
    return tuple(best[position] for position in sorted(best))


def near_twins(examples: Sequence[Example], *, near: float = NEAR) -> tuple[tuple[str, str, float], ...]:
    """Pairs of examples whose questions are (nearly) the same: (id, id, similarity), each pair once.

    Such rows are not independent; they belong to one cluster.
    """
    index = _Index(examples, near=near)
    pairs = []
    for position, example in enumerate(examples):
        for other, similarity in index.matches(plain(question_of(example))):
            if other < position:
                pairs.append((examples[other].id, example.id, similarity))
    return tuple(pairs)


def plain(text: str) -> str:
    """A question as it is compared: only its letters and digits, NFKC, without case.

    >>> plain("Where is my order?") == plain("where is  MY ORDER!!")
    True
    """
    return _MARKS.sub("", normalize(text, ("nfkc", "casefold")))


def _taught(path: str | Path, problems: list[Problem]) -> Iterator[tuple[Location, str]]:
    """The questions of a training file as they are compared; small files, which many suites name, are read once."""
    local = Path(path)
    if is_url(path) or not local.is_file() or (stat := local.stat()).st_size > _READ_ONCE:
        yield from ((where, plain(text)) for where, text in training_questions(path, problems))
        return
    questions, found = _small_file(str(path), stat.st_mtime_ns, stat.st_size)
    problems += found
    yield from questions


@lru_cache(maxsize=32)
def _small_file(path: str, changed: int, size: int) -> tuple[tuple[tuple[Location, str], ...], tuple[Problem, ...]]:
    problems: list[Problem] = []
    questions = tuple((where, plain(text)) for where, text in training_questions(path, problems))
    return questions, tuple(problems)


class _Index:
    """The examples' questions, to be looked up by a training question."""

    def __init__(self, examples: Sequence[Example], *, near: float) -> None:
        self._near = near
        texts = [plain(question_of(example)) for example in examples]
        self._head, self._tail = _template(texts)
        self._texts = [self._core(text) for text in texts]
        self._exact: dict[str, list[int]] = defaultdict(list)
        for position, text in enumerate(self._texts):
            self._exact[text].append(position)
        self._runs = _own_runs(self._texts, [example.unit for example in examples])
        self._own = Counter(position for where in self._runs.values() for position in where)

    def matches(self, text: str) -> Iterator[tuple[int, float]]:
        """(position, similarity) of the examples that this text is a copy of."""
        core = self._core(text)
        if not core:
            return
        same = self._exact.get(core, ())
        yield from ((position, 1.0) for position in same)
        if len(core) < _LETTERS or len(_DIGITS.sub("", core)) < _LETTERS:
            return
        from rapidfuzz.distance import Indel

        for position in self._candidates(core):
            if position not in same:
                similarity = Indel.normalized_similarity(core, self._texts[position], score_cutoff=self._near)
                if similarity >= self._near:
                    yield position, similarity

    def _core(self, text: str) -> str:
        """The text without the template, where it is in it."""
        if len(text) > len(self._head) + len(self._tail) and text.startswith(self._head) and text.endswith(self._tail):
            return text[len(self._head) : len(text) - len(self._tail)]
        return text

    def _candidates(self, text: str) -> Iterator[int]:
        """Examples that share enough of their own runs: a near copy keeps most of them."""
        runs = self._runs
        cut = [text[start : start + _GRAM] for start in range(0, len(text) - _GRAM + 1, _STRIDE)]
        known = [run for run in cut if run in runs]
        if not known:
            return
        shared = Counter(position for run in known for position in runs[run])
        for position, count in shared.items():
            if count * _STRIDE >= _KEPT * self._own[position]:
                yield position


def _own_runs(texts: Sequence[str], units: Sequence[str]) -> dict[str, list[int]]:
    """Each run of characters to the examples it stands in, but for those that many units share.

    What a template puts into many questions says nothing about one of them: without this, "What is the opposite of
    hot?" would be a near copy of "What is the opposite of big?".
    """
    runs: dict[str, list[int]] = defaultdict(list)
    for position, text in enumerate(texts):
        for run in {text[i : i + _GRAM] for i in range(len(text) - _GRAM + 1)}:
            runs[run].append(position)
    return {
        run: where
        for run, where in runs.items()
        if len(where) <= _TEMPLATE or len({units[position] for position in where}) <= _TEMPLATE
    }


def _template(texts: Sequence[str]) -> tuple[str, str]:
    """The beginning and the end that all texts share; empty for fewer than three different texts."""
    if len(set(texts)) < 3:
        return "", ""
    low, high = min(texts), max(texts)
    head = low[: _shared(low, high)]
    cut = [text[len(head) :][::-1] for text in texts]
    low, high = min(cut), max(cut)
    return head, low[: _shared(low, high)][::-1]


def _shared(one: str, other: str) -> int:
    """How many characters two texts have in common from the left."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))
