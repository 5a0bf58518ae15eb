"""Adding a thought never changes a score: of no registered scorer, in whichever place a server puts the thought."""

from __future__ import annotations

import dataclasses
import functools
import json
from pathlib import Path

import pytest

from evalkit.core.exchange import Example, Message, Request, Response
from evalkit.models.openai.answer import Answer, Circumstances, respond
from evalkit.models.openai.apis import APIS
from evalkit.models.openai.read_body import read_body
from evalkit.reading.response import read_response
from evalkit.scorers.build import build_scorer
from evalkit.scorers.table import TABLE

TOOL = {"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}}}
SCORERS = {
    "exact": ({}, "cancel"), "contains": ({}, "cancel"), "numeric": ({}, 42), "regex": ({"pattern": "^ok"}, None),
    "fuzzy": ({}, "Kyoto"), "length": ({"max": 10}, None), "language": ({"expect": "ja"}, None),
    "refusal": ({"expect_refusal": False}, None), "json_schema": ({"schema": {"type": "object"}}, {"a": 1}),
    "tool_calls": ({}, {"tool_calls": [{"name": "now", "arguments": {}}]}), "choice": ({}, 1),
    "register": ({"expect": "polite"}, None), "checks": ({}, None),
    "classification": ({"labels": ["cancel", "refund", "B"]}, "cancel"),
    "rating": ({"scale": [1, 50]}, "42"),
    "bleu": ({}, "cancel"), "chrf": ({}, "cancel"), "rouge": ({}, "cancel"), "ter": ({}, "cancel"),
    "token_f1": ({}, "cancel"), "squad": ({}, "cancel"),
    "instructions": ({}, {"instruction_id_list": ["punctuation:no_comma"]}),
    "readability": ({"language": "en"}, None),
    "bbq": ({}, 1), "pair_preference": ({}, 1),
    "representation": ({"groups": {"women": ["she"], "men": ["he"]}}, None),
    "honorifics": ({"expect": ["尊敬"]}, None),
    "format": ({"max_chars": 5}, None), "tone": ({"avoid": ["emoji"]}, None),
    "style_like": ({"pairs": str(Path(__file__).parents[3] / "examples" / "style_pairs.jsonl")}, None),
    "persona": ({"first_person": ["わし"], "endings": ["ぜよ"]}, None),
}  # fmt: skip
"""Every scorer by rules, with options and a target; `function` and judges are others' code"""
OTHERS = {"code_tests", "embedding", "function", "given", "judge", "likelihood"}
ANSWERS = [
    "cancel", "42", "ok", "京都です。", "I'm sorry, I can't help with that.", '{"a": 1}', "[now()]", "B", "わしぜよ。",
    "<tool_call>{\"name\": \"now\", \"arguments\": {}}</tool_call>", "cancel<|im_end|>", "", " ok\n", "< ",
    "Say <think>.",
    "```json\n{\"a\": 1}\n```", "now\n{}",
]  # fmt: skip
THOUGHTS = ["cancel, 42, ok", '{"a": 2}', "[now()]", "お答えできません。", "The answer is A.\n\nNo: C.", "<b>x</b> [1]"]


def chat(answer, **message):
    said = {"role": "assistant", "content": answer, **message}
    return {"object": "chat.completion", "choices": [{"index": 0, "finish_reason": "stop", "message": said}]}


def responses(answer, thought):
    text = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": answer}]}
    item = {"type": "reasoning", "summary": [{"type": "summary_text", "text": thought}]}
    return {"object": "response", "status": "completed", "output": [*([item] if thought else []), text]}


PLACES = {
    "reasoning_content": lambda a, t: ("chat", chat(a), chat(a, reasoning_content=t)),
    "reasoning": lambda a, t: ("chat", chat(a), chat(a, reasoning=t)),
    "thinking parts": lambda a, t: (
        "chat",
        chat([{"type": "text", "text": a}]),
        chat([{"type": "thinking", "thinking": [{"type": "text", "text": t}]}, {"type": "text", "text": a}]),
    ),
    "text": lambda a, t: ("chat", chat(a), chat(f"<think>\n{t}\n</think>\n\n{a}")),
    "reasoning items": lambda a, t: ("responses", responses(a, ""), responses(a, t)),
    "text of an item": lambda a, t: ("responses", responses(a, ""), responses(f"<think>{t}</think>{a}", "")),
}


def through(api, body):
    """What a server's body says, as scorers see it."""
    said = read_body(APIS[api], json.dumps(body).encode())
    assert isinstance(said, Answer), said
    request = Request(example_id="x", messages=(Message(role="user", content="?"),))
    return read_response(respond(request, said, circumstances=Circumstances()))


@functools.cache
def scorer_of(name):
    """The scorer, built once: `style_like` learns its style each time."""
    return build_scorer(name, dict(SCORERS[name][0]), root=Path())


def scored(name, response):
    target = SCORERS[name][1]
    example = Example(
        id="x", messages=(Message(role="user", content="?"),), target=target, tools=(TOOL,),
        choices=("Rome", "Oslo", "Bern"), extra={"checks": [{"contains": "cancel"}]},
    )  # fmt: skip
    return scorer_of(name).score(example, response)


def test_every_registered_scorer_is_held_to_it():
    assert TABLE.keys() - OTHERS == SCORERS.keys()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", SCORERS)
def test_a_thought_changes_no_score_wherever_a_server_puts_it(name, place):
    for number, answer in enumerate(ANSWERS):
        for thought in (THOUGHTS[number % len(THOUGHTS)], THOUGHTS[(number + 2) % len(THOUGHTS)]):
            api, plain, thinking = PLACES[place](answer, thought)
            said, thought_of = through(api, plain), through(api, thinking)
            assert thought_of.thought is not None
            assert scored(name, said) == scored(name, thought_of), (answer, thought)


@pytest.mark.parametrize("name", SCORERS)
def test_a_thought_changes_no_score_in_a_recording(name):
    for answer in ANSWERS:
        plain = Response(example_id="x", text=answer, finish="stop")
        for recorded in (
            dataclasses.replace(plain, thought=THOUGHTS[0]),
            dataclasses.replace(plain, text=f"<think>{THOUGHTS[1]}</think>{answer}"),
        ):
            assert scored(name, read_response(plain)) == scored(name, read_response(recorded)), answer
