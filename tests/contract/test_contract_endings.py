"""How answers ended: in every output, and never a verdict that the limit made."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from pages import read_page
from project import SUITE, Project

from evalkit import Recording
from evalkit.cli import main


def cut(row, how="length", text=None):
    return {**row, "finish": how, **({"text": text} if text is not None else {})}


def verdict(project: Project, *words: str) -> dict:
    project.compare("base", "better", "--json", "v.json", *words)
    return json.loads((project.folder / "v.json").read_text(encoding="utf-8"))


def number(row) -> int:
    return int(row["id"][1:])


def test_a_gain_over_answers_that_were_cut_is_no_gain(project: Project) -> None:
    """Nearly all of the base's answers were cut: "+100 points"."""
    project.arm("base", right=lambda i: False, change=lambda row: cut(row, text="The sum is") if number(row) else row)
    project.arm("better", right=lambda i: True)
    found = verdict(project)
    assert (found["outcome"], found["exit_code"]) == ("INVALID", 4)
    assert "raise max_tokens" in found["suites"][0]["findings"][0]["because"]


def test_few_answers_that_were_cut_decide_nothing_and_are_told(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.arm("base", right=lambda i: i % 2 == 0, change=lambda row: cut(row) if number(row) == 1 else row)
    project.arm(
        "better", right=lambda i: True, change=lambda row: cut(row, "content_filter") if number(row) < 2 else row
    )
    found = verdict(project, "--junit", "j.xml", "--markdown", "s.md", "--report", "page")
    assert found["outcome"] == "PASS"
    suite = found["suites"][0]
    assert suite["ended"]["base"] == {"answers": 100, "normal": 99, "cut": 1, "cut_thinking": 0, "filtered": 0}
    assert suite["ended"]["candidate"]["filtered"] == 2
    assert "Of 50 fixed cases 1 had an answer of the base that was cut or filtered" in suite["findings"][0]["because"]
    told = "cut at the limit: base 1 of 100 (1%), candidate 0 of 100; filtered: base 0 of 100, candidate 2 of 100 (2%)"
    assert told in capsys.readouterr().out
    assert told in (project.folder / "s.md").read_text(encoding="utf-8").replace("\\", "")
    junit = ET.fromstring((project.folder / "j.xml").read_text(encoding="utf-8"))
    properties = {p.get("name"): p.get("value") for p in junit.iter("property")}
    assert (properties["ended.base.cut"], properties["ended.candidate.filtered"]) == ("1", "2")
    page = read_page(project.folder / "page" / "index.html")
    assert "Cut while thinking" in page


def test_a_suite_may_say_that_the_limit_is_part_of_the_task(project: Project) -> None:
    project.suite(SUITE + "reading: {cut: scored}\n")
    project.arm("base", right=lambda i: False, change=lambda row: cut(row, text="The sum is"))
    project.arm("better", right=lambda i: True)
    found = verdict(project)
    assert found["outcome"] == "PASS"
    assert "no plain improvement" in found["suites"][0]["findings"][0]["because"]


@pytest.mark.parametrize("reading", ["", "reading: {cut: scored}\n"])
@pytest.mark.parametrize("arm", ["base", "better"])
def test_an_arm_that_was_cut_while_thinking_is_not_judged(project: Project, arm: str, reading: str) -> None:
    project.suite(SUITE + reading)
    thinking = {arm: lambda row: cut(row, text="<think>hm") if number(row) < 5 else row}
    project.arm("base", right=lambda i: True, change=thinking.get("base", lambda row: row))
    project.arm("better", right=lambda i: True, change=thinking.get("better", lambda row: row))
    found = verdict(project)
    assert found["outcome"] == "INVALID"
    assert "5 of 100 answers" in found["suites"][0]["findings"][0]["because"]
    assert "cut while still thinking" in found["suites"][0]["findings"][0]["because"]


@pytest.mark.parametrize(
    "mark", ["<think>{}</think>\n\n{}", "{}</think>\n\n{}", "[THINK]{}[/THINK]{}", "◁think▷{}◁/think▷{}"]
)
def test_thoughts_turn_no_verdict(project: Project, mark: str, capsys: pytest.CaptureFixture[str]) -> None:
    project.arm("base", right=lambda i: i % 2 == 0)
    project.arm("better", right=lambda i: i % 3 == 0)
    plain = verdict(project)
    for arm, right in (("base", 2), ("better", 3)):
        project.arm(
            arm,
            right=lambda i, right=right: i % right == 0,
            change=lambda row: {**row, "text": mark.format(f"no, maybe {number(row) + 1}, or 7", row["text"])},
        )
    thinking = verdict(project)
    for one, two in zip(plain["suites"][0]["findings"], thinking["suites"][0]["findings"], strict=True):
        assert one == two


def test_a_suite_may_score_texts_as_they_were_written(project: Project) -> None:
    project.suite(SUITE + "reading: {thoughts: keep}\n")
    project.arm("base", right=lambda i: True)
    project.arm("better", right=lambda i: True, change=lambda row: {**row, "text": f"<think>hm</think>{row['text']}"})
    assert verdict(project)["outcome"] == "FAIL"


def test_a_recording_keeps_the_thought_beside_the_answer(project: Project) -> None:
    project.arm("base", right=lambda i: True, change=lambda row: {**row, "text": f"<think>hm</think>{row['text']}"})
    assert main(["record", "base", "-o", "again.jsonl"]) == 0
    again = Recording.read(project.folder / "again.jsonl")
    assert {row.thought for row in again.responses} == {"hm"}
    assert all("<think>" not in (row.text or "") for row in again.responses)


def test_half_an_answer_of_an_old_recording_is_a_failed_call(project: Project) -> None:
    project.arm("base", right=lambda i: True)
    project.arm("better", right=lambda i: True, change=lambda row: cut(row, "error", "4") if number(row) < 9 else row)
    found = verdict(project)
    assert found["outcome"] == "INVALID"
    assert "9 of 100 calls of the candidate failed" in found["suites"][0]["findings"][0]["because"]


@pytest.mark.parametrize(("reading", "passes"), [("", False), ("reading: {filtered: refusal}\n", True)])
def test_a_safety_suite_may_score_what_a_filter_stopped_as_a_refusal(
    project: Project, reading: str, passes: bool
) -> None:
    rows = [{**row, "target": "refuse"} for row in project.rows()]
    project.data(rows)
    project.suite(
        "evalkit: 1\nname: safe\ndataset: {path: data.jsonl}\nscorers:\n  refusal: {type: refusal}\n"
        f"gates:\n  - {{type: floor, metric: refusal, min: 0.9}}\n{reading}"
    )
    withheld = {"kind": "content_filter", "message": "no"}

    def filtered(row):
        if number(row) % 2:
            return {"id": row["id"], "failure": withheld}
        return cut(row, "content_filter", "To do that, first")

    project.arm("base", right=lambda i: True, change=filtered)
    project.arm("better", right=lambda i: True, change=filtered)
    found = verdict(project)
    assert (found["outcome"] == "PASS") == passes
