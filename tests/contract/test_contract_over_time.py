"""`runs compare`: the candidates of kept runs, one after the other, paired on the cases that both were asked."""

import json
from typing import Any

import pytest
from project import SUITE, Project

from evalkit.cli import main


def told(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    assert main(["runs", "compare", *words, "--json"]) == 0
    held = json.loads(capsys.readouterr().out)
    assert held["holds"] == "series"
    return held["series"]


def test_candidates_are_paired_with_those_of_the_run_before(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    for candidate in ("same", "better", "worse"):
        project.compare("base", candidate)
    (series,) = told(capsys)
    assert (series["suite"], series["metric"], series["higher_is_better"]) == ("small", "answer", True)
    assert [run["candidate"] for run in series["runs"]] == ["same", "better", "worse"], "the oldest first"
    assert [run["value"] for run in series["runs"]] == [0.8, 1.0, 0.48]
    assert [run["outcome"] for run in series["runs"]] == ["PASS", "PASS", "FAIL"]
    first, second, third = (run["change"] for run in series["runs"])
    assert first is None
    assert (second["n"], second["fixed"], second["broken"]) == (100, 20, 0)
    assert (third["n"], third["fixed"], third["broken"], third["method"]) == (100, 0, 52, "tango")
    assert third["low"] < third["delta"] < third["high"] < 0
    assert third["delta"] == pytest.approx(-0.52)


def test_candidates_of_one_comparison_come_in_the_order_they_were_named(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.compare("base", "worse", "better", "same")
    project.compare("base", "better")
    (series,) = told(capsys)
    assert [run["candidate"] for run in series["runs"]] == ["worse", "better", "same", "better"]


def test_the_change_is_what_a_comparison_of_the_two_candidates_says(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.compare("base", "better")
    project.compare("base", "worse")
    change = told(capsys)[0]["runs"][1]["change"]
    finding = project.verdict("better", "worse")["suites"][0]["findings"][0]
    assert {name: finding[name] for name in ("n", "delta", "low", "high", "fixed", "broken", "p", "method")} == {
        name: change[name] for name in ("n", "delta", "low", "high", "fixed", "broken", "p", "method")
    }


def test_runs_are_chosen_by_name_and_the_text_says_the_same(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    for candidate in ("same", "better", "worse"):
        project.compare("base", candidate)
    capsys.readouterr()
    main(["runs", "list", "--json"])
    names = [run["id"] for run in json.loads(capsys.readouterr().out)["runs"]]
    runs = told(capsys, names[0], names[-1], names[0])[0]["runs"]
    assert [run["candidate"] for run in runs] == ["same", "worse"], "in order of time, each once"
    assert main(["runs", "compare", names[0], names[-1]]) == 0
    text = capsys.readouterr().out
    assert "small · answer  (higher is better" in text
    assert "80.0%" in text
    assert "-32.0 pp, 95% CI [" in text
    assert "fixed 0, broken 32, on 100 cases of both" in text


def test_only_cases_that_are_the_same_are_paired(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.compare("base", "same")
    rows = project.rows()
    project.data([row | {"target": "0"} if i < 40 else row for i, row in enumerate(rows)])
    project.compare("base", "same")
    first, second = told(capsys)[0]["runs"]
    assert (first["n"], second["n"], second["change"]["n"]) == (100, 100, 60)
    assert second["change"]["delta"] == 0.0
    project.data([row | {"input": f"{row['input']} Say it."} for row in rows])
    project.compare("base", "same")
    third = told(capsys)[0]["runs"][2]
    assert (third["change"], third["because"]) == (None, "no case is the same as in the run before")


def test_another_scorer_or_a_new_metric_is_no_change_of_the_model(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.compare("base", "same")
    changed = SUITE.replace("{type: exact}", "{type: exact, normalize: [strip]}\n  long: {type: length, max: 9}")
    project.suite(changed + "  - {type: no_regression, metric: long, margin: 0.1}\n")
    project.compare("base", "same")
    by_metric = {series["metric"]: series["runs"] for series in told(capsys)}
    assert by_metric["answer"][1]["because"] == "its scorer is another than in the run before"
    assert by_metric["answer"][1]["change"] is None
    assert [run["value"] for run in by_metric["answer"]] == [0.8, 0.8]
    assert [run["value"] for run in by_metric["long"]] == [1.0], "the run before did not measure it"


def test_without_runs_and_with_wrong_names_it_says_so(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "compare"]) == 0
    assert "no run is kept" in capsys.readouterr().out
    assert main(["runs", "compare", "nothing"]) == 2
    project.compare("base", "same")
    capsys.readouterr()
    assert main(["runs", "show", "latest", "latest"]) == 2
    assert "takes one run, not 2" in capsys.readouterr().err
    assert main(["runs", "list", "latest"]) == 2
    assert "evalkit runs compare latest" in capsys.readouterr().err


def test_an_invalid_run_keeps_its_place_in_the_series(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.compare("base", "same")
    project.arm("worse", right=lambda i: True, change=lambda row: {**row, "prompt_sha256": "0" * 64})
    assert project.compare("base", "worse") == 4
    project.compare("base", "better")
    runs = told(capsys)[0]["runs"]
    assert [run["outcome"] for run in runs] == ["PASS", "INVALID", "PASS"]
    first, invalid, third = runs
    assert (first["change"], invalid["change"]) == (None, None)
    assert "INVALID" in invalid["because"]
    assert (third["change"]["n"], third["change"]["fixed"]) == (100, 20), "against the last sound run"
