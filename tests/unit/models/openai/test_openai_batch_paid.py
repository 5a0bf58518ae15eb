"""All answers of a batch go to the ledger, whatever the run that collects it asked for."""

from __future__ import annotations

import json

import pytest
from openai_batch_server import BatchServer
from openai_loopback import chat_body, error_body

from evalkit.core.exchange import Message, Request, Sampling
from evalkit.core.fingerprint import prompt_digest
from evalkit.models.openai import batch
from evalkit.pipeline.asking.ask import Asking
from evalkit.pipeline.asking.ask import ask as ask_kept
from evalkit.store.ledger import Ledger


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr(batch, "_FIRST_POLL_S", 0.01)


def questions(numbers, *, word="q", **sampling):
    rows = []
    for number in numbers:
        messages = (Message(role="user", content=f"{word}{number}"),)
        rows.append(
            Request(
                example_id=f"{word}{number}",
                messages=messages,
                sampling=Sampling(**sampling),
                prompt_sha256=prompt_digest(messages),
            )
        )
    return rows


@pytest.fixture
def ledger(tmp_path):
    with Ledger(tmp_path / ".evalkit" / "ledger.sqlite") as found:
        yield found


@pytest.fixture
def run(model_at, ledger):
    """Asks a model at a loopback server as the program does: ledger first, every answer kept."""

    def go(loopback, requests, *, mode="reuse", **how):
        model = model_at(loopback, api="batch", **how)
        return {r.example_id: r for r in ask_kept(model, requests, how=Asking(store=ledger, mode=mode))}

    return go


def sent_off(run, loopback, requests):
    """A run that sends a batch and does not live to see its end."""
    assert {r.failure.kind for r in run(loopback, requests, limits={"deadline_s": 0.001}).values()} == {"timeout"}


def test_a_smaller_run_keeps_all_that_a_bigger_batch_brought(serve, run, tmp_path):
    server = BatchServer(polls=1)
    loopback = serve(server)
    sent_off(run, loopback, questions(range(100)))
    few = run(loopback, questions(range(30)))
    assert [few[f"q{n}"].text for n in range(30)] == [f"echo: q{n}" for n in range(30)]
    assert list((tmp_path / ".evalkit" / "batches").iterdir()) == [], "nothing is left to collect"
    loopback.stop()
    kept = run(loopback, questions(range(100)), mode="replay")
    assert {row.text for row in kept.values()} == {f"echo: q{n}" for n in range(100)}
    assert server.created == 1


def test_a_run_with_other_questions_takes_what_has_arrived_and_waits_for_nothing(serve, run, tmp_path):
    server = BatchServer(polls=1)
    loopback = serve(server)
    sent_off(run, loopback, questions(range(5)))
    server.retrieve("batch_1")
    other = run(loopback, questions(range(3), word="new"))
    assert all(row.failure is None for row in other.values())
    assert len(run(loopback, questions(range(5)), mode="replay")) == 5
    assert all(row.failure is None for row in run(loopback, questions(range(5)), mode="replay").values())
    assert list((tmp_path / ".evalkit" / "batches").iterdir()) == []


def test_a_batch_of_other_questions_that_still_runs_stays_noted(serve, run, tmp_path):
    server = BatchServer(polls=50)
    loopback = serve(server)
    sent_off(run, loopback, questions(range(5)))
    server.polls = 0
    run(loopback, questions(range(3), word="new"))
    assert len(list((tmp_path / ".evalkit" / "batches").iterdir())) == 1
    server.batches["batch_1"]["left"] = 0
    assert {row.text for row in run(loopback, questions(range(5))).values()} == {f"echo: q{n}" for n in range(5)}
    assert server.created == 2


def test_what_was_kept_unasked_has_its_stop_and_what_the_server_made_of_the_parameters(serve, run, ledger):
    def answer(body):
        if "max_tokens" in body:
            message = "Unsupported parameter: 'max_tokens' is not supported with this model."
            return 400, error_body(message, code="unsupported_parameter", param="max_tokens")
        return 200, chat_body("warm END and more")

    server = BatchServer(polls=0, answer=answer)
    loopback = serve(server)
    requests = questions(range(6), stop=(" END",))
    run(loopback, requests[:1])  # teaches nothing to the next: every run learns for itself
    server.polls = 1
    sent_off(run, loopback, requests[1:])
    for kept in server.batches.values():
        kept["left"] = 0
    run(loopback, requests[1:2])
    found = run(loopback, requests, mode="replay")
    assert {row.failure for row in found.values() if row.example_id in ("q0", "q1")} == {None}
    assert {row.text for row in found.values() if row.failure is None} == {"warm"}
    assert all(row.adapted for row in found.values() if row.failure is None)


def test_lines_that_failed_are_no_answers_and_are_not_noted_for_ever(serve, run, tmp_path):
    def answer(body):
        if body["messages"][-1]["content"] == "q3":
            return 400, error_body("This prompt is not allowed.", code="invalid_request_error")
        return 200, chat_body("ok")

    server = BatchServer(polls=1, answer=answer, lose={4})
    loopback = serve(server)
    sent_off(run, loopback, questions(range(6)))
    run(loopback, questions([0]))
    assert list((tmp_path / ".evalkit" / "batches").iterdir()) == []
    kept = run(loopback, questions(range(6)), mode="replay")
    assert {name for name, row in kept.items() if row.failure} == {"q3", "q4"}


def test_a_note_of_an_older_evalkit_is_read_and_keeps_its_lines(serve, run, tmp_path):
    server = BatchServer(polls=1)
    loopback = serve(server)
    sent_off(run, loopback, questions(range(4)))
    (note,) = (tmp_path / ".evalkit" / "batches").iterdir()
    row = json.loads(note.read_text())
    note.write_text(json.dumps({key: row[key] for key in ("content", "batch_id", "model", "lines")}))
    run(loopback, questions([0]))
    assert len(json.loads(note.read_text())["lines"]) == 3
    rest = run(loopback, questions(range(4)))
    assert {row.text for row in rest.values()} == {f"echo: q{n}" for n in range(4)}
    assert server.created == 1


@pytest.mark.parametrize("spoilt", [{"requests": {"x": 1}, "ways": []}, {"requests": 3, "ways": 4}, {"ways": [7]}])
def test_a_note_that_was_spoilt_costs_no_run(serve, run, tmp_path, spoilt):
    server = BatchServer(polls=1)
    loopback = serve(server)
    sent_off(run, loopback, questions(range(4)))
    (note,) = (tmp_path / ".evalkit" / "batches").iterdir()
    note.write_text(json.dumps(json.loads(note.read_text()) | spoilt))
    assert run(loopback, questions([0]))["q0"].text == "echo: q0"
    assert {row.text for row in run(loopback, questions(range(4))).values()} == {f"echo: q{n}" for n in range(4)}
    assert server.created == 1
