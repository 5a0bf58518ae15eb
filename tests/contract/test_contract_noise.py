"""An arm compared with itself measures the noise floor; a margin below it is refused with the figure."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from project import SUITE, Project

from evalkit import Recording
from evalkit.cli import main
from evalkit.core.exchange import ModelIdentity


def recorded(project: Project, name: str, right: Callable[[int], bool]) -> None:
    """A recording of `base` that says by its checksum whose answers it holds."""
    project.arm(name, right=right)
    path = project.folder / f"suites/{name}.jsonl"
    model = ModelIdentity(name="base", provider="openai", model="base", fingerprint="one-and-the-same")
    replace(Recording.read(path), model=model).write(path)


@pytest.fixture
def noisy(project: Project) -> Project:
    """A base of which a noise run is kept: 40 of 100 answers differ between two recordings of it."""
    recorded(project, "first", lambda i: i % 5 != 0)
    recorded(project, "second", lambda i: i % 5 != 1)
    project.compare("suites/first.jsonl", "suites/second.jsonl")
    return project


def test_a_floor_is_not_used_for_other_data(noisy: Project) -> None:
    assert noisy.verdict("suites/first.jsonl", "same")["outcome"] == "INVALID"
    noisy.data(noisy.rows()[:60])
    assert noisy.verdict("suites/first.jsonl", "same")["outcome"] != "INVALID"


def test_a_proven_regression_is_a_fail_whatever_a_noise_run_says(noisy: Project) -> None:
    noisy.suite(SUITE.replace("margin: 0.05", "margin: 0.01"))
    noisy.arm("broken", right=lambda i: i % 5 == 4)
    found = noisy.verdict("suites/first.jsonl", "suites/broken.jsonl")
    assert (found["outcome"], found["exit_code"]) == ("FAIL", 1)
    assert found["suites"][0]["findings"][0]["state"] == "REGRESSION"


def test_what_noise_runs_found_is_listed_cleared_and_named_in_the_verdict(
    noisy: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    (note,) = (n for n in noisy.verdict("suites/first.jsonl", "same")["suites"][0]["notes"] if "noise run" in n)
    assert "evalkit runs noise --clear" in note
    capsys.readouterr()
    assert main(["runs", "noise", "--json"]) == 0
    (kept,) = json.loads(capsys.readouterr().out)["noise"]
    assert (kept["base"], kept["suite"], kept["floors"][0]["metric"]) == ("first.jsonl", "small", "answer")
    assert main(["runs", "noise"]) == 0
    assert "40.0% of 100 examples differed" in capsys.readouterr().out
    assert main(["runs", "noise", "none-like-this", "--clear"]) == 2
    assert main(["runs", "list", "--clear"]) == 2
    assert main(["runs", "noise", kept["id"][:8], "--clear"]) == 0
    after = noisy.verdict("suites/first.jsonl", "same")
    assert after["outcome"] != "INVALID"
    assert not any("noise run" in note for note in after["suites"][0]["notes"])
    capsys.readouterr()
    main(["runs", "noise"])
    assert "no noise run is kept" in capsys.readouterr().out


def test_a_noise_file_of_the_first_version_counts_and_a_torn_one_is_told(
    noisy: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    (path,) = (noisy.folder / ".evalkit/noise").glob("*.json")
    path.write_text(json.dumps(json.loads(path.read_text())["floors"]))
    assert noisy.verdict("suites/first.jsonl", "same")["outcome"] == "INVALID"
    path.write_text('{"floors": [')
    assert noisy.compare("suites/first.jsonl", "same") == 2
    assert "--clear" in capsys.readouterr().err
    assert main(["runs", "noise", "--clear"]) == 0
    assert noisy.compare("suites/first.jsonl", "same") != 2


def test_a_scripted_model_that_always_answers_alike_shows_no_noise(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("suites/models.yaml", 'models:\n  base: {provider: scripted, model: "constant:3"}\n')
    project.compare("base", "base")
    assert "no noise of answer on small: not one of 100 examples differs" in capsys.readouterr().err


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
