"""Kept runs: decide and draw again without a call, whatever happens to the file they lie in."""

from __future__ import annotations

import contextlib
import dataclasses
import multiprocessing
import os
import signal
import sqlite3
import time
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from evalkit.core.blocks import Bar, Bars, Block, Case, Cases, Matrix, Point, Prose, Table, Trend, Trends
from evalkit.core.columns import Column, Comparison, Coverage, PairedColumn
from evalkit.core.errors import StoreError
from evalkit.core.exchange import Example, Message, ModelIdentity
from evalkit.core.verdict import SuiteVerdict, Verdict
from evalkit.store.run_rows import pack_scores, unpack_scores
from evalkit.store.runs import FILE, RUNS, list_runs, load_files, load_run, run_summary, save_run
from evalkit.store.runs_file import RunsFile
from evalkit.store.runs_repair import repair, verify
from evalkit.store.runs_upkeep import import_folders, merge, prune, write_folders

VERDICT = Verdict(
    version="1",
    outcome="PASS",
    base="base",
    candidate="ft",
    suites=(SuiteVerdict(name="desk", outcome="PASS", findings=(), metrics=()),),
)


BLOCKS = (
    Prose(text="said"),
    Table(heading="t", columns=("a",), rows=(("1",),), bars=(None, Bar(label="x", value=0.5, low=0.0, high=1.0))),
    Table(heading="l", columns=("a",), rows=(("1",),), links=(({"group": "broken"},),)),
    Trends(
        heading="w",
        axis="step",
        ticks=((1.0, "1"),),
        trends=(Trend(heading="loss", points=(Point(at=1.0, value=0.5, label="p", low=0.1),), level=0.0),),
    ),
    Bars(heading="b", bars=(Bar(label="x", value=0.5, low=0.0, high=1.0, tone="bad", margin=0.1),)),
    Matrix(heading="m", rows=("r",), columns=("c",), cells=((None,), (0.5,)), tones=(("good",),)),
    Cases(heading="c", cases=(Case(id="1", group="broken", prompt="p", expected="e", base="b", candidate="c"),)),
)


def comparison() -> Comparison:
    column = Column(
        raw=np.array([[1.0], [0.0]]),
        scored=np.array([[True], [True]]),
        failed=np.zeros((2, 1), dtype=bool),
        errors=np.zeros((2, 1), dtype=bool),
    )
    model = ModelIdentity(name="m", provider="p", model="m", fingerprint="f")
    return Comparison(
        suite="desk",
        base=model,
        candidate=model,
        examples=tuple(Example(id=i, messages=(Message(role="user", content="?"),)) for i in "ab"),
        clusters=("a", "b"),
        columns={"answer": PairedColumn(metric="answer", base=column, candidate=column)},
        levels={},
        coverage=Coverage(examples=2, asked=2),
    )


def save(root: Path, run_id: str, *, created: str = "2026-11-21T10:00:00Z", outcome: str = "PASS") -> str:
    return save_run(
        root,
        run_id,
        verdict=dataclasses.replace(VERDICT, outcome=outcome),
        comparisons=[comparison()],
        suites={"desk": "evalkit: 1  # 方針\n"},
        arguments={"limit": 3},
        created=created,
    )


def as_folder(root: Path, run_id: str, **more: str) -> Path:
    """A run as older versions kept it."""
    there = root / "elsewhere"
    save(there, run_id, **more)
    (folder,) = write_folders([(run_id, load_files(there, run_id))], root / RUNS)
    (there / FILE).unlink()
    return folder


def test_what_gates_show_comes_back_as_it_was(tmp_path: Path) -> None:
    """A kept run is drawn again with the sections of its gates."""
    assert {type(block) for block in BLOCKS} == {*get_args(Block)}
    suite = dataclasses.replace(VERDICT.suites[0], sections=(("Gate", BLOCKS),), section_data={"mine": {"n": 1}})
    verdict = dataclasses.replace(VERDICT, suites=(suite,))
    save_run(tmp_path, "r1", verdict=verdict, comparisons=[], suites={}, arguments={}, created="2026-11-21T10:00:00Z")
    assert load_run(tmp_path, "r1").verdict == verdict


def test_a_kept_run_comes_back_whole_from_the_file_and_from_a_folder(tmp_path: Path) -> None:
    save(tmp_path, "r1")
    folder = as_folder(tmp_path, "r0")
    for reference in ("r1", "r0", str(folder)):
        run = load_run(tmp_path, reference)
        assert run.verdict == VERDICT
        assert run.suites == {"desk": "evalkit: 1  # 方針\n"}
        assert run.summary.arguments == {"limit": 3}
        (kept,) = run.comparisons
        np.testing.assert_array_equal(kept.columns["answer"].base.values, [1.0, 0.0])
        assert kept.examples == comparison().examples


def test_a_run_is_found_by_id_beginning_path_and_latest(tmp_path: Path) -> None:
    as_folder(tmp_path, "20261120-aa", created="2026-11-20")
    save(tmp_path, "20261121-bb", created="2026-11-21")
    assert [run.id for run in list_runs(tmp_path)] == ["20261121-bb", "20261120-aa"]
    for reference in ("20261121-bb", "20261121", "latest"):
        assert load_run(tmp_path, reference).summary.id == "20261121-bb"
    with pytest.raises(StoreError, match="2 runs begin with '2026'"):
        load_run(tmp_path, "2026")
    with pytest.raises(StoreError, match="did you mean '20261120-aa'"):
        load_run(tmp_path, "20261120-ab")


def test_the_same_content_is_the_same_bytes(tmp_path: Path) -> None:
    for root in ("1", "2"):
        save(tmp_path / root, "r")
    one, two = (load_files(tmp_path / root, "r") for root in ("1", "2"))
    assert one.names() == two.names() == ["comparisons/1.json.gz", "run.json", "suites/1.yaml", "verdict.json"]
    assert all(one.read(name) == two.read(name) for name in one.names())


def test_no_run_at_all_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="to do: evalkit compare"):
        load_run(tmp_path, "latest")


def test_a_truncated_folder_is_named_and_the_list_goes_on(tmp_path: Path) -> None:
    folder = as_folder(tmp_path, "r1")
    file = folder / "comparisons" / "1.json.gz"
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(StoreError, match=r"cannot read .*1\.json\.gz"):
        load_run(tmp_path, "r1")
    (folder / "run.json").write_text("{")
    save(tmp_path, "r2")
    told: list[str] = []
    assert [run.id for run in list_runs(tmp_path, unread=lambda problem: told.append(str(problem)))] == ["r2"]
    assert len(told) == 1
    assert "r1/run.json" in told[0]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match=r"(?s)file/\.evalkit/runs\.sqlite.*to do: "):
        save(tmp_path / "file", "r1")


def test_an_id_is_numbered_where_the_file_or_a_folder_has_it(tmp_path: Path) -> None:
    as_folder(tmp_path, "r")
    assert [save(tmp_path, "r") for _ in range(3)] == ["r-2", "r-3", "r-4"]
    assert load_run(tmp_path, "r-3").summary.id == "r-3"


def save_many(root: Path, count: int) -> None:
    for _ in range(count):
        save(root, "r")


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=save_many, args=(tmp_path, 5)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert {run.id for run in list_runs(tmp_path)} == {"r", *(f"r-{number}" for number in range(2, 21))}
    assert verify(tmp_path) == ()


def test_a_killed_writer_leaves_whole_runs_alone(tmp_path: Path) -> None:
    save(tmp_path, "first")
    for wait in (0.01, 0.03, 0.05, 0.08):
        writer = multiprocessing.get_context("fork").Process(target=save_many, args=(tmp_path, 10_000))
        writer.start()
        time.sleep(wait)
        os.kill(writer.pid or 0, signal.SIGKILL)
        writer.join()
        assert verify(tmp_path) == ()
        for run in list_runs(tmp_path):
            assert load_run(tmp_path, run.id).verdict == VERDICT
        assert save(tmp_path, "next").startswith("next")


def test_folders_are_taken_in_once_and_byte_by_byte(tmp_path: Path) -> None:
    folder = as_folder(tmp_path, "old")
    broken = as_folder(tmp_path, "broken")
    (broken / "verdict.json").write_text("{}")
    taken = import_folders(tmp_path)
    assert (taken.added, taken.known, len(taken.problems)) == (("old",), (), 1)
    assert "broken/verdict.json" in str(taken.problems[0])
    assert import_folders(tmp_path).known == ("old",)
    files = load_files(tmp_path, "old")
    assert files.place == tmp_path / FILE
    assert all(files.read(name) == (folder / name).read_bytes() for name in files.names())
    (folder / "suites" / "1.yaml").write_text("evalkit: 1\n")
    assert import_folders(tmp_path).conflicts == ("old",)


def test_files_of_two_machines_are_merged_without_doubles_and_conflicts_are_told(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    save(one, "shared")
    save(one, "mine")
    save(one, "clash", outcome="PASS")
    save(two, "shared")
    save(two, "yours")
    save(two, "clash", outcome="FAIL")
    for known in (("shared",), ("shared", "yours")):
        taken = merge(one, two / FILE)
        assert {*taken.known} == {*known}
        assert taken.conflicts == ("clash",)
    assert [run.id for run in list_runs(one)] == ["yours", "shared", "mine", "clash"]
    assert run_summary(one, "clash").outcome == "PASS"
    assert load_run(one, "yours").comparisons[0].examples == comparison().examples
    with sqlite3.connect(one / FILE) as db:
        assert db.execute("SELECT count(*) FROM cases").fetchone() == (1,), "the same cases are kept once"
        assert db.execute("SELECT count(*) FROM score WHERE run = 'yours'").fetchone() == (1,)
    assert verify(one) == ()


def test_what_is_pruned_can_be_brought_back(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        save(tmp_path, name)
    prune(tmp_path, ["a"], archive=tmp_path / "old.sqlite")
    assert [run.id for run in list_runs(tmp_path)] == ["c", "b"]
    prune(tmp_path, ["b"], answers_only=True, archive=tmp_path / "old.sqlite")
    with pytest.raises(StoreError, match="the answers of run b were pruned"):
        load_run(tmp_path, "b")
    assert run_summary(tmp_path, "b").outcome == "PASS"
    assert verify(tmp_path) == ()
    taken = merge(tmp_path, tmp_path / "old.sqlite")
    assert (taken.added, taken.known) == (("a",), ("b",))
    assert load_run(tmp_path, "a").verdict == load_run(tmp_path, "b").verdict


def test_an_archive_that_holds_another_run_stops_the_prune(tmp_path: Path) -> None:
    save(tmp_path, "a")
    save(tmp_path / "other", "a", outcome="FAIL")
    with pytest.raises(StoreError, match="nothing was taken out"):
        prune(tmp_path, ["a"], archive=tmp_path / "other" / FILE)
    with pytest.raises(StoreError, match=r"(?s)is the file itself.*nothing was taken out"):
        prune(tmp_path, ["a"], archive=tmp_path / FILE)
    assert load_run(tmp_path, "a").verdict == VERDICT


def spoil(path: Path, at: int, count: int = 600) -> None:
    data = bytearray(path.read_bytes())
    data[at : at + count] = os.urandom(count)
    path.write_bytes(data)


def test_a_damaged_file_is_told_and_what_is_whole_carried_over(tmp_path: Path) -> None:
    for number in range(30):
        save(tmp_path, f"r{number:02}")
    path = tmp_path / FILE
    spoil(path, 0, 100)
    with pytest.raises(StoreError, match=r"(?s)not a database.*runs verify --repair"):
        list_runs(tmp_path)
    kept = save(tmp_path, "meanwhile")
    assert (tmp_path / RUNS / kept / "verdict.json").is_file(), "a run is kept as a folder until then"
    assert verify(tmp_path)
    aside, carried = repair(tmp_path, tell=lambda problem: None)
    assert (aside.name, carried) == ("runs.sqlite.damaged-1", 30)
    assert verify(tmp_path) == ()
    assert load_run(tmp_path, "r07").verdict == VERDICT
    assert load_run(tmp_path, "latest").summary.id == "r29"


def test_of_a_file_with_damaged_pages_every_whole_run_is_carried_over(tmp_path: Path) -> None:
    for number in range(40):
        save(tmp_path, f"r{number:02}")
    path = tmp_path / FILE
    size = path.stat().st_size
    spoil(path, size // 2)
    spoil(path, size - 3000)
    assert verify(tmp_path)
    lost: list[str] = []
    _, carried = repair(tmp_path, tell=lambda problem: lost.append(str(problem)))
    assert carried >= 30
    assert verify(tmp_path) == ()
    for run in list_runs(tmp_path):
        assert load_run(tmp_path, run.id).verdict == VERDICT


def test_other_databases_and_newer_versions_are_refused(tmp_path: Path) -> None:
    save(tmp_path, "r")
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute("PRAGMA user_version=99")
    with pytest.raises(StoreError, match=r"(?s)newer evalkit.*upgrade evalkit"):
        list_runs(tmp_path)
    with sqlite3.connect(tmp_path / "other.sqlite") as db:
        db.execute("CREATE TABLE t (x)")
    with pytest.raises(StoreError, match="no file of runs"):
        merge(tmp_path / "empty", tmp_path / "other.sqlite")


def test_a_file_that_cannot_be_written_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path, "r")
    (tmp_path / FILE).chmod(0o444)
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)  # root may write whatever the mode says
    assert load_run(tmp_path, "latest").verdict == VERDICT


@pytest.mark.parametrize(("raw", "size"), [([1.0, 0.0, 1.0], 3), ([0.25, 0.0, 1.0], 12)])
def test_scores_are_packed_in_a_byte_or_four(raw: list[float], size: int) -> None:
    scored = np.array([[True], [False], [True]])
    none = np.zeros((3, 1), dtype=bool)
    column = Column(raw=np.array(raw)[:, None] * scored, scored=scored, failed=none, errors=none)
    packed = pack_scores(column)
    assert len(packed) == size
    np.testing.assert_array_equal(unpack_scores(packed, 3), [raw[0], np.nan, raw[2]])


@pytest.mark.parametrize(
    "change",
    [
        ["PRAGMA user_version=9"],
        ["PRAGMA application_id=1", "CREATE TABLE precious (x)"],
    ],
)
def test_what_is_not_damaged_is_not_repaired(tmp_path: Path, change: list[str]) -> None:
    path = tmp_path / FILE
    path.parent.mkdir(parents=True)
    with RunsFile(path):
        pass
    with contextlib.closing(sqlite3.connect(path)) as db:
        for words in change:
            db.execute(words)
        db.commit()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"newer evalkit|no file of runs"):
        repair(tmp_path, tell=lambda problem: None)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]
