from __future__ import annotations

import asyncio
import json

import pytest
from openai_batch_server import BatchServer
from openai_loopback import chat_body, error_body

from evalkit.core.errors import ModelError
from evalkit.models.openai import batch, batch_lines


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr(batch, "_FIRST_POLL_S", 0.01)


def test_a_batch_answers_every_request_at_half_the_price(serve, model_at, ask, tmp_path):
    server, said = BatchServer(polls=2), []
    model = model_at(serve(server), api="batch", progress=said.append)
    answers = list(model.answer(ask(f"q{n}", id=str(n)) for n in range(25)))
    assert {a.example_id: a.text for a in answers} == {str(n): f"echo: q{n}" for n in range(25)}
    assert all(a.latency_s is None for a in answers), "a batch has no latency of its own"
    assert server.created == 1
    assert model.identity.details["price_share"] == 0.5
    assert list((tmp_path / ".evalkit" / "batches").iterdir()) == []
    assert any("in_progress" in sentence for sentence in said)


def test_equal_prompts_get_an_answer_each(serve, model_at, ask):
    model = model_at(serve(BatchServer()), api="batch")
    answers = list(model.answer([ask("same", id="a"), ask("same", id="b"), ask("same", id="a", repeat=1)]))
    assert sorted((a.example_id, a.repeat) for a in answers) == [("a", 0), ("a", 1), ("b", 0)]


def test_a_restart_continues_the_batch_instead_of_paying_again(serve, model_at, ask):
    server = BatchServer(polls=3)
    loopback = serve(server)
    requests = [ask(f"q{n}", id=str(n)) for n in range(10)]
    impatient = model_at(loopback, api="batch", limits={"deadline_s": 0.001})
    first = list(impatient.answer(requests))
    assert {a.failure.kind for a in first} == {"timeout"}
    assert "a later run collects it" in first[0].failure.message
    second = list(model_at(loopback, api="batch").answer(requests))
    assert {a.example_id: a.text for a in second} == {str(n): f"echo: q{n}" for n in range(10)}
    assert server.created == 1


def test_a_kill_while_collecting_costs_nothing_twice(serve, model_at, ask):
    server = BatchServer(polls=0)
    loopback = serve(server)
    requests = [ask(f"q{n}", id=str(n)) for n in range(10)]
    answers = model_at(loopback, api="batch").answer(requests)
    kept = [next(answers) for _ in range(4)]
    answers.close()
    left = [r for r in requests if r.example_id not in {a.example_id for a in kept}]
    rest = list(model_at(loopback, api="batch").answer(left))
    assert sorted(a.example_id for a in [*kept, *rest]) == sorted(str(n) for n in range(10))
    assert server.created == 1


def test_a_batch_started_just_before_a_kill_is_found_again(serve, model_at, ask, tmp_path):
    server = BatchServer(polls=1)
    loopback = serve(server)
    requests = [ask(f"q{n}", id=str(n)) for n in range(3)]
    list(model_at(loopback, api="batch", limits={"deadline_s": 0.001}).answer(requests))
    for note in (tmp_path / ".evalkit" / "batches").iterdir():
        note.unlink()  # the kill came between the server's answer and our note
    list(model_at(loopback, api="batch").answer(requests))
    assert server.created == 1


def test_lines_that_a_batch_lost_are_named(serve, model_at, ask):
    model = model_at(serve(BatchServer(lose={1, 2})), api="batch")
    answers = list(model.answer(ask(f"q{n}", id=str(n)) for n in range(5)))
    assert sorted(a.example_id for a in answers if a.failure) == ["1", "2"]
    assert {a.failure.kind for a in answers if a.failure} == {"interrupted"}


def test_an_expired_batch_keeps_what_was_answered(serve, model_at, ask):
    model = model_at(serve(BatchServer(status="expired", lose={0})), api="batch")
    answers = {a.example_id: a for a in model.answer(ask(f"q{n}", id=str(n)) for n in range(3))}
    assert answers["0"].failure.kind == "timeout"
    assert answers["2"].text == "echo: q2"


def test_a_batch_that_the_server_rejects_whole_is_an_error(serve, model_at, ask):
    with pytest.raises(ModelError, match="no such model"):
        list(model_at(serve(BatchServer(status="failed")), api="batch").answer([ask("q")]))


def test_refused_parameters_are_learned_from_the_first_batch(serve, model_at, ask):
    def answer(body):
        if "max_tokens" in body:
            message = "Unsupported parameter: 'max_tokens' is not supported with this model."
            return 400, error_body(message, code="unsupported_parameter", param="max_tokens")
        return 200, chat_body("ok")

    server = BatchServer(answer=answer, polls=0)
    answers = list(model_at(serve(server), api="batch").answer(ask(f"q{n}", id=str(n)) for n in range(4)))
    assert [a.text for a in answers] == ["ok"] * 4
    assert server.created == 2
    assert answers[0].adapted == {"max_tokens": "max_completion_tokens"}


def test_one_prompt_that_is_no_unicode_spoils_no_batch(serve, model_at, ask):
    vendor = BatchServer()
    model = model_at(serve(vendor), api="batch")
    answers = list(model.answer([ask("good", id="1"), ask("日本 \ud800", id="2")]))
    assert {answer.example_id: answer.failure for answer in answers} == {"1": None, "2": None}
    (uploaded,) = (
        content for name, content in vendor.files.items() if b"custom_id" in content and b"method" in content
    )
    assert [json.loads(line)["body"]["messages"][-1]["content"] for line in uploaded.decode().splitlines()] == [
        "good",
        "日本 \ud800",
    ]


def test_a_smaller_run_throws_no_paid_answer_away(serve, model_at, ask):
    server = BatchServer(polls=1)
    loopback = serve(server)
    requests = [ask(f"q{n}", id=str(n)) for n in range(100)]
    list(model_at(loopback, api="batch", limits={"deadline_s": 0.001}).answer(requests))
    few = list(model_at(loopback, api="batch").answer(requests[:30]))
    assert [a.text for a in few] == [f"echo: q{n}" for n in range(30)]
    rest = list(model_at(loopback, api="batch").answer(requests[30:]))
    assert {a.text for a in rest} == {f"echo: q{n}" for n in range(30, 100)}
    assert server.created == 1


def test_lines_that_met_a_busy_server_are_asked_again(serve, model_at, ask, tmp_path):
    asked = []

    def answer(body):
        text = body["messages"][-1]["content"]
        asked.append(text)
        if text in ("q1", "q3") and asked.count(text) == 1:
            return (429, error_body("Rate limit reached", code="rate_limit_exceeded")) if text == "q1" else (500, None)
        return 200, chat_body("ok")

    server = BatchServer(answer=answer, polls=0)
    answers = list(model_at(serve(server), api="batch").answer(ask(f"q{n}", id=str(n)) for n in range(5)))
    assert [a.text for a in answers] == ["ok"] * 5
    assert sorted(asked) == ["q0", "q1", "q1", "q2", "q3", "q3", "q4"]
    assert list((tmp_path / ".evalkit" / "batches").iterdir()) == []


def test_more_tokens_than_the_server_takes_at_once_go_in_smaller_batches(serve, model_at, ask, monkeypatch):
    monkeypatch.setattr(batch, "_LONGEST_POLL_S", 0.01)
    server = BatchServer(polls=0, most=3)
    answers = list(model_at(serve(server), api="batch").answer(ask(f"q{n}", id=str(n)) for n in range(10)))
    assert {a.example_id: a.text for a in answers} == {str(n): f"echo: q{n}" for n in range(10)}


def test_a_line_longer_than_any_answer_is_left_out(monkeypatch):
    monkeypatch.setattr(batch_lines, "LIMIT", 100)

    async def pieces():
        for piece in (b"a\nb", b"b\n" + b"x" * 80, b"x" * 80, b"x\ncc\n\n", b"dd"):
            yield piece

    async def read():
        return [line async for line in batch_lines.split_lines(pieces())]

    assert asyncio.run(read()) == [b"a", b"bb", b"cc", b"dd"]
