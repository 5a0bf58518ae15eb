"""The simple scorers: what each takes for right, and what it says of it."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evalkit.core.exchange import Example, Json, Message, Response, ToolCall
from evalkit.core.verdict import Score
from evalkit.scorers import build_scorer

ASK = (Message(role="user", content="q"),)
CALL = (ToolCall(name="f", arguments="{}"),)


def score(
    type: str, text: str | None, target: Json = None, *, tags: dict[str, str] | None = None, **options: Any
) -> Score:
    scorer = build_scorer(type, options, root=Path())
    example = Example(id="a", messages=ASK, target=target, tags=tags or {})
    return scorer.score(example, Response(example_id="a", text=text, repeat=2))


def value(type: str, text: str | None, target: Json = None, **options: Any) -> float | None:
    return score(type, text, target, **options).value


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
