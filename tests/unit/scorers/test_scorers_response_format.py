"""`generate.response_format` held against what the API takes, before anything is spent."""

from __future__ import annotations

import pytest

from evalkit.scorers.schemas.response_format import response_format_faults

GOOD = {
    "type": "object",
    "properties": {"a": {"type": "string"}, "b": {"$ref": "#/$defs/b"}},
    "required": ["a", "b"],
    "additionalProperties": False,
    "$defs": {"b": {"type": ["integer", "null"]}},
}


def _asked(schema, **more):
    return {"type": "json_schema", "json_schema": {"name": "ticket", "strict": True, "schema": schema, **more}}


def test_what_the_api_takes_is_silent():
    assert response_format_faults(_asked(GOOD)) == ()
    assert response_format_faults({"type": "json_object"}) == ()
    loose = {"type": "object", "properties": {"a": {}}}
    assert response_format_faults(_asked(loose, strict=False)) == ()


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"type": "json_shema"}, "did you mean 'json_schema'"),
        ({"type": "json_schema"}, "json_schema is missing"),
        ({"type": "json_schema", "schema": GOOD}, "stand under `json_schema`"),
        (_asked(GOOD, name="no spaces"), "a name is 1 to 64"),
        (_asked(None), "schema is missing"),
        (_asked({**GOOD, "additionalProperties": True}), "/: additionalProperties must be false"),
        (_asked({**GOOD, "required": ["a"]}), "missing: b"),
        (_asked({**GOOD, "properties": {"a": {"oneOf": [{"type": "string"}]}, "b": {}}}), "oneOf is not supported"),
        (_asked({"type": "objct"}), "/type: 'objct'"),
        (_asked({**GOOD, "properties": {"a": {"$ref": "#/$defs/x"}, "b": {}}}), "leads nowhere"),
    ],
)
def test_what_it_would_refuse_is_told_with_its_place(asked, says):
    assert says in " | ".join(response_format_faults(asked))


def test_a_fine_tuned_model_takes_less():
    short = {**GOOD, "properties": {"a": {"type": "string", "pattern": "^a"}, "b": {"type": "integer"}}}
    assert response_format_faults(_asked(short)) == ()
    assert "fine-tuned" in response_format_faults(_asked(short), fine_tuned=True)[0]
