"""Every JSON that a command writes says what it holds, and the reference names it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from project import Project

from evalkit import __version__
from evalkit.cli import main

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "report.md"


@pytest.fixture
def kept(project: Project) -> Project:
    assert project.compare("base", "better") == 0
    return project


@pytest.mark.parametrize(
    ("words", "holds", "beside"),
    [
        ("compare base better --json -", "verdict", "suites"),
        ("compare base better same --json -", "verdicts", "verdicts"),
        ("gate --json -", "verdict", "suites"),
        ("report --json -", "verdict", "suites"),
        ("run base --json -", "arms", "arms"),
        ("plan base better --json -", "plan", "forecasts"),
        ("groups --json -", "groups", "suites"),
        ("runs list --json", "runs", "runs"),
        ("runs show --json", "verdict", "suites"),
        ("runs compare --json", "series", "series"),
        ("runs noise --json", "noise", "noise"),
        ("audit decisions.csv --selected decision=yes --by sex --json -", "audit", "tables"),
        ("data check data.jsonl --trained-on train.jsonl --json held.json", "held_out", "leaks"),
        ("data check data.jsonl --json held.json", "data_check", "findings"),
    ],
)
def test_json_says_what_it_holds(
    kept: Project, capsys: pytest.CaptureFixture[str], words: str, holds: str, beside: str
) -> None:
    kept.write("decisions.csv", "sex,decision\n" + "m,yes\nm,no\nf,yes\nf,no\n" * 10)
    kept.write("data.jsonl", '{"id": "a", "input": "What is the capital of France, please?", "target": "Paris"}\n')
    kept.write(
        "train.jsonl", '{"id": "b", "input": "Who wrote the book about the whale, please?", "target": "Melville"}\n'
    )
    capsys.readouterr()
    assert main(words.split()) == 0
    said = capsys.readouterr().out
    told = json.loads((kept.folder / "held.json").read_text(encoding="utf-8") if "held.json" in words else said)
    assert (told["evalkit"], told["holds"]) == (__version__, holds)
    assert beside in told
    assert f"| `{holds}` |" in REFERENCE.read_text(encoding="utf-8")
