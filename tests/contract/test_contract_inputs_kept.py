"""Suites, data and recordings are never written over by a result or by the data that was made of them."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from api_world import World
from project import Project

from evalkit.cli import main
from evalkit.cli.targets import INPUTS
from evalkit.data.read import read_examples
from evalkit.data.source import SUFFIXES

SHARES = ["--share", "train=0.8", "--share", "test=0.2"]


@pytest.mark.parametrize(
    "command",
    [["compare", "base", "better"], ["gate"], ["report"], ["run", "base"], ["plan", "base", "better"]],
    ids=lambda words: words[0],
)
@pytest.mark.parametrize(
    "name",
    ["suites/small.yaml", "suites/data.jsonl", "base.YML", "d.jsonl.gz", "d.csv", "d.parquet", "d.ndjson", "d.tsv",
     "d.tsv.gz", "d.json.gz", "d.ndjson.gz"],
)  # fmt: skip
def test_no_result_gets_the_name_of_an_input_whatever_stands_there(
    command: list[str], name: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["json"] if command[0] in ("run", "plan") else ["json", "junit", "markdown"]
    written = [Path(name).read_text(encoding="utf-8")] if Path(name).exists() else [None, "precious"]
    for text in written:
        if text is not None:
            project.write(name, text)
        for option in options:
            assert main([*command, f"--{option}", name]) == 2
            told = capsys.readouterr().err
            assert f"--{option} {name}: files of this name hold suites, data or recordings, never a result" in told
            assert "to do: name another file" in told
        assert (Path(name).read_text(encoding="utf-8") if Path(name).exists() else None) == text
    assert not Path(".evalkit").exists(), "nothing was asked"


def test_every_kind_of_file_that_is_read_as_data_is_no_place_for_a_result() -> None:
    assert {suffix for suffix in SUFFIXES if not suffix.endswith(INPUTS)} == {".json"}, "verdicts are .json as well"


def test_a_link_to_an_input_is_refused_as_well(project: Project) -> None:
    os.symlink("suites/data.jsonl", "v.json")
    assert project.compare("base", "better", "--json", "v.json") == 2
    assert len(Path("suites/data.jsonl").read_text(encoding="utf-8").splitlines()) == 100


def test_results_are_written_over_results_and_into_new_files(project: Project) -> None:
    for _ in range(2):
        assert project.compare("base", "better", "--json", "v.json", "--junit", "j.xml", "--markdown", "s.md") == 0


@pytest.mark.parametrize("linked", [os.symlink, os.link], ids=["symbolic", "hard"])
def test_two_results_for_one_file_by_a_link_are_refused(
    linked: Callable[[str, str], None], project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("v.json", "older")
    linked("v.json", "w.json")
    assert project.compare("base", "better", "--json", "v.json", "--markdown", "w.json") == 2
    assert "--json and --markdown both name w.json" in capsys.readouterr().err
    assert Path("v.json").read_text(encoding="utf-8") == "older"


@pytest.mark.parametrize(
    ("report", "name"),
    [("rr", "rr/index.html"), ("rr", "rr/../rr/index.html"), ("rr", "link/index.html"), ("rr", "rr/run/index.html"),
     (None, "reports/out/index.html")],
)  # fmt: skip
def test_no_other_result_takes_the_page_of_the_report(
    report: str | None, name: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    os.symlink("rr", "link")
    words = [] if report is None else ["--report", report]
    for option in ("--json", "--junit", "--markdown"):
        assert project.compare("base", "better", *words, option, name) == 2
        assert f"{option} {name}: --report writes its page there" in capsys.readouterr().err
    assert not Path(".evalkit").exists(), "nothing was asked"


def test_the_older_page_under_another_name_is_no_place_either(project: Project) -> None:
    assert project.compare("base", "better", "--report", "rr") == 0
    os.link("rr/index.html", "page.md")
    assert project.compare("base", "better", "--report", "rr", "--markdown", "page.md") == 2
    assert project.compare("base", "better", "--report", "rr", "--markdown", "rr/summary.md") == 0


@pytest.mark.parametrize("source", ["suites/data.jsonl", "suites"])
@pytest.mark.parametrize("target", ["suites/data.jsonl", "suites/../suites/data.jsonl", "same.jsonl"])
def test_rows_are_not_converted_onto_themselves(
    source: str, target: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("base", "better", "same", "worse"):
        Path(f"suites/{name}.jsonl").unlink()
    os.link("suites/data.jsonl", "same.jsonl")
    before = Path("suites/data.jsonl").read_bytes()
    assert main(["data", "convert", source, "--to", "openai-chat", "-o", target]) == 2
    assert f"-o {target}: this is what is read, and it would be lost" in capsys.readouterr().err
    assert Path("suites/data.jsonl").read_bytes() == before


def test_a_split_does_not_replace_what_it_splits(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    Path("suites/data.jsonl").rename("test.jsonl")
    before = Path("test.jsonl").read_bytes()
    assert main(["data", "split", "test.jsonl", *SHARES, "-o", "."]) == 2
    assert "-o test.jsonl: this is what is read" in capsys.readouterr().err
    assert Path("test.jsonl").read_bytes() == before
    assert not Path("train.jsonl").exists(), "nothing is written where not all can be"
    assert main(["data", "split", "test.jsonl", *SHARES, "-o", "parts"]) == 0
    assert main(["data", "split", "test.jsonl", *SHARES, "-o", "parts"]) == 0, "its own parts may be dealt again"


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
def test_a_table_is_csv_whatever_its_packing(name: str, project: Project) -> None:
    assert main(["data", "convert", "suites/data.jsonl", "--to", "csv", "-o", name]) == 0
    raw = Path(name).read_bytes()
    text = (gzip.decompress(raw) if name.endswith(".gz") else raw).decode()
    assert text.splitlines()[:2] == ["id,input,target,kind", "q0,What is 0 + 1?,1,even"]
    assert read_examples(name, format="csv") == read_examples("suites/data.jsonl", format="evalkit")


@pytest.mark.parametrize(
    ("to", "name", "why"),
    [
        ("csv", "t.jsonl", "csv does not go into a file of this name"),
        ("csv", "t", "csv does not go into a file of this name"),
        ("csv", "t.tsv", "csv does not go into a file of this name"),
        ("evalkit", "t.parquet", "no file of this kind can be written"),
        ("evalkit", "t.tsv", "no file of this kind can be written"),
        ("openai-chat", "x.yaml", "no file of this kind can be written"),
        ("openai-chat", "models.yml", "no file of this kind can be written"),
        ("evalkit", "t.txt", "no file of this kind can be written"),
        ("evalkit", "t", "no file of this kind can be written"),
    ],
)
def test_a_name_that_says_something_else_is_refused(
    to: str, name: str, why: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data", "convert", "suites/data.jsonl", "--to", to, "-o", name]) == 2
    told = capsys.readouterr().err
    assert f"-o {name}: {why}" in told
    assert "allowed: " in told
    assert ".csv" in told
    assert not Path(name).exists()


def test_no_suite_is_replaced_by_rows(project: Project) -> None:
    before = Path("suites/small.yaml").read_bytes()
    assert main(["data", "convert", "suites/data.jsonl", "--to", "openai-chat", "-o", "suites/small.yaml"]) == 2
    assert Path("suites/small.yaml").read_bytes() == before


@pytest.mark.parametrize("name", ["base.jsonl", "base.jsonl.gz"])
def test_no_recording_is_replaced_by_rows(name: str, project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    if name.endswith(".gz"):
        Path("suites", name).write_bytes(gzip.compress(Path("suites/base.jsonl").read_bytes()))
    before = Path("suites", name).read_bytes()
    target = f"suites/{name}"
    assert main(["data", "convert", "suites/data.jsonl", "--to", "evalkit", "-o", target]) == 2
    assert f"-o {target}: this is a recording of answers, and they would be lost" in capsys.readouterr().err
    assert Path("suites", name).read_bytes() == before


def test_a_split_replaces_no_recording(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    before = Path("suites/base.jsonl").read_bytes()
    shares = ["--share", "rest=0.5", "--share", "base=0.5"]
    assert main(["data", "split", "suites/data.jsonl", *shares, "-o", "suites"]) == 2
    assert "-o suites/base.jsonl: this is a recording of answers" in capsys.readouterr().err
    assert Path("suites/base.jsonl").read_bytes() == before
    assert not Path("suites/rest.jsonl").exists(), "nothing is written where not all can be"


def test_rows_take_the_place_of_rows(project: Project) -> None:
    for to in ("openai-chat", "evalkit"):
        assert main(["data", "convert", "suites/data.jsonl", "--to", to, "-o", "rows.jsonl"]) == 0


@pytest.mark.parametrize(
    "name", ["suites/data.jsonl", "suites/small.yaml", "suites/base.jsonl", ".evalkit/ledger.sqlite"]
)
def test_kept_answers_are_not_exported_over_anything_else(
    name: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "base"]) == 0
    before = Path(name).read_bytes()
    assert main(["ledger", "export", "-o", name]) == 2
    assert f"-o {name}: a file stands there that no export wrote, and it would be lost" in capsys.readouterr().err
    assert Path(name).read_bytes() == before


def test_an_export_is_written_over_an_older_one_and_leaves_nothing_else(world: World) -> None:
    assert world.run("run", "base") == 0
    for _ in range(2):
        assert world.run("ledger", "export", "-o", "new/kept.jsonl") == 0
        assert len(Path("new/kept.jsonl").read_text(encoding="utf-8").splitlines()) == len(world.chats) > 0
    assert [path.name for path in Path("new").iterdir()] == ["kept.jsonl"]


def test_an_export_into_a_folder_that_is_none_is_told(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "base"]) == 0
    assert main(["ledger", "export", "-o", "suites/small.yaml/kept.jsonl"]) == 2
    assert "is a file, not a folder" in capsys.readouterr().err
    assert main(["ledger", "export", "-o", "suites"]) == 2
    assert "this is a folder" in capsys.readouterr().err
