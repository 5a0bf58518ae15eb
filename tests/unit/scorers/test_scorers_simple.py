"""The simple scorers: what each takes for right, and what it says of it."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from simple_scores import ASK, score, value

from evalkit.core.exchange import Example, Json, Response
from evalkit.core.verdict import Score
from evalkit.scorers import build_scorer


def test_a_score_carries_its_example_repeat_and_version() -> None:
    found = score("exact", "x", "x")
    assert (found.example_id, found.repeat, found.version, found.status) == ("a", 2, "2", "SCORED")


@pytest.mark.parametrize(
    ("text", "target", "expected"),
    [
        ("Paris", "paris", 1),
        (" ＰＡＲＩＳ\n", "paris", 1),
        ("Paris.", "paris", 0),
        ("", "paris", 0),
        (None, "paris", 0),
        ("b", ["a", "b"], 1),
        ("18", 18, 1),
        ('{"a":1}', {"a": 1}, 1),
        ("true", True, 1),
    ],
)
def test_exact(text: str | None, target: Json, expected: float) -> None:
    assert value("exact", text, target) == expected


def test_exact_without_normalising_is_literal() -> None:
    assert value("exact", "Paris ", "Paris", normalize=[]) == 0


@pytest.mark.parametrize("type", ["exact", "fuzzy", "numeric", "contains"])
def test_a_target_is_asked_for_where_it_is_needed(type: str) -> None:
    scorer = build_scorer(type, {}, root=Path())
    assert scorer.check(Example(id="a", messages=ASK)) == ("it has no target",)
    assert list(scorer.check(Example(id="a", messages=ASK, target="5"))) == []


def test_numeric_needs_a_number_in_the_target() -> None:
    scorer = build_scorer("numeric", {}, root=Path())
    assert scorer.check(Example(id="a", messages=ASK, target="none")) == ("its target holds no number",)
    with pytest.raises(ValueError, match="holds no number"):
        scorer.score(Example(id="a", messages=ASK, target="none"), Response(example_id="a", text="3"))


@pytest.mark.parametrize(
    ("text", "target", "options", "expected"),
    [
        ("3 + 4 = 7", 7, {}, 1),
        ("7, because 3 + 4", 7, {}, 0),
        ("7, because 3 + 4", 7, {"take": "first"}, 1),
        ("答えは１，０００円です", "1000", {}, 1),
        ("about 3.1", 3.14159, {"absolute": 0.05}, 1),
        ("99", 100, {"relative": 0.01}, 1),
        ("98", 100, {"relative": 0.01}, 0),
        ("none", 100, {}, 0),
        ("9" * 400, 3, {}, 0),
    ],
)
def test_numeric(text: str, target: Json, options: dict[str, Any], expected: float) -> None:
    found = score("numeric", text, target, **options)
    assert found.value == expected
    assert found.parts["found"] == (0.0 if text == "none" else 1.0)


@pytest.mark.parametrize(
    ("options", "text", "expected", "found"),
    [
        ({"all": ["red", "blue"]}, "Red and BLUE", 1, 1.0),
        ({"all": ["red", "blue"]}, "red", 0, 0.5),
        ({"any": ["red", "blue"]}, "blue", 1, 1.0),
        ({"any": ["red", "blue"]}, "green", 0, 0.0),
        ({"none": ["red"]}, "blue", 1, None),
        ({"none": ["red"]}, "red", 0, None),
        ({"all": ["a"], "none": ["b"]}, "a b", 0, 1.0),
    ],
)
def test_contains(options: dict[str, Any], text: str, expected: float, found: float | None) -> None:
    scored = score("contains", text, **options)
    assert (scored.value, scored.parts["found"]) == (expected, found)


def test_contains_looks_for_the_target_where_nothing_is_named() -> None:
    assert value("contains", "It is Kyoto.", "kyoto") == 1
    assert value("contains", "It is Nara.", ["kyoto", "nara"]) == 1


@pytest.mark.parametrize(
    ("options", "text", "target", "expected"),
    [
        ({"pattern": r"\d{3}"}, "id 123", None, 1),
        ({"pattern": r"\d{3}", "match": "full"}, "id 123", None, 0),
        ({"pattern": r"\d{3}", "match": "full"}, " 123\n", None, 1),
        ({"pattern": r"sorry", "expect": "no_match"}, "fine", None, 1),
        ({"pattern": r"SORRY", "expect": "no_match", "ignore_case": True}, "sorry", None, 0),
        ({"pattern": r"answer: (\w+)", "group": 1}, "answer: Kyoto", "kyoto", 1),
        ({"pattern": r"answer: (?P<a>\w+)", "group": "a"}, "answer: Nara", "kyoto", 0),
        ({"pattern": r"answer: (\w+)", "group": 1, "occurrence": "last"}, "answer: a answer: b", "b", 1),
        ({"pattern": r"answer: (\w+)", "group": 1}, "none", "b", 0),
        ({"pattern": r"(x)?y", "group": 1}, "y", "x", 0),
    ],
)
def test_regex(options: dict[str, Any], text: str, target: Json, expected: float) -> None:
    assert value("regex", text, target, **options) == expected


@pytest.mark.parametrize(
    "options",
    [
        {"pattern": "a", "group": 1},
        {"pattern": "a", "group": "x"},
        {"pattern": "(a)", "group": 1, "expect": "no_match"},
    ],
)
def test_a_group_that_cannot_be_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(Exception, match=r"group"):
        build_scorer("regex", options, root=Path())


def test_fuzzy_is_yes_or_no_with_the_likeness_as_a_part() -> None:
    near = score("fuzzy", "Kyoto station", "Kyoto Station.", threshold=0.9)
    assert near.value == 1
    assert 0.9 < (near.parts["similarity"] or 0) < 1
    assert value("fuzzy", "Osaka", "Kyoto") == 0
    assert value("fuzzy", "station Kyoto", "Kyoto station", method="token_sort", threshold=1.0) == 1
    assert value("fuzzy", "京都駅", "京都駅", threshold=1.0) == 1
    assert score("fuzzy", "b", ["xyz", "b"]).parts["similarity"] == 1
    assert score("fuzzy", "", "").parts["similarity"] == 0, "an empty answer is like nothing"


def choice(
    text: str | None = None, *, target: int = 1, options: dict[str, Any] | None = None, **response: Any
) -> Score:
    example = Example(id="a", messages=ASK, choices=("London", "Paris", "New York"), target=target)
    answer = Response(example_id="a", text=text, **response)
    return build_scorer("choice", options or {}, root=Path()).score(example, answer)


@pytest.mark.parametrize(
    "text",
    [
        "B", "b", "(B)", "B.", "B) Paris", "**B**", "Ｂ", " B\nbecause", "Paris", "paris.", '"Paris"', "It is Paris!",
        "The answer is B.", "The correct answer is: B", "Answer: (B)", "ANSWER IS B", "Option B", "答えはBです",
        "正解：Ｂ", "A or C might seem right, but the answer is B",
    ],
)  # fmt: skip
def test_a_choice_is_read_from_a_letter_or_from_its_text(text: str) -> None:
    found = choice(text)
    assert (found.value, found.parts["read"]) == (1, 1)


@pytest.mark.parametrize(
    "text", ["", "D", "London or Paris", "I do not know", "The answer is yes", "Be careful", "A man"]
)
def test_an_answer_that_names_none_or_several_is_wrong_and_not_read(text: str) -> None:
    found = choice(text)
    assert (found.value, found.parts["read"]) == (0, 0)
    assert found.reason


def test_a_choice_inside_a_longer_one_is_not_taken_for_it() -> None:
    example = Example(id="a", messages=ASK, choices=("York", "New York"), target=1)
    scorer = build_scorer("choice", {}, root=Path())
    assert scorer.score(example, Response(example_id="a", text="It's New York")).value == 1
    assert scorer.score(example, Response(example_id="a", text="It's in Yorkshire")).parts["read"] == 0


def test_the_likeliest_choice_is_chosen_and_length_counts_only_when_asked() -> None:
    scores, tokens = (-4.0, -6.0, -6.5), (1, 3, 3)
    assert choice(choice_scores=scores, choice_tokens=tokens).value == 0
    assert choice(choice_scores=scores, choice_tokens=tokens, options={"normalize": "tokens"}).value == 1
    by_bytes = choice(choice_scores=(-6.1, -5.5, -8.0), options={"normalize": "bytes"}, target=2)
    assert by_bytes.value == 1, "-8 over the 8 bytes of New York is more than -6.1 over 6 and -5.5 over 5"


def test_the_share_of_the_right_choice_is_graded() -> None:
    even = choice(choice_scores=(-1.0, -1.0, -1.0), target=0)
    assert even.value == 1, "a tie goes to the first"
    assert even.parts["probability"] == pytest.approx(1 / 3)
    sure = choice(choice_scores=(-1000.0, -1.0, -math.inf))
    assert sure.parts["probability"] == pytest.approx(1)
    assert choice(choice_scores=(-math.inf,) * 3).parts["probability"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("response", "options", "sentence"),
    [
        ({"choice_scores": (-1.0, math.nan, -1.0)}, {}, "are not numbers"),
        ({"choice_scores": (-1.0, math.inf, -1.0)}, {}, "are not numbers"),
        ({"choice_scores": (-1.0,)}, {}, "1 likelihoods for 3 choices"),
        ({"choice_scores": (-1.0,) * 3}, {"normalize": "tokens"}, "needs the token counts"),
    ],
)
def test_likelihoods_that_are_none_are_an_error_never_an_answer(
    response: dict[str, Any], options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        choice(options=options, **response)


def test_choice_asks_for_choices_and_an_index() -> None:
    scorer = build_scorer("choice", {}, root=Path())
    example = Example(id="a", messages=ASK, choices=("x", "y"), target=1)
    assert list(scorer.check(example)) == []
    assert scorer.check(replace(example, choices=())) == ("it has no choices",)
    assert scorer.check(replace(example, target="x")) == ("its target is no index of its 2 choices",)
    assert scorer.check(replace(example, target=2)) == ("its target is no index of its 2 choices",)
