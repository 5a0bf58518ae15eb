"""Where results go: refused before anything is asked, never lost after, told apart by candidate."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from project import Project

from evalkit.cli import main, results
from evalkit.store.runs import list_runs


def test_targets_that_cannot_be_written_are_told_at_once_before_anything_is_asked(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("file", "a file")
    (project.folder / "folder").mkdir()
    words = ["--report", "file", "--json", "folder", "--junit", "file/j.xml", "--markdown", "good/s.md"]
    assert project.compare("base", "better", *words) == 2
    said = capsys.readouterr()
    assert "--report file: a file stands where the folder should be" in said.err
    assert "--json folder: this is a folder" in said.err
    assert "--junit file/j.xml: file is a file, not a folder" in said.err
    assert "--markdown" not in said.err
    assert "3 problems" in said.err
    assert not (project.folder / ".evalkit").exists(), "no call was made, no run kept"
    assert not (project.folder / "good").exists()


@pytest.mark.parametrize("command", ["gate", "report"])
def test_commands_on_kept_runs_check_their_targets_too(
    project: Project, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert project.compare("base", "better") == 0
    capsys.readouterr()
    assert main([command, "--json", "suites"]) == 2
    said = capsys.readouterr()
    assert "--json suites: this is a folder" in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["record", "base", "-o", "file/base.jsonl"], "-o file/base.jsonl: file is a file, not a folder"),
        (["run", "base", "--json", "suites"], "--json suites: this is a folder"),
    ],
)
def test_an_arm_alone_is_not_asked_for_a_target_that_cannot_be(
    project: Project, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("file", "a file")
    assert main(words) == 2
    assert said in capsys.readouterr().err
    assert not (project.folder / ".evalkit").exists()


def test_one_place_cannot_hold_two_results(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert project.compare("base", "better", "--json", "out/x", "--junit", "out/../out/x") == 2
    assert "--json and --junit both name" in capsys.readouterr().err


def test_a_verdict_is_shown_and_its_run_named_when_writing_fails_after_all(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = results.write

    def full(path: str, text: str) -> None:
        if path.endswith((".xml", ".html")):
            raise OSError(28, "No space left on device")
        real(path, text)

    monkeypatch.setattr(results, "write", full)
    monkeypatch.setattr(results, "write_pieces", full)
    assert project.compare("base", "better", "--junit", "j.xml", "--json", "v.json") == 2
    said = capsys.readouterr()
    assert "PASS  deploy: base -> better" in said.out
    assert "report: " not in said.out
    assert "--junit j.xml could not be written: No space left on device" in said.err
    (run,) = [one.id for one in list_runs(Path())]
    assert f"the run is kept as {run}" in said.err
    assert f"`evalkit report {run}`" in said.err
    assert (project.folder / "v.json").is_file(), "what can be written is"
    monkeypatch.undo()
    monkeypatch.chdir(project.folder)
    assert main(["report", run, "--junit", "j.xml"]) == 0
    assert (project.folder / "j.xml").is_file()


def test_junit_tells_candidates_apart_and_counts_all_of_them(project: Project) -> None:
    assert project.compare("base", "better", "worse", "--junit", "j.xml") == 1
    root = ET.parse(project.folder / "j.xml").getroot()
    assert root.get("name") == "evalkit: base vs better, worse"
    assert [suite.get("name") for suite in root] == ["small [better]", "small [worse]"]
    assert {case.get("classname") for case in root.iter("testcase")} == {"small [better]", "small [worse]"}
    for count in ("tests", "failures", "errors", "skipped"):
        assert int(root.get(count, "")) == sum(int(suite.get(count, "")) for suite in root), count
    assert root.get("failures") != "0"


def test_one_candidate_keeps_the_plain_names(project: Project) -> None:
    project.compare("base", "worse", "--junit", "j.xml")
    root = ET.parse(project.folder / "j.xml").getroot()
    assert [suite.get("name") for suite in root] == ["small"]


def test_init_ignores_what_evalkit_writes_and_never_overwrites(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(tmp_path / "new")]) == 0
    assert (tmp_path / "new" / ".gitignore").read_text(encoding="utf-8") == ".evalkit/\nreports/out/\n"
    mine = tmp_path / "old" / ".gitignore"
    mine.parent.mkdir()
    mine.write_text(".evalkit/\n", encoding="utf-8")
    capsys.readouterr()
    assert main(["init", str(mine.parent)]) == 0
    assert mine.read_text(encoding="utf-8") == ".evalkit/\n"
    assert "add to it: reports/out/" in capsys.readouterr().out


def test_a_pass_tells_the_calls_that_failed(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    failure = {"kind": "timeout", "message": "no answer"}
    project.arm(
        "better", right=lambda i: True, change=lambda r: {"id": "q7", "failure": failure} if r["id"] == "q7" else r
    )
    assert project.compare("base", "better") == 0
    assert "1 of 100 calls of the candidate failed (1 timeout)" in capsys.readouterr().out
