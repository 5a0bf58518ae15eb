"""The workflow that `evalkit init` writes: on pull requests, once a week, with kept answers and one comment."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from evalkit.cli import main


@pytest.fixture
def workflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert main(["init"]) == 0
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(Path(".github/workflows/evalkit.yml"))
    return found


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = workflow["jobs"]["gate"]["steps"]
    return found


def words(workflow: dict[str, Any], how: str) -> list[str]:
    """The words of the comparison, with what the event makes of HOW."""
    (line,) = [step["run"] for step in steps(workflow) if "evalkit compare" in step.get("run", "")]
    return shlex.split(line.replace("$HOW", how))[1:]


def test_it_runs_on_pull_requests_and_once_a_week_with_what_is_kept(workflow: dict[str, Any]) -> None:
    assert "pull_request" in workflow["on"]
    assert workflow["on"]["schedule"] == [{"cron": "0 3 * * 1"}]
    (cache,) = [step["with"] for step in steps(workflow) if step.get("uses", "").startswith("actions/cache")]
    assert cache["path"] == ".evalkit"
    assert cache["key"].startswith(cache["restore-keys"])
    assert workflow["permissions"]["pull-requests"] == "write"


def test_its_comparisons_are_commands_of_evalkit(workflow: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    replay, weekly = re.findall(r"'(--[^']+)'", workflow["jobs"]["gate"]["env"]["HOW"])
    assert main(words(workflow, replay)) in (0, 1, 3)
    assert Path("reports/out/summary.md").read_text(encoding="utf-8").startswith("<!-- evalkit:report -->")
    assert Path("reports/out/junit.xml").is_file()
    capsys.readouterr()
    assert main(words(workflow, weekly)) == 2
    assert "OPENAI_API_KEY is not set" in capsys.readouterr().err
