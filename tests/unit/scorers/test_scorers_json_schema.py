"""The scorer of structured answers."""

from __future__ import annotations

import json

import pytest

from evalkit.core.exchange import Example, Response
from evalkit.scorers.json_schema import JsonSchema

TICKET = {
    "type": "object",
    "properties": {
        "priority": {"enum": ["high", "low"]},
        "product": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["priority"],
    "additionalProperties": False,
}
GOLD = {"priority": "high", "product": "coffee grinder", "tags": ["loud", "new"]}


def score(answer, target=GOLD, **options):
    text = answer if isinstance(answer, str) or answer is None else json.dumps(answer)
    return JsonSchema(**{"schema": TICKET, **options}).score(
        Example(id="x", messages=(), target=target), Response(example_id="x", text=text)
    )


def test_valid_and_equal_passes():
    found = score(GOLD)
    assert found.value == 1.0
    assert {
        found.parts[p]
        for p in ("parsed", "extracted", "repaired", "valid", "exact", "precision", "recall", "f1", "key_order")
    } == {1.0}
    assert found.parts["fields.tags"] == 1.0


def test_valid_is_not_enough_where_there_is_a_target():
    found = score({"priority": "low"})
    assert (found.value, found.parts["valid"], found.parts["exact"]) == (0.0, 1.0, 0.0)
    assert score({"priority": "low"}, target=None).value == 1.0


def test_errors_are_told_by_keyword_and_pointer():
    found = score({"priority": "urgent", "tags": ["a", 2], "colour": "red"})
    assert {(e["keyword"], e["pointer"]) for e in found.evidence["errors"]} == {
        ("enum", "/priority"),
        ("type", "/tags/1"),
        ("additionalProperties", ""),
    }
    assert found.parts["valid"] == 0.0


def test_an_unparsed_answer_scores_0_everywhere():
    for answer in (None, "", "no JSON here", '{"priority": "high"'):
        found = score(answer)
        parts = {name: value for name, value in found.parts.items() if name not in ("extracted", "repaired")}
        assert (found.value, set(parts.values())) == (0.0, {0.0})


def test_a_fence_counts_only_where_the_suite_forgives_it():
    fenced = "```json\n" + json.dumps(GOLD) + "\n```"
    assert score(fenced).value == 0.0
    assert score(fenced).parts["extracted"] == 1.0
    assert score(fenced, parse="extracted").value == 1.0
    comma = json.dumps(GOLD)[:-1] + ",}"
    assert score(comma, parse="extracted").value == 0.0
    assert score(comma, parse="repaired").value == 1.0
    assert score(comma).evidence["repairs"] == ["trailing comma"]


def test_extra_leaves_cost_precision_and_missing_ones_recall():
    more = score({**GOLD, "tags": ["loud", "new", "red"]})
    assert (more.parts["precision"], more.parts["recall"]) == (0.8, 1.0)
    fewer = score({"priority": "high"})
    assert (fewer.parts["precision"], fewer.parts["recall"]) == (1.0, 0.25)


def test_agreeing_on_nothing_earns_nothing_unless_the_suite_says_so():
    target = {"priority": "high", "product": "", "tags": []}
    wrong = {"priority": "low", "product": "", "tags": []}
    found = score(wrong, target=target)
    assert (found.parts["f1"], found.parts["fields.tags"], found.parts["fields.product"]) == (0.0, None, None)
    counted = score(wrong, target=target, empty_counts=True)
    assert counted.parts["fields.tags"] == 1.0
    assert counted.parts["f1"] == pytest.approx(2 / 3)
    assert score("gibberish", target=target, empty_counts=True).parts["f1"] == 0.0


@pytest.mark.parametrize("target", [{}, {"names": []}, {"person": {"name": "", "age": None}}, "", [{}], "null"])
def test_agreeing_that_there_is_nothing_at_all_earns_nothing_and_inventing_costs(target):
    graded = ("exact", "precision", "recall", "f1")
    agreed = score(target if target != "" else '""', target=target, schema=None)
    assert (agreed.value, {agreed.parts[name] for name in graded}) == (None, {None})
    assert (agreed.parts["parsed"], agreed.parts["valid"]) == (1.0, 1.0)
    assert "empty_counts" in agreed.reason
    for other in ({"names": ["Sakamoto"]}, "gibberish"):
        found = score(other, target=target, schema=None)
        assert (found.value, {found.parts[name] for name in graded}) == (0.0, {0.0})


def test_saying_nothing_is_rewarded_where_the_suite_says_so():
    right = score({"names": []}, target={"names": []}, schema={}, empty_counts=True)
    assert (right.value, right.parts["exact"], right.parts["f1"]) == (1.0, 1.0, 1.0)
    invented = score({"names": ["Sakamoto"]}, target={"names": []}, schema={}, empty_counts=True)
    assert (invented.value, invented.parts["exact"], invented.parts["f1"]) == (0.0, 0.0, 0.0)


def test_a_field_that_is_empty_inside_earns_nothing():
    target = {"name": "Ryoma", "home": {"town": "", "street": None}, "tags": [""]}
    schema = {"properties": {"home": {"type": "object"}, "tags": {"type": "array"}}}
    found = score(target, target=target, schema=schema)
    assert (found.value, found.parts["fields.home"], found.parts["fields.tags"]) == (1.0, None, None)
    assert score(target, target=target, schema=schema, empty_counts=True).parts["fields.home"] == 1.0


def test_null_that_is_missing_is_empty_and_ignored_values_are_not():
    assert score({}, target={"a": None}, schema={}, null_is_missing=True).value is None
    assert score({"a": 2}, target={"a": 1}, schema={}, fields={"a": "ignore"}).value == 1.0


def test_fields_have_matchers_of_their_own():
    close = {"priority": "high", "product": "coffee-grinder", "tags": ["new", "loud"]}
    assert score(close).value == 0.0
    assert score(close, fields={"product": {"fuzzy": 0.9}, "tags": {"list": "set"}}).value == 1.0
    assert score({**close, "product": "tea"}, fields={"product": "ignore", "tags": "set"}).value == 1.0


@pytest.mark.parametrize(
    ("target", "answer", "fields"),
    [
        ({"a": " "}, {"a": ""}, {"a": "text"}),
        ({"a": "x"}, {"a": ""}, {"a": {"fuzzy": 0.0}}),
        ({"a": {"any_of": ["x", ""]}}, {"a": ""}, {}),
        ({"a": {"any_of": ["x", "y"]}}, {"a": "y"}, {}),
        ({"a": {"set": [1, 2]}}, {"a": [2, 1]}, {}),
        ({"a": 1, "b": ""}, {"a": 1, "b": "anything"}, {"b": "contains"}),
    ],
)
def test_what_a_matcher_calls_equal_is_one_leaf_of_both(target, answer, fields):
    found = score(answer, target=target, schema={}, fields=fields)
    assert [found.parts[name] for name in ("exact", "precision", "recall", "f1")] == [1.0] * 4


def test_lists_of_objects_meet_by_their_key():
    target = {"items": [{"id": 1, "n": 2}, {"id": 2, "n": 5}]}
    answer = {"items": [{"id": 2, "n": 5}, {"id": 1, "n": 3}]}
    by_position = score(answer, target=target, schema={})
    by_key = score(answer, target=target, schema={}, fields={"items": {"list": {"by": "id"}}})
    assert (by_position.parts["recall"], by_key.parts["recall"]) == (0.0, 0.75)
    assert by_key.evidence["wrong"] == [{"path": "items[].n", "expected": 2, "got": 3}]
    tolerant = {"items": {"list": {"by": "id"}}, "items[].n": {"number": 1}}
    assert score(answer, target=target, schema={}, fields=tolerant).value == 1.0


def test_null_is_not_missing_unless_the_suite_says_so():
    target = {"a": 1, "b": None}
    assert score({"a": 1}, target=target, schema={}).value == 0.0
    assert score({"a": 1}, target=target, schema={}, null_is_missing=True).value == 1.0


def test_key_order_is_a_part_of_its_own():
    turned = dict(reversed(GOLD.items()))
    assert (score(turned).value, score(turned).parts["key_order"]) == (1.0, 0.0)


def test_every_part_is_declared_and_declared_parts_are_there():
    scorer = JsonSchema(schema=TICKET, fields={"product": "text"})
    declared = {metric.part for metric in scorer.metrics()}
    assert declared == {"", *score(GOLD, fields={"product": "text"}).parts}


def test_gold_that_breaks_its_schema_is_told():
    example = Example(id="x", messages=(), target={"priority": "urgent"})
    assert "breaks the schema" in JsonSchema(schema=TICKET).check(example)[0]
    assert JsonSchema(schema=TICKET).check(Example(id="x", messages=(), target=GOLD)) == ()


def test_a_bad_option_is_told_by_name():
    with pytest.raises(ValueError, match=r"fields\.a: unknown matcher 'exat' \(did you mean 'exact'"):
        JsonSchema(fields={"a": "exat"})
    with pytest.raises(ValueError, match=r"schema: .*strnig"):
        JsonSchema(schema={"type": "strnig"})


def test_what_was_read_and_what_was_expected_stand_in_one_spelling():
    scorer = JsonSchema(schema={"type": "object"})
    example = Example(id="x", messages=(), target={"b": 5, "a": "あ"})
    read = scorer.score(example, Response(example_id="x", text='{"a": "あ", "b": 5.0}'))
    assert read.parts["read"] == 1.0
    assert read.reading == read.expected == '{"a":"あ","b":5}'
    unread = scorer.score(example, Response(example_id="x", text="{'a': 'あ', 'b': 5}"))
    assert (unread.parts["read"], unread.reading, unread.expected) == (0.0, None, read.expected)
    mended = JsonSchema(parse="repaired").score(example, Response(example_id="x", text="{'a': 'あ', 'b': 5}"))
    assert (mended.parts["read"], mended.reading) == (1.0, read.expected)
    long = {"a": "x" * 5_000}
    texts = [scorer.score(example, Response(example_id="x", text=json.dumps({**long, "b": n}))).reading for n in (1, 2)]
    assert all(len(text) < 2_100 for text in texts)
    assert texts[0] != texts[1]


def test_an_answer_that_was_cut_is_not_closed_for_it():
    scorer = JsonSchema(schema={"type": "object"}, parse="repaired")
    example = Example(id="x", messages=())
    text = '{"a": "x"'
    assert scorer.score(example, Response(example_id="x", text=text, finish="stop")).value == 1.0
    for cut in ({"finish": "length"}, {"ended": "cut"}):
        assert scorer.score(example, Response(example_id="x", text=text, **cut)).value == 0.0
