"""`--early-stop` saves calls of the candidate and never says more than its looks proved."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from project import SUITE, Project

LATE = "policy: {seed: 5}\n"


def told(project: Project, *words: str, suite: str = SUITE) -> Mapping[str, Any]:
    project.suite(suite + LATE)
    found: Mapping[str, Any] = project.verdict("base", "other", "--early-stop", *words)["suites"][0]
    return found


@pytest.fixture
def long(project: Project) -> Project:
    """A thousand rows and an `other` arm that answers as the base does."""
    project.n = 1000
    project.data()
    project.models("base", "other")
    project.arm("base", right=lambda i: i % 5 != 0)
    project.arm("other", right=lambda i: i % 5 != 0)
    return project


def failing(row: dict[str, Any]) -> dict[str, Any]:
    """Every sixtieth call fails: 1.7 %, less than max_error_rate."""
    if int(row["id"][1:]) % 60 == 1:
        return {"id": row["id"], "failure": {"kind": "timeout", "message": "no answer"}}
    return row


def test_an_unchanged_candidate_stops_early_under_the_interval_of_the_looks(long: Project) -> None:
    suite = told(long)
    (finding,) = suite["findings"]
    assert (finding["state"], finding["method"]) == ("PASS", "betting confidence sequence")
    assert finding["n"] == 160
    assert finding["confidence"] == 0.98, "two fifths of 5 % belong to the looks"
    assert -0.05 <= finding["low"] < 0.0 < finding["high"]
    assert "840 of 1000 calls were saved" in finding["because"]


def test_the_notes_speak_of_the_whole_run_and_not_of_every_batch(long: Project) -> None:
    notes = [note for note in told(long)["notes"] if "other.jsonl" in note]
    assert len(notes) == len({note.rsplit(":", 1)[0] for note in notes})
    assert any(
        note.startswith("answers of other.jsonl that belong to no example that was asked: 840") for note in notes
    )


def test_repeats_that_were_not_asked_are_saved_calls_too(long: Project) -> None:
    for name in ("base", "other"):
        lines = (long.folder / f"suites/{name}.jsonl").read_text().splitlines()
        rows = [json.loads(line) for line in lines[1:]]
        twice = [json.dumps({**row, "repeat": repeat}) for row in rows for repeat in (0, 1)]
        long.write(f"suites/{name}.jsonl", "\n".join([lines[0], *twice]) + "\n")
    (finding,) = told(long, suite=SUITE + "repeats: 2\n")["findings"]
    assert "1680 of 2000 calls were saved" in finding["because"]


@pytest.mark.slow
def test_failed_calls_alone_never_prove_harm(long: Project) -> None:
    """At a margin of half a point 1.7 % of failures, each counted as a wrong answer, would look like a regression."""
    long.n = 4000
    long.data()
    long.arm("base", right=lambda i: i % 5 != 0)
    long.arm("other", right=lambda i: i % 5 != 0, change=failing)
    (finding,) = told(long, suite=SUITE.replace("margin: 0.05", "margin: 0.005"))["findings"]
    assert (finding["state"], finding["delta"]) == ("INCONCLUSIVE", 0)
    assert "failed_calls" in finding["flags"]


def test_failed_calls_make_an_early_pass_later_not_impossible(long: Project) -> None:
    long.arm("other", right=lambda i: i % 5 != 0, change=failing)
    (finding,) = told(long)["findings"]
    assert finding["state"] == "PASS"
    assert 160 < finding["n"] < 1000


def test_answers_that_escape_the_metric_do_not_pass_early(long: Project) -> None:
    """A tool call without words has no register: what is left must not speak for the rest."""
    call = {"text": "", "tool_calls": [{"name": "f", "arguments": "{}"}]}
    polite = {"text": "Certainly, sir. Could you please wait a moment? Thank you very much."}
    long.arm("base", right=bool, change=lambda row: {**row, **polite})
    long.arm("other", right=bool, change=lambda row: {**row, **(call if int(row["id"][1:]) % 3 else polite)})
    suite = told(long, suite=SUITE.replace("{type: exact}", "{type: register, expect: polite}"))
    (finding,) = suite["findings"]
    assert (finding["state"], finding["flags"]) == ("INCONCLUSIVE", ["one_sided"])


def test_every_case_a_critical_gate_guards_is_asked(long: Project) -> None:
    rows = long.rows()
    for row in rows[-3:]:
        row["tags"]["critical"] = "true"
    long.data(rows)
    gate = "  - {type: critical, tag: critical}\n"
    long.arm("base", right=lambda i: True)
    long.arm("other", right=lambda i: i != 999)
    first, critical = told(long, suite=SUITE + gate)["findings"]
    assert (first["state"], first["n"] < 200) == ("PASS", True)
    assert (critical["state"], critical["n"], critical["examples"]) == ("CRITICAL_FAIL", 3, ["q999"])


def test_a_proven_drop_is_material_only_if_the_looks_prove_it(long: Project) -> None:
    """The fixed test of the same few rows would prove a drop beyond the margin; the looks do not yet."""
    long.arm("other", right=lambda i: i % 5 != 0 and i % 3 != 0)
    (finding,) = told(long)["findings"]
    assert finding["state"] == "REGRESSION"
    assert finding["low"] < -0.05 < finding["high"] <= 0.0
    assert finding["flags"] == ["early_stop"]
