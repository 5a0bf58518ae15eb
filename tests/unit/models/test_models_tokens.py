from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from pathlib import Path

import pytest

from evalkit.core.exchange import Message, Request, Sampling, ToolCall
from evalkit.models.tokens import count_tokens, encoding_name, estimate_tokens

SHARED = Path(os.environ.get("EVALKIT_SHARED_DATA", Path(__file__).parents[3].parent / "shared" / "data"))
RECORDED = SHARED / "openai_bodies" / "interactions.jsonl.gz"


def test_special_tokens_written_out_are_text():
    assert count_tokens("<|endoftext|>", "o200k_base") > 1


def test_a_longer_prompt_never_counts_less():
    def tokens(text):
        return estimate_tokens(Request(example_id="1", messages=(Message(role="user", content=text),)), "gpt-4o")

    assert tokens("") < tokens("短い") < tokens("短い質問です。" * 3)


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gpt-4", "cl100k_base"),
        ("gpt-4-0613", "cl100k_base"),
        ("gpt-4.1", "o200k_base"),
        ("gpt-4o", "o200k_base"),
        ("ft:gpt-3.5-turbo-0125:acme::x", "cl100k_base"),
        ("ft:davinci-002:acme::x", "cl100k_base"),
        ("gpt-5-mini", "o200k_base"),
    ],
)
def test_each_model_has_its_encoding(model, name):
    assert encoding_name(model) == name


@pytest.mark.skipif(not RECORDED.is_file(), reason="the recorded OpenAI bodies of ../shared/data are not here")
def test_counts_equal_what_the_server_billed():
    """Text and simple tools, OpenAI's own models: what was counted offline is what `usage` says."""
    off = Counter()
    for line in gzip.decompress(RECORDED.read_bytes()).splitlines():
        row = json.loads(line)
        asked, answered = row["request"]["body"], row["response"]["body"]
        if not plain_chat(asked, answered):
            continue
        tokens = estimate_tokens(request_of(asked), answered["model"])
        off[abs(tokens - answered["usage"]["prompt_tokens"])] += 1
    total = sum(off.values())
    assert total >= 100
    assert off[0] / total > 0.9
    assert sum(count for distance, count in off.items() if distance <= 8) >= total - 1  # one prompt held a picture


def plain_chat(asked, answered):
    if not isinstance(answered, dict) or answered.get("object") != "chat.completion" or not isinstance(asked, dict):
        return False
    own = answered["model"].startswith(("gpt-", "o1", "o3", "o4")) and "search" not in answered["model"]
    text = all(isinstance(m.get("content"), str | None) for m in asked["messages"])
    known = not {"response_format", "functions", "moderation"} & asked.keys()
    return own and text and known and bool(answered.get("usage"))


def request_of(asked):
    messages = tuple(
        Message(
            role=m["role"],
            content=m.get("content"),
            tool_calls=tuple(
                ToolCall(name=c["function"]["name"], arguments=c["function"]["arguments"])
                for c in m.get("tool_calls") or ()
            ),
        )
        for m in asked["messages"]
    )
    return Request(example_id="x", messages=messages, tools=tuple(asked.get("tools") or ()), sampling=Sampling())
