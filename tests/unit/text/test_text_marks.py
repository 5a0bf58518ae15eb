"""What dresses an answer, whole words, labels and graphemes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evalkit.text.graphemes import count_graphemes
from evalkit.text.labels import split_labels
from evalkit.text.normalize import STEPS, Step, normalize
from evalkit.text.words import has_words, unify_numbers

SLOW_START = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("text", "steps", "expected"),
    [
        ("**Paris**", ["markdown"], "Paris"),
        ("# Paris", ["markdown"], "Paris"),
        ("- *Paris*", ["markdown"], "Paris"),
        ("`Paris`", ["markdown"], "Paris"),
        ("***Paris***", ["markdown"], "Paris"),
        ("__Paris__ ~~Rome~~", ["markdown"], "Paris Rome"),
        ("```text\nParis\n```", ["markdown", "strip"], "Paris"),
        ('[Paris](https://example.com "x")', ["markdown"], "Paris"),
        ("> 1. Paris", ["markdown"], "1. Paris"),
        ("2*3*4 and snake_case_name", ["markdown"], "2*3*4 and snake_case_name"),
        ("“Paris”", ["quotes"], "Paris"),
        ("『「はい」』", ["quotes"], "はい"),
        ("'Paris'", ["quotes"], "Paris"),
        ("it's 'so'", ["quotes"], "it's 'so'"),
        ("Paris.", ["final_marks"], "Paris"),
        ("はい。！", ["final_marks"], "はい"),
        ("3.5", ["final_marks"], "3.5"),
        ("はい 😀👨‍👩‍👧", ["emoji"], "はい"),
        ("OK 👍🏽!", ["emoji"], "OK !"),
        ("❤️", ["emoji"], ""),
        ("Pa\u200bris\ufeff", ["invisible"], "Paris"),
        ("葛\U000e0100飾区\u3164", ["invisible"], "葛飾区"),
        ("guar\U000e0020antee", ["invisible"], "guarantee"),
        ("it’s “so” – …", ["typographic"], 'it\'s "so" - ...'),
        ("**“Paris.”**", ["markdown", "quotes", "final_marks", "casefold"], "paris"),
    ],
)
def test_each_step_takes_off_its_own_dress(text: str, steps: list[Step], expected: str) -> None:
    assert normalize(text, steps) == expected


@pytest.mark.parametrize(
    ("text", "wanted", "there"),
    [
        ("Catalog", "Cat", False),
        ("A Cat.", "Cat", True),
        ("within 13 days", "3 days", False),
        ("within 3 days", "3 days", True),
        ("合計11,200円です", "1,200円", False),
        ("合計1,200円です", "1,200円", True),
        ("合計1200円です", "1,200円", True),
        ("合計千二百円です", "1,200円", True),
        ("12,001 items", "12", False),
        ("3.14", "3.1", False),
        ("3.10", "3.1", True),
        ("-5 degrees", "5 degrees", False),
        ("3-5 days", "5 days", True),
        ("ショートカット", "カット", False),
        ("髪をカットする", "カット", True),
        ("東京都", "東京", True),
        ("OpenAIのAPI", "API", True),
        ("refunded", "refund", False),
        ("$1,200.50", "1200.5", True),
        ("v12", "12", True),
    ],
)
def test_whole_words_and_numbers_by_their_value(text: str, wanted: str, there: bool) -> None:
    assert has_words(unify_numbers(text), unify_numbers(wanted)) is there


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("abc", 3),
        ("か\u3099", 1),
        ("👨\u200d👩\u200d👧", 1),
        ("🇯🇵🇫🇷", 2),
        ("e\u0301", 1),
        ("a\r\nb", 3),
        ("日本語。", 4),
        ("", 0),
        ("ﾊﾟ", 1),
    ],
)
def test_a_character_is_what_a_reader_counts(text: str, count: int) -> None:
    assert count_graphemes(text) == count


def test_labels_are_split_however_they_are_listed() -> None:
    for text in ("red, blue", '["red", "blue"]', "- red\n- blue", "1. red\n2. blue", "red and blue.", "red、blue"):
        assert split_labels(text) == ["red", "blue"], text


@SLOW_START
@given(st.text(max_size=300), st.sampled_from(sorted(STEPS)))
def test_no_text_is_too_odd_for_a_step(text: str, step: Step) -> None:
    normalize(text, [step])
    has_words(unify_numbers(text), unify_numbers(text[:5]))
    count_graphemes(text)
    split_labels(text)
