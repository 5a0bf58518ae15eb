"""Several candidates: one summary, the one to deploy or none, and the exit code of the worst, or of the best."""

import json
from typing import Any

import pytest
from project import SUITE, Project

from evalkit.cli import main
from evalkit.report.renderers.blob import unpack_page
from evalkit.store.runs import list_runs


def together(project: Project, *words: str) -> tuple[int, dict[str, Any]]:
    code = project.compare("base", *words, "--json", "verdict.json", "--markdown", "said.md")
    found: dict[str, Any] = json.loads((project.folder / "verdict.json").read_text(encoding="utf-8"))
    return code, found


def test_the_best_of_those_that_pass_is_named_and_the_worst_makes_the_exit_code(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.arm("good", right=lambda i: i % 5 != 0 or i % 10 == 0)
    project.models("base", "good", "better", "worse")
    code, found = together(project, "good", "worse", "better")
    assert (code, found["exit_code"], found["outcome"]) == (1, 1, "FAIL")
    assert found["best"] == "better"
    assert [(row["candidate"], row["outcome"]) for row in found["summary"]] == [
        ("good", "PASS"), ("worse", "FAIL"), ("better", "PASS"),
    ]  # fmt: skip
    assert found["summary"][2]["ranked_by"]["delta"] == pytest.approx(0.2)
    assert found["candidates"] == [verdict["candidate"] for verdict in found["verdicts"]]
    assert "2 of 3 candidates pass every gate, and better does best on answer" in found["because"]
    assert "not tested" in found["because"]
    told = capsys.readouterr().out
    assert "3 candidates against base" in told
    assert "deploy better: " in told
    said = (project.folder / "said.md").read_text(encoding="utf-8")
    assert said.startswith("<!-- evalkit:report -->")
    assert "| **better** | PASS |" in said


def test_several_candidates_are_one_page(project: Project) -> None:
    assert project.compare("base", "worse", "better", "--report", "page") == 1
    (path,) = (project.folder / "page").rglob("*.html")
    page = path.read_text(encoding="utf-8")
    assert 'data-outcome="FAIL"' in page
    assert "deploy</span> better" in page
    parts = unpack_page(page)
    (suite,) = parts["data"]["suites"]
    assert [len(arm["groups"]) for arm in suite["arms"]] == [100, 100]
    assert len(suite["ids"]) == 100, "each case once"
    assert "evalkit compare base worse better" in page


def test_the_head_of_several_says_what_to_do_next(project: Project) -> None:
    assert project.compare("base", "worse", "better", "--report", "page") == 1
    page = (project.folder / "page" / "index.html").read_text(encoding="utf-8")
    head = page.partition("</header>")[0]
    assert "Deploy better, and keep its run as the baseline" in head
    project.arm("lost", right=lambda i: i % 10 > 5)
    project.models("base", "worse", "lost")
    assert project.compare("base", "lost", "worse", "--report", "page") == 1
    head = (project.folder / "page" / "index.html").read_text(encoding="utf-8").partition("</header>")[0]
    assert "Begin with " in head
    assert "arm=" in head.partition('class="step"')[2], "it leads to that candidate's cases"


def runs_of(project: Project, *candidates: str) -> list[str]:
    for candidate in candidates:
        project.compare("base", candidate)
    return sorted(run.id for run in list_runs(project.folder))


def test_report_draws_several_runs_of_one_base_as_one_page(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = runs_of(project, "worse", "better")
    code = main(["report", *runs, "--report", "page", "--json", "told.json"])
    assert code == 0
    page = (project.folder / "page" / "index.html").read_text(encoding="utf-8")
    assert "deploy</span> better" in page
    (suite,) = unpack_page(page)["data"]["suites"]
    assert len(suite["arms"]) == 2
    told = json.loads((project.folder / "told.json").read_text(encoding="utf-8"))
    assert (told["best"], told["candidates"]) == ("better", ["worse", "better"])
    assert main(["report", "page/index.html", "--report", "again"]) == 0, "a page of several is drawn whole"
    again = (project.folder / "again" / "index.html").read_text(encoding="utf-8")
    assert again.count('class="judged"') == 2


def test_runs_that_are_no_page_together_are_told_apart(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = runs_of(project, "worse", "better")
    project.arm("base", right=lambda i: i % 7 != 0)
    project.compare("base", "same")
    project.compare("worse", "same")
    runs = {(run.base, run.candidate): run.id for run in list_runs(project.folder)}
    capsys.readouterr()
    assert main(["report", first, runs["base", "same"]]) == 2
    assert "did not answer" in capsys.readouterr().err
    assert main(["report", first, runs["worse", "same"]]) == 2
    assert "of two bases, 'base' and 'worse'" in capsys.readouterr().err
    assert main(["report", first, second, "--evidence"]) == 2
    assert "--evidence is of one run, and 2 are named" in capsys.readouterr().err
    assert main(["report", first, first, "--report", "page"]) == 0, "one run named twice is one run"


def test_best_exits_with_the_code_of_the_one_to_deploy(project: Project) -> None:
    code, found = together(project, "worse", "better", "--best")
    assert (code, found["exit_code"], found["outcome"], found["best"]) == (0, 0, "PASS", "better")
    assert "better is the only one of 2 candidates that passes every gate" in found["because"]
    assert [verdict["exit_code"] for verdict in found["verdicts"]] == [1, 0]


@pytest.mark.parametrize("words", [[], ["--best"]])
def test_where_none_passes_none_is_named_and_the_worst_decides(project: Project, words: list[str]) -> None:
    project.arm("unsure", right=lambda i: i % 10 > 2)
    project.models("base", "same", "better", "worse", "unsure")
    code, found = together(project, "unsure", "worse", *words)
    assert (code, found["best"], found["outcome"]) == (1, None, "FAIL")
    assert found["because"].startswith("none to deploy: unsure is ")


def test_the_base_itself_is_nothing_to_deploy(project: Project) -> None:
    project.suite(SUITE.replace("0.05", "0.2"))
    code, found = together(project, "base", "worse", "--best")
    assert (code, found["best"]) == (1, None)
    assert [row["outcome"] for row in found["summary"]] == ["PASS", "FAIL"]
    assert "what passes is the base itself" in found["because"]
    assert "beside the base itself" in together(project, "base", "better", "--best")[1]["because"]


def test_candidates_alike_are_ranked_in_the_order_they_were_named(project: Project) -> None:
    project.arm("twin", right=lambda i: True)
    project.models("base", "better", "twin")
    assert together(project, "twin", "better")[1]["best"] == "twin"
    assert together(project, "better", "twin")[1]["best"] == "better"


def test_where_lower_is_better_the_one_with_less_is_best(project: Project) -> None:
    more = "scorers:\n  letters: {type: length, min: 1}\n  answer:"
    text = SUITE.replace("scorers:\n  answer:", more)
    project.suite(text.replace("metric: answer, margin: 0.05", "metric: latency_s, margin: 0.5"))
    for name, seconds in (("base", 2.0), ("slow", 1.9), ("fast", 1.0)):
        project.arm(name, right=lambda i: True, change=lambda row, s=seconds: row | {"latency_s": s})
    project.models("base", "slow", "fast")
    assert together(project, "slow", "fast")[1]["best"] == "fast"


def test_one_candidate_is_no_summary(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = together(project, "worse", "--best")
    assert (code, "summary" in found, found["outcome"]) == (1, False, "FAIL")
    assert "candidates against" not in capsys.readouterr().out


def test_a_candidate_named_twice_is_refused(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert project.compare("base", "better", "worse", "better") == 2
    assert "named more than once as a candidate: 'better'" in capsys.readouterr().err
