"""Data that cannot be compared on is a verdict, too: INVALID wherever one was asked for, exit code 4."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from pages import read_page
from project import SUITE, Project


def twice(project: Project) -> None:
    rows = project.rows()
    project.data([*rows, rows[0]])


def empty(project: Project) -> None:
    project.data([])


SPOILT = {"an id twice": (twice, "the id 'q0' stands twice"), "no row": (empty, "data.jsonl is empty")}


@pytest.mark.parametrize("name", SPOILT)
def test_unsound_data_is_an_invalid_verdict_in_every_file_asked_for(
    name: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil, why = SPOILT[name]
    spoil(project)
    words = ["--json", "o/v.json", "--junit", "o/j.xml", "--markdown", "o/s.md", "--report", "o/page"]
    assert project.compare("base", "better", *words) == 4
    told = capsys.readouterr()
    assert why in told.err
    assert told.out == ""
    found = json.loads(Path("o/v.json").read_text(encoding="utf-8"))
    assert (found["outcome"], found["exit_code"]) == ("INVALID", 4)
    assert (found["base"], found["candidate"]) == ("base", "better")
    assert why in found["because"]
    assert [(suite["name"], suite["outcome"], suite["findings"]) for suite in found["suites"]] == [
        ("small", "INVALID", [])
    ]
    root = ET.parse("o/j.xml").getroot()
    assert (root.get("tests"), root.get("errors"), root.get("failures")) == ("1", "1", "0")
    (error,) = root.iter("error")
    assert why in error.get("message", "")
    assert "INVALID" in Path("o/s.md").read_text(encoding="utf-8")
    assert "INVALID" in read_page("o/page/index.html")
    assert not Path(".evalkit").exists(), "nothing was asked, so no run is kept"


def test_an_invalid_verdict_has_the_keys_of_any_other(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    sound = project.verdict("base", "better")
    twice(project)
    capsys.readouterr()
    assert project.compare("base", "better", "--json", "-") == 4
    unsound = json.loads(capsys.readouterr().out)
    assert unsound.keys() == sound.keys()
    assert unsound["suites"][0].keys() == sound["suites"][0].keys()


def test_without_a_target_only_the_problem_is_told(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    empty(project)
    assert project.compare("base", "better") == 4
    assert "is empty" in capsys.readouterr().err
    assert not Path("reports").exists()


def test_every_candidate_gets_its_invalid_verdict(project: Project) -> None:
    twice(project)
    assert project.compare("base", "better", "worse", "--json", "v.json", "--report", "page") == 4
    found = json.loads(Path("v.json").read_text(encoding="utf-8"))
    assert (found["outcome"], found["exit_code"]) == ("INVALID", 4)
    assert [one["candidate"] for one in found["verdicts"]] == ["better", "worse"]
    page = Path("page/index.html").read_text(encoding="utf-8")
    assert 'data-name="better"' in page
    assert 'data-name="worse"' in page


def test_a_suite_that_cannot_be_used_goes_before_one_that_is_unsound(project: Project) -> None:
    twice(project)
    project.write("suites/other.yaml", SUITE.replace("small", "other").replace("exact", "exat"))
    assert project.compare("base", "better", "--json", "v.json") == 2
    assert not Path("v.json").exists(), "nothing was decided"


def test_a_file_that_cannot_be_written_is_told_beside_the_problem(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from evalkit.cli import results

    def full(path: str, text: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(results, "write", full)
    twice(project)
    assert project.compare("base", "better", "--json", "v.json") == 2
    told = capsys.readouterr().err
    assert "stands twice" in told
    assert "--json v.json could not be written: No space left on device" in told
