"""`--replay` of an arm that nothing was ever kept of: INVALID, with one sentence that says what to do."""

import json
from pathlib import Path

import pytest
from project import SUITE, Project

from evalkit.cli import main
from evalkit.store.runs import list_runs

ASKED = "  {name}: {{provider: openai, model: m-{name}, base_url: 'http://127.0.0.1:9/v1'}}\n"
REPLAYED = "  better: {provider: replay, recording: better.jsonl}\n"


def models(project: Project, *names: str) -> None:
    project.write("suites/models.yaml", "models:\n" + "".join(ASKED.format(name=n) for n in names) + REPLAYED)


def test_an_arm_without_recording_and_kept_answers_is_told_once_with_its_place_and_what_to_do(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    models(project, "base")
    project.write("suites/second.yaml", SUITE.replace("small", "second"))
    assert project.compare("base", "better", "--replay", "--json", "v.json") == 4
    told = capsys.readouterr()
    assert told.err.count("no recording and no kept answers") == 1
    assert "suites/models.yaml:2:" in told.err
    assert "the arm 'base' has no recording and no kept answers to any of 200 prompts" in told.err
    assert "drop --replay" in told.err
    assert "`evalkit record base -o FILE` and name FILE under `recording:` of 'base'" in told.err
    assert "calls of" not in told.err + told.out
    found = json.loads(Path("v.json").read_text(encoding="utf-8"))
    assert (found["outcome"], found["exit_code"]) == ("INVALID", 4)
    assert "no kept answers" in found["because"]
    assert not list_runs(Path())


def test_all_such_arms_are_told_together(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    models(project, "base", "tuned")
    assert project.compare("base", "better", "tuned", "--replay") == 4
    told = capsys.readouterr().err
    assert ("the arm 'base'" in told, "the arm 'tuned'" in told, "'better'" in told) == (True, True, False)


def test_an_arm_that_no_models_yaml_names_is_to_be_compared_by_its_recording(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert project.compare("openai:m", "better", "--replay") == 4
    assert "`evalkit record openai:m -o FILE` and compare FILE instead of 'openai:m'" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["run", "base"], ["record", "base", "-o", "kept.jsonl"]])
def test_run_and_record_say_the_same(words: list[str], project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    models(project, "base")
    assert main([*words, "--replay"]) == 4
    assert "the arm 'base' has no recording and no kept answers" in capsys.readouterr().err
    assert not Path("kept.jsonl").exists()


def test_a_recording_that_holds_no_answer_to_this_suite_has_words_of_its_own(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.arm("base", right=lambda i: True, change=lambda row: {**row, "id": f"other-{row['id']}"})
    assert project.compare("base", "better", "--replay") == 4
    told = capsys.readouterr()
    assert "no recording" not in told.err + told.out
