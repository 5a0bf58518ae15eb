"""What servers answer under HTTP 200, through the whole program: half answers, thoughts, calls they refused."""

from __future__ import annotations

import copy
import json

import pytest
from api_world import World, answers, question_of
from openai_loopback import Call, Reply, error_body
from pages import read_page

from evalkit.core.exchange import Request, Response
from evalkit.store.ledger import Ledger


def changed(call: Call, **choice) -> Reply:
    """The usual answer with another ending, or another message."""
    reply = answers(call)
    if call.method != "POST":
        return reply
    body = copy.deepcopy(reply.body)
    body["choices"][0].update(choice)
    return Reply(body=body)


@pytest.mark.parametrize("finish", ["error", "abort"])
def test_half_an_answer_under_http_200_is_tried_again_and_never_kept(world: World, finish: str) -> None:
    world.data(40)
    seen: set[str] = set()

    def script(call: Call) -> Reply:
        if call.method == "POST" and (key := f"{call.body['model']} {question_of(call)}") not in seen:
            seen.add(key)
            if len(seen) % 8 == 0:
                return changed(call, finish_reason=finish, message={"role": "assistant", "content": "4"})
        return answers(call)

    world.script = script
    code, verdict = world.compare()
    assert code == 0
    assert verdict["suites"][0]["ended"]["base"]["answers"] == 40
    assert len(world.chats) == 80 + 10, "each half answer was asked once more"


def test_thoughts_in_a_field_or_in_the_text_score_nothing(world: World) -> None:
    world.data(40)
    plain = world.compare(root="plain")[1]

    def script(call: Call) -> Reply:
        if call.method != "POST":
            return answers(call)
        reply = answers(call)
        said = reply.body["choices"][0]["message"]["content"]
        field = call.body["model"] == "base"
        message = (
            {"content": said, "reasoning_content": "17?"} if field else {"content": f"<think>17?</think>\n\n{said}"}
        )
        return changed(call, message={"role": "assistant", **message})

    world.script = script
    thinking = world.compare(root="thinking")[1]
    assert plain["suites"][0]["findings"] == thinking["suites"][0]["findings"]
    page = read_page(next((world.folder / "thinking" / "page").rglob("index.html")))
    assert "17?" in page


def test_what_an_older_evalkit_kept_of_half_an_answer_is_asked_again(tmp_path) -> None:
    request = Request(example_id="a", messages=(), key="k" * 64, prompt_sha256="p")
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.put([(request, Response(example_id="a", text="Pari", finish="error"))])
        assert ledger.lookup([request.key]) == {}
        assert ledger.claim([request.key]) == {request.key}
        assert any("broken off in the server" in note for note in ledger.notes)


def test_a_call_that_the_server_could_not_parse_is_a_malformed_attempt(world: World) -> None:
    tool = {"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}
    rows = [
        {"id": f"q{i}", "input": f"What is {i} + 1?", "tools": [tool], "target": {"tool_calls": []}} for i in range(20)
    ]
    world.data(20)
    world.write("suites/data.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    world.suite(
        "evalkit: 1\nname: wire\ndataset: {path: data.jsonl}\nscorers:\n  calls: {type: tool_calls}\n"
        "gates:\n  - {type: no_regression, metric: calls, margin: 0.05}\n"
    )

    def script(call: Call) -> Reply:
        if call.method == "POST" and call.body["model"] == "tuned":
            failed = {**error_body("Failed to call a function", code="tool_use_failed")}
            failed["error"]["failed_generation"] = "<function=add{}</function>"
            return Reply(status=400, body=failed)
        return answers(call)

    world.script = script
    code, verdict = world.compare()
    assert (code, verdict["outcome"]) == (1, "FAIL"), "a malformed call is the model's answer, and passes nothing"
