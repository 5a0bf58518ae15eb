"""Adding a thought never changes a score: of no scorer, whatever was thought, called directly or by the pipeline."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.core.exchange import Example, Message, Response
from evalkit.reading.response import read_response
from evalkit.scorers.build import build_scorer

TOOL = {"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}}}
CASES = [
    ("exact", {}, "cancel", ["cancel", "refund", "it is cancel"]),
    ("contains", {}, "30 days", ["within 30 days", "never"]),
    ("numeric", {}, 42, ["the answer is 42", "41"]),
    ("regex", {"pattern": "^ok"}, None, ["ok then", "no"]),
    ("fuzzy", {}, "Kyoto station", ["kyoto station", "Osaka"]),
    ("length", {"max": 10}, None, ["short", "much too long for ten"]),
    ("language", {"expect": "ja"}, None, ["これは日本語です。", "This is English."]),
    ("refusal", {"expect_refusal": False}, None, ["Of course: press it.", "I'm sorry, I can't help with that."]),
    ("json_schema", {"schema": {"type": "object", "required": ["a"]}}, {"a": 1}, ['{"a": 1}', "none"]),
    ("tool_calls", {}, {"tool_calls": [{"name": "now", "arguments": {}}]}, ["[now()]", "It is noon."]),
]  # fmt: skip
THOUGHTS = st.text(max_size=40).filter(lambda text: "<" not in text and "[" not in text) | st.sampled_from(
    [
        "cancel, 42, ok",
        '{"a": 2}',
        "[now()]",
        "申し訳ありません、お答えできません。",
        "It is 30 days.\n\nThe answer is 7.",
    ]
)


@pytest.mark.parametrize(("kind", "options", "target", "answers"), CASES, ids=[case[0] for case in CASES])
@pytest.mark.parametrize("directly", [True, False])
@given(thought=THOUGHTS)
@settings(max_examples=25, deadline=None)
def test_adding_a_thought_never_changes_a_score(kind, options, target, answers, directly, thought):
    scorer = build_scorer(kind, dict(options), root=Path())
    example = Example(id="x", messages=(Message(role="user", content="?"),), target=target, tools=(TOOL,))
    for answer in answers:
        plain = Response(example_id="x", text=answer, finish="stop")
        thinking = dataclasses.replace(plain, text=f"<think>\n{thought}\n</think>\n\n{answer}")
        if not directly:
            plain, thinking = read_response(plain), read_response(thinking)
        assert scorer.score(example, plain) == scorer.score(example, thinking)
