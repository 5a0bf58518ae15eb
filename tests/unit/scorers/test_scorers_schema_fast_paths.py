"""Ways around the library that must never say yes where it says no."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from evalkit.scorers.schemas.accept import acceptor
from evalkit.scorers.schemas.plain import is_plainly_good
from evalkit.scorers.schemas.validate import checker

TEXT = st.sampled_from(["a", "object", "string", "strnig", "2024-05-01", "^a$", "(", ""])
WORD = st.sampled_from(["type", "format", "pattern", "description", "$ref", "title", "multipleOf", "made_up"])
BOUND = st.sampled_from(["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "exclusiveMinimum"])
NUMBER = st.integers(-3, 3) | st.sampled_from([0.5, 2.0, True, "1"])
KIND = st.sampled_from(["object", "array", "string", "integer", "number", "boolean", "null"])
LEAF = st.one_of(
    st.booleans(),
    st.fixed_dictionaries({"type": KIND}),
    st.fixed_dictionaries({"type": st.lists(KIND, max_size=3)}),
    st.dictionaries(WORD, TEXT, max_size=3),
    st.dictionaries(BOUND, NUMBER, max_size=2),
    st.fixed_dictionaries({"enum": st.lists(TEXT | NUMBER, max_size=3)}),
)
NAME = st.sampled_from(["a", "b", "pattern"])
SCHEMA = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.fixed_dictionaries(
            {"type": KIND, "properties": st.dictionaries(NAME, inner, max_size=3)},
            optional={"required": st.lists(NAME, max_size=3), "additionalProperties": inner, "description": TEXT},
        ),
        st.fixed_dictionaries({"items": inner}, optional={"type": KIND, "minItems": st.integers(0, 2)}),
        st.fixed_dictionaries({"anyOf": st.lists(inner, max_size=2)}, optional={"allOf": st.lists(inner, max_size=2)}),
        st.fixed_dictionaries({"oneOf": st.lists(inner, min_size=1, max_size=2)}, optional={"not": inner}),
    ),
    max_leaves=6,
)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-4, 4) | st.sampled_from([0.5, 2.0, 1e300]) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAME, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(SCHEMA)
def test_a_schema_that_is_plainly_good_meets_its_meta_schema(schema):
    if is_plainly_good(schema):
        Draft202012Validator.check_schema(schema)


@settings(max_examples=500, deadline=None)
@given(SCHEMA, st.lists(VALUE, min_size=1, max_size=4))
def test_what_is_accepted_at_once_is_valid(schema, values):
    accepts = acceptor(schema)
    if accepts is None:
        return
    validator = Draft202012Validator(schema)
    for value in values:
        assert not accepts(value) or validator.is_valid(value), value


def test_the_meta_schema_is_asked_where_it_is_not_plain():
    for bad in ({"type": ["string", "string"]}, {"properties": {"a": {"minLength": -1}}}, {"required": ["a", "a"]}):
        assert not is_plainly_good(bad)
        try:
            Draft202012Validator.check_schema(bad)
        except SchemaError:
            continue
        raise AssertionError(bad)


def test_accepted_at_once_or_not_a_value_has_the_same_verdict():
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer", "minimum": 1}, "s": {"type": "string", "pattern": "^a"}},
        "required": ["n"],
        "additionalProperties": False,
    }
    check = checker(schema)
    assert check({"n": 1.0, "s": "ab"}) == ()
    for bad in ({}, {"n": True}, {"n": 0}, {"n": 1.5}, {"n": 1, "s": "b"}, {"n": 1, "x": 1}, [], None):
        assert check(bad), bad
