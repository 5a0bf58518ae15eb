"""Conversations that an arm leads itself, through the whole program: `turns: generate`, `score_turns`, recordings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from api_world import World, model_of, timeless
from openai_batch_server import BatchServer
from openai_loopback import Call, Reply, chat_body, error_body
from pages import read_page

from evalkit.core.columns import Coverage
from evalkit.models.openai import batch
from evalkit.report.sections.cases import all_cases
from evalkit.store.runs import load_run

SUITE = """\
evalkit: 1
name: wire
dataset: {path: data.jsonl}
generate: {max_tokens: 8}
score_turns: SCORED
scorers:
  answer: {type: exact}
gates:
  - {type: no_regression, metric: answer, margin: 0.2}
"""
TURNS = 3


def talk(number: int, turns: int = TURNS) -> dict[str, Any]:
    """A conversation in which every turn asks for one more."""
    asked = [{"role": "user", "content": f"What is {number} + {turn}?"} for turn in range(1, turns + 1)]
    targets = [str(number + turn) for turn in range(1, turns + 1)]
    told = {"turn": 1, "conversation": "all alike"}  # what data sets say of rows is no word of ours
    return {"id": f"t{number}", "messages": asked, "turns": "generate", "targets": targets, **told}


def answer(body: Any) -> str:
    """Right where all of its own earlier answers were; `tuned` is wrong from the second turn of every fifth on."""
    messages = body.get("messages") or body["input"]
    first = int(messages[0]["content"].split()[2])
    asked = [m for m in messages if m["role"] == "user"]
    said = [m for m in messages if m["role"] == "assistant"]
    assert len(asked) == len(said) + 1, "every turn stands behind the answer to the one before"
    broken = body["model"] == "tuned" and first % 5 == 0 and len(asked) > 1
    return "no" if broken else str(first + len(asked))


def script(call: Call) -> Reply:
    if call.method == "GET":
        return Reply(status=404, body=error_body("no such endpoint"))
    return Reply(body=chat_body(answer(call.body), model=model_of(call)))


@pytest.fixture
def talks(world: World) -> World:
    """20 conversations of three turns, at a server that looks at what stands before each."""
    world.suite(SUITE.replace("SCORED", "last"))
    rows = [talk(number) for number in range(20)]
    world.write("suites/data.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    world.script = script
    return world


def score_each(world: World) -> None:
    world.suite(SUITE.replace("SCORED", "each"))


def finding(verdict: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = verdict["suites"][0]["findings"][0]
    return found


def coverage() -> Coverage:
    """What was asked and answered, of the run that was kept last."""
    return load_run(Path(), "latest").comparisons[0].coverage


def test_each_turn_is_asked_behind_the_arms_own_answers_and_the_last_is_scored(talks: World) -> None:
    _, verdict = talks.compare()
    assert finding(verdict)["n"] == 20
    assert (finding(verdict)["base"], finding(verdict)["candidate"]) == (1.0, 0.8)
    assert len(talks.chats) == 2 * 20 * TURNS
    longest = max(talks.chats, key=lambda call: len(call.body["messages"])).body["messages"]
    assert [turn["role"] for turn in longest] == ["user", "assistant", "user", "assistant", "user"]


def test_each_turn_may_be_scored_with_the_conversation_as_cluster(talks: World) -> None:
    score_each(talks)
    _, verdict = talks.compare()
    found = finding(verdict)
    assert (found["n"], found["n_clusters"]) == (60, 20)
    assert found["candidate"] == pytest.approx(1 - 4 * 2 / 60)
    assert len(talks.chats) == 2 * 20 * TURNS, "scoring more asks no more"


def test_kept_answers_are_the_answers_to_these_very_conversations(talks: World) -> None:
    code, first = talks.compare()
    asked = len(talks.chats)
    again, second = talks.compare()
    assert (code, timeless(first)) == (again, timeless(second))
    replayed, third = talks.compare("--replay")
    assert (code, timeless(first)) == (replayed, timeless(third))
    score_each(talks)
    talks.compare("--replay")
    assert len(talks.chats) == asked


def test_another_answer_to_the_first_turn_asks_the_others_anew(talks: World) -> None:
    talks.compare()
    asked = len(talks.chats)
    talks.models(base={"model": "other"})

    def other(call: Call) -> Reply:
        reply = script(call)
        messages = call.body["messages"] if call.method == "POST" else []
        return Reply(body=chat_body("odd", model="other")) if len(messages) == 1 else reply

    talks.script = other
    talks.run("run", "base")
    assert len(talks.chats) == asked + 20 * TURNS
    assert {call.body["messages"][1]["content"] for call in talks.chats[asked:] if len(call.body["messages"]) > 1} == {
        "odd"
    }


@pytest.mark.parametrize("scored", ["last", "each"])
def test_a_turn_that_fails_ends_the_row_as_one_failed_call(talks: World, scored: str) -> None:
    talks.suite(SUITE.replace("SCORED", scored) + "policy: {max_error_rate: 0.2}\n")

    def failing(call: Call) -> Reply:
        messages = call.body["messages"] if call.method == "POST" else []
        if len(messages) == 3 and messages[0]["content"] == "What is 7 + 1?":
            return Reply(status=400, body=error_body("This prompt is not allowed here."))
        return script(call)

    talks.script = failing
    talks.run("run", "base")
    talks.compare()
    found = coverage()
    assert (found.asked, found.base_failed, found.candidate_failed) == (20, 1, 1)
    assert found.base_failures == {"bad_request": 1}
    assert found.base_failed_first.startswith("turn 2 of 3: ")
    asked = [call for call in talks.chats if call.body["messages"][0]["content"] == "What is 7 + 1?"]
    assert max(len(call.body["messages"]) for call in asked) == 3, "nothing is asked behind a failed turn"


def test_a_recording_has_a_line_a_turn_and_is_an_arm_like_the_model(
    talks: World, capsys: pytest.CaptureFixture[str]
) -> None:
    talks.compare()
    assert talks.run("record", "base", "-o", "base.jsonl") == 0
    rows = [json.loads(line) for line in (talks.folder / "base.jsonl").read_text().splitlines()][1:]
    assert [(row["id"], row["turn"]) for row in rows[:4]] == [("t0", 1), ("t0", 2), ("t0", 3), ("t1", 1)]
    asked = len(talks.chats)
    for scored in ("last", "each"):
        talks.suite(SUITE.replace("SCORED", scored))
        assert talks.run("compare", "base.jsonl", "tuned", "--json", "v.json", "--replay") in (1, 3)
        verdict = json.loads((talks.folder / "v.json").read_text())
        assert finding(verdict)["base"] == 1.0
        assert not [note for note in verdict["suites"][0]["notes"] if "not proven" in note or "other prompts" in note]
    assert len(talks.chats) == asked


def test_a_recording_of_other_turns_is_told(talks: World) -> None:
    talks.run("record", "base", "-o", "base.jsonl")
    rows = [talk(number) for number in range(20)]
    for row in rows:
        row["messages"][1]["content"] = "Another question: what is 1 + 1?"
    talks.write("suites/data.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert talks.run("compare", "base.jsonl", "base.jsonl", "--json", "v.json") == 4
    assert "given to other prompts" in (talks.folder / "v.json").read_text()


def test_answers_to_all_turns_at_once_are_no_answers_to_the_last(talks: World) -> None:
    """The same row without `turns: generate` asks all its user turns in one prompt."""
    rows = [{key: value for key, value in talk(n).items() if key != "turns"} | {"target": "x"} for n in range(20)]
    generated = (talks.folder / "suites" / "data.jsonl").read_text()
    talks.write("suites/data.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    talks.script = lambda call: Reply(body=chat_body("at once", model="base"))
    talks.run("record", "base", "-o", "base.jsonl")
    talks.write("suites/data.jsonl", generated)
    assert talks.run("compare", "base.jsonl", "base.jsonl", "--json", "v.json") == 4
    assert "given to other prompts" in (talks.folder / "v.json").read_text()


def test_lines_of_a_script_without_turns_answer_the_row(talks: World) -> None:
    """Outputs from anywhere: one line a row, the answer that its conversation came to."""
    lines = [{"evalkit_recording": 1, "model": {"name": "theirs"}}]
    lines += [{"id": f"t{n}", "text": str(n + TURNS) if n % 2 else "no"} for n in range(20)]
    talks.write("theirs.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    talks.run("compare", "theirs.jsonl", "base", "--json", "v.json")
    verdict = json.loads((talks.folder / "v.json").read_text())
    assert finding(verdict)["base"] == 0.5
    assert any("same prompts not proven" in note for note in verdict["suites"][0]["notes"])


@pytest.mark.parametrize("turn", [2, 3])
def test_a_recording_without_one_of_its_turns_lacks_it_scored_or_not(talks: World, turn: int) -> None:
    talks.run("record", "base", "-o", "base.jsonl")
    kept = [
        line
        for line in (talks.folder / "base.jsonl").read_text().splitlines()
        if '"id":"t3"' not in line or f'"turn":{turn}' not in line
    ]
    header = {key: value for key, value in json.loads(kept[0]).items() if key not in ("sha256", "responses")}
    talks.write("base.jsonl", "\n".join([json.dumps(header), *kept[1:]]) + "\n")
    talks.run("compare", "base.jsonl", "base", "--json", "v.json")
    assert coverage().base_failures == {"missing": 1}


def test_repeats_lead_a_conversation_each(talks: World) -> None:
    talks.suite(SUITE.replace("SCORED", "each") + "repeats: 3\n")
    _, verdict = talks.compare()
    assert len(talks.chats) == 2 * 3 * 20 * TURNS
    assert coverage().asked == 60
    assert finding(verdict)["n"] == 60


def test_plan_counts_turns_and_what_is_kept_of_them(talks: World, capsys: pytest.CaptureFixture[str]) -> None:
    talks.models(base={"price": {"input": 1, "output": 1}})
    talks.run("plan", "base", "tuned")
    assert "base · wire: 60 calls (0 kept)" in capsys.readouterr().out

    def broken(call: Call) -> Reply:
        second = call.method == "POST" and len(call.body["messages"]) == 3
        return Reply(status=400, body=error_body("This prompt is not allowed.")) if second else script(call)

    talks.script = broken
    talks.run("run", "base")
    talks.run("plan", "base", "tuned")
    assert "base · wire: 40 calls (20 kept)" in capsys.readouterr().out
    talks.script = script
    talks.run("run", "base")
    capsys.readouterr()
    talks.run("plan", "base", "tuned")
    assert "base · wire: 0 calls (60 kept)" in capsys.readouterr().out


def test_a_limit_and_a_choice_keep_conversations_whole(talks: World) -> None:
    score_each(talks)
    talks.run("run", "base", "--limit", "5")
    assert len(talks.chats) == 5 * TURNS
    talks.run("run", "base", "-k", "t19/turn-2")
    assert len(talks.chats) - 5 * TURNS in (0, 2), "a chosen turn asks those before it, and none behind"


def test_rows_of_several_user_turns_are_told(talks: World, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [talk(number) for number in range(20)]
    del rows[4]["turns"]
    rows[4]["target"] = "x"
    rows[5]["messages"].insert(1, {"role": "assistant", "content": "given"})
    talks.write("suites/data.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert talks.run("validate") == 0
    out = "".join(capsys.readouterr())
    assert "suites/data.jsonl:5: rows that end with several user turns: 1 (first: t4)" in out
    assert "bring answers of their own: 1" in out


def test_a_mistake_in_a_turn_is_told_with_its_line(talks: World, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [talk(number) for number in range(3)]
    rows[1]["turns"] = "generated"
    rows[2]["targets"] = ["one"]
    talks.write("suites/data.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    talks.suite(SUITE.replace("SCORED", "every"))
    assert talks.run("validate") == 2
    said = "".join(capsys.readouterr())
    assert all(place in said for place in ("data.jsonl:2", "data.jsonl:3", "wire.yaml:5", "score_turns"))


def test_the_page_shows_what_each_arm_answered_on_the_way(talks: World) -> None:
    talks.compare()
    page = read_page(talks.folder / "page" / "index.html")
    assert "each arm goes on from its own answers" in page
    case = next(case for case in all_cases(load_run(Path(), "latest").comparisons[0]) if case.id == "t5")
    assert case.turns == (
        ("user", "What is 5 + 1?"), ("Base", "6"), ("Candidate", "6"),
        ("user", "What is 5 + 2?"), ("Base", "7"), ("Candidate", "no"),
        ("user", "What is 5 + 3?"),
    )  # fmt: skip
    rows = talks.folder / "cases.jsonl"
    assert talks.run("cases", "latest", "-o", str(rows)) == 0
    assert len(rows.read_text().splitlines()) == 20


@pytest.mark.parametrize("api", ["responses", "completions"])
def test_every_api_is_asked_turn_by_turn(talks: World, api: str) -> None:
    seen: list[Any] = []

    def other(call: Call) -> Reply:
        if call.method == "GET":
            return Reply(status=404, body=error_body("no such endpoint"))
        seen.append(call.body)
        if api == "responses":
            text = answer(call.body)
            item = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]}
            return Reply(body={"id": "r", "object": "response", "status": "completed", "model": "m", "output": [item]})
        choices = [{"text": "ok", "index": 0, "finish_reason": "stop"}]
        return Reply(body={"id": "c", "object": "text_completion", "model": "m", "choices": choices})

    talks.script = other
    talks.models(base={"api": api})
    talks.run("run", "base")
    assert len(seen) == 20 * TURNS
    if api == "completions":
        assert max(len(body["prompt"].splitlines()) for body in seen) == 5


def test_a_batch_goes_turn_by_turn(talks: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "_FIRST_POLL_S", 0.01)
    server = BatchServer(polls=1, answer=lambda body: (200, chat_body(answer(body), model=body["model"])))
    talks.script = server
    talks.models(base={"api": "batch"})
    assert talks.run("run", "base") == 0
    assert server.created == TURNS
    assert talks.run("record", "base", "-o", "base.jsonl") == 0
    assert server.created == TURNS


@pytest.mark.slow
def test_kills_lose_no_turn_and_repeat_only_what_was_in_flight(talks: World) -> None:
    talks.script = lambda call: Reply(body=script(call).body, status=script(call).status, delay=0.02)
    for goal in (25, 90):
        process = talks.start_compare()
        while len(talks.chats) < goal and process.poll() is None:
            pass
        process.kill()
        process.communicate()
    code, verdict = talks.compare()
    assert finding(verdict)["candidate"] == 0.8
    assert len(talks.chats) <= 2 * 20 * TURNS + 2 * 8
    Path("fresh").mkdir()
    again, fresh = talks.compare(root="fresh")
    assert (code, timeless(verdict)) == (again, timeless(fresh))


def test_a_scorer_may_look_at_some_turns_alone(talks: World) -> None:
    rows = [{**talk(number), "targets": [None, str(number + 2), None]} for number in range(20)]
    talks.write("suites/data.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    talks.suite(SUITE.replace("SCORED", "each").replace("{type: exact}", '{type: exact, when: {turn: "2"}}'))
    found = finding(talks.compare()[1])
    assert (found["n"], found["base"], found["candidate"]) == (20, 1.0, 0.8)
