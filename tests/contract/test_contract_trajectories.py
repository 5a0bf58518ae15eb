"""Trajectories that are run: calls are answered from the row's `tool_results`, and scored as what was called."""

from __future__ import annotations

import json
from typing import Any

import pytest
from api_world import World, model_of
from openai_loopback import Call, Reply, chat_body, error_body

TOOL = {
    "type": "function",
    "function": {
        "name": "find_order",
        "parameters": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
    },
}
REFUND = {"type": "function", "function": {"name": "refund", "parameters": {"type": "object", "properties": {}}}}
SUITE = """\
evalkit: 1
name: wire
dataset: {path: data.jsonl}
generate: {max_tokens: 8}
scorers:
  calls: {type: tool_calls}
  said: {type: checks}
gates:
  - {type: no_regression, metric: calls, margin: 0.3}
"""


def row(number: int, **more: Any) -> dict[str, Any]:
    """A request that takes two calls, one after the other, and then an answer."""
    return {
        "id": f"r{number}",
        "messages": [{"role": "user", "content": f"Refund my order o{number}."}],
        "tools": [TOOL, REFUND],
        "tool_results": {"find_order": {"state": f"lost-{number}"}, "refund": "done"},
        "target": {"required": [{"name": "find_order", "arguments": {"id": f"o{number}"}}, "refund"]},
        "checks": [{"contains": f"lost-{number}"}],
        **more,
    }


def called(call: Call, *calls: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    body = chat_body("", model=model_of(call))
    body["choices"][0]["message"] = {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": f"call_{name}_{at}", "type": "function", "function": {"name": name, "arguments": json.dumps(said)}}
            for at, (name, said) in enumerate(calls)
        ],
    }
    body["choices"][0]["finish_reason"] = "tool_calls"
    return body


def script(call: Call) -> Reply:
    """Looks the order up, refunds it, says what it saw; `tuned` refunds without looking."""
    if call.method == "GET":
        return Reply(status=404, body=error_body("no such endpoint"))
    messages = call.body["messages"]
    results = [m for m in messages if m["role"] == "tool"]
    asked = [one["id"] for m in messages if m["role"] == "assistant" for one in m.get("tool_calls", ())]
    assert [m["tool_call_id"] for m in results] == asked, "every call has its result behind it"
    number = messages[0]["content"].split(" o")[-1].rstrip(".")
    if not results:
        first = ("refund", {}) if model_of(call) == "tuned" else ("find_order", {"id": f"o{number}"})
        return Reply(body=called(call, first))
    if len(results) == 1 and model_of(call) == "base":
        return Reply(body=called(call, ("refund", {})))
    return Reply(body=chat_body(f"Refunded: {results[0]['content']}", model=model_of(call)))


@pytest.fixture
def shop(world: World) -> World:
    world.suite(SUITE)
    write(world, [row(number) for number in range(10)])
    world.script = script
    return world


def write(world: World, rows: list[dict[str, Any]]) -> None:
    world.write("suites/data.jsonl", "".join(json.dumps(one) + "\n" for one in rows))


def metric(verdict: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        one for one in verdict["suites"][0]["metrics"] if one["metric"] == name and one["slice"] is None
    )
    return found


def test_a_trajectory_is_run_with_the_results_of_its_row(shop: World) -> None:
    _, verdict = shop.compare()
    assert (metric(verdict, "calls")["base"], metric(verdict, "calls")["candidate"]) == (1.0, 0.0)
    assert (metric(verdict, "said")["base"], metric(verdict, "said")["candidate"]) == (1.0, 0.0)
    assert len(shop.chats) == 10 * 3 + 10 * 2
    assert metric(verdict, "tokens_out")["base"] > metric(verdict, "tokens_out")["candidate"], "all calls are paid"


def test_a_recording_keeps_every_call_and_replays_the_trajectory(shop: World) -> None:
    _, live = shop.compare()
    shop.run("record", "base", "-o", "base.jsonl")
    lines = [json.loads(line) for line in (shop.folder / "base.jsonl").read_text().splitlines()][1:]
    assert [(line["turn"], line.get("step")) for line in lines[:3]] == [(1, None), (1, 2), (1, 3)]
    shop.run("compare", "base.jsonl", "tuned", "--replay", "--json", "v.json")
    replayed = json.loads((shop.folder / "v.json").read_text())
    for name in ("calls", "said", "tokens_out"):
        assert metric(replayed, name)["base"] == metric(live, name)["base"]
    assert len(shop.chats) == 50


def test_a_line_that_lists_all_calls_is_a_trajectory_too(shop: World) -> None:
    lines: list[Any] = [{"evalkit_recording": 1, "model": {"name": "theirs"}}]
    for n in range(10):
        calls = [
            {"name": "find_order", "arguments": json.dumps({"id": f"o{n}"})},
            {"name": "refund", "arguments": "{}"},
        ]
        lines.append({"id": f"r{n}", "text": f"It was lost-{n}.", "tool_calls": calls})
    shop.write("theirs.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    shop.run("compare", "theirs.jsonl", "base", "--json", "v.json")
    verdict = json.loads((shop.folder / "v.json").read_text())
    assert (metric(verdict, "calls")["base"], metric(verdict, "said")["base"]) == (1.0, 1.0)


def test_steps_are_bounded_and_what_was_said_by_then_is_scored(shop: World) -> None:
    shop.suite(SUITE + "max_steps: 3\n")

    def restless(call: Call) -> Reply:
        return Reply(body=called(call, ("find_order", {"id": "again"}))) if call.method == "POST" else script(call)

    shop.script = restless
    write(shop, [row(0), row(1, max_steps=2)])
    shop.run("run", "base")
    assert len(shop.chats) == 3 + 2
    _, verdict = shop.compare()
    assert any("2 turns ended at `max_steps`" in note for note in verdict["suites"][0]["notes"])


def test_plan_says_how_many_calls_tools_may_ask_for(shop: World, capsys: pytest.CaptureFixture[str]) -> None:
    shop.run("plan", "base", "tuned")
    assert "base · wire: 10 to 80 calls (0 kept)" in capsys.readouterr().out
    shop.run("run", "base")
    capsys.readouterr()
    shop.run("plan", "base", "tuned")
    assert "base · wire: 0 calls (30 kept)" in capsys.readouterr().out


def test_a_call_without_a_result_is_told_to_the_model_and_to_the_reader(shop: World) -> None:
    write(shop, [row(n, tool_results={"refund": "done"}) for n in range(10)])
    _, verdict = shop.compare()
    told = [m["content"] for call in shop.chats for m in call.body["messages"] if m["role"] == "tool"]
    assert any("there is no result for find_order" in one for one in told)
    assert any("in 10 conversations a call found no result" in note for note in verdict["suites"][0]["notes"])


def test_turns_and_tools_go_together(shop: World) -> None:
    """Each user turn has a loop of its own; calls of earlier turns are seen as earlier."""
    asked = [{"role": "user", "content": "Refund my order o7."}, {"role": "user", "content": "Thank you o7."}]
    write(shop, [row(7, messages=asked, turns="generate")])

    def polite(call: Call) -> Reply:
        if call.method == "POST" and call.body["messages"][-1]["content"] == "Thank you o7.":
            return Reply(body=chat_body("You are welcome (lost-7).", model=model_of(call)))
        return script(call)

    shop.script = polite
    _, verdict = shop.compare()
    assert (metric(verdict, "calls")["base"], metric(verdict, "calls")["candidate"]) == (1.0, 0.0)
    roles = [m["role"] for m in shop.chats[3].body["messages"]]
    assert roles == ["user", "assistant", "tool", "assistant", "tool", "assistant", "user"]


def test_calls_written_as_text_are_run_as_well(shop: World) -> None:
    """Servers without a parser of calls hand them over in the text."""

    def written(call: Call) -> Reply:
        if call.method == "GET":
            return script(call)
        messages = call.body["messages"]
        number = messages[0]["content"].split(" o")[-1].rstrip(".")
        results = [m["content"] for m in messages if m["role"] == "tool"]
        lines = [f'<tool_call>{{"name": "find_order", "arguments": {{"id": "o{number}"}}}}</tool_call>']
        lines += ['<tool_call>{"name": "refund", "arguments": {}}</tool_call>', "Refunded: " + "".join(results)]
        return Reply(body=chat_body(lines[len(results)], model=model_of(call)))

    shop.script = written
    _, verdict = shop.compare()
    assert (metric(verdict, "calls")["base"], metric(verdict, "said")["base"]) == (1.0, 1.0)
    last = shop.chats[-1].body["messages"]
    assert last[1]["content"].startswith("<tool_call>")
    assert (last[2]["role"], last[2]["name"]) == ("tool", "find_order")
