"""What people said of an answer, in the numbers of a judge: words, scores, and which of two is better."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median

from evalkit.core.exchange import Json
from evalkit.foreign.known_scores import YES_NO, yes_no_word
from evalkit.foreign.labels.nouns import LabelValue

BETTER: Mapping[str, float] = {
    "candidate": 1.0, "b": 1.0, "候補": 1.0, "base": 0.0, "a": 0.0, "ベース": 0.0, "基準": 0.0,
    "tie": 0.5, "same": 0.5, "equal": 0.5, "引き分け": 0.5, "同等": 0.5,
}  # fmt: skip
"""How people say which answer of a pair is better, for the candidate; a and b are base and candidate"""


def human_value(values: Sequence[LabelValue], part: str, *, kind: str, reads: Mapping[str, Json]) -> float | None:
    """Return what people say together, in the metric's numbers.

    None where the words are none of the question's. Of several people the middle of numbers counts, and the word that
    more than half of them chose.
    """
    if kind == "pairwise":
        return _most([BETTER.get(_word(value)) for value in values])
    if kind == "rubric" and part == "":
        return _middle(values, reads)
    if kind == "rubric":
        score = _middle(values, reads) if all(isinstance(value, float) for value in values) else None
        if score is not None and not {*values} <= {0.0, 1.0}:
            return float(score >= float(reads["passes"]))
        return _yes(values)
    if kind == "label":
        texts = [str(value) for value in values]
        if {*texts} <= {*reads["labels"]}:
            return _most([float(text in reads["passes"]) for text in texts])
        return _yes(values)
    said = _yes(values)
    return 1.0 - said if said is not None and part in reads["no_is_good"] else said


def human_label(values: Sequence[LabelValue], labels: Sequence[str]) -> str | None:
    """Return the label that more than half of the people chose.

    None of a tie, or where one is no label.
    """
    texts = [str(value) for value in values]
    if not {*texts} <= {*labels}:
        return None
    ((most, many),) = Counter(texts).most_common(1)
    return most if 2 * many > len(texts) else None


def _middle(values: Sequence[LabelValue], reads: Mapping[str, Json]) -> float | None:
    """The middle score, None where one is no number on the scale."""
    low, high = reads["scale"]
    numbers = [value for value in values if isinstance(value, float) and low <= value <= high]
    return median(numbers) if numbers and len(numbers) == len(values) else None


def _yes(values: Sequence[LabelValue]) -> float | None:
    words = [_word(value) for value in values]
    good = next((pair[0] for pair in YES_NO if {*words} <= {*pair}), None)
    return None if good is None else _most([float(word == good) for word in words])


def _most(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return None
    ((most, many),) = Counter(known).most_common(1)
    return most if 2 * many > len(known) else None


def _word(value: LabelValue) -> str:
    return yes_no_word(f"{value:g}" if isinstance(value, float) else value)
