"""API arms as users meet them: budgets, recordings, adapted parameters, dates of shutdown."""

import datetime as dt
import gzip

import pytest
from api_world import SUITE, World, answers, model_of, question_of
from openai_loopback import Call, Reply, error_body
from pages import read_page

PRICE = {"input": 10.0, "output": 10.0}
BUDGETS = (
    SUITE
    + """\
  - {type: budget, metric: latency_p50, max_ratio: 1.5}
  - {type: budget, metric: latency_p95, max_ratio: 1.5}
  - {type: budget, metric: cost_usd, max_ratio: 1.2}
"""
)


def refuses(parameter: str, *, message: str, only: str | None = None):
    """A server that refuses one parameter, of one model or of all."""

    def script(call: Call) -> Reply:
        if call.method == "POST" and parameter in call.body and only in (None, model_of(call)):
            return Reply(status=400, body=error_body(message, code="unsupported_parameter", param=parameter))
        return answers(call)

    return script


def test_budgets_judge_two_api_arms_and_kept_answers_keep_their_latency_and_cost(world: World) -> None:
    """`tuned` is four times as slow, and costs the same."""
    world.price = PRICE
    world.limits = {"concurrency": 32}
    world.models()
    world.suite(BUDGETS)

    def script(call: Call) -> Reply:
        delay = 0.0 if call.method == "GET" else 0.25 if model_of(call) == "base" else 1.0
        reply = answers(call)
        return Reply(status=reply.status, body=reply.body, delay=delay)

    world.script = script
    code, first = world.compare()
    assert code == 1
    found = {finding["metric"]: finding for finding in first["suites"][0]["findings"]}
    assert found["latency_p50"]["state"] in ("REGRESSION", "FLOOR_FAIL")
    assert found["latency_p95"]["n"] == 100
    assert found["latency_p95"]["base"] >= 0.25
    assert found["latency_p95"]["candidate"] >= 1.0
    assert found["cost_usd"]["state"] in ("PASS", "IMPROVED")
    assert found["cost_usd"]["base"] == found["cost_usd"]["candidate"]
    bytes_first = (world.folder / "verdict.json").read_bytes()

    calls = len(world.chats)
    code, _ = world.compare()
    assert code == 1
    assert len(world.chats) == calls, "a kept answer was asked again"
    assert (world.folder / "verdict.json").read_bytes() == bytes_first


def test_a_recording_is_a_full_arm_after_its_server_is_gone(world: World) -> None:
    code, live = world.compare()
    assert code == 0
    assert world.run("record", "base", "-o", "base.jsonl") == 0
    assert world.run("record", "tuned", "-o", "tuned.jsonl.gz") == 0
    assert len(world.chats) == 200, "recording asked again what was kept"
    assert gzip.decompress((world.folder / "tuned.jsonl.gz").read_bytes()).count(b"\n") == 101
    world.server.stop()

    words = ["--json", "later/verdict.json", "--report", "later/page"]
    assert world.run("compare", "base.jsonl", "tuned.jsonl.gz", *words, root="later") == 0
    later = world.verdict("later")
    assert later["suites"][0]["findings"] == live["suites"][0]["findings"]
    assert world.run("compare", "base", "tuned", "--replay", *words) == 0


@pytest.mark.parametrize("days", [30, 200])
def test_a_model_that_is_switched_off_within_90_days_is_warned_about(
    world: World, capsys: pytest.CaptureFixture[str], days: int
) -> None:
    ends = (dt.datetime.now(tz=dt.UTC).date() + dt.timedelta(days=days)).isoformat()

    def script(call: Call) -> Reply:
        if call.method == "GET" and call.path.endswith("/models/tuned"):
            return Reply(body={"id": "tuned", "object": "model", "created": 1, "owned_by": "me", "shutdown_date": ends})
        return answers(call)

    world.script = script
    code, first = world.compare()
    assert code == 0
    err = capsys.readouterr().err
    assert (f"is switched off on {ends}" in err) == (days <= 90)
    assert ("evalkit record tuned" in err) == (days <= 90)
    assert world.compare() == (0, first), "what was learned beside the answers changed the verdict"


def test_a_parameter_that_both_servers_want_under_another_name_is_told_and_harmless(world: World) -> None:
    message = "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."
    world.script = refuses("max_tokens", message=message)
    code, first = world.compare()
    assert (code, first["outcome"]) == (0, "PASS")
    page = read_page(world.folder / "page" / "index.html")
    assert "max_completion_tokens" in page
    assert world.compare() == (0, first), "kept answers tell another story"


def test_a_parameter_that_both_servers_refuse_is_left_out_for_both(world: World) -> None:
    world.script = refuses("temperature", message="Unsupported parameter: 'temperature' is not supported here.")
    code, first = world.compare()
    assert (code, first["outcome"]) == (0, "PASS")
    assert "temperature left out" in read_page(world.folder / "page" / "index.html")
    assert world.compare() == (0, first)


def test_a_parameter_that_only_one_server_refuses_makes_the_comparison_invalid(world: World) -> None:
    world.script = refuses(
        "temperature", message="Unsupported parameter: 'temperature' is not supported.", only="tuned"
    )
    code, verdict = world.compare()
    assert (code, verdict["outcome"]) == (4, "INVALID")
    assert "temperature" in str(verdict["suites"][0]["findings"])
    assert world.compare() == (4, verdict)


def test_seconds_are_shown_by_their_quantiles_and_tokens_by_the_second(world: World) -> None:
    """`tuned` takes 0.4 s for 20 of its 100 answers, `base` for none."""

    def script(call: Call) -> Reply:
        reply = answers(call)
        slow = call.method == "POST" and model_of(call) == "tuned" and int(question_of(call).split()[2]) % 5 == 0
        return Reply(status=reply.status, body=reply.body, delay=0.4 if slow else 0.05)

    world.script = script
    code, verdict = world.compare()
    assert code == 0
    found = {row["metric"]: row for row in verdict["suites"][0]["metrics"]}
    for arm in ("base", "candidate"):
        assert 0.05 <= found["latency_p50"][arm] <= found["latency_p95"][arm]
        assert 0 < found["tokens_per_s"][arm] <= 3 / 0.05
    assert found["latency_p95"]["candidate"] >= 0.4
    assert found["latency_p95"]["low"] is None
    assert "budget gate" in verdict["reasons"][found["latency_p95"]["because"]]
    assert found["tokens_per_s"]["higher_is_better"]
    page = read_page(world.folder / "page" / "index.html")
    assert "Latency, 95th percentile" in page
    assert "Tokens a second" in page
