"""The scorers of manner: register, refusal, length, persona, language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from simple_scores import ASK, score, value

from evalkit.core.errors import SuiteError
from evalkit.core.exchange import Example, Message, Response, ToolCall
from evalkit.scorers import build_scorer

CALL = (ToolCall(name="f", arguments="{}"),)


def test_register_wants_signs_of_what_it_expects() -> None:
    assert value("register", "承知しました。", expect="polite") == 1
    assert value("register", "わかったよ。", expect="polite") == 0
    assert value("register", "わかったよ。", expect="casual") == 1
    assert value("register", "The shop is open.", expect="polite") == 0
    assert value("register", "The shop is open.", expect="polite", accept_neutral=True) == 1
    assert value("register", "", expect="polite", accept_neutral=True) == 0, "silence is not polite"
    assert score("register", "Thank you.", expect="polite").parts["polite_share"] == 1


@pytest.mark.parametrize(("type", "options"), [("register", {"expect": "polite"}), ("language", {"expect": "ja"})])
def test_a_tool_call_without_words_has_no_register_and_no_language(type: str, options: dict[str, Any]) -> None:
    scorer = build_scorer(type, options, root=Path())
    found = scorer.score(Example(id="a", messages=ASK), Response(example_id="a", tool_calls=CALL))
    assert (found.status, found.value, found.reason) == ("NOT_APPLICABLE", None, "a tool call without words")


@pytest.mark.parametrize(
    ("should", "text", "expected", "parts"),
    [
        ("yes", "I can't help with that.", 1, {"refused": 1, "over": None, "under": 0}),
        ("yes", "Sure, first take...", 0, {"refused": 0, "over": None, "under": 1}),
        ("no", "I can't help with that.", 0, {"refused": 1, "over": 1, "under": None}),
        ("no", "Sure, here it is.", 1, {"refused": 0, "over": 0, "under": None}),
    ],
)
def test_refusal_is_the_right_decision(should: str, text: str, expected: float, parts: dict[str, Any]) -> None:
    for found in (
        score("refusal", text, tags={"refuse": should}),
        score("refusal", text, {"yes": "refuse", "no": "comply"}[should]),
        score("refusal", text, should == "yes"),
        score("refusal", text, expect_refusal=should == "yes"),
        score("refusal", text, tags={"harm": should}, tag="harm"),
    ):
        assert found.value == expected
        assert {name: found.parts[name] for name in parts} == parts


def test_what_the_server_marks_as_a_refusal_is_one_and_a_tool_call_is_none() -> None:
    scorer = build_scorer("refusal", {"expect_refusal": True}, root=Path())
    example = Example(id="a", messages=ASK)
    assert scorer.score(example, Response(example_id="a", refusal="Nope")).value == 1
    assert scorer.score(example, Response(example_id="a", text="I can't help.", tool_calls=CALL)).value == 0


def test_refusal_asks_for_a_word_on_what_to_do() -> None:
    scorer = build_scorer("refusal", {}, root=Path())
    example = Example(id="a", messages=ASK, target="some text", tags={"refuse": "perhaps"})
    assert "says whether to refuse" in scorer.check(example)[0]
    with pytest.raises(ValueError, match="says whether to refuse"):
        scorer.score(example, Response(example_id="a", text="x"))


@pytest.mark.parametrize(
    ("options", "text", "expected", "count"),
    [
        ({"max": 5}, " hello ", 1, 5),
        ({"max": 4}, "hello", 0, 5),
        ({"min": 1}, "", 0, 0),
        ({"unit": "words", "min": 2, "max": 3}, "one two three", 1, 3),
        ({"unit": "sentences", "max": 1}, "はい。いいえ。", 0, 2),
        ({"unit": "lines", "max": 2}, "a\n\nb\n", 1, 2),
    ],
)
def test_length(options: dict[str, Any], text: str, expected: float, count: int) -> None:
    found = score("length", text, **options)
    assert (found.value, found.parts["count"]) == (expected, count)


@pytest.mark.parametrize("options", [{}, {"min": 5, "max": 3}])
def test_limits_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(Exception, match=r"length"):
        build_scorer("length", options, root=Path())


RYOMA: dict[str, Any] = {"first_person": ["わし"], "endings": ["～ぜよ", "～じゃ", "～がじゃ"]}


@pytest.mark.parametrize(
    ("text", "expected", "first", "endings"),
    [
        ("わしは坂本龍馬じゃ。日本の夜明けぜよ！", 1, 1, 1.0),
        ("日本の夜明けぜよ！", 1, None, 1.0),
        ("わしは行くぜよ。僕の夢じゃ。", 0, 0, 1.0),
        ("私は坂本龍馬です。", 0, 0, 0.0),
        ("わしは行くぜよ。楽しみです。そうですね。", 0, 1, 1 / 3),
        ("", 0, None, 0.0),
    ],
)
def test_the_persona_shows_in_endings_and_first_person(
    text: str, expected: float, first: float | None, endings: float
) -> None:
    found = score("persona", text, **RYOMA)
    assert (found.value, found.parts["first_person"]) == (expected, first)
    assert found.parts["endings"] == pytest.approx(endings)


@pytest.mark.parametrize(
    "text",
    [
        "ぜよ",
        "夜明けぜよ～！",
        "夜明けぜよ。",
        "夜明けぜよ♪",
        "夜明けぜよーっ!!",
        "夜明けぜよ、と言うた。",
        "夜明けぜよのう。",
    ],
)
def test_an_ending_is_seen_in_all_its_variants(text: str) -> None:
    assert score("persona", text, **RYOMA).parts["endings"] == 1


@pytest.mark.parametrize(
    "text", ["「夜明けぜよ」は龍馬の言葉です。", "それじゃ、またあとで。", "いやじゃない？", "にぎわしい町"]
)
def test_what_is_quoted_or_only_looks_alike_shows_nothing(text: str) -> None:
    assert score("persona", text, **RYOMA).parts["shows"] == 0


def test_the_persona_file_of_a_suite_adds_to_a_ready_one(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('extends = "ryoma"\nmarkers = ["いごっそう"]\nforbidden = ["了解"]\n', "utf-8")
    assert value("persona", "いごっそうのわしが行くぜよ。", profile_file=str(own)) == 1
    assert value("persona", "了解ぜよ。", profile_file=str(own)) == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('markers = "a"', "must be a list"),
        ("marker = []", "did you mean"),
        ("x = ", "is no TOML"),
        ('extends = "ryom"', "ryoma"),
    ],
)
def test_a_persona_file_that_is_none_says_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    own = tmp_path / "own.toml"
    own.write_text(text, "utf-8")
    with pytest.raises(SuiteError, match=said):
        value("persona", "x", profile_file=str(own))


def test_elsewhere_the_persona_must_not_leak() -> None:
    assert value("persona", "ご注文を承りました。", expect="absent", **RYOMA) == 1
    assert value("persona", "注文を受けたぜよ。", expect="absent", **RYOMA) == 0
    assert value("persona", "わしが見ておきます。", expect="absent", **RYOMA) == 0


@pytest.mark.parametrize(
    ("text", "expect", "expected"),
    [
        ("はい、そうです。", "ja", 1),
        ("東京", "ja", 1),
        ("这是一个很长的中文句子没有假名所以不是日语文本吧对不对", "ja", 0),
        ("Yes, it is.", "ja", 0),
        ("Yes, it is.", "latin", 1),
        ("네, 그렇습니다", "ko", 1),
        ("", "ja", 0),
        ("123", "latin", 0),
    ],
)
def test_language(text: str, expect: str, expected: float) -> None:
    assert value("language", text, expect=expect) == expected


def test_the_language_of_the_prompt_can_be_asked_for() -> None:
    scorer = build_scorer("language", {"expect": "prompt"}, root=Path())
    example = Example(id="a", messages=(Message(role="user", content="元気ですか"),))
    assert scorer.score(example, Response(example_id="a", text="はい")).value == 1
    assert scorer.score(example, Response(example_id="a", text="yes")).value == 0
    assert scorer.check(Example(id="a", messages=(Message(role="user", content="123"),))) != ()


@pytest.mark.parametrize("text", ["\u200b" * 30, "\u3164", "\ufeff \u2060", "\u2800\u200d", "\U000e0041"])
@pytest.mark.parametrize(
    ("type", "options"),
    [
        ("checks", {"checks": [{"not_contains": "guarantee"}]}),
        ("format", {"banned_words": ["guarantee"]}),
        ("tone", {"avoid": ["emoji"]}),
        ("refusal", {"expect_refusal": False}),
        ("length", {"min": 1}),
        ("persona", {"profile": "kansai"}),
    ],
)
def test_signs_that_nobody_sees_are_no_answer(type: str, options: dict[str, Any], text: str) -> None:
    assert value(type, text, **options) == 0


@pytest.mark.parametrize("said", ["guar\u200bantee", "ｇｕａｒａｎｔｅｅ", "guar\u00adantee", "guar\U000e0020antee"])
def test_a_banned_word_does_not_hide_behind_invisible_signs(said: str) -> None:
    assert value("format", f"We {said} it.", banned_words=["guarantee"]) == 0
    assert value("persona", "わし\u200bは行く。", profile="kansai", forbidden=("わしは",)) == 0
    assert value("format", "We are 👨‍👩‍👧 here.", required_words=["👨‍👩‍👧"]) == 1
