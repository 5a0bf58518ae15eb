"""A suite whose answers are run: only with its leave, the network cut or said not to be, and told in the verdict."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from project import Project, told

from evalkit.cli import main
from evalkit.scorers.code_tests import scorer as room
from evalkit.scorers.code_tests.cell.walls import NETWORK
from evalkit.scorers.code_tests.runner import find_walls

SUITE = """\
evalkit: 1
name: code
allow_code: true
dataset: {path: code.jsonl}
scorers:
  passes: {type: code_tests}
gates:
  - {type: no_regression, metric: passes, margin: 0.1}
"""
needs_walls = pytest.mark.skipif(NETWORK not in find_walls(), reason="no user namespaces here: code is not run")


@pytest.fixture
def code(project: Project) -> Project:
    """Twelve functions; `good` writes all of them, `bad` none but one."""
    for path in (project.folder / "suites").glob("*"):
        path.unlink()
    rows = [{"id": f"q{i}", "input": f"Write f: plus {i}.", "tests": [f"assert f(1) == {i + 1}"]} for i in range(12)]
    project.write("suites/code.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    project.write("suites/code.yaml", SUITE)
    arms: dict[str, Callable[[int], str]] = {
        "good": lambda i: f"```python\ndef f(x): return x + {i}\n```",
        "bad": lambda i: "```python\ndef f(x): return x + 3\n```",
    }
    for name, text in arms.items():
        lines = [
            {"evalkit_recording": 1, "model": {"name": name}},
            *({"id": f"q{i}", "text": text(i)} for i in range(12)),
        ]
        project.write(f"suites/{name}.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    project.models("good", "bad")
    return project


@needs_walls
def test_code_is_run_and_gated_and_the_walls_are_told(code: Project) -> None:
    verdict = code.verdict("good", "bad")
    assert verdict["exit_code"] == 1
    (found,) = [one for one in verdict["suites"][0]["findings"] if one["gate"] == "no_regression"]
    assert (found["base"], round(found["candidate"], 3)) == (1.0, 0.083)
    assert "code that the models write is run, kept from the network" in json.dumps(verdict["suites"][0])


@needs_walls
def test_a_kept_run_is_judged_again_without_running_code(code: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    code.verdict("good", "bad")
    monkeypatch.setattr(room, "run_many", None)
    assert main(["gate", "latest"]) == 1
    assert main(["report", "latest"]) == 0


def test_without_the_suites_leave_nothing_is_run(
    code: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "run_many", None)
    code.write("suites/code.yaml", SUITE.replace("allow_code: true\n", ""))
    assert main(["compare", "good", "bad"]) == 2
    said = capsys.readouterr().err
    assert "suites/code.yaml:5" in said
    assert "write at the top of the suite: `allow_code: true`" in said


def test_where_the_network_cannot_be_cut_the_suite_must_say_so(
    code: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "find_walls", lambda: frozenset())
    assert "does not let evalkit cut the network off" in told(capsys, "compare", "good", "bad")[0]
    code.write("suites/code.yaml", SUITE + "network: unprotected\n")
    verdict = code.verdict("good", "bad")
    assert verdict["exit_code"] == 1
    assert (said := "NOT from the network, writing of files, other processes") in json.dumps(verdict["suites"][0])
    (page,) = (code.folder / "reports").rglob("index.html")
    assert said in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(("line", "sentence"), [("allow_code: yes", "allow_code"), ("network: open", "network")])
def test_the_keys_are_checked(code: Project, capsys: pytest.CaptureFixture[str], line: str, sentence: str) -> None:
    code.write("suites/code.yaml", SUITE.replace("allow_code: true\n", "") + line + "\n")
    assert any(sentence in one for one in told(capsys, "validate"))
