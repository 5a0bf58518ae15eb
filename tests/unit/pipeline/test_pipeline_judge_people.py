"""What people wrote, in the numbers of a judge; a word that is none of the question's says nothing."""

from __future__ import annotations

from typing import Any

import pytest

from evalkit.pipeline.judge_check.people import human_label, human_value

RUBRIC: dict[str, Any] = {"scale": [1, 5], "passes": 4, "parts": ["", "pass"], "labels": [], "no_is_good": []}
LABEL: dict[str, Any] = {"scale": [0, 1], "passes": ["good"], "labels": ["bad", "fair", "good"], "no_is_good": []}
ASKED: dict[str, Any] = {"scale": [0, 1], "passes": None, "labels": [], "no_is_good": ["rude"]}


@pytest.mark.parametrize(
    ("kind", "part", "reads", "values", "found"),
    [
        ("rubric", "", RUBRIC, [4.0], 4.0),
        ("rubric", "", RUBRIC, [4.0, 2.0, 5.0], 4.0),
        ("rubric", "", RUBRIC, [9.0], None),
        ("rubric", "", RUBRIC, ["good"], None),
        ("rubric", "pass", RUBRIC, [4.0], 1.0),
        ("rubric", "pass", RUBRIC, [3.0], 0.0),
        ("rubric", "pass", RUBRIC, ["ok"], 1.0),
        ("rubric", "pass", RUBRIC, ["不合格"], 0.0),
        ("label", "", LABEL, ["good"], 1.0),
        ("label", "", LABEL, ["fair"], 0.0),
        ("label", "", LABEL, ["good", "bad"], None),
        ("label", "", LABEL, ["good", "good", "bad"], 1.0),
        ("label", "", LABEL, ["yes"], 1.0),
        ("label", "", LABEL, ["great"], None),
        ("questions", "polite", ASKED, ["はい"], 1.0),
        ("questions", "rude", ASKED, ["はい"], 0.0),
        ("questions", "rude", ASKED, ["no"], 1.0),
        ("pairwise", "", ASKED, ["candidate"], 1.0),
        ("pairwise", "", ASKED, ["Base"], 0.0),
        ("pairwise", "", ASKED, ["引き分け"], 0.5),
        ("pairwise", "", ASKED, ["candidate", "base"], None),
        ("pairwise", "", ASKED, ["neither"], None),
    ],
)
def test_words_and_numbers_of_people(
    kind: str, part: str, reads: dict[str, Any], values: list[Any], found: float | None
) -> None:
    assert human_value(values, part, kind=kind, reads=reads) == found


def test_the_label_that_most_people_chose() -> None:
    assert human_label(["fair", "fair", "bad"], LABEL["labels"]) == "fair"
    assert human_label(["fair", "bad"], LABEL["labels"]) is None
    assert human_label(["great"], LABEL["labels"]) is None
