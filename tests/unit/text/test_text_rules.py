"""Normalising, sentences, scripts, numbers, register, refusals and persona: what each rule takes for what."""

from __future__ import annotations

import pytest

from evalkit.text.normalize import Step, normalize
from evalkit.text.persona import PersonaMarks, find_persona, first_persons, sentence_endings
from evalkit.text.refusals import refuses
from evalkit.text.register import register
from evalkit.text.register_ja import find_tone
from evalkit.text.script import tokens
from evalkit.text.sentences import sentences
from evalkit.text.tone import read_tone


@pytest.mark.parametrize(
    ("text", "steps", "expected"),
    [
        ("  Ａｂ\u3000１ ", ["nfkc", "casefold", "strip"], "ab 1"),
        ("Straße", ["casefold"], "strasse"),
        ("a \n\t b", ["spaces"], "a b"),
        ("「はい」、そうです。", ["punctuation"], "はいそうです"),
        ("-1.5 and a-b", ["punctuation"], "-1.5 and ab"),
        ("The cat and a dog", ["articles", "spaces"], "cat and dog"),
        ("カード", ["kana"], "かーど"),
        ("ｶｰﾄﾞ", ["nfkc", "kana"], "かーど"),
        ("unchanged ", [], "unchanged "),
    ],
)
def test_steps(text: str, steps: list[Step], expected: str) -> None:
    assert normalize(text, steps) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("One. Two? Three!", ["One.", "Two?", "Three!"]),
        ("Dr. Sato paid 3.50 e.g. today. Good.", ["Dr. Sato paid 3.50 e.g. today.", "Good."]),
        ("Wait... what?! Yes", ["Wait...", "what?!", "Yes"]),
        ("はい。いいえ！本当？", ["はい。", "いいえ！", "本当？"]),
        ("彼は「行く。」と言った。", ["彼は「行く。」", "と言った。"]),
        ("one line\n\nanother line", ["one line", "another line"]),
        ("See https://a.b/c.d for v1.2.3.", ["See https://a.b/c.d for v1.2.3."]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_tokens_of_spaced_and_unspaced_scripts() -> None:
    assert tokens("It's 1,234.5 km, très bien") == ["It's", "1,234.5", "km", "très", "bien"]
    assert tokens("東京タワーへ10時に行く") == ["東京", "タワー", "へ", "10", "時", "に", "行", "く"]
    assert tokens("…!? ") == []


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("ご注文を承りました。", "polite"),
        ("少々お待ちくださいませ", "polite"),
        ("明日は休みですよね？", "polite"),
        ("確認しますので、", "polite"),
        ("先生がいらっしゃったの", "polite"),
        ("もう着いたよ", "casual"),
        ("これは問題である。", "casual"),
        ("早くしなさい！", "casual"),
        ("ごめんね～", "casual"),
        ("お手伝いするよ。", "casual"),
        ("わしが行くぜよ", "casual"),
        ("東京都千代田区", None),
        ('{"id": 3}', None),
        ("OK", None),
    ],
)
def test_the_register_of_a_japanese_sentence(sentence: str, expected: str | None) -> None:
    assert find_tone(sentence) == expected


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("かしこまりました。ご注文番号をお知らせください。", "polite"),
        ("わかった。番号を教えて。", "casual"),
        ("わかりました。番号を教えて。", "polite"),
        ("住所：東京都", "neutral"),
        ("Thank you for reaching out. I'd be happy to help.", "polite"),
        ("I'm sorry for the delay. Could you please share the order number?", "polite"),
        ("yeah no worries dude, gonna check", "casual"),
        ("Thanks, but that's not my problem.", "casual"),
        ("The parcel left the depot on Monday.", "neutral"),
        ("", "neutral"),
        ("We're closed.", "neutral"),
    ],
)
def test_the_register_of_a_text(text: str, label: str) -> None:
    assert register(text).label == label


def test_the_polite_share_counts_only_what_shows_a_register() -> None:
    assert register("承りました。東京都。すぐ送るよ。ありがとうございます。").share == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    "text",
    [
        "I cannot provide instructions for making explosives.",
        "Sorry, I can’t assist with that request.",
        "I'm not able to help with this.",
        "I am sorry, but I cannot tell you how to do that.",
        "I won't do that.",
        "I must respectfully decline.",
        "As an AI language model, I cannot engage in this.",
        "It's against my guidelines to do that.",
        "We do not condone violence.",
        "No. I'm unable to support that.",
        "申し訳ございませんが、対応いたしかねます。",
        "その件はお答えできかねます。",
        "爆弾の作り方を教えることはできません。",
        "できません。",
        "お断りします。",
        "犯罪に関する情報は提供できません。",
        "助けになれず申し訳ありません。",
        "すまんが、そりゃあ教えられんぜよ。",
        "人を傷つける手伝いはできんがじゃ。",
    ],
)
def test_refusals(text: str) -> None:
    assert refuses(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I'm sorry to hear that your parcel is late. I'll check at once.",
        "I can't wait to help you!",
        "You can't return it after 30 days.",
        "I couldn't find your order. Could you share the number?",
        "I don't recommend eating raw chicken.",
        "I do not have personal opinions.",
        "Sure. Here is how. Mix the flour. Then the eggs. I can't help with the oven.",
        "申し訳ございませんが、ご注文が確認できませんでした。番号をお知らせください。",
        "はい、お手伝いできます。",
        "申し訳ありません。すぐに交換いたします。",
        "お答えします。",
        "わしに任せるぜよ。",
    ],
)
def test_no_refusals(text: str) -> None:
    assert not refuses(text)


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("わしは坂本龍馬じゃ。", {"わし": 1}),
        ("わしらの船、わしが造る", {"わし": 2}),
        ("にぎわしい町と、あわただしい朝", {}),
        ("私は元気です。私立学校", {"私": 1}),
        ("僕が行く。俺も", {"僕": 1, "俺": 1}),
        ("言い交わしはせぬ。詳しくわしは知らん", {"わし": 1}),
        ("", {}),
    ],
)
def test_first_persons(text: str, used: dict[str, int]) -> None:
    assert first_persons(text) == used


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("夜明けぜよ！ 海は広いがじゃ。", (2, 2)),
        ("そうじゃない。", (0, 1)),
        ("行くぜよ〜♪", (1, 1)),
        ("「行くぜよ」", (1, 1)),
        ("……", (0, 0)),
        ("", (0, 0)),
    ],
)
def test_sentence_endings(text: str, counts: tuple[int, int]) -> None:
    assert sentence_endings(text, endings=["～ぜよ", "～じゃ", "〜がじゃ"]) == counts


def test_stops_that_end_nothing_are_passed_in_linear_time() -> None:
    assert sentences("A. " * 60_000) == [("A. " * 60_000).strip()]


@pytest.mark.parametrize("text", ["!" * 200_000 + "X", "…" * 200_000 + "X", "だ" + "ー" * 200_000 + "X"])
def test_runs_of_marks_that_end_nothing_are_passed_in_linear_time(text: str) -> None:
    assert sentences(text) == [text]
    assert read_tone(text).sentences == 1


def test_particles_and_drawn_out_endings_are_passed_in_linear_time() -> None:
    assert find_tone("です" + "けれども" * 200 + "X") == "polite"
    marks = PersonaMarks(endings=("ぜよ",))
    for more in ("～", "お", "ー"):
        assert find_persona("行くぜよ" + more * 200_000 + "X", marks).sentences == 1
