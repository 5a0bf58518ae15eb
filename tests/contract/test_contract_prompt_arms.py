"""A prompt is an arm: the same rows, asked in other words on purpose, and never by accident."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pages import read_page
from project import Project

from evalkit.cli import main

SUITE = """\
evalkit: 1
name: small
dataset: {path: data.jsonl}
scorers:
  answer: {type: exact}
gates:
  - {type: no_regression, metric: answer, margin: 0.05}
"""
MODELS = """\
models:
  bare:
    provider: scripted
    model: echo
    transform: {strip_before: "?"}
  rag:
    provider: scripted
    model: echo
    prompt:
      user: "{{ input }} {{ extra.context }}"
      prefix: "Answer briefly. "
      few_shot: [{input: "What is 500 + 1?", target: "501", extra: {context: "none"}}]
    transform: {strip_before: "= "}
"""


@pytest.fixture
def prompts(project: Project) -> Project:
    """`echo` says what it is asked: only where the context is in the prompt the answer is."""
    rows = [{**row, "extra": {"context": f"{i} + 1 = {i + 1}"}} for i, row in enumerate(project.rows())]
    project.data(rows)
    project.suite(SUITE)
    project.write("models.yaml", MODELS)
    return project


def verdict(*words: str) -> dict[str, Any]:
    code = main(["compare", *words, "--json", "v.json"])
    found: dict[str, Any] = json.loads(Path("v.json").read_text(encoding="utf-8"))
    assert code == found["exit_code"]
    return found


def two_arms(prompt: str) -> str:
    own = f"  b: {{provider: scripted, model: echo, prompt: {prompt}}}\n"
    return "models:\n  a: {provider: scripted, model: echo}\n" + own


def notes(found: dict[str, Any]) -> str:
    return " ".join(note if isinstance(note, str) else note["text"] for note in found["suites"][0]["notes"])


def test_a_prompt_with_the_context_beats_one_without_and_it_is_told(
    prompts: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    found = verdict("bare", "rag")
    assert found["outcome"] == "PASS"
    assert found["suites"][0]["metrics"][0]["delta"] == 1.0
    assert "differ on purpose" in notes(found)
    assert "solved examples: the suite's and 1" in notes(found)
    out = " ".join(capsys.readouterr().out.split())
    assert "asked the same rows and differ on purpose" in out
    assert "differ on purpose" in read_page(next(Path("reports/out").rglob("index.html")))


def test_recordings_of_two_prompts_are_compared_as_the_arms_were(prompts: Project) -> None:
    for name in ("bare", "rag"):
        assert main(["record", name, "-o", f"{name}.jsonl"]) == 0
    header, row = map(json.loads, Path("rag.jsonl").read_text(encoding="utf-8").splitlines()[:2])
    assert header["model"]["details"]["prompt"]["few_shot"][0]["target"] == "501"
    assert row["text"].startswith("Answer briefly. ")  # as the model wrote it, not as the transform left it
    assert len(row["input_sha256"]) == 64
    Path("models.yaml").unlink()
    found = verdict("bare.jsonl", "rag.jsonl")
    assert (found["outcome"], found["suites"][0]["metrics"][0]["candidate"]) == ("PASS", 1.0)
    assert "differ on purpose" in notes(found)


@pytest.mark.parametrize(
    ("key", "told"), [("prompt_sha256", "other prompts than its own"), ("input_sha256", "other inputs than the rows")]
)
def test_an_answer_to_something_else_is_still_invalid(prompts: Project, key: str, told: str) -> None:
    for name in ("bare", "rag"):
        assert main(["record", name, "-o", f"{name}.jsonl"]) == 0
    header, *rows = map(json.loads, Path("rag.jsonl").read_text(encoding="utf-8").splitlines())
    header.pop("sha256")
    rows[3][key] = "0" * 64
    prompts.write("other.jsonl", "\n".join(map(json.dumps, [header, *rows])))
    found = verdict("bare.jsonl", "other.jsonl")
    assert found["exit_code"] == 4
    assert told in json.dumps(found)


def test_a_row_that_changed_after_recording_is_invalid(prompts: Project) -> None:
    for name in ("bare", "rag"):
        assert main(["record", name, "-o", f"{name}.jsonl"]) == 0
    data = prompts.folder / "suites" / "data.jsonl"
    data.write_text(data.read_text(encoding="utf-8").replace("3 + 1 = 4", "3 + 1 = 5"), encoding="utf-8")
    assert verdict("bare.jsonl", "rag.jsonl")["exit_code"] == 4  # the context that one arm was shown


def test_a_prompt_edited_after_recording_is_invalid_under_its_name(prompts: Project) -> None:
    assert main(["record", "rag", "-o", "rag.jsonl"]) == 0
    prompts.write("models.yaml", MODELS.replace("briefly. ", "at length. ") + "    recording: rag.jsonl\n")
    found = json.dumps(verdict("bare", "rag", "--replay"))
    assert "other prompts than its own prompt asks" in found


def test_the_same_prompt_twice_is_no_second_arm_but_a_noise_run(prompts: Project) -> None:
    assert "differ on purpose" not in notes(verdict("rag", "rag"))


def test_null_takes_the_suites_system_message_away(prompts: Project) -> None:
    prompts.suite(SUITE.replace("scorers:", 'prompt: {system: "Be brief."}\nscorers:'))
    prompts.write("models.yaml", two_arms("{system: null}"))
    assert "system: the suite's and none" in notes(verdict("a", "b"))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("extra.context }}", "extra.contxt }}", "'dict object' has no attribute 'contxt'"),
        ("extra.context }}", "target }}", "an arm that is shown the answer proves nothing"),
        ("What is 500 + 1?", "What is 5 + 1?", "few_shot shows the answer to 1 of the examples that are asked (q5)"),
        (', target: "501"', "", "few_shot: row 1 has no target"),
        (
            'few_shot: [{input: "What is 500 + 1?", target: "501", extra: {context: "none"}}]',
            "few_shot: no.jsonl",
            "no.jsonl",
        ),
        ('strip_before: "= "', 'json_path: "a[*]"', "is no path to one place"),
        ('{strip_before: "= "}', "shouted", "unknown transform 'shouted'"),
        ('{strip_before: "= "}', "{}", "the transform does nothing"),
    ],
)
def test_a_prompt_that_cannot_be_used_is_told_beforehand(
    prompts: Project, capsys: pytest.CaptureFixture[str], old: str, new: str, told: str
) -> None:
    assert old in MODELS
    text = MODELS.replace(old, new, 1)
    if old == "What is 500 + 1?":
        text = text.replace('{context: "none"}', '{context: "5 + 1 = 6"}')
    prompts.write("models.yaml", text)
    for command in (
        ["validate"],
        ["compare", "bare", "rag"],
        ["plan", "bare", "rag"],
        ["record", "rag", "-o", "r.jsonl"],
    ):
        assert main(command) == 2
        said = capsys.readouterr()
        assert told in said.err, command
        assert "models.yaml:" in said.err
    assert not Path("r.jsonl").exists()


def test_a_prompt_for_another_suite_is_a_warning_of_validate(
    prompts: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    prompts.write("suites/plain.jsonl", '{"id": "a", "input": "hi", "target": "hi"}\n')
    prompts.write("suites/plain.yaml", SUITE.replace("small", "plain").replace("data.jsonl", "plain.jsonl"))
    assert main(["validate"]) == 0
    assert "warning: models.yaml:10:7: model 'rag', suite 'plain'" in capsys.readouterr().err


def test_few_shot_rows_come_from_a_file_beside_models_yaml(prompts: Project) -> None:
    prompts.write("shots.csv", "input,target\nWhat is 700 + 1?,701\n")
    prompts.write("models.yaml", two_arms("{few_shot: shots.csv}"))
    assert main(["record", "b", "-o", "b.jsonl"]) == 0
    header = json.loads(Path("b.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert header["model"]["details"]["prompt"]["few_shot"][0]["messages"][0]["content"] == "What is 700 + 1?"
    assert "solved examples: the suite's and 1" in notes(verdict("a", "b"))


def test_a_transform_that_finds_nothing_anywhere_proves_nothing(prompts: Project) -> None:
    prompts.write("models.yaml", MODELS.replace('strip_before: "= "', "json_path: answer"))
    found = verdict("bare", "rag")
    assert found["exit_code"] == 4
    assert "its transform found nothing in any of 100 answers" in json.dumps(found)
