"""Rows that were trained on: the verdict is INVALID and shows what the gates say with them and without."""

from __future__ import annotations

import json

import pytest
from pages import read_page
from project import SUITE, Project

from evalkit.cli import main

WORDS = ("parcel", "invoice", "sofa", "lamp", "refund", "voucher", "desk", "carpet", "mirror", "kettle")


def ask(i: int) -> str:
    return f"The {WORDS[i % 10]} of customer {i} and the {WORDS[i // 10]} beside it: what is {i} + 1?"


@pytest.fixture
def leaky(project: Project) -> Project:
    """The rows that only `better` gets right stand in training prompts, each in a template."""
    project.data([{**row, "input": ask(i)} for i, row in enumerate(project.rows())])
    turns = [
        {"role": "user", "content": f"Answer with a number.\n\nQuestion: {ask(i)}\n\nAnswer:"} for i in range(0, 100, 5)
    ]
    taught = [{"messages": [turn, {"role": "assistant", "content": "1"}]} for turn in turns]
    project.write("suites/train/part.jsonl", "".join(json.dumps(row) + "\n" for row in taught))
    text = SUITE.replace("{path: data.jsonl}", "{path: data.jsonl, trained_on: [train]}")
    project.suite(text.replace("no_regression, metric: answer, margin: 0.05", "must_improve, metric: answer"))
    return project


def test_the_gates_are_shown_with_the_leaked_rows_and_without_them(leaky: Project) -> None:
    found = leaky.verdict("base", "better")
    assert (found["outcome"], found["exit_code"]) == ("INVALID", 4)
    (suite,) = found["suites"]
    leaked = suite["leaked"]
    assert leaked["rows"] == {f"q{i}": "contained" for i in range(0, 100, 5)}
    assert (leaked["with"]["findings"][0]["state"], leaked["with"]["findings"][0]["n"]) == ("IMPROVED", 100)
    without = leaked["without"]["findings"][0]
    assert (without["state"] != "IMPROVED", without["n"], without["delta"]) == (True, 80, 0)
    assert "20 of 100 examples are in the training data (20 contained" in suite["findings"][0]["because"]
    assert "with the 20 leaked rows the gates would say PASS" in suite["notes"][0]
    assert "without, 80 rows left" in suite["notes"][0]


def test_a_kept_run_with_leaked_rows_says_the_same_when_it_is_decided_again(
    leaky: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    first = leaky.verdict("base", "better")
    assert main(["gate", "latest", "--json", "again.json"]) == 4
    again = json.loads((leaky.folder / "again.json").read_text(encoding="utf-8"))
    assert again["suites"][0]["leaked"] == first["suites"][0]["leaked"]


def test_the_terminal_and_the_page_show_both(leaky: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert leaky.compare("base", "better", "--report", "page") == 4
    assert "without, 80 rows left" in " ".join(capsys.readouterr().out.split())
    assert "without, 80 rows left" in read_page(leaky.folder / "page" / "index.html")


def test_a_likely_copy_is_told_and_fails_nothing(project: Project) -> None:
    rows = [{**row, "input": ask(i)} for i, row in enumerate(project.rows())]
    rows[3]["input"] = "Which colours may I order the garden umbrella and its stand in, please?"
    project.data(rows)
    other = "Now, which colours may I order the garden chair and its stand in?"
    project.write("suites/train.jsonl", json.dumps({"input": other}) + "\n")
    project.suite(SUITE.replace("{path: data.jsonl}", "{path: data.jsonl, trained_on: [train.jsonl]}"))
    found = project.verdict("base", "better")
    assert found["outcome"] == "PASS"
    assert "leaked" not in found["suites"][0]
    assert "1 example probably stands in the training data in other words" in " ".join(found["suites"][0]["notes"])
