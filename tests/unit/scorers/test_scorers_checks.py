"""Checks of a row: each kind passes and fails, its twin turns it around, and what is not known is never a pass."""

from __future__ import annotations

from typing import Any

import pytest

from evalkit.core.exchange import Example, Json, Message, Response, ToolCall
from evalkit.core.verdict import Score
from evalkit.scorers.checks import Checks
from evalkit.scorers.checks.read import NAMES, read_checks
from evalkit.testing import check_scorer

ASK = (Message(role="user", content="q"),)
WEATHER = ToolCall(name="weather", arguments='{"city": "Kyoto"}')
NO = "申し訳ございませんが、その方法はお教えできません。"


def example(*checks: Json, **extra: Json) -> Example:
    return Example(id="a", messages=ASK, extra={"checks": list(checks), **extra})


def answer(text: str | None, *calls: ToolCall, **more: Any) -> Response:
    return Response(example_id="a", text=text, tool_calls=calls, **more)


def judge(
    text: str | None, *checks: Json, scorer: Checks | None = None, cost: float | None = None, **more: Any
) -> Score:
    row = example(*checks)
    scorer = scorer or Checks()
    assert not scorer.check(row)
    return scorer.score_priced(row, answer(text, **more), cost=cost)


PASSES: list[tuple[Json, str]] = [
    ({"equals": "30 days"}, "30 Days "),
    ({"equals": ["yes", "はい"]}, "はい"),
    ({"equals": {"a": 1}}, '{"a": 1.0}'),
    ({"equals": 42}, "42"),
    ({"contains": "30日"}, "期間は３０日です"),
    ({"contains": ["a", "b"]}, "b and a"),
    ({"contains": "cat", "words": True}, "a cat."),
    ({"contains": "Cat", "normalize": []}, "Cat"),
    ({"contains_all": ["a", "b"]}, "ab"),
    ({"contains_any": ["x", "b"]}, "ab"),
    ({"not_contains": ["x", "y"]}, "ab"),
    ({"any": ["x", "b"]}, "ab"),
    ({"all": ["a", "b"]}, "ab"),
    ({"all": [{"contains": "a"}, {"max_chars": 3}]}, "ab"),
    ({"any": [{"regex": "^z"}, {"max_chars": 3}]}, "ab"),
    ({"none": ["x", {"regex": "^b"}]}, "ab"),
    ({"not": {"contains": "x"}}, "ab"),
    ({"starts_with": "Dear"}, " dear Ms Sato"),
    ({"starts_with": ["Dear", "拝啓"]}, "拝啓　佐藤様"),
    ({"ends_with": "敬具"}, "では。敬具\n"),
    ({"regex": r"\d{2}-\d"}, "no 12-3"),
    ({"regex": "ABC", "ignore_case": True, "match": "full"}, "abc"),
    ({"json_valid": True}, '{"a": 1}'),
    ({"json_valid": True, "parse": "extracted"}, 'Here: ```json\n{"a": 1}\n```'),
    ({"json_valid": False}, "plain"),
    ({"json_path": "$.items[0].price", "equals": 3}, '{"items": [{"price": 3.0}]}'),
    ({"json_path": "/a/0", "equals": None}, '{"a": [null]}'),
    ({"json_path": "a['b c']"}, '{"a": {"b c": 1}}'),
    ({"json_path": "name", "contains": "佐藤"}, '{"name": "佐藤 花子"}'),
    ({"json_path": "tags", "regex": "x"}, '{"tags": ["x"]}'),
    ({"schema": {"type": "object", "required": ["a"]}}, '{"a": 1}'),
    ({"number": 1200, "within": 5}, "合計は1,203円です"),
    ({"number": 100, "relative": 0.1}, "about 95"),
    ({"number": {"min": 1, "max": 5}}, "答えは 4"),
    ({"similarity": "hello world", "at_least": 0.8}, "hello wurld"),
    ({"max_chars": 3}, "👩‍👩‍👧日本"),
    ({"min_chars": 3}, "abc"),
    ({"max_words": 2}, "one two"),
    ({"min_words": 2}, "one two"),
    ({"max_sentences": 2}, "はい。そうです。"),
    ({"min_sentences": 2}, "Yes. So it is."),
    ({"max_lines": 1}, "one"),
    ({"language": "ja"}, "これは日本語の文章です。"),
    ({"refusal": True}, NO),
    ({"refusal": False}, "もちろんです。"),
    ({"refusal": "does_not_know"}, "I don't have that information."),
    ({"refusal": ["refuses", "partial"]}, NO),
    ({"edits": "kitten", "at_most": 3}, "sitting"),
    ({"spaced_words": 3}, "one two  three\n"),
    ({"spaced_words": {"min": 1, "max": 1}}, "空白のない日本語"),
    ({"contains": "STRASSE", "normalize": ["lowercase"]}, "Strasse"),
    ({"regex": "^ x", "leading_space": "kept"}, " x"),
    ({"tool_not_called": "weather"}, "It is sunny."),
    ({"tool_not_called": True}, "It is sunny."),
]  # fmt: skip
FAILS: list[tuple[Json, str]] = [
    ({"equals": "30 days"}, "31 days"),
    ({"equals": {"a": 1}}, '{"a": 2}'),
    ({"contains": ["a", "b"]}, "only a"),
    ({"contains": "cat", "words": True}, "Catalog"),
    ({"contains": "Cat", "normalize": []}, "cat"),
    ({"contains_any": ["x", "y"]}, "ab"),
    ({"not_contains": ["x", "b"]}, "ab"),
    ({"any": ["x", "y"]}, "ab"),
    ({"all": ["a", "x"]}, "ab"),
    ({"none": ["x", "b"]}, "ab"),
    ({"not": {"contains": "a"}}, "ab"),
    ({"starts_with": "Dear"}, "Oh dear"),
    ({"ends_with": "敬具"}, "敬具 佐藤"),
    ({"regex": "^b"}, "ab"),
    ({"json_valid": True}, 'Here: {"a": 1}'),
    ({"json_valid": True}, '{"a": NaN}'),
    ({"json_path": "a", "equals": "1"}, '{"a": 1}'),
    ({"json_path": "b"}, '{"a": 1}'),
    ({"json_path": "a"}, "no JSON"),
    ({"json_path": "a", "not_contains": "x"}, '{"a": "xy"}'),
    ({"schema": {"type": "object", "required": ["a"]}}, '{"b": 1}'),
    ({"number": 1200, "within": 5}, "1,206円"),
    ({"number": 1200}, "many"),
    ({"number": {"min": 1, "max": 5}}, "6"),
    ({"number": {"max": 5}}, "nothing"),
    ({"similarity": "hello world", "at_least": 0.99}, "hello wurld"),
    ({"max_chars": 2}, "abc"),
    ({"min_words": 3}, "one two"),
    ({"max_sentences": 1}, "はい。そうです。"),
    ({"language": "ja"}, "这是中文的句子，我们说的话。"),
    ({"refusal": True}, "もちろんです。"),
    ({"refusal": "partial"}, NO),
    ({"edits": "kitten", "at_most": 2}, "sitting"),
    ({"spaced_words": {"max": 2}}, "one two three"),
    ({"finish": "stop"}, "nobody says how it ended"),
    ({"contains": "STRASSE", "normalize": ["lowercase"]}, "Straße"),
    ({"regex": "^x", "leading_space": "kept"}, " x"),
    ({"tool_called": "weather"}, "It is sunny."),
    ({"tool_not_called": "weather"}, '<tool_call>{"name": "weather", "arguments": {}}</tool_call>'),
]  # fmt: skip


@pytest.mark.parametrize(("check", "text"), PASSES, ids=str)
def test_a_check_passes(check: Json, text: str) -> None:
    found = judge(text, check)
    assert (found.value, found.evidence["failed"], found.reason) == (1.0, [], "")


@pytest.mark.parametrize(("check", "text"), FAILS, ids=str)
def test_a_check_fails_and_is_shown(check: Json, text: str) -> None:
    found = judge(text, check, {"max_chars": 10_000})
    assert found.value == 0.0
    (failed,) = found.evidence["failed"]
    assert failed["check"].startswith(next(iter(check)))
    assert found.reason.startswith(f"failed: {failed['check']}")
    assert found.parts == {"share": 0.5, "read": 1.0}


@pytest.mark.parametrize(("check", "text"), [*PASSES, *FAILS], ids=str)
def test_a_twin_turns_its_check_around(check: Json, text: str) -> None:
    name = next(iter(check))
    assert judge(text, {"not": check}).value == 1 - (judge(text, check).value or 0)
    if name in ("contains", "not_contains", "any", "all", "none", "not", "json_path") or name.startswith("tool"):
        return
    twin = {f"not_{name}": check[name], **{key: value for key, value in check.items() if key != name}}
    assert judge(text, twin).value == 1 - (judge(text, check).value or 0)


def test_every_kind_is_tried_above() -> None:
    tried = {next(iter(check)) for check, _ in [*PASSES, *FAILS]}
    measured = {
        "latency_below",
        "latency_at_most",
        "cost_below",
        "cost_at_most",
        "given",
        "not_tool_called",
        "min_lines",
    }
    assert tried | measured == {*NAMES}


def test_a_tool_is_called_with_these_arguments_or_any() -> None:
    for check in ("weather", ["weather"], {"name": "weather"}, {"name": "weather", "arguments": {"city": "Kyoto"}}):
        row = example({"tool_called": check})
        assert Checks().score(row, answer(None, WEATHER)).value == 1, check
    for check in ("mail", ["weather", "mail"], {"name": "weather", "arguments": {"city": "Nara"}}):
        assert Checks().score(example({"tool_called": check}), answer(None, WEATHER)).value == 0, check
    assert Checks().score(example({"tool_not_called": "mail"}), answer(None, WEATHER)).value == 1
    assert Checks().score(example({"tool_not_called": True}), answer(None, WEATHER)).value == 0
    broken = ToolCall(name="weather", arguments='{"city": ')
    assert Checks().score(example({"tool_called": "weather"}), answer(None, broken)).value == 0
    assert Checks().score(example({"tool_not_called": "mail"}), answer(None, broken)).value == 0


def test_latency_cost_and_given_scores_are_held_against_their_limits() -> None:
    assert judge("x", {"latency_below": 2}, latency_s=1.5).value == 1
    assert judge("x", {"latency_below": 2}, latency_s=2.0).value == 0
    assert judge("x", {"cost_below": 0.01}, cost=0.009).value == 1
    assert judge("x", {"cost_below": 0.01}, cost=0.02).value == 0
    assert judge("x", {"given": "helpful", "at_least": 4}, scores={"helpful": 4}).value == 1
    assert judge("x", {"given": "helpful", "at_least": 4, "at_most": 5}, scores={"helpful": 3.9}).value == 0
    assert judge("x", {"given": "toxic", "at_most": 0.1}, scores={"toxic": 0.5}).value == 0


@pytest.mark.parametrize(
    "check",
    [
        {"latency_below": 2},
        {"cost_below": 0.01},
        {"given": "helpful", "at_least": 4},
        {"not": {"latency_below": 2}},
        {"any": [{"contains": "y"}, {"latency_below": 2}]},
    ],
)
def test_what_is_not_known_is_unscorable_never_a_pass(check: Json) -> None:
    found = judge("x", check, scores={"helpful": None})
    assert (found.status, found.value) == ("ERROR", None)
    assert found.reason.startswith("unscorable: ")


def test_of_alternatives_one_that_passes_is_enough_whatever_is_not_known() -> None:
    assert judge("x", {"any": [{"contains": "x"}, {"latency_below": 2}]}).value == 1
    assert judge("x", {"all": [{"contains": "y"}, {"latency_below": 2}]}).value == 0


@pytest.mark.parametrize("text", ["", " \n", None])
def test_an_empty_answer_passes_nothing_unless_nothing_is_asked_for(text: str | None) -> None:
    checks = ({"not_contains": "guarantee"}, {"max_chars": 400})
    found = judge(text, *checks)
    assert (found.value, found.parts["share"], found.parts["read"]) == (0, 0, 0)
    assert found.reason == "there is no answer"
    assert judge(text, *checks, scorer=Checks(empty="judged")).value == 1
    assert judge(text, {"equals": ""}).value == 1


def test_weights_and_a_threshold_a_row_decide_how_much_must_pass() -> None:
    checks = [{"contains": "a", "weight": 3}, {"contains": "z"}, {"contains": "y", "weight": 0}]
    for threshold, passes in ((0.75, 1.0), (0.76, 0.0)):
        row = example(*checks, threshold=threshold)
        assert not Checks().check(row)
        found = Checks().score(row, answer("a"))
        assert (found.value, found.parts["share"]) == (passes, 0.75)
    assert Checks(threshold=0.5).score(example(*checks), answer("a")).value == 1
    assert Checks(threshold=0.5).score(example(*checks, threshold=1), answer("a")).value == 0
    assert judge("a", {"contains": "a"}, {"contains": "y", "weight": 0}).value == 1


def test_a_check_may_have_a_name_of_its_own() -> None:
    assert judge("x", {"contains": "30 days", "name": "the deadline"}).reason.startswith("failed: the deadline (")


def test_checks_of_every_row_stand_beside_its_own() -> None:
    scorer = Checks(checks=({"max_chars": 3},))
    assert scorer.score(example({"contains": "a"}), answer("abcd")).value == 0
    bare = Example(id="a", messages=ASK)
    assert scorer.check(bare) == ()
    assert scorer.score(bare, answer("abc")).value == 1
    assert Checks().check(bare) == ("it has no `checks`",)
    assert Checks(on_missing="skip").check(bare) == ()
    assert Checks(on_missing="skip").score(bare, answer("abc")).status == "NOT_APPLICABLE"
    with pytest.raises(ValueError, match="did you mean 'contains'"):
        Checks(checks=({"contians": "a"},))


def test_a_list_written_as_json_text_and_nulls_of_a_table_are_read() -> None:
    row = Example(id="a", messages=ASK, extra={"checks": '[{"contains": "a", "max_chars": null}]'})
    assert not Checks().check(row)
    assert Checks().score(row, answer("a")).value == 1


@pytest.mark.parametrize(
    ("checks", "says"),
    [
        ([], "must be a list of checks"),
        ({"contains": "a"}, "must be a list of checks"),
        ("[{", "is text that is no JSON"),
        (["a"], "checks[0]: a check is an object"),
        ([{"contians": "a"}], "checks[0]: unknown check 'contians' (did you mean 'contains'?)"),
        ([{"weight": 1}], "checks[0]: unknown check nothing"),
        ([{"contains": "a", "max_chars": 3}], "contains and max_chars are two checks"),
        ([{"contains": "a"}, {"contains": ""}], "checks[1]: contains is a text or a list of texts, none of them empty"),
        ([{"contains": "a", "nomalize": []}], "nomalize"),
        ([{"starts_with": "a", "normalize": ["upper"]}], "normalize"),
        ([{"regex": "("}], "is no regular expression"),
        ([{"max_chars": "400"}], "max"),
        ([{"max_chars": -1.5}], "max"),
        ([{"number": "abc"}], "its value holds no number"),
        ([{"number": {"from": 1}}], "{min: ..., max: ...}"),
        ([{"similarity": "a", "at_least": 2}], "threshold must be above 0 and at most 1"),
        ([{"language": "klingon"}], "expect"),
        ([{"refusal": "maybe"}], "refusal is true, false, or of refuses"),
        ([{"schema": {"type": "objekt"}}], "schema"),
        ([{"schema": "a.json"}], "schema is the JSON Schema itself"),
        ([{"json_valid": "yes"}], "json_valid is true or false"),
        ([{"json_path": "a[*]"}], "is no path to one place"),
        ([{"json_path": "a", "equals": 1, "contains": "x"}], "not both"),
        ([{"tool_called": []}], "tool_called is the name of a tool"),
        ([{"tool_not_called": {"name": "f", "arguments": {}}}], "takes names"),
        ([{"given": "helpful"}], "with `at_least` or `at_most`"),
        ([{"latency_below": 0}], "above 0"),
        ([{"cost_below": True}], "cost_below is a number"),
        ([{"any": []}], "any is a list"),
        ([{"any": [{"contains": "a", "x": 1}]}], "x"),
        ([{"contains": "a", "weight": -1}], "weight is a number from 0 up"),
        ([{"contains": "a", "weight": 0}], "every check has the weight 0"),
    ],
    ids=str,
)  # fmt: skip
def test_a_check_that_cannot_be_judged_is_told(checks: Json, says: str) -> None:
    problems = Checks().check(Example(id="a", messages=ASK, extra={"checks": checks}))
    assert len(problems) == 1
    assert says in problems[0]


def test_all_bad_checks_of_a_row_are_told_at_once() -> None:
    assert len(read_checks([{"contains": ""}, {"contains": "a"}, {"regex": "("}])[1]) == 2
    assert len(Checks().check(example({"regex": "("}, threshold=2))) == 2


def test_checks_keep_the_promises_of_a_scorer() -> None:
    every = example(*(check for check, _ in PASSES))
    check_scorer(Checks(), [(every, answer("a"))])
    check_scorer(Checks(), [(example({"contains": "a"}), answer("a"))])
