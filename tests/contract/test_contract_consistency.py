"""80 % of cases always right, or every case right 80 % of the time: one mean, and not the same model."""

import json
from collections.abc import Callable

import pytest
from project import SUITE, Project

from evalkit.cli import main

REPEATS = 5


def recorded(project: Project, name: str, right: Callable[[int, int], bool]) -> None:
    """An arm whose answer to case i in repeat k is right where `right(i, k)`."""
    lines = [json.dumps({"evalkit_recording": 1, "model": {"name": name}, "generate": {}, "created": "2026-01-01"})]
    for i in range(project.n):
        for k in range(REPEATS):
            lines.append(json.dumps({"id": f"q{i}", "repeat": k, "text": str(i + 1) if right(i, k) else "no"}))
    project.write(f"suites/{name}.jsonl", "\n".join(lines) + "\n")


@pytest.fixture
def moody(project: Project) -> Project:
    recorded(project, "steady", lambda i, k: i % 5 != 0)
    recorded(project, "moody", lambda i, k: (i + k) % 5 != 0)
    project.models("steady", "moody")
    return project


def gates(project: Project, *gates: str) -> None:
    head = SUITE.partition("gates:\n")[0].replace("dataset:", f"repeats: {REPEATS}\ndataset:")
    project.suite(head + "gates:\n" + "".join(f"  - {{{gate}}}\n" for gate in gates))


@pytest.mark.parametrize("metric", ["answer.pass_all", "answer.pass_2", "answer.flip_rate"])
def test_a_model_that_became_a_matter_of_luck_is_a_regression(moody: Project, metric: str) -> None:
    gates(
        moody, "type: no_regression, metric: answer, margin: 0.1", f"type: no_regression, metric: {metric}, margin: 0.1"
    )
    found = moody.verdict("steady", "moody")
    mean, steady = found["suites"][0]["findings"]
    assert mean["delta"] == pytest.approx(0.0)
    assert (steady["metric"], steady["state"]) == (metric, "REGRESSION")
    assert (found["outcome"], found["exit_code"]) == ("FAIL", 1)


def test_a_floor_may_ask_that_every_repeat_is_right(moody: Project) -> None:
    gates(moody, "type: floor, metric: answer.pass_all, min: 0.5")
    assert moody.verdict("steady", "moody")["suites"][0]["findings"][0]["state"] == "FLOOR_FAIL"
    assert moody.verdict("moody", "steady")["outcome"] == "PASS"


def test_a_steady_model_passes_the_same_gates(moody: Project) -> None:
    recorded(moody, "steadier", lambda i, k: i % 5 != 0 or i % 2 == 0)
    moody.models("steady", "moody", "steadier")
    gates(
        moody, *(f"type: no_regression, metric: answer.{m}, margin: 0.1" for m in ("pass_all", "pass_5", "flip_rate"))
    )
    assert moody.verdict("steady", "steadier")["outcome"] == "PASS"


@pytest.mark.parametrize("slices", ["", ", slices: [kind]", ", slices: [kind], mode: require"])
def test_luck_behind_an_equal_mean_is_no_pass_where_no_gate_looks_at_it(moody: Project, slices: str) -> None:
    gates(moody, f"type: no_regression, metric: answer, margin: 0.2{slices}")
    found = moody.verdict("steady", "moody")
    told = found["suites"][0]["findings"]
    assert all(one["state"] == "INCONCLUSIVE" and "unsteady" in one["flags"] for one in told)
    assert all("matter of luck: every repeat is right in 80" in one["because"] for one in told)
    assert all("gate on answer.pass_all" in one["details"]["settle"] for one in told)
    assert (found["outcome"], found["exit_code"]) == ("INCONCLUSIVE", 3)
    assert moody.verdict("moody", "steady")["exit_code"] == 0


def test_a_gate_on_consistency_decides_it_and_the_mean_passes_again(moody: Project) -> None:
    gates(moody, "type: no_regression, metric: answer, margin: 0.15", "type: floor, metric: answer.pass_2, min: 0.1")
    found = moody.verdict("steady", "moody")
    assert [one["state"] for one in found["suites"][0]["findings"]] == ["PASS", "PASS"]


def test_plan_says_so_of_recordings_beforehand(moody: Project, capsys: pytest.CaptureFixture[str]) -> None:
    gates(moody, "type: no_regression, metric: answer, margin: 0.15")
    assert main(["plan", "steady", "moody"]) == 0
    assert "answers became a matter of luck" in capsys.readouterr().out.replace("\n", " ")


def test_a_verdict_on_the_mean_alone_says_what_it_does_not_see(moody: Project) -> None:
    gates(moody, "type: no_regression, metric: answer, margin: 0.1")
    notes = moody.verdict("steady", "moody")["suites"][0]["notes"]
    assert any(
        note.startswith(
            "answer.pass_all is proven to have fallen, and no gate looks at it: every repeat is right in 80"
        )
        for note in notes
    )
    gates(moody, "type: no_regression, metric: answer.pass_2, margin: 0.1")
    notes = moody.verdict("steady", "moody")["suites"][0]["notes"]
    assert not any("no gate looks at it" in note for note in notes)


def test_validate_advises_a_gate_where_answers_are_asked_more_than_once(
    moody: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    gates(moody, "type: no_regression, metric: answer, margin: 0.1")
    assert main(["validate"]) == 0
    told = capsys.readouterr()
    assert "no gate looks at how consistent 'answer' is" in told.out + told.err
    gates(moody, "type: no_regression, metric: answer, margin: 0.1", "type: floor, metric: answer.pass_all, min: 0.1")
    main(["validate"])
    told = capsys.readouterr()
    assert "how consistent" not in told.out + told.err


def test_a_suite_that_asks_once_has_no_such_metric(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.suite(SUITE.replace("metric: answer,", "metric: answer.pass_all,"))
    assert project.compare("base", "better") == 2
    assert "needs several answers to a question: this suite says `repeats: 1`" in capsys.readouterr().err


def test_early_stop_watches_a_metric_of_consistency_too(moody: Project) -> None:
    gates(moody, "type: no_regression, metric: answer.pass_all, margin: 0.1")
    assert moody.compare("steady", "moody", "--early-stop") == 1
