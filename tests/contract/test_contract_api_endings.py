"""How a run ends that cannot go on: named, soon, and with the exit code of its cause."""

import json

import pytest
from api_world import World, answers, model_of
from openai_loopback import Call, Reply, error_body

from evalkit.core.exchange import Json

PRICE = {"input": 1000.0, "output": 1000.0}
"""USD a million tokens: an answer of 10 + 3 tokens costs 0.013"""
COST = 0.013


def refusing(status: int, message: str, **named: Json):
    """A server that answers every chat call with one error."""
    return lambda call: Reply(status=status, body=error_body(message, **named))


def test_a_permanent_429_ends_within_its_deadline_as_invalid(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.limits = {"concurrency": 8, "deadline_s": 1.5}
    world.models()
    world.script = refusing(429, "Rate limit reached", code="rate_limit_exceeded")
    code, verdict = world.compare()  # without a deadline it would go on for ever
    assert code == 4
    assert verdict["outcome"] == "INVALID"
    assert "rate_limit" in str(verdict["suites"][0]["findings"])
    printed = " ".join(capsys.readouterr().out.split())  # lines are cut to the width of the terminal
    assert "rate_limit" in printed
    assert "Rate limit reached" in printed, "the reader is not told what the server said"


@pytest.mark.parametrize(
    ("status", "named", "words"),
    [
        (401, {"message": "Incorrect API key provided", "code": "invalid_api_key"}, "OPENAI_API_KEY"),
        (404, {"message": "The model `base` does not exist", "code": "model_not_found"}, "does not exist"),
        (429, {"message": "You exceeded your current quota", "code": "insufficient_quota"}, "quota"),
    ],
)
def test_a_cause_that_every_call_meets_ends_the_run_at_once(
    world: World, capsys: pytest.CaptureFixture[str], status: int, named: dict[str, str], words: str
) -> None:
    world.script = refusing(status, **named)
    code, _ = world.compare()
    assert code == 2
    assert words in capsys.readouterr().err
    assert len(world.chats) <= 8


def test_no_server_is_said_at_once(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.server.stop()
    code, _ = world.compare()
    assert code == 2
    err = capsys.readouterr().err
    assert "is the server running" in err
    assert "Traceback" not in err


def test_a_model_that_is_gone_midway_leaves_named_failures_and_the_run_invalid(world: World) -> None:
    def script(call: Call) -> Reply:
        if call.method == "POST" and model_of(call) == "tuned" and len(world.chats) > 130:
            return Reply(status=404, body=error_body("gone", code="model_not_found"))
        return answers(call)

    world.script = script
    code, verdict = world.compare()
    assert code == 4
    assert "not_found" in str(verdict["suites"][0]["findings"])
    assert len(world.chats) < 100 + 60, "went on asking a model that is gone"


def test_few_failures_are_named_and_do_not_spoil_the_comparison(world: World) -> None:
    def script(call: Call) -> Reply:
        if call.method == "POST" and "What is 7 " in str(call.body):
            return Reply(status=400, body=error_body("Invalid 'messages'"))
        return answers(call)

    world.script = script
    code, verdict = world.compare()
    assert code == 0
    assert verdict["suites"][0]["findings"][0]["n"] == 99


@pytest.mark.slow
def test_max_cost_stops_before_the_call_that_would_exceed_it(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.price = PRICE
    world.models()
    ceiling = 0.6
    code, verdict = world.compare("--max-cost", str(ceiling))
    assert code == 4
    assert verdict["outcome"] == "INVALID"
    spent = len(world.chats) * COST
    assert spent <= ceiling
    assert spent > ceiling - 0.05, "stopped long before the ceiling"
    missing = 200 - len(world.chats)
    assert f"{missing} calls of wire were not made" in str(verdict["suites"][0]["findings"])
    assert "--max-cost" in capsys.readouterr().out

    # what was paid is kept: the next run spends only on the rest
    code, _ = world.compare("--max-cost", "3")
    assert code == 0
    assert set(world.asked().values()) == {1}


def test_an_arms_own_system_text_counts_in_the_plan_and_against_the_ceiling(world: World) -> None:
    """1,000 tokens of system text at 0.001 USD each: a ceiling of 10 USD allows 9 calls, not 100."""
    world.price = {"input": 1000.0, "output": 1000.0}
    world.models(base={"system": "word " * 1000}, tuned={"system": "word " * 1000})
    assert world.run("plan", "base", "tuned", "--json", "plan.json") == 0
    spending = json.loads((world.folder / "plan.json").read_text(encoding="utf-8"))["spending"]
    assert all(100_000 < row["tokens_in"] < 103_000 for row in spending)

    def script(call: Call) -> Reply:
        reply = answers(call)
        return reply if call.method == "GET" else Reply(body={**reply.body, "usage": billed(call)})

    def billed(call: Call) -> Json:
        tokens = sum(len(message["content"].split()) for message in call.body["messages"])
        return {"prompt_tokens": tokens, "completion_tokens": 1}

    world.script = script
    code, verdict = world.compare("--max-cost", "10")
    assert (code, verdict["outcome"]) == (4, "INVALID")
    assert sum(billed(call)["prompt_tokens"] + 1 for call in world.chats) * 0.001 <= 10
    assert len(world.chats) == 9


def test_a_ceiling_that_is_not_reached_changes_nothing(world: World) -> None:
    world.price = PRICE
    world.models()
    code, verdict = world.compare("--max-cost", "100")
    assert (code, verdict["outcome"]) == (0, "PASS")


def test_max_cost_with_an_unknown_price_is_refused(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    code, _ = world.compare("--max-cost", "5")
    assert code == 2
    err = capsys.readouterr().err
    assert "price" in err
    assert "base" in err
    assert world.chats == []
