"""The right choice as index, text or letter; what cannot be one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalkit.core.exchange import Json
from evalkit.data.choice_targets import read_choice_target
from evalkit.data.fields import UnreadableRow
from evalkit.data.read import read_examples

CITIES = ("London", "Paris", "Rome", "Berlin")


@pytest.mark.parametrize(
    ("target", "offered", "index"),
    [
        (1, CITIES, 1),
        ("B", CITIES, 1),
        ("Ｂ", CITIES, 1),
        ("(B)", CITIES, 1),
        ("B.", CITIES, 1),
        ("Paris", CITIES, 1),
        (["A", "Rome"], CITIES, [0, 2]),
        ("A", ("A", "B", "AB", "O"), 0),
        ("2", ("3", "2", "1"), 1),
        (12, ("1", "12"), 1),
    ],
)
def test_a_target_is_an_index_a_text_or_a_letter(target: Json, offered: tuple[str, ...], index: Json) -> None:
    assert read_choice_target(target, offered) == (index, ())


def test_a_text_wins_over_a_letter_and_the_doubt_is_noted() -> None:
    index, notes = read_choice_target("A", ("B", "A", "C"))
    assert index == 1
    assert "the letter of another" in notes[0]


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("E", "a letter beyond the 4 choices (A to D)"),
        ("2", "digits in quotes are a text"),
        ("paris", "not among the choices (did you mean 'Paris'?)"),
        ("b", "not among the choices"),
        (7, "no index of the 4 choices"),
        ([], "not a list"),
    ],
)
def test_what_cannot_be_the_right_choice_is_told(target: Json, sentence: str) -> None:
    with pytest.raises(UnreadableRow, match=r".*") as caught:
        read_choice_target(target, CITIES)
    assert sentence in str(caught.value)


def test_a_table_of_mmlus_shape_is_read(tmp_path: Path) -> None:
    table = tmp_path / "mmlu.csv"
    table.write_text(
        'question,A,B,C,D,answer\n"Capital of France?",London,Paris,Rome,Berlin,B\n"2+2?",3,4,5,6,4\n', "utf-8"
    )
    columns = {"input": "question", "choices": "A, B, C, D", "target": "answer"}
    first, second = read_examples(table, format="csv", columns=columns)
    assert (first.choices, first.target) == (CITIES, 1)
    assert (second.choices, second.target) == (("3", "4", "5", "6"), 1), "digits that are a choice's text are no index"
