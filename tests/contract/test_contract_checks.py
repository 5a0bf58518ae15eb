"""Checks that a row carries itself, and scorer options that are templates over the row, up to the verdict."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pages import read_page
from project import Project, told

from evalkit.cli import main

SUITE = """\
evalkit: 1
name: small
dataset: {path: data.jsonl}
scorers:
  own: {type: checks}
gates:
  - {type: no_regression, metric: own, margin: 0.05}
"""
MUST = SUITE.replace("own: {type: checks}", 'own: {type: contains, all: "{{ extra.must }}", words: true}')


def rows(project: Project, **more: Any) -> list[dict[str, Any]]:
    """Each row wants its own number, in few characters, and no excuse."""
    return [
        {
            **{key: value for key, value in row.items() if key != "target"},
            "checks": [{"number": i + 1}, {"max_chars": 12}, {"not_contains": "no"}],
            "extra": {"must": [str(i + 1)]},
            **more,
        }
        for i, row in enumerate(project.rows())
    ]


def test_rows_are_judged_by_their_own_checks(project: Project) -> None:
    project.data(rows(project))
    project.suite(SUITE)
    verdict = project.verdict("base", "worse")
    assert verdict["outcome"] == "FAIL"
    finding = verdict["suites"][0]["findings"][0]
    assert (finding["metric"], finding["base"], finding["broken"]) == ("own", 0.8, 32)
    assert project.verdict("base", "better")["outcome"] == "PASS"


def test_the_report_and_the_cases_show_which_check_failed(project: Project) -> None:
    project.data(rows(project))
    project.suite(SUITE)
    project.compare("base", "worse", "--report", "here")
    page = read_page(project.folder / "here" / "index.html")
    assert "no number could be read from the answer" in page
    assert main(["cases", "latest", "--state", "broken", "-o", "broken.jsonl"]) == 0
    broken = [json.loads(line) for line in (project.folder / "broken.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(broken) == 32
    assert {(row["base.own"], row["candidate.own"]) for row in broken} == {(1.0, 0.0)}
    assert {round(row["candidate.own.share"], 3) for row in broken} == {0.333}


def test_a_check_that_cannot_be_read_is_told_with_its_line(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    data = rows(project)
    data[2]["checks"] = [{"contians": "a"}]
    data[4]["checks"] = [{"regex": "("}]
    del data[6]["checks"]
    data[8]["threshold"] = 3
    project.data(data)
    project.suite(SUITE)
    found = told(capsys, "validate", "suites/small.yaml")
    assert [line.split(": ")[0].rpartition("data.jsonl")[2] for line in found[:4]] == [":3", ":5", ":7", ":9"]
    assert "did you mean 'contains'" in found[0]
    assert "is no regular expression" in found[1]
    assert "it has no `checks`" in found[2]
    assert "`threshold` must be a number above 0" in found[3]


def test_a_row_without_its_latency_is_unscorable_and_no_pass(project: Project) -> None:
    project.data(rows(project, checks=[{"latency_below": 3}]))
    project.suite(SUITE)
    assert project.verdict("base", "better")["outcome"] == "INVALID"


def test_an_option_is_a_template_over_the_row(project: Project) -> None:
    project.data(rows(project))
    project.suite(MUST)
    finding = project.verdict("base", "worse")["suites"][0]["findings"][0]
    assert (finding["base"], finding["broken"]) == (0.8, 32)


@pytest.mark.parametrize(
    "scorer",
    [
        '{type: contains, any: ["{{ extra.must[0] }}", "never"], words: true}',
        '{type: contains, all: "{{ extra.must[0] }}", words: true}',
        '{type: contains, all: "{{ extra.must[0] | int }}", words: true}',
        '{type: regex, pattern: "^{{ extra.must[0] }}$"}',
        '{type: checks, checks: [{number: "{{ extra.must[0] }}"}], on_missing: skip}',
        '{type: checks, checks: [{equals: "{{ extra.must }}"}]}',
        '{type: length, max: "{{ extra.must[0] | length }}", min: "{{ extra.must[0] | length }}", when: {kind: even}}',
    ],
)
def test_templates_give_lists_numbers_and_parts_of_texts(project: Project, scorer: str) -> None:
    project.data(rows(project, checks=None))
    project.suite(SUITE.replace("{type: checks}", scorer))
    finding = project.verdict("better", "better")["suites"][0]["findings"][0]
    assert finding["base"] == 1.0
    assert finding["n"] in (50, 100)


def test_templates_are_tried_on_every_row_beforehand(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    data = rows(project)
    del data[1]["extra"]["must"]
    data[3]["extra"]["must"] = None
    data[5]["extra"]["must"] = {"a": 1}
    project.data(data)
    project.suite(MUST)
    found = told(capsys, "validate", "suites/small.yaml")
    assert [line.split(": ")[0].rpartition("data.jsonl")[2] for line in found] == [":2", ":4", ":6"]
    assert "has no attribute 'must'" in found[0]
    assert "it is null" in found[1]


@pytest.mark.parametrize(
    "option",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ extra.must.__init__.__globals__ }}",
        "{{ 'x' * 99999999 }}",
        "{{ nothing }}",
        "{{ 1 / 0 }}",
        "{{ extra.",
    ],
)
def test_a_template_is_sandboxed_and_a_bad_one_told_once(
    project: Project, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    project.data(rows(project))
    project.suite(SUITE.replace("{type: checks}", json.dumps({"type": "contains", "all": option + ""})))
    found = told(capsys, "validate", "suites/small.yaml")
    if option == "{{ extra.":
        assert found  # no template: not a list either
        return
    assert len(found) == 1
    assert found[0].startswith("suites/small.yaml:5")
    assert "`all` cannot be made of the row" in found[0]


def test_a_templated_scorer_that_looks_at_no_row_is_told(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.data(rows(project))
    project.suite(MUST.replace("words: true", "when: {kind: prime}"))
    (problem, *_) = told(capsys, "validate", "suites/small.yaml")
    assert "it looks at no example: none has {'kind': ('prime',)}" in problem


def test_a_scorer_that_is_no_text_scorer_keeps_its_braces(project: Project) -> None:
    project.data([{**row, "target": "{{ x }}"} for row in rows(project)])
    project.suite(SUITE.replace("{type: checks}", '{type: contains, all: ["{", "}"]}'))
    assert project.verdict("base", "better")["suites"][0]["findings"][0]["base"] == 0.0


def test_validate_says_what_an_api_would_refuse_of_a_strict_response_format(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    form = {"type": "json_schema", "json_schema": {"name": "a", "strict": True, "schema": schema}}
    project.data(rows(project))
    project.suite(SUITE + f"generate: {{response_format: {json.dumps(form)}}}\n")
    assert main(["validate", "suites/small.yaml"]) in (0, 2)
    said = "".join(capsys.readouterr())
    assert "generate.response_format: " in said
    assert "additionalProperties" in said
    form["json_schema"]["strict"] = False  # type: ignore[index]
    project.suite(SUITE + f"generate: {{response_format: {json.dumps(form)}}}\n")
    main(["validate", "suites/small.yaml"])
    assert "generate.response_format: " not in "".join(capsys.readouterr())


def test_a_table_holds_the_checks_of_a_row_as_json(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    lines = ["id,input,checks,threshold,kind"]
    for i in range(100):
        cell = json.dumps([{"number": i + 1}, {"max_chars": 3}]).replace('"', '""')
        lines.append(f'q{i},how much?,"{cell}",{"" if i % 2 else "0.5"},all')
    project.write("suites/data.csv", "\n".join(lines) + "\n")
    project.suite(SUITE.replace("data.jsonl", "data.csv, format: csv"))
    finding = project.verdict("base", "better")["suites"][0]["findings"][0]
    assert (finding["base"], finding["n"]) == (0.9, 100)  # "no" is short enough, half of what is checked
    lines[3] = lines[3].replace("0.5", "half")
    lines[4] = lines[4].replace("number", "numbr")
    project.write("suites/data.csv", "\n".join(lines) + "\n")
    capsys.readouterr()
    found = told(capsys, "validate", "suites/small.yaml")
    assert "suites/data.csv:4" in found[0]
    assert "`threshold` must be a number" in found[0]
    assert "did you mean 'number'" in found[1]
