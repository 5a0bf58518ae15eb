"""Several judges in one run, a judge of this machine, and a run that is killed while a judge is asked."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from api_world import World, answers, model_of, question_of
from openai_loopback import Call, Reply, chat_body
from project import Project

import evalkit
from evalkit.cli import main
from evalkit.core.exchange import Request

JUDGE = "type: judge, kind: label, labels: [bad, good], passes: [good], criteria: Is it right?"
SUITE = f"""\
evalkit: 1
name: small
dataset: {{path: data.jsonl}}
scorers:
  quality: {{{JUDGE}, judge: [strict, blind]}}
gates:
  - {{type: must_improve, metric: quality}}
"""


def number(request: Request) -> tuple[int, str]:
    text = str(request.messages[0].content)
    asked = int(text.split("What is ")[1].split(" ")[0])
    return asked, text.split("<answer>\n")[1].split("\n</answer>")[0]


def strict(request: Request) -> str:
    asked, answer = number(request)
    return json.dumps({"label": "good" if answer == str(asked + 1) else "bad"})


def blind(request: Request) -> str:
    """It sees the question alone, so that both arms are alike to it."""
    return json.dumps({"label": "good" if number(request)[0] % 4 else "bad"})


def test_judges_that_see_another_world_are_reported_as_disagreeing(project: Project) -> None:
    project.suite(SUITE)
    judges: dict[str, Any] = {"strict": strict, "blind": blind}
    arms = {name: f"suites/{name}.jsonl" for name in ("base", "better")}
    result = evalkit.compare(arms["base"], arms["better"], suites="suites/small.yaml", models=judges, root=None)
    (finding,) = result.gate_findings()
    assert finding["state"] == "INCONCLUSIVE"
    assert {"judges_disagree", "advisory"} & {*finding["flags"]}
    (told,) = (one.details["under_each_judge"] for one in result.verdict.suites[0].findings)
    assert {name: one["says"] for name, one in told.items()} == {"strict": "better", "blind": "no change"}
    about = result.to_dict()["suites"][0]["sections"]["judges"]["quality"]
    (between,) = about["between_judges"]
    assert (between["judges"], between["n"]) == (["strict", "blind"], 200)
    assert between["high"] < 0.4
    by_name = {row["metric"]: row["candidate"] for row in result.metrics() if row["slice_by"] is None}
    assert by_name["quality.strict"] == 1.0
    assert by_name["quality.blind"] == 0.75
    assert by_name["quality"] == 0.75, "of two judges both must say yes"
    page = result.write_report("out").read_text(encoding="utf-8")
    assert "The verdict under each judge" in page
    assert "Agreement between judges" in page


def test_a_tie_of_pairs_is_half_for_either_side(project: Project) -> None:
    project.suite(SUITE.replace(JUDGE, "type: judge, kind: pairwise, criteria: Which is right?"))

    def first(request: Request) -> str:
        return '{"better": "A"}'

    result = evalkit.compare(
        "suites/base.jsonl", "suites/better.jsonl", suites="suites/small.yaml",
        models={"strict": first, "blind": lambda request: '{"better": "tie"}'}, root=None,
    )  # fmt: skip
    rows = [row for row in result.metrics() if row["metric"] == "quality" and row["slice_by"] is None]
    assert [(row["base"], row["candidate"], row["delta"]) for row in rows] == [(0.5, 0.5, 0.0)]


def test_a_judge_sees_the_conversation_that_the_arm_had(project: Project) -> None:
    project.suite(SUITE.replace("judge: [strict, blind]", "judge: blind"))
    turns = [{"role": "user", "content": "What is 1 + 1?"}, {"role": "user", "content": "And one more?"}]
    project.data([{"id": f"q{i}", "messages": turns, "turns": "generate"} for i in range(3)])
    seen: list[str] = []

    def watch(request: Request) -> str:
        seen.append(str(request.messages[0].content))
        return '{"label": "good"}'

    models = {name: lambda request, name=name: f"{name} {len(request.messages)}" for name in ("one", "two")}
    evalkit.compare("one", "two", suites="suites/small.yaml", models={**models, "blind": watch}, root=None)
    assert any("[assistant]\none 1" in text and "<answer>\none 3" in text for text in seen)
    assert any("[assistant]\ntwo 1" in text and "<answer>\ntwo 3" in text for text in seen)


def slowly(call: Call) -> Reply:
    if call.method == "POST" and "<answer>" in question_of(call):
        return Reply(body=chat_body('{"label": "good"}', model=model_of(call)), delay=0.03)
    return answers(call)


@pytest.mark.slow
def test_a_run_that_is_killed_while_a_judge_is_asked_pays_nothing_twice(world: World) -> None:
    world.limits = {"concurrency": 2}
    world.models()
    world.data(60)
    world.script = slowly
    world.suite(SUITE.replace("name: small", "name: wire").replace("judge: [strict, blind]", "judge: judge"))
    models = json.loads(Path("suites/models.yaml").read_text(encoding="utf-8"))
    models["models"]["judge"] = {**models["models"]["base"], "model": "judge"}
    world.write("suites/models.yaml", json.dumps(models))

    def judged() -> list[str]:
        return [question_of(call) for call in world.chats if model_of(call) == "judge"]

    process = world.start_compare()
    until = time.monotonic() + 60
    while len(judged()) < 20 and process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    process.kill()
    process.wait(30)
    seen = len(judged())
    assert 20 <= seen < 66
    _, verdict = world.compare()
    assert verdict["suites"][0]["sections"]["judges"]["quality"]["judges"]["judge"]["calls"] == 66
    assert len(judged()) <= 66 + 4, "no more than what was in flight is asked again"


OWN = "Question: {{ input }}\nAnswer: {{ answer }}\nIs the answer right? Reply with one word, yes or no.\n"


def say_it(row: dict[str, Any]) -> dict[str, Any]:
    wrong = int(row["id"][1:]) + 7
    return {**row, "text": f"It is {wrong if row['text'] == 'no' else row['text']}."}


@pytest.mark.slow
def test_a_small_model_of_this_machine_judges_end_to_end_and_is_demoted(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch")
    project.n = 30
    project.data()
    for arm, every in (("base", 3), ("better", 4)):
        project.arm(arm, right=lambda i, every=every: i % every != 0, change=say_it)
    project.write("suites/own.md", OWN)
    words = "labels: ['Yes', 'No', 'yes', 'no'], passes: ['Yes', 'yes'], prompt: own.md, max_tokens: 8"
    scorer = rf"{{type: judge, judge: tiny, kind: label, {words}, pattern: '\b(Yes|No|yes|no)\b'}}"
    suite = SUITE.replace(f"{{{JUDGE}, judge: [strict, blind]}}", scorer)
    project.suite(suite.replace("type: must_improve,", "type: no_regression, margin: 0.1,"))
    recorded = "".join(f"  {arm}: {{provider: replay, recording: {arm}.jsonl}}\n" for arm in ("base", "better"))
    project.write(
        "suites/models.yaml",
        f"models:\n{recorded}  tiny: {{provider: local, model: 'embedded:SmolLM2-135M-Instruct'}}\n",
    )
    assert project.compare("base", "better") == 3
    rows = [f"q{i},{'yes' if i % 3 else 'no'},{'yes' if i % 4 else 'no'}" for i in range(30)]
    project.write("labels.csv", "\n".join(["id,base.good,candidate.good", *rows]) + "\n")
    capsys.readouterr()
    assert main(["judge", "check", "labels.csv", "-o", "suites/tiny.json"]) == 1
    told = capsys.readouterr().out
    assert "60 labels of people on 30 cases" in told
    assert "advisory, cannot gate: " in told
    assert "under judge_floor 0.4" in told
    calibrated = project.folder.joinpath("suites/small.yaml").read_text(encoding="utf-8")
    project.suite(calibrated.replace("max_tokens: 8", "max_tokens: 8, calibration: tiny.json"))
    assert project.verdict("base", "better", "--replay")["outcome"] == "INCONCLUSIVE"
