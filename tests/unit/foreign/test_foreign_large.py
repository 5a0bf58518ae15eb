"""Sources larger than memory: rows on disk give what rows in memory give, and memory does not grow with them."""

from __future__ import annotations

import json
import random
import tracemalloc
from pathlib import Path

import pytest

from evalkit.core import on_disk
from evalkit.core.errors import UnsoundComparison
from evalkit.core.recording import Recording, RecordingOnDisk
from evalkit.foreign.carry import CarryPlan, carry
from evalkit.foreign.kinds import find_importer
from evalkit.foreign.nouns import ForeignArm, ForeignRow, ScoreScale, Wishes
from evalkit.foreign.texts import open_text
from evalkit.pipeline.import_results import import_results


@pytest.fixture(autouse=True)
def _little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_disk, "ROOM", 20_000)
    monkeypatch.setattr(on_disk, "_BLOCK", 500)


def _lines(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def _log(path: Path, number: int) -> Path:
    draw = random.Random(number)
    text = "".join(draw.choices("abcdefg ", k=300))
    rows: list[dict[str, object]] = [
        {"id": f"t{draw.random()}", "input": f"{one} {text}", "output": text[one % 99 :], "score": one % 2}
        for one in range(number)
    ]
    return _lines(path, rows)


def _peak(path: Path, target: Path) -> int:
    tracemalloc.start()
    import_results([str(path)], output=str(target))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    few, many = _log(tmp_path / "few.jsonl", 500), _log(tmp_path / "many.jsonl", 2_000)
    _peak(few, tmp_path / "warm")
    grown = _peak(many, tmp_path / "b") - _peak(few, tmp_path / "a")
    assert grown < 1_500 * 150, "a row in memory takes more than a thousand bytes"


def _results(seed: int) -> list[tuple[str, ForeignArm]]:
    """Arms whose rows lack targets, questions or scores here and there, with repeats and ids of their own."""
    draw = random.Random(seed)
    arms = []
    for name in ("base", "tuned", "other"):
        idents = [f"t{draw.randrange(40)}" for _ in range(60)]
        rows = [
            ForeignRow(
                id=ident,
                where=f"{name}:{number}",
                repeat=number,
                input=draw.choice([None, f"question of {ident}"]),
                text="an answer",
                target=draw.choice([None, f"target of {ident}"]),
                tags=draw.choice([{}, {"lang": "ja"}, {"lang": "en", "kind": "x"}]),
                scores={n: draw.random() for n in ("one", "two") if draw.random() < 0.8},
            )
            for number, ident in enumerate(idents)
        ]
        arms.append((name, ForeignArm(name=name, rows=rows)))
    return arms


@pytest.mark.parametrize("seed", range(5))
def test_rows_on_disk_are_carried_over_as_those_in_memory(seed: int) -> None:
    scales = {name: ScoreScale(low=0, high=1) for name in ("one", "two")}
    found = []
    for kept in (False, True):
        arms = _results(seed)
        for _, arm in arms:
            store = on_disk.row_store(on_disk=kept)
            for row in arm.rows:
                store.append(row)
            arm.rows = store
        plan = CarryPlan(name="s", scales=scales, margins=dict.fromkeys(scales, 0.02), on_disk=kept)
        carried = carry(arms, plan)
        answers = {name: [*rows] for name, rows in carried.responses.items()}
        found.append((carried.suite, [*carried.examples], answers, carried.notes))
        assert len(carried.examples) == len(found[-1][1])
    assert found[0] == found[1]
    by_id = {example.id: example for example in found[0][1]}
    assert [*by_id] == [example.id for example in found[0][1]], "one example an id"
    for ident, example in by_id.items():
        rows = [row for _, arm in _results(seed) for row in arm.rows if row.id == ident]
        assert example.target == next((row.target for row in rows if row.target), None)
        told = next((row.input for row in rows if row.input), None)
        assert example.messages[0].content == (told or "(the source does not say what was asked)")


def test_ids_that_stand_twice_are_told_in_the_order_of_the_file() -> None:
    rows = [ForeignRow(id=ident, where=f"a:{number}") for number, ident in enumerate("zzyyxxwwvv")]
    arms = [("a", ForeignArm(name="a", rows=rows)), ("b", ForeignArm(name="b", rows=rows[::2]))]
    with pytest.raises(UnsoundComparison) as told:
        carry(arms, CarryPlan(name="s", scales={}, margins={}, on_disk=True))
    assert [problem.what for problem in told.value.problems] == [
        "a: the id 'z' stands twice (a:0 and a:1)",
        "a: the id 'y' stands twice (a:2 and a:3)",
        "a: the id 'x' stands twice (a:4 and a:5)",
        "and 2 more ids of a stand twice",
    ]


def test_a_recording_sorted_on_disk_is_the_recording(tmp_path: Path) -> None:
    carried = carry(_results(1), CarryPlan(name="s", scales={}, margins={}))
    rows = tuple(carried.responses["tuned"])
    whole = Recording.read(Recording(model=_identity(), responses=rows).write(tmp_path / "a.jsonl.gz"))
    kept = RecordingOnDisk()
    for row in rows:
        kept.add(row)
    with (tmp_path / "b.jsonl.gz").open("wb") as handle:
        kept.write(handle, _identity())
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()
    assert whole.checked


def _identity():  # type: ignore[no-untyped-def]
    from evalkit.core.exchange import ModelIdentity

    return ModelIdentity(name="m", provider="p", model="m", fingerprint="f")


def test_a_question_asked_again_is_another_case_on_disk_as_in_memory(tmp_path: Path) -> None:
    path = _lines(tmp_path / "a.jsonl", [{"input": f"q{n % 3}", "output": "a", "score": 1} for n in range(8)])
    _, reader = find_importer(path)
    (small,), (large,) = (reader.read(path, Wishes(on_disk=kept)) for kept in (False, True))
    ids = [[row.id.partition(" ")[0] + row.id.rpartition("]")[2] for row in one.arms[0].rows] for one in (small, large)]
    assert ids[0] == ids[1] == ["q0", "q1", "q2", "q0 #2", "q1 #2", "q2 #2", "q0 #3", "q1 #3"]


@pytest.mark.parametrize(("code", "name"), [("cp932", "cp932 (Shift_JIS)"), ("utf-16", "UTF-16"), ("euc_jp", "EUC-JP")])
def test_the_encoding_of_a_large_file_is_told_by_a_line_far_behind(tmp_path: Path, code: str, name: str) -> None:
    text = "id,回答\n" * (code == "utf-16") + "id,answer\n" * 500_000 + "x,返金できますか。ありがとうございます\n"
    (tmp_path / "a.csv").write_bytes(text.encode(code))
    with open_text(tmp_path / "a.csv") as (lines, told):
        *_, last = lines
    assert (last, told) == ("x,返金できますか。ありがとうございます\n", name)


def test_a_file_of_wrong_lines_alone_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 1,}\n' * 5_000, encoding="utf-8")
    _, reader = find_importer(path)
    with pytest.raises(Exception, match="and at least 995 more"):
        reader.read(path, Wishes())
