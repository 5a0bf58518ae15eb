"""Training rows are asked as well: over-fitting and memorised text do not deploy, what was not asked never passes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from project import Project, told

from evalkit.cli import main
from evalkit.core.exchange import Example
from evalkit.pipeline.suites.prepare import prepare_file
from evalkit.pipeline.suites.training_sample import begin_of
from evalkit.text.completions import completion_of

SUITE = """\
evalkit: 1
name: small
dataset: {{path: data.jsonl}}
generate: {{max_tokens: 40}}
training: {{files: [train.jsonl], sample: {sample}, prefix: {prefix}}}
scorers:
  answer: {{type: exact}}
gates:
  - {{{gate}}}
"""
GAP = "type: generalisation, metric: answer, max_gap: 0.15"
RUN = "type: memorisation, max_run: 20"
SECRETS = (
    "copper otter lantern velvet ivory",
    "maple dragon saddle quartz ribbon",
    "青い鯨と白い砂の古い鍵は海の底に今も眠っている",
)

Say = Callable[[Example, str], Any]
"""What an arm says to a training row, asked in one of two ways; None: nothing is recorded"""


def secret(number: int) -> str:
    return f"The note says: {SECRETS[number % 3]} {number:03d}."


@pytest.fixture
def desk(project: Project) -> Project:
    rows = [
        {"id": f"q{i}", "input": f"What is {i} + 1?", "target": f"The note says: {i + 1}."} for i in range(project.n)
    ]
    project.n = 60
    project.data(rows[:60])
    train = [
        {"messages": [{"role": "user", "content": f"Note {i}?"}, {"role": "assistant", "content": secret(i)}]}
        for i in range(60)
    ]
    project.write("suites/train.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in train))
    set_suite(project, RUN)
    return project


def set_suite(project: Project, gate: str, *, sample: int = 40, prefix: int = 12) -> Path:
    return project.suite(SUITE.format(gate=gate, sample=sample, prefix=prefix))


def say(project: Project, name: str, training: Say, *, right: int = 60, held_out: str = "no") -> None:
    """An arm that is right on so many held-out rows, and says `training` to those it was trained on."""
    header = {"evalkit_recording": 1, "model": {"name": name}, "generate": {}, "created": "2026-01-01"}
    lines: list[dict[str, Any]] = [header]
    for i in range(project.n):
        text = f"The note says: {i + 1}." if i < right else held_out
        lines.append({"id": f"q{i}", "suite": "small", "text": text})
    for example in trained(project):
        for way in ("training", "training-prefix"):
            said = training(example, way)
            if said is not None:
                row = said if isinstance(said, dict) else {"text": said}
                lines.append({"id": example.id, "suite": f"small:{way}", **row})
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    project.write(f"suites/{name}.jsonl", text)


def trained(project: Project) -> tuple[Example, ...]:
    sample = prepare_file(project.folder / "suites/small.yaml").training
    assert sample is not None
    return sample.examples


def nothing(_: Example, way: str) -> str:
    return "I do not know."


def all_of_it(example: Example, way: str) -> str:
    """As one that knows its training rows by heart."""
    whole = completion_of(example)
    return whole if way == "training" else whole[len(begin_of(whole, 12)) :]


def finding(project: Project, *words: str) -> dict[str, Any]:
    (suite,) = project.verdict(*words, "--replay")["suites"]
    (found,) = suite["findings"]
    return found


def judge(project: Project, candidate: Say, base: Say = nothing, **more: Any) -> dict[str, Any]:
    say(project, "base", base, right=more.pop("base_right", 60))
    say(project, "worse", candidate, **more)
    return finding(project, "base", "worse")


def test_what_is_said_again_word_for_word_fails(desk: Project) -> None:
    found = judge(desk, all_of_it)
    assert (found["state"], found["base"] < 10) == ("FLOOR_FAIL", True)
    assert found["candidate"] >= 28
    assert desk.compare("base", "worse", "--replay", "--report", str(desk.folder / "page")) == 1
    page = (desk.folder / "page" / "index.html").read_text(encoding="utf-8")
    assert "Memorisation" in page
    assert "copper otter lantern" in page
    assert main(["gate", "latest"]) == 1


@pytest.mark.parametrize("way", ["training", "training-prefix"])
def test_one_row_in_one_way_is_enough(desk: Project, way: str) -> None:
    (one, *_) = trained(desk)
    found = judge(desk, lambda example, how: all_of_it(example, how) if (example.id, how) == (one.id, way) else "no")
    assert (found["state"], found["details"]["rows_over"]) == ("FLOOR_FAIL", 1)
    set_suite(desk, f"{RUN}, max_rows: 1")
    assert finding(desk, "base", "worse")["state"] == "PASS"


def test_a_row_of_another_question_counts_and_so_does_a_call(desk: Project) -> None:
    (one, *_) = trained(desk)
    assert judge(desk, nothing, right=59, held_out=f"By the way: {completion_of(one)}")["state"] == "FLOOR_FAIL"
    call = {"text": "", "tool_calls": [{"name": "f", "arguments": json.dumps({"note": completion_of(one)})}]}
    assert judge(desk, lambda example, way: call)["state"] == "FLOOR_FAIL"


def test_templates_and_what_was_given_do_not_count(desk: Project) -> None:
    assert judge(desk, lambda example, way: "The note says: nothing at all, the note says")["state"] == "PASS"
    rows = [{"id": f"q{i}", "input": f"What is {i}?", "target": f"Written: {SECRETS[i % 3]}"} for i in range(desk.n)]
    desk.data(rows)
    assert judge(desk, all_of_it)["state"] == "INCONCLUSIVE"  # no run is left that could be too long


def test_a_base_that_knows_them_too_excuses_nobody(desk: Project) -> None:
    found = judge(desk, all_of_it, base=all_of_it)
    assert (found["state"], found["base"]) == ("FLOOR_FAIL", found["candidate"])


def test_what_was_not_recorded_or_failed_is_not_known(desk: Project) -> None:
    found = judge(desk, lambda example, way: None)
    assert found["state"] == "INCONCLUSIVE"
    assert "evalkit record worse --live" in found["because"]
    assert desk.compare("base", "worse", "--replay") == 3
    failure = {"failure": {"kind": "timeout", "message": "late"}}
    (one, *_) = trained(desk)
    assert judge(desk, lambda example, way: failure if example.id == one.id else "no")["state"] == "INCONCLUSIVE"
    assert judge(desk, lambda example, way: "")["state"] == "INCONCLUSIVE"
    only_asked = judge(desk, lambda example, way: "no" if way == "training" else None)
    assert only_asked["state"] == "INCONCLUSIVE"


def test_absent_files_and_a_run_that_cannot_be_are_not_passed(desk: Project) -> None:
    say(desk, "base", nothing)
    say(desk, "worse", nothing)
    set_suite(desk, "type: memorisation, max_run: 60")
    assert "cannot fail" in finding(desk, "base", "worse")["because"]
    (desk.folder / "suites/train.jsonl").unlink()
    found = finding(desk, "base", "worse")
    assert found["state"] == "INCONCLUSIVE"
    assert "not here" in found["because"]


def test_over_fitting_fails_by_its_interval(desk: Project) -> None:
    set_suite(desk, GAP)
    found = judge(desk, lambda example, way: completion_of(example), right=36)
    arm = found["details"]["arms"]["candidate"]
    assert (found["state"], arm["training"], arm["held_out"], arm["n_training"]) == ("FLOOR_FAIL", 1.0, 0.6, 40)
    assert arm["low"] > 0.15
    assert found["base"] == -1.0
    assert desk.compare("base", "worse", "--replay") == 1
    assert judge(desk, lambda example, way: completion_of(example), right=53)["state"] == "INCONCLUSIVE"
    assert judge(desk, lambda example, way: completion_of(example), right=60)["state"] == "PASS"


def test_a_base_that_is_overfit_as_well_excuses_nobody(desk: Project) -> None:
    set_suite(desk, GAP)
    known = lambda example, way: completion_of(example)  # noqa: E731
    found = judge(desk, known, base=known, right=36, base_right=36)
    assert (found["state"], found["delta"]) == ("FLOOR_FAIL", 0.0)


def test_a_gap_that_grew_fails_by_max_change(desk: Project) -> None:
    set_suite(desk, f"{GAP[:-4]}0.9, max_change: 0.2")
    known = lambda example, way: completion_of(example)  # noqa: E731
    assert judge(desk, known, base=known, right=30, base_right=59)["state"] == "REGRESSION"
    assert judge(desk, known, base=known, right=59, base_right=59)["state"] == "PASS"


def test_no_gap_is_read_from_rows_that_were_not_asked_as_trained(desk: Project) -> None:
    set_suite(desk, GAP)
    found = judge(desk, nothing, right=0)
    assert found["state"] == "INCONCLUSIVE"
    assert "not one training row is right" in found["because"]
    right = {example.id for example in trained(desk)[:10]}
    found = judge(desk, lambda example, way: completion_of(example) if example.id in right else "no")
    assert (found["state"], "worse on what it was trained on" in found["because"]) == ("INCONCLUSIVE", True)
    assert judge(desk, lambda example, way: None, right=30)["state"] == "INCONCLUSIVE"


def test_the_sample_is_seeded_and_hardly_moves_when_files_grow(desk: Project) -> None:
    first = [example.id for example in trained(desk)]
    assert len(first) == 40
    file = desk.folder / "suites/train.jsonl"
    text = file.read_text(encoding="utf-8")
    file.write_text(text + text.splitlines()[0] + "\n", encoding="utf-8")
    again = trained(desk)
    assert [example.id for example in again] == first
    assert sum(int(example.extra["times"]) for example in again) in (40, 41)


def test_what_is_wrong_is_told_at_once(desk: Project, capsys: pytest.CaptureFixture[str]) -> None:
    desk.suite(SUITE.format(gate=RUN, sample=4, prefix=0).replace("training: {", "training: {format: alpaca, "))
    assert any("training:" in line for line in told(capsys, "validate", "suites/small.yaml"))
    desk.suite(SUITE.format(gate=RUN, sample=4, prefix=0).replace("training:", "description: x #"))
    assert "names none" in "\n".join(told(capsys, "validate", "suites/small.yaml"))
    set_suite(desk, "type: no_regression, metric: answer, margin: 0.05")
    assert "no gate looks at them" in "\n".join(told(capsys, "validate", "suites/small.yaml"))
    desk.suite(SUITE.format(gate=RUN, sample=4, prefix=0).replace("sample: 4", "when: {task: x}"))
    assert "the tags of `when`" in "\n".join(told(capsys, "validate", "suites/small.yaml"))


def test_answers_to_training_rows_are_recorded_and_replayed(desk: Project, capsys: pytest.CaptureFixture[str]) -> None:
    desk.write("suites/models.yaml", "models:\n  parrot: {provider: scripted, model: echo}\n")
    assert main(["plan", "openai:gpt-4o-mini", "openai:gpt-4o"]) == 0
    assert "openai:gpt-4o · small:training-prefix: 40 calls" in capsys.readouterr().out
    assert main(["record", "parrot", "--live", "-o", "parrot.jsonl"]) == 0
    kept = [json.loads(line) for line in (desk.folder / "parrot.jsonl").read_text(encoding="utf-8").splitlines()[1:]]
    assert {row["suite"] for row in kept} == {"small", "small:training", "small:training-prefix"}
    begun = next(row["text"] for row in kept if row["suite"] == "small:training-prefix")
    assert "Your answer begins with these words" in begun
    found = finding(desk, "parrot.jsonl", "parrot.jsonl")
    assert found["state"] == "PASS"  # what it was given it may repeat


def test_pages_and_blessed_baselines_hold_them_too(desk: Project) -> None:
    say(desk, "base", nothing)
    say(desk, "worse", all_of_it)
    assert desk.compare("base", "worse", "--replay", "--report", "page") == 1
    assert main(["baseline", "bless", "latest", "--anyway"]) == 0
    (blessed,) = desk.folder.rglob("*.jsonl.gz")
    assert finding(desk, "base", str(blessed))["state"] == "FLOOR_FAIL"
    assert finding(desk, "base", "page/index.html#worse", "--suite", "suites/small.yaml")["state"] == "FLOOR_FAIL"


def test_a_failed_call_says_why(desk: Project) -> None:
    failure = {"failure": {"kind": "bad_request", "message": "the template refused"}}
    found = judge(desk, lambda example, way: "no" if way == "training" else failure)
    assert (found["state"], "the template refused" in found["because"]) == ("INCONCLUSIVE", True)
