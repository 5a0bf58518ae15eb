"""Run folders: decide and draw again without a call."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from evalkit.core.blocks import Bar, Bars, Block, Case, Cases, Matrix, Point, Prose, Table, Trend, Trends
from evalkit.core.columns import Column, Comparison, Coverage, PairedColumn
from evalkit.core.errors import StoreError
from evalkit.core.exchange import Example, Message, ModelIdentity
from evalkit.core.verdict import SuiteVerdict, Verdict
from evalkit.store.runs import list_runs, load_run, save_run

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


def save(root: Path, run_id: str, *, created: str = "2026-11-21T10:00:00Z") -> Path:
    return save_run(
        root,
        run_id,
        verdict=VERDICT,
        comparisons=[comparison()],
        suites={"desk": "evalkit: 1  # 方針\n"},
        arguments={"limit": 3},
        created=created,
    )


def test_what_gates_show_comes_back_as_it_was(tmp_path: Path) -> None:
    """A kept run is drawn again with the sections of its gates."""
    assert {type(block) for block in BLOCKS} == {*get_args(Block)}
    suite = dataclasses.replace(VERDICT.suites[0], sections=(("Gate", BLOCKS),), section_data={"mine": {"n": 1}})
    verdict = dataclasses.replace(VERDICT, suites=(suite,))
    save_run(tmp_path, "r1", verdict=verdict, comparisons=[], suites={}, arguments={}, created="2026-11-21T10:00:00Z")
    assert load_run(tmp_path, "r1").verdict == verdict


def test_a_kept_run_comes_back_whole(tmp_path: Path) -> None:
    save(tmp_path, "r1")
    run = load_run(tmp_path, "r1")
    assert run.verdict == VERDICT
    assert run.suites == {"desk": "evalkit: 1  # 方針\n"}
    assert run.summary.arguments == {"limit": 3}
    (kept,) = run.comparisons
    np.testing.assert_array_equal(kept.columns["answer"].base.values, [1.0, 0.0])
    assert kept.examples == comparison().examples


def test_a_run_is_found_by_id_beginning_path_and_latest(tmp_path: Path) -> None:
    save(tmp_path, "20261120-aa", created="2026-11-20")
    new = save(tmp_path, "20261121-bb", created="2026-11-21")
    assert [run.id for run in list_runs(tmp_path)] == ["20261121-bb", "20261120-aa"]
    for reference in ("20261121-bb", "20261121", "latest", str(new)):
        assert load_run(tmp_path, reference).summary.id == "20261121-bb"
    with pytest.raises(StoreError, match="2 runs begin with '2026'"):
        load_run(tmp_path, "2026")
    with pytest.raises(StoreError, match="did you mean '20261120-aa'"):
        load_run(tmp_path, "20261120-ab")


def test_the_same_content_is_the_same_bytes(tmp_path: Path) -> None:
    one, two = save(tmp_path / "1", "r"), save(tmp_path / "2", "r")
    for file in one.rglob("*.*"):
        assert file.read_bytes() == (two / file.relative_to(one)).read_bytes()


def test_no_run_at_all_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="to do: evalkit compare"):
        load_run(tmp_path, "latest")


def test_a_truncated_file_is_named_and_the_list_goes_on(tmp_path: Path) -> None:
    folder = save(tmp_path, "r1")
    file = folder / "comparisons" / "1.json.gz"
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(StoreError, match=r"cannot read .*1\.json\.gz"):
        load_run(tmp_path, "r1")
    (folder / "run.json").write_text("{")
    save(tmp_path, "r2")
    assert [run.id for run in list_runs(tmp_path)] == ["r2"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match=r"(?s)file/\.evalkit/runs/r1.*to do: free space"):
        save(tmp_path / "file", "r1")
