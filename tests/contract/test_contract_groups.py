"""The group table of a suite: in the verdict's JSON, on the page, and from the command `groups`."""

import csv
import io
import json
import re

import pytest
from pages import read_page
from project import SUITE, Project

from evalkit.cli import main
from evalkit.report.sections.groups import NOTE

FAIR = "gates:\n  - {type: fairness, slices: [sex], metrics: [answer], max_change: 0.2}\n"
BOTH = SUITE.replace("  - {by: kind, min_n: 10}\n", "  - {by: kind, min_n: 10}\n  - {by: [sex, kind], min_n: 10}\n")


def sexes(project: Project, sex=lambda i: "women" if i % 4 < 2 else "men") -> None:
    rows = project.rows()
    for i, row in enumerate(rows):
        value = sex(i)
        if value is not None:
            row["tags"]["sex"] = value
    project.data(rows)
    project.suite(BOTH.replace("gates:\n", FAIR))


def tables(verdict) -> dict:
    return {(table["by"], table["metric"]): table for table in verdict["suites"][0]["groups"]}


def losing(project: Project) -> None:
    """The candidate fails half of what women ask."""
    project.arm("losing", right=lambda i: not (i % 4 < 2 and i % 8 < 4))
    project.models("base", "losing", "same")


def test_every_tag_and_intersection_has_a_table_with_both_arms(project: Project) -> None:
    sexes(project)
    losing(project)
    found = tables(project.verdict("base", "losing"))
    assert set(found) == {("kind", "answer"), ("sex*kind", "answer"), ("sex", "answer")}
    rows = {row["group"]: row for row in found["sex", "answer"]["rows"]}
    women = rows["women"]
    assert (women["n"], women["missing"], women["candidate"]) == (50, 0, 0.48)
    assert women["candidate"] - women["base"] == pytest.approx((women["fixed"] - women["broken"]) / 50)
    assert women["candidate_low"] < women["candidate"] < women["candidate_high"]
    assert women["candidate_ratio"] == pytest.approx(women["candidate"] / rows["men"]["candidate"])
    assert found["sex", "answer"]["fell_behind"] == ["women"]
    assert found["sex", "answer"]["largest_gap"]["candidate"]["smallest"] == "women"
    assert len(found["sex*kind", "answer"]["rows"]) == 4


def test_a_combination_that_nobody_is_in_stands_there_with_n_0_and_why(project: Project) -> None:
    sexes(project, sex=lambda i: "women" if i % 2 else "men")  # women ask what is odd, men what is even
    losing(project)
    table = tables(project.verdict("base", "losing"))["sex*kind", "answer"]
    rows = {row["group"]: row for row in table["rows"]}
    assert list(rows) == ["men*even", "men*odd", "women*even", "women*odd"]
    assert [rows[name]["n"] for name in rows] == [50, 0, 0, 50]
    assert (rows["men*odd"]["base"], rows["men*odd"]["because"]) == (None, "no case is in this group")
    assert rows["men*odd"]["missing_because"]["base"] == "no case is in this group"
    assert "men*odd" not in table["largest_gap"]["base"]["undefined"]


def test_a_table_shows_the_figures_of_the_gate_that_judges_it(project: Project) -> None:
    sexes(project)
    losing(project)
    verdict = project.verdict("base", "losing")
    rows = {row["group"]: row for row in tables(verdict)["sex", "answer"]["rows"]}
    judged = [finding for finding in verdict["suites"][0]["findings"] if finding["gate"] == "fairness"]
    assert len(judged) == 2
    for finding in judged:
        row = rows[finding["slice"]["value"]]
        assert [row[name] for name in ("change", "low", "high", "base_gap", "candidate_gap")] == pytest.approx(
            [finding[name] for name in ("delta", "low", "high", "base", "candidate")], abs=1e-9
        )


def test_small_groups_are_shown_and_cases_without_the_tag_are_counted(project: Project) -> None:
    sexes(project, sex=lambda i: "other" if i < 4 else None if i < 10 else "women" if i % 2 else "men")
    losing(project)
    table = tables(project.verdict("base", "losing"))["sex", "answer"]
    other = next(row for row in table["rows"] if row["group"] == "other")
    assert (other["n"], other["small"], table["without"]) == (4, True, 6)
    assert "fewer than min_n 30" in other["because"]
    assert other["candidate"] is not None
    assert other["candidate_low"] < other["candidate_high"]
    assert "other" not in (table["largest_gap"]["candidate"]["smallest"], *table["fell_behind"])


def test_what_is_undefined_is_null_with_a_reason(project: Project) -> None:
    sexes(project)
    project.arm("never", right=lambda i: False)
    project.models("base", "never", "same")
    table = tables(project.verdict("never", "never"))["sex", "answer"]
    for row in table["rows"]:
        assert row["candidate_ratio"] is None
        assert row["missing_because"]["candidate_ratio"] == "nothing is a multiple of 0"
        assert set(row["missing_because"]) == {name for name, value in row.items() if value is None}


def test_the_command_shows_writes_and_narrows(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    sexes(project)
    losing(project)
    verdict = project.verdict("base", "losing")
    capsys.readouterr()
    assert main(["groups", "-o", "groups.csv", "--json", "groups.json"]) == 0
    told = capsys.readouterr().out
    assert "fell behind: women (interval at 95% for this table's groups, not over all tables)" in told
    rows = list(csv.DictReader(io.StringIO((project.folder / "groups.csv").read_text(encoding="utf-8"))))
    written = json.loads((project.folder / "groups.json").read_text(encoding="utf-8"))["suites"]
    assert written == [{"name": "small", "groups": verdict["suites"][0]["groups"]}]
    assert len(rows) == sum(len(table["rows"]) for table in written[0]["groups"])
    assert float(rows[0]["base"]) == written[0]["groups"][0]["rows"][0]["base"]
    assert main(["groups", "latest", "--by", "sex", "-o", "-"]) == 0
    narrowed = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["group"] for row in narrowed] == ["men", "women"]
    assert main(["groups", "-o", "groups.csv"]) == 0, "its own file is written again"


def test_what_the_run_does_not_have_is_named_with_the_nearest(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    sexes(project)
    losing(project)
    project.compare("base", "same")
    capsys.readouterr()
    for words, told in (
        (["--by", "sx"], "small has no slice 'sx' (did you mean 'sex'?)"),
        (["--metric", "anser"], "small has no metric 'anser' (did you mean 'answer'?)"),
        (["--suite", "smal"], "the run has no suite 'smal' (did you mean 'small'?)"),
        (["-o", "suites/small.yaml"], "holds something else than such a table"),
    ):
        assert main(["groups", *words]) == 2, words
        said = capsys.readouterr().err
        assert told in said, said


def test_no_sentence_about_groups_judges_a_model(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    sexes(project)
    losing(project)
    project.compare("base", "losing", "--report", "page")
    main(["groups"])
    said = capsys.readouterr().out + NOTE + read_page(project.folder / "page" / "index.html")
    assert "fell behind" in said
    assert re.findall(r"\b(?:unbiased|fair|discriminat\w+|biased)\b(?! upwards)", said, re.IGNORECASE) == []


def test_an_unsound_comparison_has_no_table(project: Project) -> None:
    sexes(project)
    project.arm("gone", right=lambda i: True, change=lambda row: None if int(row["id"][1:]) % 2 else row)
    project.models("base", "gone")
    verdict = project.verdict("base", "gone")
    assert verdict["outcome"] == "INVALID"
    assert verdict["suites"][0]["groups"] == []
