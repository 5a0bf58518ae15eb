"""In CI, a finding stands at the line of its gate: GitHub's annotations in the log, GitLab's code quality in a file."""

import json
import re
from pathlib import Path

import pytest
from project import SUITE, Project

from evalkit.cli import main

LINE = SUITE.splitlines().index("  - {type: no_regression, metric: answer, margin: 0.05}") + 1


@pytest.fixture
def worse(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    project.arm("worse", right=lambda i: i % 2 == 0)
    project.models("base", "better", "worse")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(project.folder))
    return project


def commands(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("::")]


def test_a_regression_is_an_error_at_its_gate(worse: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert worse.compare("base", "worse") == 1
    first = commands(capsys.readouterr().out)[0]
    assert first.startswith(f"::error file=suites/small.yaml,line={LINE},title=REGRESSION small%3A no_regression")
    assert "base -> worse" in first
    assert "Broken: " in first


def test_the_words_at_the_line_speak_the_language_and_its_title_does_not(
    worse: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert worse.compare("base", "worse") == 1
    english = commands(capsys.readouterr().out)
    assert worse.compare("base", "worse", "--lang", "ja") == 1
    japanese = commands(capsys.readouterr().out)
    assert [line.split("::")[1] for line in japanese] == [line.split("::")[1] for line in english]
    assert "悪化したケース: " in japanese[0]
    assert ".." not in english[0]


def test_a_verdict_that_cannot_fail_a_job_says_nothing_at_a_line(
    worse: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert worse.compare("base", "better") == 0
    assert commands(capsys.readouterr().out) == []


def test_elsewhere_nothing_is_annotated(
    worse: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS")
    assert worse.compare("base", "worse") == 1
    said = capsys.readouterr()
    assert commands(said.out + said.err) == []


def test_a_kept_run_decided_again_knows_its_lines(worse: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert worse.compare("base", "worse") == 1
    capsys.readouterr()
    assert main(["gate"]) == 1
    assert f"file=suites/small.yaml,line={LINE}," in commands(capsys.readouterr().out)[0]


def test_json_on_standard_output_stays_json(worse: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert worse.compare("base", "worse", "--json", "-") == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["outcome"] == "FAIL"
    assert len(commands(said.err)) >= 1


def test_a_mistake_in_a_suite_is_annotated_where_it_stands(worse: Project, capsys: pytest.CaptureFixture[str]) -> None:
    worse.suite(SUITE.replace("margin", "margni"))
    assert worse.compare("base", "worse") == 2
    found = commands(capsys.readouterr().err)
    assert any(line.startswith(f"::error file=suites/small.yaml,line={LINE},") and "margni" in line for line in found)


def test_an_unsound_comparison_is_an_error_without_a_line(worse: Project, capsys: pytest.CaptureFixture[str]) -> None:
    worse.data([*worse.rows(), worse.rows()[0]])
    assert worse.compare("base", "worse") in (2, 4)
    assert commands(capsys.readouterr().err)


def test_files_are_named_from_the_root_of_the_repository(
    worse: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(worse.folder.parent))
    assert worse.compare("base", "worse") == 1
    assert f"file={worse.folder.name}/suites/small.yaml," in commands(capsys.readouterr().out)[0]


def test_gitlab_gets_an_issue_a_finding_the_same_for_the_same(worse: Project) -> None:
    assert worse.compare("base", "worse", "--code-quality", "one.json") == 1
    assert worse.compare("base", "worse", "--code-quality", "two.json") == 1
    one, two = (Path(name).read_text(encoding="utf-8") for name in ("one.json", "two.json"))
    assert one == two
    first = json.loads(one)[0]
    assert first["location"] == {"path": "suites/small.yaml", "lines": {"begin": LINE}}
    assert first["severity"] == "critical"
    assert re.fullmatch("[0-9a-f]{64}", first["fingerprint"])
    assert first["check_name"] == "evalkit.no_regression"
