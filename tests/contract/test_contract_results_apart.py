"""A result never takes the place of a file that the same command reads, whatever that file is called."""

import json
import os
from pathlib import Path

import pytest
from project import SUITE, Project

from evalkit.cli import main
from evalkit.cli.spared import find_lost_inputs

COMMANDS = [["compare", "base", "better"], ["plan", "base", "better"], ["run", "base"], ["gate"], ["report"]]
SCHEMA = "{type: json_schema, schema: kept/schema.json}"


@pytest.fixture
def odd(project: Project) -> Project:
    """A project all of whose inputs have names that a result may have as well, with one kept run."""
    (project.folder / "suites/kept").mkdir()
    Path("suites/data.jsonl").rename("suites/kept/data.json")
    Path("suites/base.jsonl").rename("suites/kept/base.json")
    text = SUITE.replace("{path: data.jsonl}", "{path: kept/data.json, trained_on: [kept/train.json]}")
    project.suite(text.replace("scorers:\n", f"scorers:\n  shape: {SCHEMA}\n"))
    rows = "".join(json.dumps(row) + "\n" for row in project.rows())
    project.write("suites/kept/data.json", rows)
    project.write(
        "suites/kept/train.json", '{"messages": [{"role": "user", "content": "Where is my parcel today?"}]}\n'
    )
    project.write("suites/kept/schema.json", '{"type": "integer"}')
    project.write("suites/kept/tuned/adapter_config.json", "{}")
    project.write("suites/kept/chat", "{{ messages }}")
    project.write(
        "suites/models.yaml",
        "models:\n"
        "  base: {provider: replay, recording: kept/base.json}\n"
        "  better: {provider: replay, recording: better.jsonl}\n"
        "  tuned: {provider: local, model: hub/name, adapter: kept/tuned, chat_template: kept/chat}\n",
    )
    assert project.compare("base", "better", "--json", "v.json") == 0
    return project


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_no_result_takes_the_place_of_what_its_command_reads(
    command: list[str], odd: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    inputs = [path for path in Path("suites/kept").rglob("*") if path.is_file()]
    assert len(inputs) == 6
    for path in inputs:
        before = path.read_bytes()
        for option in ["--json"] if command[0] in ("run", "plan") else ["--json", "--junit", "--markdown"]:
            assert main([*command, option, str(path)]) == 2
            assert f"{option} {path}: this is what is read, and it would be lost" in capsys.readouterr().err
        assert path.read_bytes() == before


@pytest.mark.parametrize("linked", [os.symlink, os.link], ids=["symbolic", "hard"])
def test_a_link_to_an_input_is_that_input(linked: object, project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert callable(linked)
    linked(str(project.folder / "suites/base.jsonl"), "s.xml")
    assert project.compare("suites/base.jsonl", "better", "--junit", "s.xml") == 2
    assert "--junit s.xml: " in capsys.readouterr().err
    assert len(Path("suites/base.jsonl").read_text(encoding="utf-8").splitlines()) == 101


def test_data_that_cannot_be_compared_on_are_kept_too(odd: Project) -> None:
    rows = odd.rows()
    odd.write("suites/kept/data.json", "".join(json.dumps(row) + "\n" for row in [*rows, rows[0]]))
    assert odd.compare("base", "better", "--json", "suites/kept/data.json") == 2
    assert len(Path("suites/kept/data.json").read_text(encoding="utf-8").splitlines()) == 101
    assert odd.compare("base", "better", "--json", "v.json") == 4


def test_a_policy_a_page_and_a_folder_of_data_are_inputs(odd: Project, capsys: pytest.CaptureFixture[str]) -> None:
    odd.write("policy.json", '{"policy": {"confidence": 0.9}}')
    assert main(["gate", "--policy", "policy.json", "--json", "policy.json"]) == 2
    assert "--json policy.json: this is what is read" in capsys.readouterr().err
    assert main(["gate", "--policy", "policy.json", "--json", "v.json"]) == 0
    odd.write("rr/index.html", '{"id": "a", "input": "b"}\n')
    text = SUITE.replace("data.jsonl", "../rr/index.html")
    odd.write("more/page.yaml", text)
    assert odd.compare("base", "better", "--suite", "more/page.yaml", "--report", "rr") == 2
    assert "--report rr/index.html: this is what is read" in capsys.readouterr().err
    odd.write("many/part.json", '{"id": "a", "input": "b"}\n')
    odd.write("more/page.yaml", SUITE.replace("data.jsonl", "../many"))
    assert odd.compare("base", "better", "--suite", "more/page.yaml", "--json", "many/part.json") == 2
    assert "--json many/part.json: this is what is read" in capsys.readouterr().err


def test_the_folder_of_kept_answers_and_runs_is_no_place_for_results(
    odd: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["runs", "export", "-o", ".evalkit/runs"]) == 0
    Path(".evalkit/runs.sqlite").unlink()
    run = next(Path(".evalkit/runs").iterdir())
    for name in (".evalkit/ledger.sqlite", f"{run}/verdict.json", ".evalkit/new.json"):
        assert main(["report", "--json", name]) == 2
        assert f"--json {name}: evalkit keeps answers and runs in this folder" in capsys.readouterr().err
    assert main(["report", str(run), "--json", f"{run}/verdict.json", "--root", "elsewhere"]) == 2
    assert main(["report"]) == 0, "the run is whole"


def test_results_of_every_command_take_the_place_of_older_ones(odd: Project) -> None:
    odd.write("none.json", "")
    files = ["--json", "none.json", "--junit", "j.xml", "--markdown", "s.md", "--report", "page"]
    for _ in range(2):
        assert odd.compare("base", "better", *files) == 0
        assert main(["gate", *files]) == 0
        assert main(["report", *files]) == 0
        assert main(["run", "base", "--json", "suites/kept/tuned/run.json"]) == 0
        assert main(["plan", "base", "better", "--json", "plan.json"]) == 0


def test_results_are_known_by_how_they_begin_so_that_suites_are_not_read_twice(
    odd: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert odd.compare("base", "better", "--junit", "j.xml", "--markdown", "s.md", "--report", "page") == 0
    assert main(["run", "base", "--json", "run.json"]) == 0
    assert main(["plan", "base", "better", "--json", "plan.json"]) == 0
    odd.write("other.json", "{}")
    read: list[object] = []
    monkeypatch.setattr("evalkit.cli.spared._read_by", lambda args: read.append(args) or iter(()))
    for name in ("v.json", "j.xml", "s.md", "page/index.html", "run.json", "plan.json", "missing.json"):
        find_lost_inputs({"--json": Path(name)}, type("Given", (), {"root": "."})())
        assert not read, name
    find_lost_inputs({"--json": Path("other.json")}, type("Given", (), {"root": "."})())
    assert read
