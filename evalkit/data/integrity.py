"""Rows of one data set that ask (nearly) the same: they are not independent."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from evalkit.core.exchange import Example
from evalkit.data.held_out.check import check_held_out as check_held_out
from evalkit.data.held_out.letters import plain as plain
from evalkit.data.training import question_of

NEAR = 0.9
"""Share of characters (normalised indel similarity) from which a question is a near copy"""

_DIGITS = re.compile(r"\d+")
_GRAM = 8
_STRIDE = 3
_TEMPLATE = 3
"""A run of characters in more units than this belongs to a template"""
_KEPT = 0.4
"""Share of an example's own runs that a near copy keeps at least"""
_LETTERS = 15
"""Shorter questions (digits not counted) are only compared literally: 12 + 7 is no copy of 12 + 8"""


def near_twins(examples: Sequence[Example], *, near: float = NEAR) -> tuple[tuple[str, str, float], ...]:
    """Find pairs of examples whose questions are (nearly) the same.

    Each is (id, id, similarity), and stands once.

    Such rows are not independent; they belong to one cluster.
    """
    texts = _asked_texts(examples)
    index = _Index(examples, texts, near=near)
    pairs = []
    for position, example in enumerate(examples):
        for other, similarity in index.matches(texts[position]):
            if other < position:
                pairs.append((examples[other].id, example.id, similarity))
    return tuple(pairs)


def _asked_texts(examples: Sequence[Example]) -> list[str]:
    """The question of each example; with its choices where others ask the same and offer something else."""
    questions = [plain(question_of(example)) for example in examples]
    offers: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for question, example in zip(questions, examples, strict=True):
        offers[question].add(tuple(sorted(example.choices)))
    return [
        f"{question} {plain(' '.join(sorted(example.choices)))}" if len(offers[question]) > 1 else question
        for question, example in zip(questions, examples, strict=True)
    ]


class _Index:
    """The examples' questions, to be looked up by another question."""

    def __init__(self, examples: Sequence[Example], texts: Sequence[str], *, near: float) -> None:
        self._near = near
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
    head = low[: _count_shared(low, high)]
    cut = [text[len(head) :][::-1] for text in texts]
    low, high = min(cut), max(cut)
    return head, low[: _count_shared(low, high)][::-1]


def _count_shared(one: str, other: str) -> int:
    """How many characters two texts have in common from the left."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))
