"""Bad tables: one sentence each, exit 2 or INVALID as the contract says, and nothing half written."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evalkit.cli import main

HEAD = ("ticket", "question", "output", "correct")
Value = Callable[[int], Any]


def table(
    path: Path, value: Value = lambda i: int(i % 4 > 0), ident: Value = lambda i: f"t-{i}", rows: int = 200
) -> list[tuple[Any, ...]]:
    made = [(ident(i), f"q {i}", f"a {i}", value(i)) for i in range(rows)]
    write(path, made)
    return made


def write(path: Path, rows: list[tuple[Any, ...]], head: tuple[str, ...] = HEAD) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])


def other(path: Path, what: str) -> None:
    """The second table, with one thing wrong."""
    values: dict[str, Value] = {
        "stars": lambda i: "★" * (i % 5 + 1),
        "percent": lambda i: f"{i % 100}%",
        "some percent": lambda i: f"{i % 100}%" if i % 2 else 0.5,
        "NaN": lambda i: "NaN" if i % 10 == 0 else i % 2,
        "blank": lambda i: "" if i % 10 == 0 else i % 2,
        "infinite": lambda i: "inf" if i == 1 else i % 2,
        "mixed": lambda i: "true" if i % 3 == 0 else i % 2,
        "decimal commas": lambda i: "0,5" if i % 2 else "1,0",
        "beyond": lambda i: 2 if i == 9 else i % 2,
    }
    if what in values:
        table(path, values[what])
    elif what == "other ids":
        table(path, ident=lambda i: f"x-{i}")
    elif what == "some other ids":
        table(path, ident=lambda i: f"x-{i}" if i < 20 else f"t-{i}")
    elif what == "fewer rows":
        table(path, rows=180)
    elif what == "an id twice":
        write(path, [*table(path), ("t-5", "q 5", "a 5", 0)])
    elif what == "a blank id":
        table(path, ident=lambda i: "" if i == 3 else f"t-{i}")
    elif what == "other questions":
        write(path, [(a, f"another {b}", c, d) for a, b, c, d in table(path)])
    elif what == "no score":
        write(path, [row[:3] for row in table(path)], HEAD[:3])
    elif what == "a header alone":
        write(path, [])
    else:
        path.write_bytes(b"")


BAD = [
    ("other ids", 4, "have no id in common"),
    ("some other ids", 4, "INVALID"),
    ("fewer rows", 4, "INVALID"),
    ("an id twice", 4, "the id 't-5' stands twice"),
    ("a blank id", 2, "the id column 'ticket' is blank here"),
    ("other questions", 4, "other prompts"),
    ("stars", 2, "is no number in 200 of 200 rows, first '★'"),
    ("percent", 2, "is written in percent"),
    ("some percent", 2, "has a percent sign in 100 of 200 rows"),
    ("NaN", 4, "INVALID"),
    ("blank", 4, "INVALID"),
    ("infinite", 2, "first 'inf'"),
    ("mixed", 2, "mixes 1/0 and true/false"),
    ("decimal commas", 2, "is no number"),
    ("beyond", 2, "goes from 0 to 2, not within 0 to 1"),
    ("no score", 2, "there is no column 'correct'"),
    ("a header alone", 2, "the table has a header and no row"),
    ("nothing", 2, "the table is empty"),
]


@pytest.mark.parametrize(("what", "code", "told"), BAD, ids=[what for what, _, _ in BAD])
def test_a_bad_table_is_told_in_one_sentence(
    what: str, code: int, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    table(tmp_path / "before.csv")
    other(tmp_path / "after.csv", what)
    assert main(["compare", "before.csv", "after.csv", "--columns", "score=correct"]) == code
    out = " ".join("".join(capsys.readouterr()).split())
    assert told in out
    assert "Traceback" not in out
    if code == 2:
        assert not Path("reports").exists(), "nothing was decided, nothing is written"
        assert main(["import", "before.csv", "after.csv", "--columns", "score=correct", "-o", "made"]) == 2
        assert not Path("made").exists()
        assert [*Path().iterdir()] in ([Path("after.csv"), Path("before.csv")], [Path("before.csv"), Path("after.csv")])


def test_several_scores_are_gated_where_known_and_named_where_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, every in (("before.csv", 4), ("after.csv", 5)):
        rows = [(*row, row[3], 0.5) for row in table(tmp_path / name, lambda i, every=every: int(i % every > 0))]  # type: ignore[misc]
        write(tmp_path / name, rows, (*HEAD, "f1", "quality"))
    assert main(["compare", "before.csv", "after.csv"]) in (0, 3)
    out = "".join(capsys.readouterr())
    assert "score correct" in out
    assert "score f1" in out
    assert "the columns quality: not used" in out
    assert main(["compare", "before.csv", "after.csv", "--columns", "score=quality"]) == 2
    assert "low=LOWEST,high=HIGHEST" in capsys.readouterr().err


def test_missing_arms_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "both.csv"
    rows = [(f"t-{i}", model, i % 2) for model in ("base", "tuned") for i in range(50)]
    write(path, rows, ("ticket", "model", "correct"))
    assert main(["compare", f"{path}#base", f"{path}#tunde"]) == 2
    assert "has no model 'tunde'" in capsys.readouterr().err
    assert main(["compare", str(path)]) == 2
    assert "holds 2 arms: base, tuned" in capsys.readouterr().err


def test_what_is_wrong_with_both_tables_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    other(tmp_path / "a.csv", "stars")
    other(tmp_path / "b.csv", "percent")
    for words in (["compare", "a.csv", "b.csv"], ["import", "a.csv", "b.csv", "-o", "made"]):
        assert main(words) == 2
        told = capsys.readouterr().err
        assert "a.csv:2: the score 'correct' is no number" in told
        assert "b.csv:2: the score 'correct' is written in percent" in told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "b.csv"]


def test_python_s_nan_in_json_lines_is_told_with_what_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    table(tmp_path / "a.csv")
    (tmp_path / "b.jsonl").write_text('{"ticket": "t-0", "correct": NaN}\n', encoding="utf-8")
    assert main(["compare", "a.csv", "b.jsonl"]) == 2
    assert "b.jsonl:1: not JSON: NaN is not JSON: null stands for no value" in capsys.readouterr().err
