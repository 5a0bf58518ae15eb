"""Many spellings of each kind of answer, as today's models write them: one row of variants/ each is read right."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from evalkit.core.exchange import Example, Message, Response
from evalkit.reading.calls import read_calls
from evalkit.reading.response import read_response
from evalkit.scorers import build_scorer
from evalkit.scorers.json_schema.parse import read_json
from evalkit.scorers.tool_calls.attempt import read_attempt
from evalkit.text.choices import read_choice
from evalkit.text.numbers import read_quantity
from evalkit.text.refusals import find_stance
from evalkit.text.register import register

VARIANTS = Path(__file__).parent / "variants"


@cache
def rows(kind):
    return [json.loads(line) for line in (VARIANTS / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines()]


def scores(kind, options, text, target=None):
    example = Example(id="a", messages=(Message(role="user", content="q"),), target=target)
    return build_scorer(kind, options, root=Path()).score(example, Response(example_id="a", text=text)).value


@pytest.mark.parametrize("row", rows("thoughts"), ids=range(len(rows("thoughts"))))
def test_what_was_thought_and_what_was_answered(row):
    read = read_response(Response(example_id="a", text=row["text"], finish=row["finish"]))
    assert (read.thought, read.text, read.ended) == (row["thought"], row["answer"], row["ended"])


@pytest.mark.parametrize("row", rows("calls_as_text")[1:], ids=range(len(rows("calls_as_text")) - 1))
def test_a_text_holds_exactly_its_calls(row):
    listed = [tool["function"] for tool in rows("calls_as_text")[0]["tools"]]
    tools = {tool["name"]: tool["parameters"] for tool in listed}
    read = read_response(Response(example_id="a", text=row["text"]))
    assert read_attempt(read, tools).decision in row["decision"]
    if "calls" in row:
        found = read_calls(read.text or "", tools)
        calls = [{"name": name, "arguments": _object(raw)} for name, raw in found[1].calls] if found else []
        assert calls == row["calls"]


def _object(raw):
    value = json.loads(raw) if raw else {}
    return json.loads(value) if isinstance(value, str) else value


@pytest.mark.parametrize("row", rows("numbers"), ids=range(len(rows("numbers"))))
def test_the_number_an_answer_states(row):
    if "equal" in row:
        assert scores("numeric", {}, row["text"], row["target"]) == row["equal"]
    elif "out_of" in row:
        read = read_quantity(row["text"])
        assert (float(read.value), read.out_of) == (row["means"], row["out_of"])
    elif row["number"] is None:
        assert read_quantity(row["text"]) is None
    else:
        assert scores("numeric", {}, row["text"], row["number"]) == 1


@pytest.mark.parametrize("row", rows("choices"), ids=range(len(rows("choices"))))
def test_the_choice_an_answer_decides_for(row):
    assert read_choice(row["text"], row["choices"]) == row["chosen"]


@pytest.mark.parametrize("row", rows("languages"), ids=range(len(rows("languages"))))
def test_the_language_an_answer_is_in(row):
    assert scores("language", {"expect": row["expect"]}, row["text"]) == row["right"]


@pytest.mark.parametrize("row", rows("refusals"), ids=range(len(rows("refusals"))))
def test_the_stance_an_answer_takes(row):
    assert find_stance(row["text"]).kind == row["kind"]


@pytest.mark.parametrize("row", rows("registers"), ids=range(len(rows("registers"))))
def test_the_register_an_answer_keeps(row):
    assert register(row["text"]).label == row["register"]


@pytest.mark.parametrize("row", rows("almost_json"), ids=range(len(rows("almost_json"))))
def test_almost_json_is_repaired_whole_or_not_at_all(row):
    found = read_json(row["text"])
    assert found.value == row["repaired"]
    assert (found.stage == "unparsed") == (row["repaired"] is None)
