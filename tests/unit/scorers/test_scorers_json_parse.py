"""Strict, extracted, repaired, unparsed: never better than it is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.scorers.json_schema.parse import read_json, strict


@pytest.mark.parametrize(
    ("text", "stage", "repairs"),
    [
        ('{"a": 1}', "strict", ()),
        (" [1, 2]\n", "strict", ()),
        ('"text"', "strict", ()),
        ('```json\n{"a": 1}\n```', "extracted", ("fence",)),
        ('Here you are: {"a": 1}. Anything else?', "extracted", ("prose",)),
        ('See [1].\n{"a": 1}', "extracted", ("prose",)),
        ('{"a": 1,}', "repaired", ("trailing comma",)),
        ("{'a': 1}", "repaired", ("quotes",)),
        ("{a: 1}", "repaired", ("unquoted key",)),
        ('{"a": True}', "repaired", ("python literal",)),
        ('{"a": 1 // one\n}', "repaired", ("comment",)),
        ('{"a": "x\ny"}', "repaired", ("line break in string",)),
        ('{"a": [1, 2', "repaired", ("truncation",)),
        ('```json\n{"a": "b', "repaired", ("fence", "truncation")),
        ('{"a": 1} {"b": 2}', "unparsed", ()),
        ("prose {a} ... {smile}", "unparsed", ()),
        ("I cannot help with that.", "unparsed", ()),
        ("", "unparsed", ()),
        ('{"a": NaN}', "unparsed", ()),
        ('{"a": 1, "a": 2}', "unparsed", ()),
        ("[1e999]", "unparsed", ()),
        ("as in [1] and [2]", "unparsed", ()),
        ("[" * 100_000, "unparsed", ()),
        ("[" * 64 + "]" * 64, "strict", ()),
        ("[" * 65 + "]" * 65, "unparsed", ()),
        ('{"a":' * 500 + "1" + "}" * 500, "unparsed", ()),
        ('{"a": 1' + "0" * 308 + "}", "strict", ()),
        ('{"a": 1' + "0" * 309 + "}", "unparsed", ()),
        ("{'a': 1" + "0" * 309 + "}", "unparsed", ()),
        ('{"a": "\\ud83d\\ude00"}', "strict", ()),
        ('{"a": "\\ud83d"}', "unparsed", ()),
    ],
)
def test_every_answer_has_one_stage_and_named_repairs(text, stage, repairs):
    found = read_json(text)
    assert (found.stage, found.repairs) == (stage, repairs)


def test_a_number_cut_off_is_a_truncation_and_never_strict():
    assert read_json('{"price": 12').repairs == ("truncation",)


@settings(max_examples=300, deadline=None)
@given(st.text("{}[]\",:'` \n01eE.-tfn#/a\\", max_size=40))
def test_reading_never_raises_and_strict_means_json(text):
    found = read_json(text)
    if found.stage == "strict":
        assert strict(text) == found.value
    if found.stage == "repaired":
        assert found.repairs
