"""A published LoRA against its base on structured output: 96 held-out items, raw outputs of both."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from evalkit.core.exchange import Example, Response
from evalkit.scorers.json_schema import JsonSchema

SHARED = Path(os.environ.get("EVALKIT_SHARED_DATA", Path(__file__).parents[2].parent / "shared" / "data"))
NEWS = SHARED / "news_lora"
SCHEMA = {
    "type": "object",
    "required": ["relevance_score", "summary", "key_insights", "company_names"],
    "additionalProperties": False,
    "properties": {
        "relevance_score": {"type": "integer", "minimum": 1, "maximum": 10},
        "summary": {"type": "string"},
        "key_insights": {"type": "array", "items": {"type": "string"}},
        "company_names": {"type": "array", "items": {"type": "string"}},
    },
}

pytestmark = pytest.mark.skipif(
    not NEWS.is_dir(),
    reason="the published outputs are not here: set EVALKIT_SHARED_DATA to the folder that holds them",
)


def _rows(name):
    return [json.loads(line) for line in (NEWS / name).read_text(encoding="utf-8").splitlines()]


def _sums(name, **options):
    """Sums of every part over the 96 items. The raw text repeats the chat; the answer stands behind the last role."""
    scorer = JsonSchema(schema=SCHEMA, lists="set", **options)
    sums: Counter[str] = Counter()
    for index, (row, gold) in enumerate(zip(_rows(name), _rows("news_test_data.jsonl"), strict=True)):
        target = json.loads(gold["messages"][-1]["content"])
        text = row["generated_text"].rsplit("assistant\n\n", 1)[-1]
        example = Example(id=str(index), messages=(), target=target)
        score = scorer.score(example, Response(example_id=str(index), text=text))
        sums[""] += score.value
        sums.update({part: value for part, value in score.parts.items() if value is not None})
    return sums


def test_the_base_parses_5_of_96_and_is_never_valid():
    sums = _sums("baseline_raw_predictions.jsonl", parse="extracted")
    assert (sums["extracted"], sums["valid"], sums[""]) == (5, 0, 0)
    assert sums["parsed"] == 0  # not one of the five stands alone: four in a fence, one in prose


def test_the_base_earns_nothing_for_fields_both_leave_empty():
    for parse in ("strict", "extracted", "repaired"):
        sums = _sums("baseline_raw_predictions.jsonl", parse=parse)
        assert [sums[f"fields.{name}"] for name in ("summary", "key_insights", "company_names")] == [0, 0, 0]
        assert sums["f1"] == 0.0  # the published F1 of .396 is credit for "nothing equals nothing"


def test_the_lora_parses_and_is_valid_96_of_96():
    sums = _sums("tinker_raw_predictions.jsonl")
    assert (sums["parsed"], sums["valid"]) == (96, 96)
    assert 0 < sums["exact"] < 96
