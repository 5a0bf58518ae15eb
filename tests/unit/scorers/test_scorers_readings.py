"""What scorers of answers read, what they say where they can read nothing, and lists of targets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evalkit.core.exchange import Example, Json, Message, Response
from evalkit.core.verdict import Score
from evalkit.data.choice_targets import read_choice_target
from evalkit.scorers import build_scorer
from evalkit.scorers.gold import gold_problems

ASK = (Message(role="user", content="q"),)
CITIES = ("London", "Paris", "Rome")


def score(type: str, text: str, target: Json = None, *, choices: tuple[str, ...] = (), **options: Any) -> Score:
    scorer = build_scorer(type, options, root=Path())
    example = Example(id="a", messages=ASK, target=target, choices=choices)
    return scorer.score(example, Response(example_id="a", text=text))


@pytest.mark.parametrize(
    ("text", "target", "options", "value", "reading", "expected"),
    [
        ("答えは三千五百円です", 3500, {}, 1, "3500", "3500"),
        ("50%", 0.5, {}, 1, "0.5", "0.5"),
        ("none", 3, {}, 0, None, "3"),
        ("5 to 6, so 5-6", 5, {}, 0, None, "5"),
        ("17:30", "5:30 PM", {}, 1, "17:30", "17:30"),
        ("2026-11-30", "令和8年11月30日", {}, 1, "2026-11-30", "2026-11-30"),
        ("about 101", 100, {"relative": 0.05}, 1, "101", "100"),
        ("7/10", 7, {"out_of": 10}, 1, "7", "7"),
        ("7/10", 7, {}, 0, "0.7", "7"),
        ("8 out of 10", 8, {}, 1, "8", "8"),
        ("3個で1,200円", 1200, {"unit": "円"}, 1, "1200", "1200"),
        ("1,200ドル", 1200, {"unit": "円"}, 0, None, "1200"),
        ("12", ["11", 12], {}, 1, "12", "12"),
        ("13", ["11", 12], {}, 0, "13", "11"),
    ],
)
def test_a_number_is_reported_as_it_was_read(
    text: str, target: Json, options: dict[str, Any], value: float, reading: str | None, expected: str
) -> None:
    found = score("numeric", text, target, **options)
    assert (found.value, found.reading, found.expected) == (value, reading, expected)
    assert found.parts["read"] == float(reading is not None)
    assert bool(found.reason) == (reading is None)


@pytest.mark.parametrize(
    ("text", "target", "options", "value", "reading", "expected"),
    [
        ("(B)", 1, {}, 1, "B", "B"),
        ("It is Rome.", 1, {}, 0, "C", "B"),
        ("A or B", 1, {}, 0, None, "B"),
        ("C", [0, 2], {}, 1, "C", "C"),
        ("A and C", [0, 2], {"match": "all"}, 1, "A,C", "A,C"),
        ("A", [0, 2], {"match": "all"}, 0, "A", "A,C"),
        ("A, B, C", [0, 2], {"match": "all"}, 0, "A,B,C", "A,C"),
    ],
)
def test_a_choice_is_reported_by_its_letter(
    text: str, target: Json, options: dict[str, Any], value: float, reading: str | None, expected: str
) -> None:
    found = score("choice", text, target, choices=CITIES, **options)
    assert (found.value, found.reading, found.expected) == (value, reading, expected)
    assert found.parts["read"] == float(reading is not None)


def test_the_likeliest_choice_is_a_reading_too() -> None:
    scorer = build_scorer("choice", {}, root=Path())
    example = Example(id="a", messages=ASK, choices=CITIES, target=1)
    found = scorer.score(example, Response(example_id="a", choice_scores=(-3.0, -1.0, -2.0)))
    assert (found.value, found.reading, found.expected) == (1, "B", "B")


def test_text_and_patterns_report_what_they_caught() -> None:
    assert (score("exact", " Refund\n", "refund").reading, score("exact", "", "refund").reading) == ("refund", None)
    caught = score("regex", "label: Refund", "refund", pattern=r"label: (\w+)", group=1)
    assert (caught.value, caught.reading, caught.expected, caught.parts["read"]) == (1, "refund", "refund", 1)
    missed = score("regex", "no label", "refund", pattern=r"label: (\w+)", group=1)
    assert (missed.value, missed.reading, missed.parts["read"]) == (0, None, 0)


def test_a_list_of_targets_is_one_of_them_and_with_match_all_each() -> None:
    assert score("exact", "2", [1, "2"]).value == 1
    assert score("contains", "red and blue", ["red", "blue"], match="all").value == 1
    assert score("contains", "red", ["red", "blue"], match="all").value == 0
    assert score("exact", "blue, red", ["red", "blue"], match="all").value == 1
    assert score("exact", "blue, red, green", ["red", "blue"], match="all").value == 0
    assert score("exact", '["red", "blue"]', ["red", "blue"], match="all").value == 1


@pytest.mark.parametrize(
    ("text", "target", "there"),
    [
        ("Catalog", "cat", 0),
        ("13 days", "3 days", 0),
        ("11,200円", "1,200円", 0),
        ("1200円です", "1,200円", 1),
        ("a cat", "cat", 1),
    ],
)
def test_whole_words_are_looked_for_where_the_suite_says_so(text: str, target: str, there: float) -> None:
    assert score("contains", text, target, words=True).value == there
    assert score("contains", text, target).value == float(text != "1200円です")


def test_a_pattern_that_never_ends_is_an_error_with_its_name() -> None:
    with pytest.raises(ValueError, match="backtracks"):
        score("regex", "a" * 40 + "!", pattern=r"^(a|aa|a?)+$", timeout=0.05)
    with pytest.raises(Exception, match="timeout must be above 0"):
        build_scorer("regex", {"pattern": "a", "timeout": 0}, root=Path())


def test_a_pattern_sees_full_width_digits_where_nfkc_is_asked_for() -> None:
    assert score("regex", "ＡＢ１２３", pattern="[A-Z]{2}[0-9]{3}").value == 0
    assert score("regex", "ＡＢ１２３", pattern="[A-Z]{2}[0-9]{3}", nfkc=True).value == 1
    assert score("regex", "漢字", pattern=r"^\p{Han}+$").value == 1


def test_a_target_that_names_several_numbers_is_told() -> None:
    scorer = build_scorer("numeric", {}, root=Path())
    row = Example(id="a", messages=ASK, target="2 apples, 3 pears")
    assert list(scorer.check(row)) == []
    assert "names several numbers (2, 3), and 3 is taken" in str(
        gold_problems([row], {"s": (scorer, lambda _: True)})[0]
    )
    assert list(scorer.check(Example(id="a", messages=ASK, target=["5:30", "17:30", 4]))) == []
    assert scorer.check(Example(id="a", messages=ASK, target=["4", "none"])) == ("its target holds no number",)


@pytest.mark.parametrize("options", [{"absolute": -1}, {"out_of": 0}, {"unit": " "}, {"relative": float("inf")}])
def test_options_of_numbers_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(Exception, match=r"must"):
        build_scorer("numeric", options, root=Path())


def test_rows_that_look_like_sets_of_labels_are_asked_about() -> None:
    sets = [["red", "blue"], ["red", "green"], ["blue", "green"], ["red", "blue", "green"]]
    rows = [Example(id=str(i), messages=ASK, target=target) for i, target in enumerate(sets)]

    def told(**options: Any) -> str:
        return " ".join(
            map(str, gold_problems(rows, {"s": (build_scorer("exact", options, root=Path()), lambda _: True)}))
        )

    assert "say `match: all`" in told()
    assert "match: all" not in told(match="all")
    spellings = [["USA", "United States"], ["UK", "Britain"], ["Japan", "Nippon"], ["Italy", "Italia"]]
    rows = [Example(id=str(i), messages=ASK, target=target) for i, target in enumerate(spellings)]
    assert told() == ""


def test_a_letter_that_is_the_text_of_another_choice_is_told() -> None:
    index, notes = read_choice_target("A", ("B", "A"))
    row = Example(id="r1", messages=ASK, choices=("B", "A"), target=index, extra={"notes": list(notes)})
    found = gold_problems([row], {"s": (build_scorer("choice", {}, root=Path()), lambda _: True)})
    assert "r1: the target 'A'" in str(found[0])
