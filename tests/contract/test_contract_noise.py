"""An arm compared with itself measures the noise floor; a margin below it is refused with the figure."""

import re

import pytest
from project import SUITE, Project

MODELS = """\
models:
  base: {provider: scripted, model: "constant:3"}
  other: {provider: scripted, model: "constant:4"}
"""


def test_a_margin_below_the_measured_floor_is_refused(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.write("suites/models.yaml", MODELS)
    project.suite(SUITE.replace("margin: 0.05", "margin: 0.01"))
    project.compare("base", "base")
    told = capsys.readouterr().err
    floor = re.search(r"noise floor of answer on small: a margin below (0\.0\d+) cannot be proven", told)
    assert floor is not None, told
    found = project.verdict("base", "other")
    assert found["outcome"] == "INVALID"
    because = found["suites"][0]["findings"][0]["because"]
    assert "noise floor" in because
    project.suite(SUITE)  # 5 points: above the floor of 100 unchanged cases
    assert project.verdict("base", "other")["outcome"] != "INVALID"


def test_a_floor_is_not_used_for_other_data(project: Project) -> None:
    project.write("suites/models.yaml", MODELS)
    project.suite(SUITE.replace("margin: 0.05", "margin: 0.01"))
    project.compare("base", "base")
    project.data(project.rows()[:60])
    assert project.verdict("base", "other")["outcome"] != "INVALID"
