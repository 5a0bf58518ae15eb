"""Judges are arms like others: asked through the API, kept, priced, replayed, never asked twice."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from api_world import World, answers, model_of, question_of
from openai_loopback import Call, Reply, chat_body
from project import told

import evalkit
from evalkit.core.errors import ModelError
from evalkit.core.exchange import Request
from evalkit.core.recording import Recording

JUDGE = "  quality: {type: judge, judge: judge, criteria: Is the number right?, scale: [1, 5]}"
SUITE = f"""\
evalkit: 1
name: wire
dataset: {{path: data.jsonl}}
generate: {{max_tokens: 8}}
scorers:
  answer: {{type: exact}}
{JUDGE}
gates:
  - {{type: no_regression, metric: quality, margin: 0.5}}
"""


def grade(text: str) -> int:
    """What an honest judge gives: 5 for the right number, 1 else."""
    asked = re.search(r"What is (\d+) \+ 1\?", text)
    answer = re.search(r"<answer>\n(.*)\n</answer>", text)
    assert asked is not None
    assert answer is not None
    return 5 if answer[1] == str(int(asked[1]) + 1) else 1


def judging(call: Call) -> Reply:
    if call.method == "POST" and "<answer>" in question_of(call):
        body = json.dumps({"reasoning": "seen", "score": grade(question_of(call))})
        return Reply(body=chat_body(body, model=model_of(call)))
    return answers(call)


@pytest.fixture
def court(world: World) -> World:
    """20 questions, two arms and a judge at one server."""
    world.script = judging
    world.data(20)
    world.suite(SUITE)
    judge = {"provider": "openai", "base_url": world.server.url, "model": "judge-1"}
    judge["price"] = {"input": 1.0, "output": 2.0}  # type: ignore[assignment]
    models = json.loads((world.folder / "suites/models.yaml").read_text(encoding="utf-8"))
    models["models"]["judge"] = judge
    world.write("suites/models.yaml", json.dumps(models))
    return world


def judged(world: World) -> list[Call]:
    return [call for call in world.chats if model_of(call) == "judge-1"]


def metric(verdict: dict[str, Any], name: str) -> dict[str, Any]:
    return next(row for row in verdict["suites"][0]["metrics"] if row["metric"] == name and row["slice"] is None)


def test_a_judge_is_asked_once_for_each_answer_and_held_to_a_schema(court: World) -> None:
    _, verdict = court.compare()
    found = metric(verdict, "quality")
    assert (found["base"], found["candidate"]) == (pytest.approx(1 + 4 * 0.8), pytest.approx(1 + 4 * 0.9))
    calls = judged(court)
    # base and candidate give the same answer to 18 of 20: such a pair is one question
    assert len(calls) == 22
    assert Counter(question_of(call) for call in calls).most_common(1)[0][1] == 1
    form = calls[0].body["response_format"]
    assert form["json_schema"]["schema"]["properties"]["score"]["enum"] == [1, 2, 3, 4, 5]
    assert calls[0].body["temperature"] == 0


def test_kept_replies_are_not_paid_again_and_give_the_same_bytes(court: World) -> None:
    _, first = court.compare()
    asked = len(court.chats)
    _, again = court.compare("--replay")
    assert len(court.chats) == asked
    assert json.dumps(first["suites"][0]["sections"]) == json.dumps(again["suites"][0]["sections"])
    assert metric(first, "quality") == metric(again, "quality")


def test_what_judging_took_stands_in_the_verdict(court: World) -> None:
    _, verdict = court.compare()
    about = verdict["suites"][0]["sections"]["judges"]["quality"]
    assert about["prompt"]["name"] == "rubric.en"
    assert re.fullmatch("[0-9a-f]{64}", about["prompt"]["sha256"])
    judge = about["judges"]["judge"]
    assert (judge["model"], judge["calls"], judge["failed"]) == ("judge-1", 22, {})
    assert judge["tokens_in"] > 0
    assert judge["cost_usd"] == pytest.approx((judge["tokens_in"] + 2 * judge["tokens_out"]) / 1e6)


def planned(world: World) -> dict[str, Any]:
    assert world.run("plan", "base", "tuned", "--json", "plan.json") == 0
    rows = json.loads(Path("plan.json").read_text(encoding="utf-8"))["spending"]
    found: dict[str, Any] = next(row for row in rows if row["arm"] == "judge judge")
    return found


def test_the_plan_counts_the_judge_before_and_after(court: World) -> None:
    before = planned(court)
    assert (before["calls"], before["kept"], before["metered"]) == (40, 0, True)
    assert not court.chats
    assert before["cost_usd"] == pytest.approx((before["tokens_in"] + 2 * before["tokens_out"]) / 1e6)
    assert before["tokens_out"] == 40 * 1024
    told = json.loads(Path("plan.json").read_text(encoding="utf-8"))["forecasts"][0]["gates"][0]["warning"]
    assert "the judge is advisory (nobody has held it against labels of people)" in told
    _, verdict = court.compare()
    spent = verdict["suites"][0]["sections"]["judges"]["quality"]["judges"]["judge"]
    assert spent["cost_usd"] < before["cost_usd"], "a plan tells the most"
    after = planned(court)
    assert (after["calls"], after["kept"], after["cost_usd"]) == (0, 22, 0.0)


def test_a_ceiling_on_cost_counts_the_judge(court: World) -> None:
    code, verdict = court.compare("--max-cost", "0.00001")
    assert code == 2, "the arms have no price"
    assert not verdict
    court.price = {"input": 0.0, "output": 0.0}
    code = court.run("compare", "base", "tuned", "--max-cost", "0.00001")
    assert code in (2, 4)
    assert len(judged(court)) < 22


@pytest.mark.parametrize("shape", ['{"score": {"value": 4}}', '{"score": null}', '{"score": "8/10"}', '{"score": NaN}'])
def test_replies_that_are_no_score_are_counted_and_make_the_verdict_invalid(court: World, shape: str) -> None:
    def broken(call: Call) -> Reply:
        if call.method == "POST" and model_of(call) == "judge-1" and " 7 + 1" in question_of(call):
            return Reply(body=chat_body(shape, model="judge-1"))
        return judging(call)

    court.script = broken
    code, verdict = court.compare()
    assert code == 4
    because = json.dumps(verdict)
    assert "scorer 'quality' found no score for 1 of 20 answers" in because
    assert "unscorable: " in because


def test_a_judge_that_is_nobody_is_told_with_its_place(court: World, capsys: pytest.CaptureFixture[str]) -> None:
    court.suite(SUITE.replace("judge: judge,", "judge: juge,"))
    (line,) = told(capsys, "compare", "base", "tuned")
    assert line.startswith("suites/wire.yaml:7:")
    assert "judge 'juge': unknown model 'juge' (did you mean 'judge'?)" in line
    assert not court.chats


def test_a_model_does_not_judge_itself_unless_the_suite_says_so(
    court: World, capsys: pytest.CaptureFixture[str]
) -> None:
    court.suite(SUITE.replace("judge: judge,", "judge: tuned,"))
    (line,) = told(capsys, "compare", "base", "tuned")
    assert "the judge 'tuned' is the arm 'tuned': a model does not judge itself" in line
    assert not court.chats
    court.suite(SUITE.replace("judge: judge,", "judge: tuned, self_judging: allowed,"))
    code, verdict = court.compare()
    assert verdict, code


def test_one_arm_alone_is_judged_and_a_recording_of_it_is_not(court: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert court.run("record", "base", "-o", "base.jsonl") == 0
    assert not judged(court)
    assert court.run("run", "base") == 0
    assert len(judged(court)) == 20
    assert "quality" in capsys.readouterr().out


def honest(request: Request) -> str:
    return json.dumps({"score": grade(str(request.messages[-1].content))})


def test_any_object_may_judge_and_its_replies_may_be_recorded(court: World) -> None:
    result = evalkit.compare("base", "tuned", suites="suites/wire.yaml", models=_arms(honest), root=None)
    scores = result.comparisons[0].candidate_scores["quality"]
    rows = {
        reply["asked"]: {"id": reply["asked"], "suite": "wire", "text": reply["text"]}
        for side in (result.comparisons[0].base_scores, result.comparisons[0].candidate_scores)
        for row in side["quality"].values()
        for score in row
        for reply in score.evidence["replies"]
    }
    lines = [{"evalkit_recording": 1, "model": {"name": "judge-9"}}, *rows.values()]
    Path("judge.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert len(Recording.read("judge.jsonl").responses) == 22
    court.suite(SUITE.replace("judge: judge,", "judge: judge.jsonl,"))
    again = evalkit.compare("base", "tuned", suites="suites/wire.yaml", models=_arms(None), root=None)
    assert {key: row[0].value for key, row in again.comparisons[0].candidate_scores["quality"].items()} == {
        key: row[0].value for key, row in scores.items()
    }


def _arms(judge: Any) -> dict[str, Any]:
    def arm(every: int) -> Any:
        def answer(request: Request) -> str:
            number = int(str(request.messages[-1].content).split()[2])
            return str(number + 1) if number % every else "no"

        return answer

    return {"base": arm(5), "tuned": arm(10), **({"judge": judge} if judge else {})}


def test_an_early_stop_looks_at_no_judge(court: World) -> None:
    code, verdict = court.compare("--early-stop")
    assert verdict, code
    assert metric(verdict, "quality")["n"] == 20


def test_self_judging_is_refused_in_programs_as_well(court: World) -> None:
    with pytest.raises(ModelError, match="does not judge itself"):
        evalkit.compare("base", "tuned", suites=_with(court, "judge: base,"), models=_arms(None), root=None)


def _with(court: World, who: str) -> str:
    court.suite(SUITE.replace("judge: judge,", who))
    return "suites/wire.yaml"
