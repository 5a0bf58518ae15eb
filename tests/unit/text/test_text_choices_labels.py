"""Labels of choices, several choices at once, and what no answer may break."""

from __future__ import annotations

import json
import os
import string
from pathlib import Path

import pytest
from choices_read import CITIES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evalkit.text.choices import find_shown_labels, letter_of, read_choice, read_choices

SLOW_START = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


SHARED = Path(os.environ.get("EVALKIT_SHARED_DATA") or Path(__file__).parents[4] / "shared" / "data").parent / "cases"


@pytest.mark.parametrize(
    ("question", "answer", "chosen"),
    [
        ("どれですか。\n0. 東京\n1. 京都\n2. 大阪", "1", 1),
        ("どれですか。\n1. 東京\n2. 京都\n3. 大阪", "1", 0),
        ("イ 東京\nロ 京都\nハ 大阪", "ロ", 1),
        ("イ 東京\nロ 京都\nハ 大阪", "イ", 0),
        ("(C) 東京\n(A) 京都\n(B) 大阪", "A", 1),
        ("東京、京都、大阪のどれ？", "2", 1),
    ],
)
def test_what_the_question_calls_the_choices_counts(question: str, answer: str, chosen: int) -> None:
    offered = ("東京", "京都", "大阪")
    assert read_choice(answer, offered, shown=find_shown_labels(question, offered)) == chosen


def test_texts_that_look_like_labels_win_over_them() -> None:
    blood = ("B", "A", "AB", "O")
    assert [read_choice(text, blood) for text in ("A", "The answer is B.", "AB", "O型です")] == [1, 0, 2, 3]
    assert read_choice("2", ("3", "2", "1")) == 1
    assert read_choice("答えは1,000円です", ("100円", "1000円")) == 1


def test_several_choices_are_read_where_several_are_asked_for() -> None:
    assert read_choices("A, C", CITIES) == {0, 2}
    assert read_choices("Answer: A and C, not B", CITIES) == {0, 2}
    assert read_choices("正解はAとCです。", CITIES) == {0, 2}
    assert read_choices("none of them", CITIES) == frozenset()


def test_letters_go_as_far_as_the_alphabet() -> None:
    assert (letter_of(0), letter_of(25), letter_of(26)) == ("A", "Z", "27")
    many = tuple(f"choice number {i}" for i in range(30))
    assert read_choice("The answer is (Z).", many) == 25


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared cases are not here; set EVALKIT_SHARED_DATA")
def test_every_shared_case_of_choices() -> None:
    for row in map(json.loads, (SHARED / "choices.jsonl").read_text(encoding="utf-8").splitlines()):
        assert read_choice(row["text"], row["choices"]) == row["chosen"], row


_HARD = st.text(
    st.sampled_from("ABCDEabc()[]{}.,:;!? \n\"'「」。、はがのですか①②イア番選択肢答えanswer isnotor$*\\boxed\ud800\0"),
    max_size=200,
)


@SLOW_START
@given(_HARD | st.text(max_size=200), st.lists(st.text(max_size=8), min_size=2, max_size=5, unique=True))
def test_no_answer_and_no_choices_are_too_odd_to_be_read(text: str, offered: list[str]) -> None:
    found = read_choices(text, offered)
    assert all(0 <= index < len(offered) for index in found)


@SLOW_START
@given(
    st.sampled_from(string.ascii_uppercase[:4]),
    st.sampled_from(
        ["{}", "({})", "**{}**", "答えは{}です。", "Answer: {}", "The answer is {}.", "正解は「{}」", "$\\boxed{{{}}}$"]
    ),
)
def test_a_letter_is_read_however_it_is_dressed(letter: str, dress: str) -> None:
    assert read_choice(dress.format(letter), CITIES) == string.ascii_uppercase.index(letter)
