"""An arm compared with itself measures the noise floor; a margin below it is refused with the figure."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from project import SUITE, Project

from evalkit import Recording
from evalkit.core.exchange import ModelIdentity

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


def recorded(project: Project, name: str, right: Callable[[int], bool]) -> None:
    """A recording of `base` that says by its checksum whose answers it holds."""
    project.arm(name, right=right)
    path = project.folder / f"suites/{name}.jsonl"
    model = ModelIdentity(name="base", provider="openai", model="base", fingerprint="one-and-the-same")
    replace(Recording.read(path), model=model).write(path)


def test_two_recordings_of_one_model_measure_its_floor(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    recorded(project, "first", lambda i: i % 5 != 0)
    recorded(project, "second", lambda i: i % 5 != 1)
    project.compare("suites/first.jsonl", "suites/second.jsonl")
    told = capsys.readouterr().err
    assert "40.0% of 100 examples differ between two runs of the same model" in told
    project.suite(SUITE.replace("margin: 0.05", "margin: 0.1"))
    project.arm("other", right=lambda i: True)
    found = project.verdict("suites/first.jsonl", "suites/other.jsonl")
    assert found["outcome"] == "INVALID"
    assert "noise floor" in found["suites"][0]["findings"][0]["because"]


def test_one_recording_against_itself_shows_no_noise_and_says_so(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert project.compare("base", "base") == 0
    assert "one recording compared with itself shows no noise" in capsys.readouterr().err
    assert not (project.folder / ".evalkit/noise").exists()
    project.suite(SUITE.replace("margin: 0.05", "margin: 0.01"))
    assert project.verdict("base", "better")["outcome"] != "INVALID"
