"""Matchers chosen through the resolved schema: integers, enums, ids, code, defaults, nulls, wherever they stand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.scorers.schemas.resolve import view_of
from evalkit.scorers.tool_calls.nouns import Call, ExpectedCall
from evalkit.scorers.tool_calls.pair import pair
from evalkit.scorers.values.compare import matches
from evalkit.scorers.values.expected import read_expected

BIG = 9_007_199_254_740_993  # 2**53 + 1: the float of it is another integer
COLOUR = {"type": "string", "enum": ["Red", "Blue"]}
CODE = {"type": "string", "pattern": "^[A-Za-z]{2}-[0-9]+$"}

WHOLE = [
    {},
    {"type": "number"},
    {"type": "integer"},
    {"type": ["integer", "null"]},
    {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    {"oneOf": [{"type": "null"}, {"$ref": "#/$defs/n"}], "$defs": {"n": {"type": "integer"}}},
    {"allOf": [{"$ref": "#/$defs/n"}], "$defs": {"n": {"type": "number"}}},
    {"$ref": "#/definitions/a", "definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"type": "integer"}}},
]


@pytest.mark.parametrize("schema", WHOLE)
def test_two_integers_are_equal_when_they_are_the_same_integer_whatever_the_schema(schema):
    assert matches(BIG, BIG, schema)
    assert matches(5, 5.0, schema)
    for other in (BIG - 1, BIG + 1, float(BIG), -BIG, str(BIG), True):
        assert not matches(BIG, other, schema), other
    assert not matches(1_000_000_000, 1_000_000_001, schema)
    assert not matches(10**400, 10**400 + 1, schema)


def test_an_integer_may_be_written_in_any_way():
    for schema in ({"type": "integer"}, {"type": "number"}, {}):
        assert matches(10**23, 1e23, schema)
        assert matches(1500, 1.5e3, schema)
        assert not matches(1500, 1500.5, schema)
    assert not matches(1500, 1500.0000000001, {"type": "integer"})


def test_a_tolerance_is_for_numbers_that_are_not_whole():
    assert matches(0.3, 0.1 + 0.2, {})
    assert matches(3, 2.9999999999999996, {"type": "number"})
    assert matches(1e15 + 0.3, 1e15 + 0.3 + 0.125, {})  # what a sum of such numbers loses
    for want, got in ((1_000_000_000, 1_000_000_000.5), (123_456_789.12, 123_456_789.13), (0.1, 0.2), (1e-12, 2e-12)):
        assert not matches(want, got, {"type": "number"}), (want, got)
    assert matches({"number": BIG, "tolerance": 1}, BIG + 1, {})
    assert not matches({"number": BIG, "tolerance": 1}, BIG + 2, {})
    assert not matches({"number": str(BIG)}, str(BIG - 1), {})
    assert matches({"number": 1.0, "tolerance": 0.1}, 1.1, {})  # as written: 1.1 is 11/10


EXACT = [
    (COLOUR, "Red", "red"),
    ({"const": "Red"}, "Red", "red"),
    ({"anyOf": [COLOUR, {"type": "null"}]}, "Red", "RED"),
    ({"allOf": [{"type": "string"}, {"oneOf": [COLOUR, {"enum": ["Green"]}]}]}, "Green", "green"),
    ({"$ref": "#/$defs/c", "$defs": {"c": {"$ref": "#/$defs/d"}, "d": COLOUR}}, "Blue", "blue"),
    ({"enum": [0.3, 1]}, 0.3, 0.1 + 0.2),
    ({"enum": ["東京", "大阪"]}, "東京", "東京都"),
    ({"enum": ["2024-05-01"]}, "2024-05-01", "令和6年5月1日"),
    (CODE, "Ab-1", "ab-1"),
    ({"type": ["string", "null"], "pattern": "^[a-z]"}, "ab-1", "ab-1 "),
    ({"anyOf": [{"type": "integer"}, CODE]}, "Ab-1", "AB-1"),
    ({"if": {"type": "string"}, "then": CODE}, "Ab-1", "ab-1"),
    *(
        ({"type": "string", "format": name}, one, other)
        for name, one, other in (
            ("uuid", "2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2EB8AA08-AA98-11EA-B4AA-73B441D16380"),
            ("uri", "https://example.com/A", "https://example.com/a"),
            ("uri-reference", "docs/A", "docs/a"),
            ("email", "Taro@example.com", "taro@example.com"),
            ("byte", "QUJD", "qujd"),
            ("sku", "AB 1", "ab 1"),
        )
    ),
    ({"type": "string", "contentEncoding": "base64"}, "QUJD", "qujd"),
    ({}, "https://example.com/A", "https://example.com/a"),
    ({"type": "string"}, "/home/Taro/notes.txt", "/home/taro/notes.txt"),
    ({"type": "string"}, "C:\\Users\\Taro", "c:\\users\\taro"),
    ({"type": "string"}, "src/Main.java", "src/main.java"),
    ({"type": "string"}, "~/Work", "~/work"),
]


@pytest.mark.parametrize(("schema", "want", "other"), EXACT)
def test_enums_patterns_ids_paths_and_urls_are_exact_wherever_they_stand(schema, want, other):
    definitions = {k: schema[k] for k in ("$defs",) if k in schema}
    nested = {
        **definitions,
        "type": "object",
        "properties": {"list": {"anyOf": [{"type": "array", "items": {"type": "array", "items": schema}}, {}]}},
        "patternProperties": {"^x_": schema},
        "additionalProperties": schema,
    }
    assert matches(want, want, schema)
    assert not matches(want, other, schema)
    for member, wrap in (("list", lambda v: [[v]]), ("x_1", lambda v: v), ("else", lambda v: v)):
        assert matches({member: wrap(want)}, {member: wrap(want)}, nested)
        assert not matches({member: wrap(want)}, {member: wrap(other)}, nested), member


def test_of_alternatives_those_speak_that_the_expected_value_fits():
    either = {"anyOf": [{"enum": ["auto"]}, {"type": "string"}]}
    assert not matches("auto", "AUTO", either)
    assert matches("Tokyo Tower", "tokyo  tower", either)
    shapes = {
        "oneOf": [
            {"properties": {"kind": {"const": "code"}, "v": CODE}, "required": ["kind"]},
            {"properties": {"kind": {"const": "word"}, "v": {"type": "string"}}, "required": ["kind"]},
        ]
    }
    assert not matches({"kind": "code", "v": "Ab-1"}, {"kind": "code", "v": "ab-1"}, shapes)
    assert matches({"kind": "word", "v": "Ab-1"}, {"kind": "word", "v": "ab-1"}, shapes)
    assert matches({"kind": "word", "v": {"any_of": ["x", "Ab-1"]}}, {"kind": "word", "v": "ab-1"}, shapes)


def test_a_schema_that_contains_itself_is_read_as_deep_as_the_value():
    tree = {
        "type": "object",
        "properties": {"id": CODE, "children": {"type": "array", "items": {"$ref": "#"}}},
    }
    want = {"id": "Ab-1", "children": [{"id": "Ab-2", "children": [{"id": "Ab-3"}]}]}
    assert matches(want, want, tree)
    assert not matches(want, {"id": "Ab-1", "children": [{"id": "Ab-2", "children": [{"id": "AB-3"}]}]}, tree)
    assert not matches("Ab", "ab", {"$ref": "#/$defs/a", "$defs": {"a": {"enum": ["Ab"], "$ref": "#/$defs/a"}}})


def test_prefix_items_have_schemas_of_their_own_and_the_rest_shares_one():
    for tuple_ in (
        {"prefixItems": [{"type": "string"}, COLOUR], "items": CODE},
        {"items": [{"type": "string"}, COLOUR], "additionalItems": CODE},
    ):
        assert matches(["a b", "Red", "Ab-1", "Ab-2"], ["A  B", "Red", "Ab-1", "Ab-2"], tuple_)
        for at, other in ((1, "red"), (2, "ab-1"), (3, "ab-2")):
            got = ["a b", "Red", "Ab-1", "Ab-2"]
            got[at] = other
            assert not matches(["a b", "Red", "Ab-1", "Ab-2"], got, tuple_)


CODE_LINES = "def f(x):\n    if x:\n        return 1\n    return 2"


@pytest.mark.parametrize(
    ("got", "same"),
    [
        (CODE_LINES + "\n", True),
        (CODE_LINES.replace("\n", "\r\n"), True),
        (CODE_LINES.replace("if x:", "if  x: "), True),
        (CODE_LINES.replace("    return 2", "        return 2"), False),
        (CODE_LINES.replace("\n", " "), False),
        (CODE_LINES.replace("        return 1", "\treturn 1"), False),
        (CODE_LINES.replace("\n    return 2", "\n\n    return 2"), False),
        (CODE_LINES.replace("f(x)", "F(x)"), False),
    ],
)
def test_line_breaks_indentation_and_the_case_of_code_count(got, same):
    assert matches(CODE_LINES, got, {"type": "string"}) is same
    assert matches(got, CODE_LINES, {"type": "string"}) is same


def test_white_space_is_folded_inside_a_line_and_in_names_by_option():
    assert matches("Hello  World", " hello　world ", {})
    assert not matches("田中　太郎", "田中太郎", {})
    for name in ({"person": "田中　太郎"}, {"place": "田中　太郎"}, {"text": "田中　太郎", "spaces": "drop"}):
        assert matches(name, "田中太郎", {})
        assert not matches(name, "田中次郎", {})
    assert matches({"place": "東京都 港区"}, "東京都港区", {})
    assert matches({"place": "東京"}, "東京都", {})
    assert not matches({"place": "New York"}, "NewYork", {})


def _verdicts(wanted, got, schema):
    want = ExpectedCall(name="f", arguments={k: read_expected(v) for k, v in wanted.items()})
    found = pair(want, Call(name="f", raw="", arguments=got), schema)
    return {a.name: a.verdict for a in found.arguments}, found.fine


LIMIT = {"type": "integer", "default": 10}


@pytest.mark.parametrize(
    "limit",
    [LIMIT, {"$ref": "#/$defs/l"}, {"allOf": [{"$ref": "#/$defs/l"}]}, {"$ref": "#/$defs/l", "title": "how many"}],
)
def test_a_default_excuses_only_an_optional_parameter(limit):
    schema = {"type": "object", "properties": {"q": {}, "limit": limit}, "$defs": {"l": LIMIT}}
    strict = {**schema, "required": ["q", "limit"]}
    assert _verdicts({"q": "a", "limit": 10}, {"q": "a"}, schema) == ({"q": "right", "limit": "default"}, True)
    assert _verdicts({"q": "a", "limit": 10}, {"q": "a"}, strict) == ({"q": "right", "limit": "missing"}, False)
    assert _verdicts({"q": "a"}, {"q": "a", "limit": 10}, schema)[1]
    assert not _verdicts({"q": "a"}, {"q": "a", "limit": 10}, strict)[1]
    assert not _verdicts({"q": "a", "limit": 9}, {"q": "a"}, schema)[1]
    assert matches({"o": {"limit": 10}}, {"o": {}}, {"properties": {"o": schema}, "$defs": {"l": LIMIT}})
    assert not matches({"o": {"limit": 10}}, {"o": {}}, {"properties": {"o": strict}, "$defs": {"l": LIMIT}})


def test_a_default_inside_a_branch_is_not_the_parameters_own():
    schema = {"properties": {"n": {"anyOf": [{"type": "integer", "default": 3}, {"type": "null"}]}}}
    assert not _verdicts({"n": 3}, {}, schema)[1]


def test_null_members_as_tables_hold_them_are_no_arguments():
    schema = {"properties": {"city": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city"]}
    assert _verdicts({"city": "x", "days": None, "tz": None}, {"city": "x"}, schema) == (
        {"city": "right", "days": "omitted", "tz": "omitted"},
        True,
    )
    assert not _verdicts({"city": "x", "days": None}, {"city": "x", "days": 3}, schema)[1]
    assert not _verdicts({"city": None}, {}, schema)[1]
    unit = {"properties": {"unit": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": "c"}}}
    assert not _verdicts({"unit": None}, {}, unit)[1]  # null is a value there, and not what absence means
    assert _verdicts({"unit": None}, {"unit": None}, unit)[1]
    assert matches({"a": {"b": 1, "c": None}}, {"a": {"b": 1}}, {"properties": {"a": {"properties": {"b": {}}}}})


def test_a_null_that_the_schema_allows_says_what_leaving_out_says():
    for null in (
        {"type": ["string", "null"]},
        {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/none"}]},
        {"type": "string", "nullable": True},
    ):
        schema = {"properties": {"o": {"properties": {"x": null}}, "x": null}, "$defs": {"none": {"type": "null"}}}
        assert _verdicts({}, {"x": None}, schema) == ({"x": "default"}, True)
        assert matches({"o": {}}, {"o": {"x": None}}, schema)
    assert not _verdicts({}, {"x": None}, {"properties": {"x": {"type": "string"}}})[1]
    assert not _verdicts({}, {"x": None}, {"properties": {"x": {"type": ["string", "null"], "enum": ["a"]}}})[1]


SCALAR = (
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(-9, 9) | st.text("aB/.\n １東", max_size=4)
)
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "y", "k"]), inner, max_size=3),
    max_leaves=6,
)
SCHEMA = st.recursive(
    st.sampled_from(
        [
            {},
            {"type": "string"},
            {"type": "integer"},
            {"type": ["number", "null"]},
            {"enum": ["a", "B", 1]},
            {"pattern": "^a"},
            {"format": "date"},
            {"format": "uri"},
            {"$ref": "#/$defs/d"},
            {"default": 1},
        ]
    ),
    lambda inner: st.one_of(
        st.builds(lambda a, b: {"anyOf": [a, b]}, inner, inner),
        st.builds(lambda a, b: {"allOf": [a], "oneOf": [b, {"type": "null"}]}, inner, inner),
        st.builds(lambda a: {"items": a}, inner),
        st.builds(
            lambda a, b: {"properties": {"x": a}, "patternProperties": {"^y": b}, "required": ["x"]}, inner, inner
        ),
        st.builds(lambda a, b: {"if": a, "then": b, "else": {"additionalProperties": a}}, inner, inner),
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(VALUE, SCHEMA)
def test_every_value_matches_itself_under_every_schema(value, schema):
    root = {**schema, "$defs": {"d": {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/d"}}, {"enum": ["a"]}]}}}
    assert matches({"value": value}, value, root)


@settings(max_examples=200, deadline=None)
@given(st.integers(), st.integers(), SCHEMA)
def test_different_integers_never_match(left, right, schema):
    assert matches(left, right, {**schema, "$defs": {"d": {"type": "number"}}}) is (left == right)


def test_what_a_schema_takes_is_what_a_validator_takes_for_the_keywords_that_tell_branches_apart():
    schema = {
        "type": "object",
        "properties": {"a": {"anyOf": [{"const": 1}, CODE]}, "b": {"items": COLOUR}},
        "required": ["a"],
        "additionalProperties": False,
    }
    view = view_of(schema)
    for good in ({"a": 1}, {"a": 1.0, "b": ["Red"]}, {"a": "Ab-1"}):
        assert view.takes(good)
    for bad in ({}, {"a": 2}, {"a": True}, {"a": 1, "b": ["red"]}, {"a": 1, "c": 1}, [1], None):
        assert not view.takes(bad)


def test_matchers_out_of_a_table_lose_the_nulls_of_other_rows():
    assert matches({"any_of": ["a", "b"], "regex": None, "optional": None}, "b", {})
    assert not matches({"any_of": ["a", "b"], "regex": None}, "c", {})
    assert read_expected({"value": None, "optional": True, "any_of": None}).value is None
    assert read_expected({"exact": None}).kind == "exact"
