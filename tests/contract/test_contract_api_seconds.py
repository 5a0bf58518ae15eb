"""Seconds of served arms: asked in turn they decide; from another day or hour, or one after the other, they do not."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import sqlite3
from dataclasses import replace
from typing import Any

import pytest
from api_world import SUITE, World, answers, model_of
from openai_loopback import Call, Reply

BUDGET = SUITE + "  - {type: budget, metric: latency_mean, max_ratio: 50}\n"
HOUR = 3600.0


def keep_earlier(world: World, arm: str, hours: float, *, share: int = 1) -> None:
    """Make every `share`th kept answer of an arm older."""
    with sqlite3.connect(world.folder / ".evalkit" / "ledger.sqlite") as db:
        of = "model IN (SELECT id FROM model WHERE name = ?)"
        db.execute(f"UPDATE answer SET created = created - ? WHERE id % ? = 0 AND {of}", (hours * HOUR, share, arm))
    db.close()


def budget(verdict: dict[str, Any]) -> dict[str, Any]:
    (found,) = [one for one in verdict["suites"][0]["findings"] if one["gate"] == "budget"]
    return dict(found)


def seconds(verdict: dict[str, Any]) -> dict[str, Any]:
    (found,) = [one for one in verdict["suites"][0]["metrics"] if one["metric"] == "latency_s" and not one["slice"]]
    return dict(found)


def test_what_was_asked_at_another_time_proves_no_seconds(world: World) -> None:
    world.suite(BUDGET)
    told = []
    for arm, hours, share in (("base", 0, 1), ("base", 3, 1), ("base", 9, 50), ("base", 9, 10), ("tuned", 9 * 24, 1)):
        if told:
            keep_earlier(world, arm, hours, share=share)
        code, verdict = world.compare()
        found = budget(verdict)
        told.append(found["state"] in ("IMPROVED", "PASS"))
        assert code == (0 if told[-1] else 3)
        assert seconds(verdict)["low"] is None  # what was asked in turn is counted by rounds, not by cases
        assert ("not_side_by_side" not in found["flags"]) == told[-1]
    assert told == [True, True, True, False, False]
    assert "--max-age 6h" in found["because"]
    assert found["low"] is None


def test_asking_again_or_deciding_again_does_not_forget_it(world: World) -> None:
    world.suite(BUDGET)
    for name in ("base", "tuned"):
        world.run("run", name)
    keep_earlier(world, "base", 9)
    assert world.compare()[0] == 3
    assert world.run("gate", "latest") == 3
    calls = len(world.chats)
    assert world.compare("--max-age", "6h")[0] == 3  # the base anew, the candidate an hour ago
    assert len(world.chats) == calls + world.n
    assert world.compare("--live")[0] == 0
    assert len(world.chats) == calls + 3 * world.n


class Slowing:
    """A server whose every call takes a little longer than the one before; `tuned` takes `pace` times as long."""

    def __init__(self, pace: float = 1.0) -> None:
        self.calls, self.pace = 0, pace

    def __call__(self, call: Call) -> Reply:
        reply = answers(call)
        if call.method == "GET":
            return reply
        self.calls += 1
        return replace(reply, delay=0.004 * (1 + self.calls / 20) * (self.pace if model_of(call) == "tuned" else 1.0))


def test_a_server_that_slows_down_makes_no_arm_slower(world: World) -> None:
    """Asked one after the other, the second arm took more than twice as long as the first."""
    world.script = Slowing()
    world.suite(BUDGET.replace("50", "2"))
    code, verdict = world.compare()
    found = budget(verdict)
    assert (code, found["method"], found["n_clusters"]) == (0, "t_over_rounds", 10)
    assert "counted by rounds in which both arms were asked in turn" in found["because"]
    assert world.asked().total() == 2 * world.n  # and no call more
    order = [name for name, _ in itertools.groupby(map(model_of, world.chats))]
    assert len(order) >= 10
    again = world.compare()[1]
    assert budget(again) == found  # what is kept decides the same
    assert world.run("gate", "latest") == 0


def test_an_arm_that_is_slower_is_found_so_in_rounds(world: World) -> None:
    world.script = Slowing(pace=8.0)
    world.suite(BUDGET.replace("50", "1.5"))
    code, verdict = world.compare()
    assert (code, budget(verdict)["state"]) == (1, "REGRESSION")


def test_rounds_count_cases_and_not_repeats_and_too_few_say_so(world: World) -> None:
    for n, told in ((20, (20, 10)), (2, (2, 4))):
        world.data(n)
        world.suite(BUDGET.replace("generate:", "repeats: 2\ngenerate:"))
        found = budget(world.compare("--live")[1])
        assert (found["n"], found["n_clusters"]) == told
    assert (found["state"], found["details"]["settle"]) == ("INCONCLUSIVE", "more cases")


def test_served_arms_asked_one_after_the_other_prove_no_seconds(world: World) -> None:
    world.suite(BUDGET)
    world.run("run", "base")
    for words in ((), ("--early-stop", "--live")):
        code, verdict = world.compare(*words)
        found = budget(verdict)
        assert (code, found["state"], found["low"]) == (3, "INCONCLUSIVE", None)
        assert "one after the other, not in turn" in found["because"]
        assert "ask both arms in one run" in found["details"]["settle"]


def test_plan_says_it_before_the_candidate_is_asked(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.suite(BUDGET)
    world.run("run", "base")
    world.run("plan", "base", "tuned")
    assert "one after the other, not in turn" in " ".join(capsys.readouterr().out.split())
    keep_earlier(world, "base", 30)
    world.run("plan", "base", "tuned")
    assert "the seconds of the base were taken around" in " ".join(capsys.readouterr().out.split())


def test_a_recording_of_kept_answers_bears_their_day(world: World) -> None:
    """Else `record` would make an old answer one of today; and it writes the same bytes again."""
    world.run("run", "base")
    keep_earlier(world, "base", 5 * 24)
    keep_earlier(world, "base", 3 * 24, share=10)
    for name in ("one", "two"):
        world.run("record", "base", "-o", f"{name}.jsonl")
    assert (world.folder / "one.jsonl").read_bytes() == (world.folder / "two.jsonl").read_bytes()
    header, *rows = map(json.loads, (world.folder / "one.jsonl").read_text().splitlines())
    assert header["created"] == f"{dt.datetime.now() - dt.timedelta(days=5):%Y-%m-%d}"
    assert sum("answered_at" in row for row in rows) == world.n // 10
    world.suite(BUDGET)
    assert world.run("compare", "one.jsonl", "tuned", "--json", "v.json") == 3
    found = budget(json.loads((world.folder / "v.json").read_text()))
    assert f"the base were taken on {header['created']}" in found["because"]
    assert world.run("record", "one.jsonl", "-o", "again.jsonl") == 0
    assert json.loads((world.folder / "again.jsonl").read_text().splitlines()[0])["created"] == header["created"]
