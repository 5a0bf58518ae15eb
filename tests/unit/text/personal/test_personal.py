"""What is personal is found, and its near misses are not: 400 lines, and every kind by itself."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from lines import Line, read_lines

from evalkit.core.errors import UsageError
from evalkit.text.personal import KINDS, PersonalFinder, Span, find_personal, redact
from evalkit.text.personal.find import NAME_FINDERS
from evalkit.text.personal.fold import fold

LINES = read_lines()


def spans(text: str) -> set[tuple[str, int, int]]:
    return {(span.kind, span.start, span.end) for span in find_personal(text)}


def test_there_are_four_hundred_lines_half_of_them_near_misses() -> None:
    assert len(LINES) == 400
    assert sum(bool(line.found) for line in LINES) == 200
    assert sum(line.language == "ja" for line in LINES) >= 200
    by_kind = Counter((line.kind, bool(line.found)) for line in LINES)
    assert min(by_kind.values()) >= 15
    assert {kind for kind, _ in by_kind} == {*KINDS} - {"name"}


def test_precision_and_recall_on_the_lines() -> None:
    finder = PersonalFinder()
    right = wrong = missed = 0
    for line in LINES:
        found = {(span.kind, span.start, span.end) for span in finder.find(line.text)}
        right += len(found & {*line.found})
        wrong += len(found - {*line.found})
        missed += len({*line.found} - found)
    assert right / (right + wrong) >= 0.97
    assert right / (right + missed) >= 0.95


@pytest.mark.parametrize("line", [line for line in LINES if line.found], ids=lambda line: line.text[:24])
def test_a_line_redacted_holds_nothing_personal_and_all_else(line: Line) -> None:
    plain = redact(line.text)
    assert redact(line.text) == plain
    assert not spans(plain)
    for kind, start, end in line.found:
        assert line.text[start:end] not in plain
        assert f"[{kind.upper()}_1]" in plain


def test_full_width_is_the_same_value() -> None:
    seen: dict[tuple[str, str], str] = {}
    first = redact("電話は０３－１２３４－５６７８です。", seen=seen)
    assert first == "電話は[PHONE_1]です。"
    assert redact("Tel 03-1234-5678", seen=seen) == "Tel [PHONE_1]"
    assert redact("Tel 03-1234-9999", seen=seen) == "Tel [PHONE_2]"


@given(st.text(max_size=60))
def test_any_text_is_taken_and_places_are_apart(text: str) -> None:
    found = find_personal(text)
    assert len(fold(text)) == len(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


def test_names_are_found_by_a_dictionary_alone() -> None:
    people = ("山田太郎", "Jane Doe")

    def by_dictionary(text: str) -> Iterable[tuple[int, int]]:
        return ((text.index(name), text.index(name) + len(name)) for name in people if name in text)

    text = "担当は山田太郎、copy to Jane Doe."
    assert spans(text) == set()
    NAME_FINDERS.register("ours", by_dictionary)
    try:
        assert redact(text) == "担当は[NAME_1]、copy to [NAME_2]."
        assert find_personal(text, kinds=["email"]) == ()
    finally:
        NAME_FINDERS.forget("ours")
    assert find_personal(text) == ()


def test_an_unknown_kind_is_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'email'"):
        find_personal("", kinds=["e-mail"])


def test_a_longer_find_takes_what_it_holds() -> None:
    text = "〒150-0001 東京都渋谷区神宮前1-2-3 に taro@example.jp"
    assert find_personal(text) == (
        Span(start=1, end=9, kind="postal_code"),
        Span(start=10, end=24, kind="address"),
        Span(start=27, end=42, kind="email"),
    )


@pytest.mark.parametrize(
    "text", ["1" * 5_000, "a@" * 3_000, "0-" * 4_000, "東京都" * 2_000, "+1 " * 3_000, "AB12 " * 2_000]
)
def test_odd_texts_take_no_time_beyond_their_length(text: str) -> None:
    assert find_personal(text) == ()


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("mail taro\u200b@exam\u00adple.jp now", "email", "taro\u200b@exam\u00adple.jp"),
        ("tel 090\u200b1234\u200b5678", "phone", "090\u200b1234\u200b5678"),
        ("4111\u20601111\u206011111111", "card", "4111\u20601111\u206011111111"),
        ("\ufefftaro@example.jp\u200b.", "email", "taro@example.jp"),
    ],
)
def test_signs_that_cannot_be_seen_hide_nothing(text: str, kind: str, value: str) -> None:
    start = text.index(value)
    assert (kind, start, start + len(value)) in spans(text)
    assert "[" + kind.upper() + "_1]" in redact(text)
