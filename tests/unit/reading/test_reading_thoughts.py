"""Thoughts stand apart from answers, however they are marked; a mark that is only named is none."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evalkit.core.exchange import Failure, Response, Usage
from evalkit.core.rows import response_row, row_response
from evalkit.reading.response import Reading, answer_of, mark_pair, read_response
from evalkit.reading.thoughts import split_thoughts

CASES = Path(os.environ.get("EVALKIT_SHARED_CASES", Path(__file__).parents[3].parent / "shared" / "cases"))
PAIRS = [
    ("<think>", "</think>"), ("<Think>", "</THINK>"), ("<thinking>", "</thinking>"), ("<thought>", "</thought>"),
    ("<thoughts>", "</thoughts>"), ("<reasoning>", "</reasoning>"), ("<reason>", "</reason>"),
    ("<seed:think>", "</seed:think>"), ("<mm:think>", "</mm:think>"), ("[THINK]", "[/THINK]"),
    ("<|think|>", "<|/think|>"), ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"), ("◁think▷", "◁/think▷"), ("<|channel>thought\n", "<channel|>"),
    ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
]  # fmt: skip
LENGTH = {"finish": "length"}


def read(text, **more):
    return read_response(Response(example_id="x", text=text, **{"finish": "stop", **more}))


@pytest.mark.parametrize(("opening", "closing"), PAIRS)
@pytest.mark.parametrize("between", ["", "\n", "\n\n"])
@pytest.mark.parametrize(
    "thought",
    ["Maybe 4. No, 5.", "一行目。\n二行目。", 'it says {"a": 1} and ```py\nx\n``` ok', "what if <b>x</b> > 3?"],
)
def test_a_thought_before_the_answer_is_taken_out_and_kept(opening, closing, between, thought):
    found = read(f"{opening}{thought}{closing}{between}42")
    assert (found.text, found.thought, found.ended) == ("42", thought, "normal")
    assert len(found.taken) == 1


@pytest.mark.parametrize(
    ("text", "thought", "answer"),
    [
        ("<think>a</think><think>b</think>c", "a\nb", "c"),
        ("c\n<think>a</think>", "a", "c"),
        ("c<think>a</think>", "a", "c"),
        ("東京です。<think>他には？</think>", "他には？", "東京です。"),
        ("First line.\n<think>a\nb</think>\nSecond line.", "a\nb", "First line.\nSecond line."),
        ("a, so b.</think>\nc", "a, so b.", "c"),
        ("a, so b.</think>c", "a, so b.", "c"),
        ("a\n</think>\n\nc", "a", "c"),
        ("考えると東京。\n</think>\n東京", "考えると東京。", "東京"),
        ("<think></think>\n\nc", None, "c"),
        ("<think>\n\n</think>\n\nc", None, "c"),
        ("<think>a</think>", "a", ""),
        ("<think>a<think>b</think>c</think>d", "a<think>b\nc", "d"),
        ("<think>use `</think>`? no</think>d", "use `\n`? no", "d"),
        ("[THINK]a[/THINK]b[THINK]c[/THINK]d", "a\nc", "b\nd"),
        ("I use the <think> tag.\nOK, 4.\n</think>\n\n4", "I use the <think> tag.\nOK, 4.", "4"),
        ("analysisThe user asks. 4.assistantfinal4", "The user asks. 4.", "4"),
        ("analysis質問は2+2。assistantfinal4", "質問は2+2。", "4"),
        ("<|start|>assistant<|channel|>analysis<|message|>a<|end|>"
         "<|start|>assistant<|channel|>final<|message|>c<|return|>", "a", "c"),
        ("<|channel|>final<|message|>c", None, "c"),
    ],
)  # fmt: skip
def test_thoughts_stand_anywhere_and_more_than_once(text, thought, answer):
    found = read(text)
    assert (found.thought, found.text) == (thought, answer)


@pytest.mark.parametrize(
    "text",
    [
        "Use the <think> tag to let a model reason.",
        "Use <think> and </think> to mark it.",
        "Write <think>your reasoning</think> and then the answer.",
        "`<think>` opens a thought, `</think>` closes it.",
        "The model writes:\n```xml\n<think>\nhm\n</think>\nParis\n```\nThat is all.",
        'In the template, "<think>" is written by the server.',
        "<think>タグは思考を囲むために使います。",
        "推論は<think>と</think>で囲みます。",
        "The closing tag is </think>.",
        "We talk about [THINK] tokens here.",
        "The <|channel|> token names a channel.",
        "analysis of the data shows a rise; assistant final exams are near",
        "Analysis: fine.",
        "I think, therefore I am <b>bold</b> [1].",
        "Think about reasoning (and thoughts).",
        "  leading and trailing space stays  \n",
    ],
)
def test_a_mark_that_is_only_named_is_no_thought(text):
    found = read(text)
    assert (found.text, found.thought, found.taken) == (text, None, ())


@pytest.mark.parametrize("opening", [opening for opening, _ in PAIRS])
def test_a_thought_that_is_never_closed_was_cut(opening):
    found = read(f"{opening}\nstill weighing", **LENGTH)
    assert (found.text, found.thought, found.ended) == ("", "still weighing", "cut_thinking")


def test_a_model_that_stops_inside_its_thought_was_not_cut():
    assert read("<think>hm", finish="stop").ended == "normal"
    assert read("<think>hm", finish=None).ended == "cut_thinking"
    assert read("<think>a</think>half an ans", **LENGTH).ended == "cut"


def test_an_answer_before_an_open_thought_stays():
    found = read("refund\n<think>should I", **LENGTH)
    assert (found.text, found.ended) == ("refund", "cut_thinking")


@pytest.mark.parametrize(
    ("finish", "more", "ended"),
    [
        ("stop", {}, "normal"), ("STOP", {}, "normal"), (None, {}, "normal"), ("tool_calls", {}, "normal"),
        ("length", {}, "cut"), ("MAX_TOKENS", {}, "cut"), ("FinishReason.MAX_TOKENS", {}, "cut"),
        ("max_output_tokens", {}, "cut"), ("content_filter", {}, "filtered"), ("SAFETY", {}, "filtered"),
        ("length", {"text": "", "usage": Usage(output=256, reasoning=256)}, "cut_thinking"),
        ("length", {"text": "", "thought": "a lot"}, "cut_thinking"),
        ("length", {"text": ""}, "cut"),
        ("length", {"text": "an answer", "thought": "a lot"}, "cut"),
    ],
)  # fmt: skip
def test_how_an_answer_ended_is_told_whatever_the_server_calls_it(finish, more, ended):
    assert read_response(Response(example_id="x", **{"text": "hello", "finish": finish, **more})).ended == ended


@pytest.mark.parametrize("finish", ["error", "abort", "ERROR"])
def test_half_an_answer_that_broke_off_in_the_server_is_a_failed_call(finish):
    found = read("Pari", finish=finish)
    assert found.text is None
    assert found.failure is not None
    assert found.failure.kind == "server"


def test_a_field_of_thought_and_one_in_the_text_are_both_kept():
    found = read("<think>b</think>c", thought="a")
    assert (found.thought, found.text) == ("a\nb", "c")


def test_a_suite_may_keep_texts_as_they_are_and_name_marks_of_its_own():
    text = "<scratchpad>a</scratchpad>b"
    assert read(text).text == text
    own = Reading(marks=(mark_pair("scratchpad"), mark_pair(["<<", ">>"])))
    assert read_response(Response(example_id="x", text=text), own).text == "b"
    assert read_response(Response(example_id="x", text="<<a>>b"), own).thought == "a"
    kept = read_response(Response(example_id="x", text="<think>a</think>b"), Reading(keep=True))
    assert (kept.text, kept.thought) == ("<think>a</think>b", None)


def test_what_a_filter_stopped_is_a_refusal_where_the_suite_says_so():
    safe = Reading(filtered_refuses=True)
    partial = Response(example_id="x", text="To do that you", finish="content_filter")
    withheld = Response(example_id="x", failure=Failure(kind="content_filter", message="no"))
    assert read_response(partial).refusal is None
    assert read_response(partial, safe).refusal == "To do that you"
    assert read_response(withheld).failure is not None
    assert read_response(withheld, safe).failure is None
    assert read_response(withheld, safe).ended == "filtered"


def test_what_a_row_says_of_its_ending_is_believed():
    assert read("", ended="cut_thinking", thought="a", finish=None).ended == "cut_thinking"


MARKS = st.sampled_from([mark for pair in PAIRS for mark in pair] + ["`", "```\n", "analysis", "assistantfinal", "."])
PIECES = st.lists(
    MARKS | st.text(max_size=12) | st.sampled_from(["\n", " ", "the ", "\ud800", "\x00", "\\u12"]), max_size=14
)


@given(PIECES)
@settings(max_examples=300, deadline=None)
@example(["<thi", "<think>", "a", "</think>", "nk>b</think>c"])
def test_reading_twice_is_reading_once(pieces):
    once = read("".join(pieces))
    assert read_response(once) == once


@given(
    st.text(alphabet=st.characters(exclude_characters="<[◁"), max_size=200).filter(
        lambda t: not t.startswith("analysis")
    )
)
@settings(max_examples=200, deadline=None)
def test_a_text_without_marks_is_untouched(text):
    found = read(text)
    assert found.text is text
    assert found.thought is None


@given(st.text(max_size=60), st.sampled_from(PAIRS[:-1]), st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_adding_a_thought_changes_no_answer(thought, pair, answer):
    """Whatever the thought is: unless it holds the mark that ends it, and begins another answer."""
    said = read(answer)
    if said.taken or any(mark in thought.lower() for mark in ("</", "<|", "[/", "◁/", "<channel", "<unused")):
        return
    assert read(f"{pair[0]}{thought}{pair[1]}\n\n{answer}").text == (said.text or "").lstrip()


@pytest.mark.parametrize(
    "unit",
    ["<think>", "</think>", "<think>a</think>", "<think> tag ", "`<think>` ", "[THINK]", "◁think▷",
     "<|channel|>analysis<|message|>", "<|channel|>", "```\n<think>", "analysis", "assistantfinal", "<|channel>thought",
     "\n<think>\n", " <think>a.</think> b"],
)  # fmt: skip
def test_a_hostile_text_is_read_to_the_end(unit):
    """Linear: many marks in one text; a square of their number would take minutes."""
    text = unit * (200_000 // len(unit))
    assert len(split_thoughts(text).answer) <= len(text) + 5


def test_an_answer_alone():
    assert (answer_of("<think>a</think>b"), answer_of(None), answer_of("b")) == ("b", "", "b")


def test_the_shared_cases_are_read_right():
    file = CASES / "thoughts.jsonl"
    if not file.exists():
        pytest.skip("the shared cases are not here: set EVALKIT_SHARED_CASES to the folder that holds them")
    for row in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
        found = read(row["text"], finish=row.get("finish", "stop"))
        ended = row.get("ended", "normal").replace("cut while thinking", "cut_thinking")
        assert (found.thought, found.text or None, found.ended) == (row["thought"], row["answer"], ended), row


def test_a_row_keeps_how_an_answer_ended_where_its_finish_reason_says_otherwise():
    odd = Response(example_id="x", text="a", finish="length", ended="normal")
    assert row_response(response_row(odd)).ended == "normal"
    assert "ended" not in response_row(Response(example_id="x", text="a", finish="stop", ended="normal"))
