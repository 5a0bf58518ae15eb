"""Strict, extracted, repaired, unparsed: never better than it is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.scorers.json_schema.parse import read_json, strict
from evalkit.scorers.schemas.equal import is_same_json


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
        ('{"a": [1, 2]', "repaired", ("truncation",)),
        ('```json\n{"a": "b"\n```', "repaired", ("fence", "truncation")),
        ('{"a": [{"x": 1}, {"x": 2}', "repaired", ("truncation",)),
        ("{'a': 'it\\'s', \"b\": \"it\\'s\"}", "repaired", ("escape", "quotes")),
        ('{"a"：［１，２］，“b”：“c”｝', "repaired", ("full-width punctuation", "quotes")),
        ("｛\"0\":null,''：{}｝", "repaired", ("full-width punctuation", "quotes")),
        ('{"a":\u3000"b\tc"}', "repaired", ("spacing", "tab in string")),
        ('{名前: "x", $b: [True, None,],}', "repaired", ("python literal", "trailing comma", "unquoted key")),
        ('<think>maybe {"a": 2}</think>{"a": 1}', "extracted", ("thought",)),
        ("<think>hm</think>\n```json\n{'a': 1}\n```", "repaired", ("thought", "fence", "quotes")),
        ('<think>maybe {"a": 2}', "unparsed", ()),
        ("See [1]. {'a': 1}", "repaired", ("prose", "quotes")),
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


@pytest.mark.parametrize(
    "text",
    [
        '{"price": 12',  # it may go on
        '{"a": [1, 2',
        '{"a": "b',
        '{"ok": true, "pric',
        '{"a": "x",',
        '{"a": tru',
        '{"a": {',
        '{"a": 1, "a": 2,}',  # which one?
        "{a: 1, 'a': 2}",
        '{"n": NaN,}',
        '{"n": -Infinity,}',
        '{"n": undefined,}',
        '{"n": 1e400,}',
        '{"n": 007,}',
        '{"n": +1,}',
        '{"n": 1_000,}',
        '{"n": 1,000}',
        '{"a": "line1,\n"b": note",\n"c": 1}',  # a key would be invented
        '{"a": "say "hi" to them"}',
        "{'a': 'it's'}",
        '{"a": 1 "b": 2}',
        '{"a": 1, ...}',
        '{"a": 1,,}',
        '{"a": 1}}',
        '{"a": "x" "y"}',
        '{"a": u"x"}',
        '{"a": (1, 2)}',
        '{"a": "\\_",}',
        '{"a": “b"}',
        '[1, {"a": 1}, 2',  # part of a value is not the answer
        '"items": [{"a": 1}]',
        '{"a": 1}, "b": 2',
        "x {'a': 1} y {'b': 2}",
    ],
)
def test_no_repair_claims_what_would_be_a_guess(text):
    assert read_json(text).stage == "unparsed"


def test_where_the_answer_was_cut_nothing_is_closed_for_it():
    for text in ('{"a": "x"', '{"a": [1, 2]', '[{"a": true}'):
        assert read_json(text).repairs == ("truncation",)
        assert read_json(text, cut=True).stage == "unparsed"
    assert read_json("{'a': 'x'}", cut=True).stage == "repaired"


SHARED = Path(os.environ.get("EVALKIT_SHARED_DATA", Path(__file__).parents[3].parent / "shared" / "data"))
CASES = SHARED.parent / "cases" / "almost_json.jsonl"


@pytest.mark.skipif(not CASES.exists(), reason="the small cases of almost-JSON are not here")
def test_every_small_case_of_almost_json_is_read_as_it_should():
    wrong = []
    for line in CASES.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if read_json(row["text"]).value != row["repaired"]:
            wrong.append(row)
    assert wrong == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


def _written(value, dress):
    """A value as a careless writer puts it; `dress` draws what is careless."""
    if isinstance(value, dict):
        members = ["".join((_written(k, dress), dress(":", "：", " : "), _written(v, dress))) for k, v in value.items()]
        return dress("{", "｛", "{ # x\n") + _listed(members, dress) + dress("}", "｝")
    if isinstance(value, list):
        return dress("[", "［") + _listed([_written(v, dress) for v in value], dress) + dress("]", " ]")
    if value is None or isinstance(value, bool):
        return dress(json.dumps(value), str(value))
    if isinstance(value, str) and dress(False, True):
        body = json.dumps(value)[1:-1].replace("'", "\\'").replace('\\"', '"')
        return f"'{body}'" if "\\\\" not in body else json.dumps(value)
    return json.dumps(value, ensure_ascii=dress(True, False))


def _listed(members, dress):
    return dress(",", "，", ", ", ",\u3000").join(members) + (dress("", ",", " ,\n") if members else "")


@settings(max_examples=300, deadline=None)
@given(JSON.filter(lambda v: isinstance(v, (dict, list)) and v), st.randoms(use_true_random=False))
def test_what_a_careless_writer_meant_is_read_whole_or_not_at_all(value, random):
    text = _written(value, lambda *choices: random.choice(choices))
    found = read_json(text)
    assert found.stage in ("strict", "repaired"), text
    assert is_same_json(found.value, value)
    for end in range(1, len(text)):
        part = read_json(text[:end], cut=True)
        assert part.stage == "unparsed" or is_same_json(part.value, value) or part.repairs == ("prose",), text[:end]


@settings(max_examples=300, deadline=None)
@given(st.text("{}[]\",:'` \n01eE.-tfn#/a\\", max_size=40))
def test_reading_never_raises_and_strict_means_json(text):
    found = read_json(text)
    if found.stage == "strict":
        assert strict(text) == found.value
    if found.stage == "repaired":
        assert found.repairs
