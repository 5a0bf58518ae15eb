"""Splits of files: in their own format, near-duplicates on one side, stable when data grows."""

from __future__ import annotations

import csv
import gzip
import json
import random
from pathlib import Path

import pytest
from data_rows import jsonl

from evalkit.cli import main
from evalkit.core.errors import UsageError
from evalkit.data.splitting.deal import deal_by_time
from evalkit.data.splitting.facts import read_time
from evalkit.data.splitting.shares import count_rows, read_shares

WORDS = [a + b for a in ("ra", "ko", "mi", "tu", "se", "no", "hi", "wa") for b in ("lam", "dor", "pex", "vin", "gur")]


def text(number: int) -> str:
    """A question of its own: no two have three words in common."""
    return " ".join(random.Random(number).sample(WORDS, 9))


def rows(count: int, begin: int = 0) -> list[dict[str, object]]:
    return [{"input": text(n), "target": "ab"[n % 4 == 0]} for n in range(begin, begin + count)]


def split(*args: object) -> int:
    return main(["data", "split", *map(str, args)])


def read(folder: Path, name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def inputs(folder: Path, name: str) -> set[object]:
    return {row["input"] for row in read(folder, name)}


@pytest.mark.parametrize(
    ("words", "total", "found"),
    [
        (["7:1:2"], 10, {"train": 7, "valid": 1, "test": 2}),
        (["8:2"], 3080, {"train": 2464, "test": 616}),
        (["train=70%", "test=30%"], 10, {"train": 7, "test": 3}),
        (["train=70%,test=rest"], 10, {"train": 7, "test": 3}),
        (["train=0.8", "test=0.2"], 11, {"train": 9, "test": 2}),
        (["test=300", "train=rest"], 3080, {"test": 300, "train": 2780}),
        (["a=1"], 5, {"a": 5}),
    ],
)
def test_shares_are_ratios_percents_counts_and_rests(words: list[str], total: int, found: dict[str, int]) -> None:
    assert count_rows(read_shares(words), total) == found


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["train"], "no share of a part"),
        (["7:0:3"], "no share of a part"),
        (["train=70%"], "add up to 1"),
        (["train=80%", "test=80%"], "add up to 1"),
        (["train=rest", "test=rest"], "only one part can have the rest"),
        (["train=100%", "test=rest"], "nothing is left beside"),
        (["a=0.5", "a=0.5"], "named twice"),
        (["../a=0.5", "b=0.5"], "cannot name a part"),
        (["train=-1", "test=rest"], "must be positive"),
        (["train=nan", "test=0.5"], "add up to 1"),
    ],
)
def test_shares_that_are_none_are_told(words: list[str], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        read_shares(words)


def test_counts_that_do_not_fit_are_told() -> None:
    with pytest.raises(UsageError, match="there are only 10 rows"):
        count_rows(read_shares(["test=300", "train=rest"]), 10)
    with pytest.raises(UsageError, match="90 of 100 rows are left over") as caught:
        count_rows(read_shares(["train=7", "valid=1", "test=2"]), 100)
    assert "7:1:2" in str(caught.value.problems[0].todo)


def test_parts_are_lines_of_the_file_byte_for_byte(tmp_path: Path) -> None:
    lines = [json.dumps(row, separators=(", ", " :  ")).encode() for row in rows(40)]
    source = tmp_path / "rows.jsonl.gz"
    source.write_bytes(gzip.compress(b"\xef\xbb\xbf" + b"\r\n".join(lines[:20]) + b"\n\n" + b"\n".join(lines[20:])))
    assert split(source, "--share", "8:2", "-o", tmp_path / "out") == 0
    found = [gzip.decompress((tmp_path / f"out/{name}.jsonl.gz").read_bytes()) for name in ("train", "test")]
    assert sorted(line for part in found for line in part.splitlines()) == sorted(lines)
    assert [len(part.splitlines()) for part in found] == [32, 8]


def test_tables_arrays_and_parquet_stay_what_they_are(tmp_path: Path) -> None:
    table = tmp_path / "rows.csv"
    table.write_bytes("番号;質問;正解\r\n".encode("cp932"))
    with table.open("a", encoding="cp932", newline="") as out:
        csv.writer(out, delimiter=";").writerows([(n, f"{text(n)}\n次の行①", "x") for n in range(10)])
    columns = ["--columns", "input=質問,target=正解", "--encoding", "cp932"]
    assert split(table, *columns, "--share", "8:2", "-o", tmp_path / "t") == 0
    parts = [(tmp_path / f"t/{name}.csv").read_bytes() for name in ("train", "test")]
    header = table.read_bytes().splitlines(keepends=True)[0]
    assert all(part.startswith(header) for part in parts)
    assert sum(len(part) - len(header) for part in parts) == table.stat().st_size - len(header)
    array = tmp_path / "rows.json"
    array.write_text(json.dumps(rows(10)))
    assert split(array, "--share", "8:2", "-o", tmp_path / "a") == 0
    assert len(json.loads((tmp_path / "a/test.json").read_text())) == 2
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow (the extra parquet) is not installed")
    import pyarrow.parquet as parquet

    asked = pyarrow.table({"input": [text(n) for n in range(10)], "n": pyarrow.array(range(10), pyarrow.int16())})
    parquet.write_table(asked, tmp_path / "rows.parquet")
    assert split(tmp_path / "rows.parquet", "--share", "8:2", "-o", tmp_path / "p") == 0
    again = parquet.read_table(tmp_path / "p/train.parquet")
    assert (again.schema, again.num_rows) == (asked.schema, 8)


def test_a_workbook_stays_a_workbook(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl (the extra excel) is not installed")
    book = openpyxl.Workbook()
    for row in (("input", "n"), *((text(n), n) for n in range(10)), (None, None)):
        book.active.append(row)
    book.save(tmp_path / "rows.xlsx")
    assert split(tmp_path / "rows.xlsx", "--share", "8:2", "-o", tmp_path / "x") == 0
    sheet = openpyxl.load_workbook(tmp_path / "x/test.xlsx").active
    assert [cell.value for cell in sheet[1]] == ["input", "n"]
    assert (sheet.max_row, type(sheet.cell(2, 2).value)) == (3, int)


def test_strata_hold_to_a_row_and_so_do_the_totals(tmp_path: Path) -> None:
    source = jsonl(tmp_path / "rows.jsonl", rows(203))
    assert split(source, "--share", "7:1:2", "--stratify", "target", "-o", tmp_path / "out") == 0
    for name, share, count in (("train", 0.7, 142), ("valid", 0.1, 20), ("test", 0.2, 41)):
        part = read(tmp_path / "out", name)
        assert abs(len(part) - count) <= 1
        assert abs(sum(row["target"] == "b" for row in part) - share * 51) <= 1


def test_near_duplicates_clusters_keys_and_conversations_lie_on_one_side(tmp_path: Path) -> None:
    near = [{"input": f"{text(900)} {end}", "target": "x"} for end in ("once", "twice", "thrice", "at last")]
    inside = [{"input": text(901)}, {"input": f"Hello there! {text(901)} Please answer soon, I am waiting for it."}]
    chats = [{"role": "user", "content": text(902)}, {"role": "assistant", "content": text(903)}]
    begun = [{"messages": chats}, {"messages": [*chats, {"role": "user", "content": text(904)}, chats[1]]}]
    keyed = [{**row, "user": "u-1"} for row in rows(3, 910)]
    clustered = [{**row, "cluster": "c"} for row in rows(3, 920)]
    sets = [near, inside, keyed, clustered]
    for seed in range(5):
        out = tmp_path / f"out{seed}"
        source = jsonl(tmp_path / "rows.jsonl", [*rows(60), *(row for one in sets for row in one)])
        options = ["--format", "evalkit", "--group", "user", "--share", "5:5", "--seed", seed, "-o", out]
        assert split(source, *options) == 0
        for one in sets:
            sides = {"train" if row["input"] in inputs(out, "train") else "test" for row in one}
            assert len(sides) == 1
        more = [{"messages": [{"role": "user", "content": row["input"]}, chats[1]]} for row in rows(20)]
        source = jsonl(tmp_path / "chats.jsonl", [*more, *begun])
        assert split(source, "--share", "5:5", "--seed", seed, "-o", tmp_path / f"c{seed}") == 0
        lines = (tmp_path / f"c{seed}/train.jsonl").read_text(encoding="utf-8")
        assert (json.dumps(begun[0]) in lines) == (json.dumps(begun[1]) in lines)


def test_rows_of_a_template_with_other_numbers_are_no_near_duplicates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = jsonl(tmp_path / "rows.jsonl", [{"input": f"Where is parcel {n * 37} of shop {n}?"} for n in range(60)])
    assert split(source, "--share", "5:5", "-o", tmp_path / "out") == 0
    assert "kept together" not in capsys.readouterr().out


def test_no_row_changes_sides_when_data_grows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = rows(100)
    out = tmp_path / "out"
    source = jsonl(tmp_path / "rows.jsonl", first)
    assert split(source, "--share", "8:2", "-o", out) == 0
    sides = {row["input"]: name for name in ("train", "test") for row in read(out, name)}
    near = [{"input": f"{row['input']} please"} for row in first[:20]]
    grown = [*rows(30, 500), *near, *first]
    random.Random(1).shuffle(grown)
    jsonl(source, grown)
    capsys.readouterr()
    assert split(source, "-o", out) == 0, "the shares are those of the split before"
    assert "100 rows of the earlier split: on the side they had" in capsys.readouterr().out
    for name in ("train", "test"):
        for one in inputs(out, name):
            assert sides.get(one, name) == name
            assert sides.get(str(one).removesuffix(" please"), name) == name
    assert len(inputs(out, "train")) + len(inputs(out, "test")) == 150


def test_a_new_row_near_both_sides_goes_to_neither_and_is_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    source = jsonl(tmp_path / "rows.jsonl", rows(40))
    assert split(source, "--share", "5:5", "-o", out) == 0
    one, other = sorted(inputs(out, "train"), key=str)[0], sorted(inputs(out, "test"), key=str)[0]
    jsonl(source, [*rows(40), {"input": f"{one} {other}"}, {"input": f"{one} thanks"}])
    capsys.readouterr()
    assert split(source, "-o", out) == 0
    said = capsys.readouterr().err
    assert "1 new row near several sides, on none" in said
    assert f"{source}:41" in said
    assert [row["input"] for row in read(out, "left_out")] == [f"{one} {other}"]
    assert f"{one} thanks" in inputs(out, "train")
    manifest = json.loads((out / "split.json").read_text())
    assert len(manifest["left_out"]) == 1
    assert "left_out" not in manifest["rows"]
    jsonl(source, rows(40))
    assert split(source, "-o", out) == 0
    assert not (out / "left_out.jsonl").exists(), "none is left out any more"


def test_the_manifest_has_hashes_counts_and_seed_and_is_always_the_same(tmp_path: Path) -> None:
    source = jsonl(tmp_path / "rows.jsonl", rows(20))
    for name in ("a", "b"):
        assert split(source, "--share", "5:5", "--seed", 3, "-o", tmp_path / name) == 0
    one, other = ((tmp_path / name / "split.json").read_bytes() for name in ("a", "b"))
    assert one == other
    manifest = json.loads(one)
    assert (manifest["seed"], manifest["shares"], manifest["parts"]["train"]["rows"]) == (3, ["5:5"], 10)
    assert len(manifest["source"][0]["sha256"]) == 64
    assert [len(members) for members in manifest["rows"].values()] == [10, 10]
    assert split(source, "--share", "5:5", "--seed", 4, "--afresh", "-o", tmp_path / "a") == 0
    assert (tmp_path / "a/split.json").read_bytes() != other


def test_by_time_the_latest_rows_are_held_out(tmp_path: Path) -> None:
    days = [{**row, "day": f"2026-04-{n + 1:02}"} for n, row in enumerate(rows(20))]
    source = jsonl(tmp_path / "rows.jsonl", random.Random(2).sample(days, 20))
    assert split(source, "--share", "8:2", "--time", "day", "-o", tmp_path / "out") == 0
    held_out = {row["day"] for row in read(tmp_path / "out", "test")}
    assert held_out == {f"2026-04-{n}" for n in (17, 18, 19, 20)}
    assert (read_time("2026/04/01"), read_time("1775001600")) == (1775001600.0, 1775001600.0)
    jsonl(source, [{"input": "a", "day": "soon"}, {"input": "b"}])
    assert split(source, "--share", "8:2", "--time", "day", "-o", tmp_path / "no") == 2


@pytest.mark.parametrize(
    ("given", "options", "sentence"),
    [
        ([{"id": 1, "input": "a"}, {"id": 1, "input": "b"}], [], "the id stands twice, with another content"),
        ([{"input": "a"}, {"input": "a"}], [], "the part 'test' gets no row"),
        (rows(4), ["--stratify", "targt"], "no row has the tag or key 'targt' (did you mean 'target'?)"),
        (rows(4), ["--time", "day", "--stratify", "target"], "a split by time has no strata"),
        (rows(4), ["--keep", "nowhere"], "cannot read nowhere"),
        ([{"what": 1}], [], "neither `messages` nor `input`"),
    ],
)
def test_what_cannot_be_split_is_told_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], given: list[object], options: list[str], sentence: str
) -> None:
    source = jsonl(tmp_path / "rows.jsonl", given)
    assert split(source, "--format", "evalkit", "--share", "8:2", *options, "-o", tmp_path / "out") == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_equal_rows_go_together_and_other_parts_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = jsonl(tmp_path / "rows.jsonl", [*rows(20), *rows(20)])
    assert split(source, "--share", "5:5", "-o", tmp_path / "out") == 0
    assert len(read(tmp_path / "out", "train")) == 20
    assert not inputs(tmp_path / "out", "train") & inputs(tmp_path / "out", "test")
    assert split(source, "--share", "7:1:2", "-o", tmp_path / "out") == 2
    assert "the earlier split has the parts train, test" in capsys.readouterr().err


def test_what_is_read_is_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = jsonl(tmp_path / "train.jsonl", rows(10))
    before = source.read_bytes()
    assert split(source, "--share", "8:2", "-o", tmp_path) == 2
    assert "this is what is read" in capsys.readouterr().err
    assert source.read_bytes() == before


def test_groups_by_time_fall_where_their_middle_is() -> None:
    import numpy as np

    sizes, times = np.array([2, 2, 2, 4]), np.array([3.0, 1.0, 2.0, 4.0])
    sides = deal_by_time(sizes, times, np.arange(4, dtype=np.uint64), [6, 4])
    assert sides.tolist() == [0, 0, 0, 1]
