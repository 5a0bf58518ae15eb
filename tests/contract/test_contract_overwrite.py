"""What `record` writes over: the same cases again, and nothing else without a word."""

import gzip
import json

import pytest
from project import SUITE, Project

from evalkit import Recording
from evalkit.cli import main


def refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert main(["record", *words]) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("name", ["kept.jsonl", "kept.jsonl.gz"])
def test_a_fuller_recording_is_not_replaced_by_a_sample_unless_told_to(
    name: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["record", "base", "-o", name]) == 0
    before = (project.folder / name).read_bytes()
    told = refused(["base", "-o", name, "--limit", "3"], capsys)
    assert f"-o {name}: 97 of 100 answers in it would be lost" in told
    assert "--overwrite" in told
    assert (project.folder / name).read_bytes() == before
    assert main(["record", "base", "-o", name, "--limit", "3", "--overwrite"]) == 0
    assert len(Recording.read(name).responses) == 3


def test_nothing_is_asked_before_the_refusal(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    refused(["base", "-o", "suites/better.jsonl", "--limit", "3"], capsys)
    assert not (project.folder / ".evalkit").exists()


def test_the_same_cases_and_more_are_recorded_again_without_a_flag(project: Project) -> None:
    assert main(["record", "base", "-o", "kept.jsonl", "--limit", "3"]) == 0
    assert main(["record", "base", "-o", "kept.jsonl", "--limit", "3"]) == 0
    assert main(["record", "base", "-o", "kept.jsonl"]) == 0
    assert main(["record", "worse", "-o", "kept.jsonl"]) == 0
    assert len(Recording.read("kept.jsonl").responses) == 100


@pytest.mark.parametrize("words", [[], ["--overwrite"]])
@pytest.mark.parametrize("name", ["data.jsonl", "data.jsonl.gz"])
def test_a_data_set_is_never_replaced(
    name: str, words: list[str], project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    path = project.folder / "suites" / name
    data = (project.folder / "suites" / "data.jsonl").read_bytes()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    before = path.read_bytes()
    told = refused(["base", "-o", f"suites/{name}", *words], capsys)
    assert f"-o suites/{name}: this file is no recording of evalkit, and it would be lost" in told
    assert "to do: name another file" in told
    assert path.read_bytes() == before


def test_an_empty_file_is_written_to(project: Project) -> None:
    project.write("kept.jsonl", "")
    assert main(["record", "base", "-o", "kept.jsonl"]) == 0


def test_a_damaged_recording_is_replaced_only_when_told_to(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["record", "base", "-o", "kept.jsonl"]) == 0
    path = project.folder / "kept.jsonl"
    path.write_text(path.read_text(encoding="utf-8") + "{broken\n", encoding="utf-8")
    told = refused(["base", "-o", "kept.jsonl"], capsys)
    assert "kept.jsonl:102" in told
    assert "nobody can tell what would be lost" in told
    assert main(["record", "base", "-o", "kept.jsonl", "--overwrite"]) == 0


def test_answers_of_another_suite_and_of_more_repeats_count(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.suite(SUITE.replace("scorers:", "repeats: 2\nscorers:"))
    project.arm("twice", right=lambda i: True)
    path = project.folder / "suites" / "twice.jsonl"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    again = [json.dumps({**json.loads(row), "repeat": 1}) for row in rows]
    path.write_text("\n".join([header, *rows, *again]) + "\n", encoding="utf-8")
    assert main(["record", "suites/twice.jsonl", "-o", "kept.jsonl"]) == 0
    project.suite()
    told = refused(["base", "-o", "kept.jsonl"], capsys)
    assert "100 of 200 answers in it would be lost: 'q0' (repeat 1), " in told
    project.suite(SUITE.replace("name: small", "name: renamed"))
    assert "200 of 200 answers" in refused(["base", "-o", "kept.jsonl"], capsys)


def test_rows_without_a_suite_are_the_cases_of_any(project: Project) -> None:
    assert main(["record", "base", "-o", "suites/better.jsonl"]) == 0


def test_answers_do_not_give_way_to_failed_calls(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", "base", "-o", "kept.jsonl"]) == 0
    before = (project.folder / "kept.jsonl").read_bytes()
    failure = {"kind": "timeout", "message": "no answer"}
    project.arm(
        "better", right=lambda i: True, change=lambda r: {"id": "q7", "failure": failure} if r["id"] == "q7" else r
    )
    told = refused(["better", "-o", "kept.jsonl"], capsys)
    assert "1 of 100 answers in it would be lost: 'q7' failed this time" in told
    assert (project.folder / "kept.jsonl").read_bytes() == before
    assert main(["record", "better", "-o", "kept.jsonl", "--overwrite"]) == 4
    assert main(["record", "better", "-o", "kept.jsonl"]) == 4, "a failed call is no answer to lose"
