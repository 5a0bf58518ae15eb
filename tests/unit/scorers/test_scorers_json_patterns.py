"""Patterns mean what ECMA-262 says, and none runs without end."""

from __future__ import annotations

import pytest

from evalkit.core.exchange import Example, Response
from evalkit.scorers.gold import gold_of_example
from evalkit.scorers.json_schema import JsonSchema
from evalkit.scorers.schemas.ecma import BadPattern
from evalkit.scorers.schemas.patterns import TookTooLong, compile_pattern, is_found
from evalkit.scorers.schemas.validate import BadSchema, checker
from evalkit.scorers.tool_calls import ToolCalls

ENDLESS = r"^(([a-z])+.)+[A-Z]([a-z])+$"
LONG = "a" * 2000

MEANINGS = [
    (r"^\p{Lu}\p{Ll}+$", ["Éa"], ["éa"]),
    (r"^[\p{L}\d]+$", ["日本1"], ["１", "日 本"]),
    (r"^\p{Script=Hiragana}+$", ["ひらがな"], ["カタカナ"]),
    (r"^(?<year>\d{4})-\k<year>$", ["2024-2024"], ["2024-2025"]),
    (r"^(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\10$", ["abcdefghijj"], ["abcdefghija0"]),
    (r"(?<=\$[0-9]{1,3})x", ["$12x"], ["12x"]),
    (r"^.$", ["a", "😀", "\x85"], ["\n", "\r", "\u2028"]),
    (r"(?s)^.$", ["\n", "\u2028"], [""]),
    (r"\bcat\b", ["a cat.", "猫cat猫"], ["cats"]),
    (r"^\Bあ", ["あ"], ["aあ"]),
    (r"^\s$", ["\u3000", "\ufeff", "\t"], ["\x1c", "\x85", "a"]),
    (r"^[\D]$", ["１", "a"], ["1"]),
    (r"^[^\W]+$", ["aZ_9"], ["é"]),
    (r"^[\w-.]+$", ["a-.b"], ["あ", "a b"]),
    (r"^[a-]$", ["a", "-"], ["b"]),
    (r"^[a\-z]$", ["-", "z"], ["b"]),
    (r"^[a&&b]+$", ["a&b"], ["c"]),
    (r"^[[a]$", ["[", "a"], ["b"]),
    (r"^\u{1F600}|\ud83d\ude03$", ["😀", "😃"], ["x"]),
    (r"^[\u{1F600}-\u{1F64F}]$", ["😁"], ["x"]),
    (r"^\cJ\x41\0$", ["\nA\0"], ["JA0"]),
    (r"^(?:foo){e<=1}$", ["foo{e<=1}"], ["fo", "foo"]),
    (r"(?i)^straSSE$", ["StRasse"], ["x"]),
]
RUSTS_OWN = (r"\bcat\b", r"^\Bあ", r"(?s)^.$")
"""What jsonschema-rs reads as Rust does"""


@pytest.mark.parametrize(("pattern", "yes", "no"), MEANINGS)
def test_a_pattern_means_what_ecma_262_says(pattern, yes, no):
    assert [text for text in yes if not is_found(pattern, text)] == []
    assert [text for text in no if is_found(pattern, text)] == []


@pytest.mark.parametrize(("pattern", "yes", "no"), [m for m in MEANINGS if m[0] not in RUSTS_OWN])
def test_the_fast_backend_reads_it_so_too_where_it_reads_it(pattern, yes, no):
    pytest.importorskip("jsonschema_rs", reason="jsonschema-rs is an extra: pip install evalkit-gate[schema-fast]")
    try:
        fast = checker({"pattern": pattern}, backend="jsonschema-rs")
    except BadSchema:
        pytest.skip("jsonschema-rs refuses this pattern")
    slow = checker({"pattern": pattern})
    assert [bool(slow(text)) for text in yes + no] == [bool(fast(text)) for text in yes + no]


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        (r"\y", "no escape"),
        (r"(?#x)a", "opens no group"),
        (r"(?R)", "opens no group"),
        (r"a++", "repeated already"),
        (r"a{,3}", "two ways"),
        (r"[]a]", "two ways"),
        (r"[[:alpha:]]", "POSIX"),
        (r"[z-a]", "backwards"),
        (r"[a", "without an end"),
        (r"(a", "missing"),
        (r"(a)\2", "invalid group"),
        (r"\p{Nonsense}", "unknown property"),
        (r"\u{110000}", "beyond"),
        (r"((a{1000}){1000}){1000}", "written out"),
        ("a{99999999999999999999}", "written out"),
        ("(" * 3000 + ")" * 3000, "recursion"),
    ],
)
def test_what_is_no_pattern_is_an_error_of_the_schema_and_says_why(pattern, says):
    with pytest.raises(BadPattern, match=says):
        compile_pattern(pattern)
    for schema in ({"pattern": pattern}, {"patternProperties": {pattern: True}}):
        with pytest.raises(BadSchema, match=says):
            checker({"properties": {"a": schema}})


def test_patterns_of_names_are_read_alike():
    schema = {"patternProperties": {r"^\p{L}+$": {"type": "integer"}}, "additionalProperties": False}
    check = checker(schema)
    assert check({"名前": 1}) == ()
    assert [(v.keyword, v.pointer) for v in check({"名前": "x"})] == [("type", "/名前")]
    assert [v.keyword for v in check({"n1": 1})] == ["additionalProperties"]
    assert [v.pointer for v in checker({**schema, "additionalProperties": {"type": "null"}})({"n1": 1})] == ["/n1"]
    assert checker({"propertyNames": {"pattern": r"^\p{Lu}$"}})({"a": 1})


def test_names_that_only_ecma_262_matches_are_refused_where_jsonschema_matches_them_itself():
    schema = {"unevaluatedProperties": False, "patternProperties": {"^a$": True}}
    assert not checker(schema)({"a": 1})
    with pytest.raises(BadSchema, match="jsonschema-rs"):
        checker({**schema, "patternProperties": {r"^\p{L}$": True}})


@pytest.mark.parametrize(
    "schema",
    [{"pattern": ENDLESS}, {"not": {"pattern": ENDLESS}}, {"anyOf": [{"pattern": ENDLESS}, {"type": "string"}]}],
)
def test_an_endless_pattern_is_no_verdict(schema):
    with pytest.raises(TookTooLong, match="nested repetition"):
        checker(schema)(LONG)
    assert not checker({"pattern": ENDLESS})("ab.Cd")


@pytest.mark.parametrize("schema", [{"patternProperties": {ENDLESS: True}}, {"propertyNames": {"pattern": ENDLESS}}])
def test_nor_is_an_endless_pattern_of_names(schema):
    with pytest.raises(TookTooLong):
        checker(schema)({LONG: 1})


def test_the_fast_backend_that_gives_up_gives_no_verdict_either():
    pytest.importorskip("jsonschema_rs", reason="jsonschema-rs is an extra: pip install evalkit-gate[schema-fast]")
    gives_up = r"^(([a-z])+.)+\2[A-Z]([a-z])+$"
    for schema in ({"pattern": gives_up}, {"not": {"pattern": gives_up}}):
        with pytest.raises(TookTooLong, match="backtracking"):
            checker(schema, backend="jsonschema-rs")("a" * 60)


def test_gold_calls_that_no_pattern_ends_on_are_told():
    parameters = {"type": "object", "properties": {"code": {"type": "string", "pattern": ENDLESS}}}
    tool = {"type": "function", "function": {"name": "f", "parameters": parameters}}
    target = {"tool_calls": [{"name": "f", "arguments": {"code": LONG}}]}
    told = gold_of_example(ToolCalls(), Example(id="x", messages=(), target=target, tools=(tool,)))
    assert "nested repetition" in told[0]


def test_a_target_that_no_pattern_ends_on_is_told_and_an_answer_has_no_score():
    scorer = JsonSchema(schema={"properties": {"code": {"pattern": ENDLESS}}})
    target = {"code": LONG}
    assert "nested repetition" in scorer.check(Example(id="x", messages=(), target=target))[0]
    with pytest.raises(TookTooLong):
        scorer.score(
            Example(id="x", messages=(), target={"code": "ab.Cd"}),
            Response(example_id="x", text='{"code": "' + LONG + '"}'),
        )
