"""Suites, data and recordings are never written over by a result or by the data that was made of them."""

import gzip
import os
from pathlib import Path

import pytest
from api_world import World
from project import Project

from evalkit.cli import main
from evalkit.data.read import read_examples

SHARES = ["--share", "train=0.8", "--share", "test=0.2"]


@pytest.mark.parametrize(
    "command",
    [["compare", "base", "better"], ["gate"], ["report"], ["run", "base"], ["plan", "base", "better"]],
    ids=lambda words: words[0],
)
@pytest.mark.parametrize(
    "name", ["suites/small.yaml", "suites/data.jsonl", "base.YML", "d.jsonl.gz", "d.csv", "d.parquet"]
)
def test_no_result_is_written_over_an_input(
    command: list[str], name: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    if not Path(name).exists():
        project.write(name, "precious")
    before = Path(name).read_bytes()
    options = ["json"] if command[0] in ("run", "plan") else ["json", "junit", "markdown"]
    for option in options:
        assert main([*command, f"--{option}", name]) == 2
        told = capsys.readouterr().err
        assert f"--{option} {name}: a suite, data or a recording may stand there, and it would be lost" in told
        assert "to do: name another file" in told
    assert Path(name).read_bytes() == before
    assert not Path(".evalkit").exists(), "nothing was asked"


def test_a_link_to_an_input_is_refused_as_well(project: Project) -> None:
    os.symlink("suites/data.jsonl", "v.json")
    assert project.compare("base", "better", "--json", "v.json") == 2
    assert len(Path("suites/data.jsonl").read_text(encoding="utf-8").splitlines()) == 100


def test_results_are_written_over_results_and_into_new_files(project: Project) -> None:
    for _ in range(2):
        assert project.compare("base", "better", "--json", "v.json", "--junit", "j.xml", "--markdown", "s.md") == 0
    assert project.compare("base", "better", "--json", "new.jsonl") == 0


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
