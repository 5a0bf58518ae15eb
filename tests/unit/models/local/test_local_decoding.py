"""Decoding keeps the marks of calls and thoughts, and drops what the template itself adds."""

from __future__ import annotations

import pytest

pytest.importorskip("tokenizers")

from evalkit.core.exchange import Request
from evalkit.models.local.decoding import decoder
from evalkit.models.local.prompt import Prompt
from evalkit.models.local.responses import written_response
from evalkit.models.local.sampling import Draw, Row
from evalkit.reading.calls import read_calls
from evalkit.reading.response import read_response
from evalkit.reading.tokens import marks_among

DRAW = Draw(temperature=0.0, top_p=1.0, uniform=lambda: 0.0)


def tokenizer_with(special: list[str]):
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE(vocab={t: i for i, t in enumerate(["<s>", "</s>", *special, *letters])}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(["<s>", "</s>", *special])
    return PreTrainedTokenizerFast(
        tokenizer_object=made, bos_token="<s>", eos_token="</s>", additional_special_tokens=special
    )


def said(special: list[str], text: str) -> str:
    tokenizer = tokenizer_with(special)
    return decoder(tokenizer)(tokenizer(text, add_special_tokens=False)["input_ids"])


@pytest.mark.parametrize(
    ("special", "text", "kept"),
    [
        (["[TOOL_CALLS]", "[ARGS]", "[INST]"], '[TOOL_CALLS]f[ARGS]{"a": 1}</s>', '[TOOL_CALLS]f[ARGS]{"a": 1}'),
        (["<|python_tag|>", "<|eom_id|>"], "<|python_tag|>f.call(a=1)<|eom_id|>", "<|python_tag|>f.call(a=1)"),
        (["<|tool_call_start|>", "<|tool_call_end|>", "<|im_end|>"],
         "<|tool_call_start|>[f(a=1)]<|tool_call_end|><|im_end|>",
         "<|tool_call_start|>[f(a=1)]<|tool_call_end|>"),
        (["<|channel|>", "<|message|>", "<|call|>", "<|constrain|>"],
         '<|channel|>commentary to=functions.f <|constrain|>json<|message|>{"a": 1}<|call|>',
         '<|channel|>commentary to=functions.f <|constrain|>json<|message|>{"a": 1}<|call|>'),
        (["<|im_start|>", "<|im_end|>"], "東京<|im_end|>", "東京"),
    ],
)  # fmt: skip
def test_marks_of_calls_survive_and_ends_of_turns_do_not(special, text, kept):
    found = said(special, text)
    assert found == kept
    if "f" in kept:
        read = read_calls(found, {"f": {}})
        assert read is not None
        assert read[1].calls[0][0] == "f"


def test_ends_of_messages_stay_only_where_there_are_channels():
    assert marks_among(["<|end|>", "<|start|>"]) == frozenset()
    assert marks_among(["<|end|>", "<|channel|>"]) == {"<|end|>", "<|channel|>"}


def answered(text: str, opens: str) -> Row:
    prompt = Prompt(request=Request(example_id="x", messages=()), ids=(1, 2), opens=opens)
    row = Row(prompt=prompt, draw=DRAW, limit=99, ends=frozenset(), stops=(), decode=lambda ids: "".join(map(chr, ids)))
    row.tokens, row.finish = [ord(letter) for letter in text], "stop"
    return row


def test_a_thought_that_the_template_opened_is_one_and_its_tokens_are_counted():
    response = written_response(answered("hm, 4</think>4", "<think>"), served_model="m")
    read = read_response(response)
    assert (read.text, read.thought) == ("4", "hm, 4")
    assert response.usage is not None
    assert response.usage.reasoning == len("hm, 4</think>")


def test_a_thought_that_the_template_opened_and_nothing_closes_was_cut():
    row = answered("still weighing", "<think>")
    row.finish = "length"
    read = read_response(written_response(row, served_model="m"))
    assert (read.text, read.thought, read.ended) == ("", "still weighing", "cut_thinking")


def test_an_answer_without_thoughts_counts_none():
    response = written_response(answered("4", ""), served_model="m")
    assert response.text == "4"
    assert response.usage is not None
    assert response.usage.reasoning is None
