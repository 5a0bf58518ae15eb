"""Runs of one text in others: held against difflib, and blind to templates and to what was given."""

from __future__ import annotations

from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.text.verbatim import GIVEN, TEMPLATE, Corpus, Phrases, flatten, longest_possible, overlap

TEXTS = st.text(alphabet="abカ ｂ\n.", max_size=24)


@given(st.lists(TEXTS, min_size=1, max_size=4), TEXTS)
def test_the_longest_run_is_that_of_difflib(texts: list[str], answer: str) -> None:
    found = Corpus([text.replace(" ", "").replace("\n", "") for text in texts]).find_run(answer.replace(" ", ""))
    flat = flatten(answer.replace(" ", ""))
    sizes = [
        SequenceMatcher(None, flatten(text.replace(" ", "").replace("\n", "")), flat, autojunk=False)
        .find_longest_match()
        .size
        for text in texts
    ]
    spaces = " " in flat
    assert found.size == max(sizes) or spaces
    assert not found.size or found.text in flatten(texts[found.of].replace(" ", "").replace("\n", ""))


@given(TEXTS, TEXTS, st.lists(TEXTS, max_size=3))
def test_what_explains_a_run_never_makes_it_longer(text: str, answer: str, known: list[str]) -> None:
    plain = Corpus([text]).find_run(answer)
    explained = [Phrases(GIVEN).add(known), Phrases(TEMPLATE).add(known)]
    found = Corpus([text]).find_run(answer, explained=explained)
    assert found.size <= plain.size <= longest_possible(text)


NOTE = "The note of Keiko Mori says: copper otter lantern velvet."


@pytest.mark.parametrize(
    ("answer", "explained", "size"),
    [
        (NOTE, [], 48),
        (NOTE.upper().replace(" ", "\n  "), [], 48),
        (NOTE, [Phrases(TEMPLATE).add(["The note of Ken Ito says: nothing"])], 39),
        (NOTE, [Phrases(TEMPLATE).add(["A note says: copper"])], 48),
        (NOTE, [Phrases(GIVEN).add(["What does the note of Keiko Mori say?"])], 30),
        ("copper otter marble", [Phrases(GIVEN).add(["otter"])], 6),
        ("no such thing", [], 5),
        ("", [], 0),
    ],
)
def test_templates_and_given_words_are_taken_off(answer: str, explained: list[Phrases], size: int) -> None:
    assert Corpus(["something else", NOTE]).find_run(answer, explained=explained).size == size


def test_japanese_is_read_by_characters() -> None:
    corpus = Corpus(["会員番号は青い鯨と白い砂です。"])
    assert corpus.find_run("会員番号は青い鯨と白い砂です").size == 14
    assert corpus.find_run("会員番号は青い鯨", explained=[Phrases(TEMPLATE).add(["会員番号は不明です"])]).size == 8
    assert corpus.find_run("会員番号は青い鯨", explained=[Phrases(TEMPLATE).add(["会員番号は青です"])]).size == 2
    assert corpus.find_run("ｶｲｲﾝ 会員番号は").size == 5


def test_a_run_says_where_it_stands_and_how_often() -> None:
    corpus = Corpus(["one copper otter", "two copper otter lantern", "three"])
    found = corpus.find_run("my copper otter lantern!")
    assert (found.of, found.text, corpus.count_holding("copper otter")) == (1, "copper otter lantern", 2)


def test_overlap_counts_stretches_of_words_once() -> None:
    assert overlap("a b c d e", "x a b c d y") == 0.5
    assert overlap("a b c d a b c d", "a b c d") == 0.25
    assert overlap("青い鯨と砂", "青い鯨と") == 0.5
    assert overlap("too short", "too short") is None


def test_signs_that_cannot_be_seen_do_not_break_a_run() -> None:
    hidden = "\u200b".join(NOTE)
    assert flatten(hidden) == flatten(NOTE)
    assert Corpus([NOTE]).find_run(hidden).size == Corpus([NOTE]).find_run(NOTE).size
