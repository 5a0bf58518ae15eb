"""Which cases a critical gate guards: one rule for plan, compare and an early stop."""

import pytest
from project import SUITE, Project

from evalkit.cli import main

GATE = "gates:\n  - {type: critical, tag: urgent}\n"


def tagged(project: Project, value: str) -> None:
    """The first case carries the value, every other one says no."""
    rows = project.rows()
    for place, row in enumerate(rows):
        row["tags"]["urgent"] = "no" if place else value
    project.data(rows)
    project.suite(SUITE.replace("gates:\n", GATE))


@pytest.mark.parametrize("value", ["No ", "FALSE", " 0", "no", "  "])
def test_a_tag_that_says_no_guards_nothing_in_plan_and_in_compare(
    value: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    tagged(project, value)
    assert main(["plan", "base", "same"]) == 0
    assert "no case is tagged urgent" in capsys.readouterr().out
    findings = project.verdict("base", "same")["suites"][0]["findings"]
    assert (findings[0]["gate"], findings[0]["state"]) == ("critical", "INVALID")


@pytest.mark.parametrize("value", ["yes", "true", "1", "on fire", "nope"])
def test_any_other_value_guards_the_case_in_both(
    value: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    tagged(project, value)
    assert main(["plan", "base", "same"]) == 0
    told = capsys.readouterr().out
    assert "critical *: n=1" in told
    assert "no case is tagged" not in told
    findings = project.verdict("base", "same")["suites"][0]["findings"]
    assert findings[0]["because"].startswith(("the base passes none of 1 case", "all of 1 case"))
