"""Conversations with every kind of arm that is no API: weights on this machine, a function, recordings of both."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "models" / "local"))

from local_tiny import save_model, save_tokenizer
from project import Project

import evalkit
from evalkit.cli import main
from evalkit.core.exchange import Request

SUITE = """\
evalkit: 1
name: small
dataset: {path: data.jsonl}
generate: {max_tokens: 4}
score_turns: each
scorers:
  answer: {type: exact}
gates:
  - {type: no_regression, metric: answer, margin: 0.3}
"""


@pytest.fixture
def talks(project: Project) -> Project:
    turns = [
        {"role": "user", "content": "one"},
        {"role": "user", "content": "two"},
        {"role": "user", "content": "three"},
    ]
    project.data([{"id": f"t{n}", "messages": turns, "turns": "generate", "target": "heard 2"} for n in range(12)])
    project.suite(SUITE)
    return project


def counts(request: Request) -> str:
    """Says how much of the conversation it heard, its own words among it."""
    return f"heard {sum(message.role == 'user' for message in request.messages)}"


def forgets(request: Request) -> str:
    return "heard 1"


def test_functions_lead_conversations(talks: Project) -> None:
    found = evalkit.compare(
        "counts", "forgets", suites=["suites/small.yaml"], models={"counts": counts, "forgets": forgets}
    )
    (suite,) = found.verdict.suites
    finding = suite.findings[0]
    assert (finding.n, finding.n_clusters) == (36, 12)
    assert (finding.base, finding.candidate) == (pytest.approx(1 / 3), 0.0)


def test_scripts_lead_conversations_and_their_recording_replays(talks: Project) -> None:
    talks.compare("scripted:echo", "scripted:constant:heard 2", "--suite", "suites/small.yaml", "--json", "a.json")
    for number, arm in enumerate(["scripted:echo", "scripted:constant:heard 2"]):
        assert main(["record", arm, "--suite", "suites/small.yaml", "-o", f"{number}.jsonl"]) == 0
    talks.compare("0.jsonl", "1.jsonl", "--suite", "suites/small.yaml", "--json", "b.json")
    live, replayed = (json.loads((talks.folder / name).read_text()) for name in ("a.json", "b.json"))
    for one, two in zip(live["suites"][0]["metrics"], replayed["suites"][0]["metrics"], strict=True):
        assert (one["metric"], one["base"], one["candidate"]) == (two["metric"], two["base"], two["candidate"])


@pytest.mark.slow
def test_weights_on_this_machine_lead_conversations(talks: Project) -> None:
    for name, seed in (("one", 1), ("two", 2)):
        folder = talks.folder / name
        save_model(folder, seed=seed)
        save_tokenizer(folder)
    talks.compare("local:./one", "local:./two", "--suite", "suites/small.yaml", "--json", "live.json")
    live = json.loads((talks.folder / "live.json").read_text())
    assert live["suites"][0]["findings"][0]["n"] == 36
    talks.compare("local:./one", "local:./two", "--suite", "suites/small.yaml", "--json", "again.json", "--replay")
    again = json.loads((talks.folder / "again.json").read_text())
    assert live["suites"][0]["findings"] == again["suites"][0]["findings"]
    rows = talks.folder / "cases.jsonl"
    assert main(["cases", "latest", "-o", str(rows)]) == 0
    said = [json.loads(line) for line in rows.read_text().splitlines()]
    assert len({(row["id"].partition("/")[2], row["base"]) for row in said}) == 3, "equal conversations, equal answers"
