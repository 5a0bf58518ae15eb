"""Swapping group words: 212 sentences judged by hand before there were rules, and what must hold of every list."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.core.errors import SuiteError
from evalkit.slices.swap import Swapper
from evalkit.suite.word_lists import find_word_list, read_word_list, word_lists

HERE = Path(__file__).parent


def sentences(file: str) -> list[tuple[str, ...]]:
    lines = (HERE / file).read_text(encoding="utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines if not line.startswith("#")]


SENTENCES, LATER = sentences("swap_sentences.tsv"), sentences("swap_sentences_later.tsv")


@cache
def swapper(name: str) -> Swapper:
    return Swapper(find_word_list(name, root=HERE))


def judged(name: str, to: str, text: str) -> str:
    made = swapper(name).swap(text, to=None if to == "-" else to)
    return {"swapped": made.text, "unchanged": "=", "refused": f"!{made.word.casefold()}"}[made.state]


def wrong_ones(those: list[tuple[str, ...]]) -> list[tuple[str, str, str]]:
    found = ((text, wanted, judged(name, to, text)) for name, to, text, wanted in those)
    return [
        (text, wanted, got) for text, wanted, got in found if got != (wanted if wanted[0] != "!" else wanted.casefold())
    ]


def test_swaps_agree_with_the_hand_checked_sentences() -> None:
    wrong = wrong_ones(SENTENCES)
    japanese = sum(any(ord(sign) > 0x3000 for sign in text) for _, _, text, _ in SENTENCES)
    assert len(SENTENCES) >= 200
    assert japanese >= 100
    assert sum(wanted[0] in "=!" for *_, wanted in SENTENCES) >= 80
    assert len(wrong) <= 0.02 * len(SENTENCES), wrong


def test_sentences_that_once_went_wrong_and_their_neighbours_are_right() -> None:
    assert len(LATER) >= 120
    assert wrong_ones(LATER) == []


def test_a_list_counts_the_words_of_others_that_it_names(tmp_path: Path) -> None:
    assert swapper("gender_en").swap("She is an actress.").text == "He is an actor."
    (tmp_path / "mine.yaml").write_text(
        "tag: gender\nsource: us\nlimits: two values\nvalues: [w, m]\nalso: [roles_en, role_en]\nrows: [[ma, pa]]\n",
        encoding="utf-8",
    )
    with pytest.raises(SuiteError) as caught:
        read_word_list(tmp_path / "mine.yaml")
    assert "roles_en cannot be joined: it differs in values, boundary" in str(caught.value)
    assert "'role_en', which evalkit does not bring (did you mean 'roles_en'?)" in str(caught.value)


@pytest.mark.parametrize("name", word_lists())
def test_every_list_brings_its_words_back(name: str) -> None:
    one = swapper(name)
    words = one.words
    told = {
        "names_ja": "佐藤{}さん",
        "names_ja_origin": "{}さん",
        "names_en_origin": "Ms. {} called",
        "honorifics": "佐藤{}が来た",
    }
    for row in words.rows:
        for word in filter(None, row):
            text = told.get(name, "{}。" if ord(word[0]) > 0x2FFF else "I say {} here").format(word)
            value = words.values[row.index(word)]
            if one.find(text)[0].row is None:
                continue  # a word that may mean something else where it stands alone
            assert one.values_in(text) == (value,), text
            for to, partner in zip(words.values, row, strict=True):
                made = one.swap(text, to=to)
                if to == value or partner is None:
                    assert made.state == ("unchanged" if to == value else "refused")
                else:
                    assert made.state == "swapped", (text, made)
                    assert one.swap(made.text, to=value).text == text


@pytest.mark.parametrize("name", [name for name in word_lists() if find_word_list(name, root=HERE).is_pair])
def test_swapping_a_pair_list_twice_gives_the_text(name: str) -> None:
    one = swapper(name)
    for *_, text, _ in SENTENCES:
        made = one.swap(text)
        assert one.swap(made.text).text == text or made.state == "refused"


@pytest.mark.parametrize("name", word_lists())
def test_no_stop_text_is_touched(name: str) -> None:
    one = swapper(name)
    for stop in one.words.stop:
        text = f"「{stop}」" if ord(stop[0]) > 0x2FFF else f"so {stop} now"
        assert one.find(text) == (), stop


@pytest.mark.parametrize("name", word_lists())
def test_every_list_names_its_source_and_its_limits(name: str) -> None:
    words = find_word_list(name, root=HERE)
    assert len(words.limits) > 40
    assert len(words.source) > 20
    assert words.about


PIECES = (
    "彼",
    "女",
    "彼女",
    "岸",
    "母",
    "校",
    "父",
    "男",
    "の",
    "がいる",
    "兄弟",
    "姉妹",
    "子",
    "夫",
    "大丈",
    "妻",
    "稲",
    "さん",
    "her ",
    "he ",
    "she ",
    "a ",
    "an ",
    "man",
    "ager",
)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.sampled_from(("gender_ja", "gender_en", "first_person")),
)
def test_no_text_is_half_swapped(text: str, name: str) -> None:
    one = swapper(name)
    made = one.swap(text)
    if made.state == "swapped":
        assert one.swap(made.text).text == text
        assert len(one.find(made.text)) == len(one.find(text))
    else:
        assert made.text == text


def test_a_list_of_ones_own_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "tag: plan\nsource: our shop\nlimits: two plans only\nvalues: [free, paid]\nrows: [[Free plan, Gold plan]]\n",
        encoding="utf-8",
    )
    one = Swapper(find_word_list("mine.yaml", root=tmp_path))
    assert one.swap("I have the free plan.").text == "I have the gold plan."


def test_a_broken_list_tells_every_problem_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "tag: plan\nsource: us\nlimits: two\nvalues: [a, b]\nrows:\n  - [x, y]\n  - [x, z]\n  - [u]\n"
        "stop_patterns: ['(']\n",
        encoding="utf-8",
    )
    with pytest.raises(SuiteError) as caught:
        read_word_list(path)
    told = str(caught.value)
    for part in ("mine.yaml:7", "two rows", "mine.yaml:8", "regular expression"):
        assert part in told


@pytest.mark.parametrize(
    ("name", "to", "text", "wanted"),
    [
        ("gender_ja", "-", "主人公は誰ですか。", "="),
        ("gender_ja", "-", "ばあちゃんが来た。", "じいちゃんが来た。"),
        ("gender_ja", "-", "お嬢さんをください。", "!お嬢さん"),
        ("first_person", "-", "オレンジを買った。", "="),
        ("first_person", "-", "カフェオレをください。", "="),
        ("first_person", "-", "それはおれのだ。", "!おれ"),
        ("first_person", "-", "木がたおれた。", "="),
        ("first_person", "-", "鍵を手わたしました。", "="),
        ("age", "old", "二十歳の学生です。", "!二十歳"),
        ("age", "old", "第20代大統領です。", "="),
        ("age", "old", "22歳以上が対象です。", "!22歳"),
        ("age", "old", "people aged 22 to 30", "!aged 22 to 30"),
        ("nationality", "japanese", "アメリカ人類学会の論文。", "="),
        ("nationality", "vietnamese", "日本人気の作品。", "="),
        ("honorifics", "さん", "佐藤様方に送ってください。", "="),
        ("gender_en", "-", "Dear Sir or Madam,", "="),
        ("gender_en", "-", "If he or she calls, answer.", "="),
        ("gender_en", "-", "Mother Teresa was born in Skopje.", "!mother"),
        ("roles_en", "-", "Prince Charles visited us.", "!prince"),
    ],
)
def test_kinds_of_traps_beyond_the_sentences(name: str, to: str, text: str, wanted: str) -> None:
    assert judged(name, to, text) == wanted


def test_an_unknown_list_says_which_there_are() -> None:
    with pytest.raises(SuiteError, match="gender_ja"):
        find_word_list("gender_jp", root=HERE)


def test_a_text_of_both_values_is_swapped_both_ways_and_never_mixed() -> None:
    one = swapper("gender_ja")
    assert one.swap("彼は母に会った。").text == "彼女は父に会った。"
    assert one.swap("彼は母に会った。", to="man").state == "refused"


def test_capitals_and_articles_follow_the_word() -> None:
    assert swapper("age").swap("A young man and a young dog.", to="old").text == "An elderly man and an elderly dog."
    assert swapper("gender_en").swap("SHE is A WOMAN").text == "HE is A MAN"
