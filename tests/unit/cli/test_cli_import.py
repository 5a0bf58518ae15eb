"""`evalkit import`: results become a project that compares as the results do, and takes nothing away."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from evalkit.cli import main


def table(path: str, *, better: bool) -> None:
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["id", "question", "answer", "correct", "intent", "comment"])
        for n in range(200):
            out.writerow([f"t{n}", f"q {n}", "yes", int(better or n % 4 != 0), ("refund", "ship")[n % 2], f"note {n}"])


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    table("before.csv", better=False)
    table("after.csv", better=True)
    return tmp_path


def contents(folder: str) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}


def imported(*words: str) -> int:
    return main(["import", "before.csv", "after.csv", *words])


def test_what_was_imported_compares_as_the_tables_do(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert imported("-o", "out") == 0
    assert main(["validate", "out/suites"]) == 0
    assert main(["compare", "before.csv", "after.csv", "--json", "direct.json"]) == 0
    monkeypatch.chdir(here / "out")
    assert main(["compare", "before", "after", "--json", "verdict.json"]) == 0
    one, two = (json.loads(path.read_text(encoding="utf-8")) for path in (here / "direct.json", Path("verdict.json")))
    assert one["suites"][0]["findings"][0]["because"] == two["suites"][0]["findings"][0]["because"]


def test_importing_twice_gives_the_same_bytes() -> None:
    assert imported("-o", "one") == imported("-o", "two") == 0
    assert contents("one") == contents("two")


def test_the_page_says_what_was_not_carried_over(capsys: pytest.CaptureFixture[str]) -> None:
    assert imported("-o", "out") == 0
    page = Path("out/IMPORTED.md").read_text(encoding="utf-8")
    assert "the columns comment: not used" in page
    assert "score correct: 0 or 1, higher is better; gate no_regression, margin 2 points" in page
    assert "before.csv | table |" in page
    assert "evalkit compare" in capsys.readouterr().out


def test_a_folder_that_is_there_stays_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert imported("-o", "out") == 0
    before = contents("out")
    assert imported("-o", "out") == 2
    assert "add --overwrite" in capsys.readouterr().err
    Path("after.csv").write_text("id,correct\nt0,maybe\n", encoding="utf-8")
    assert imported("-o", "out", "--overwrite") == 2
    assert contents("out") == before, "a source that cannot be read costs nothing"
    table("after.csv", better=False)
    assert imported("-o", "out", "--overwrite") == 0
    assert contents("out") != before
    assert not [path for path in Path().iterdir() if path.name.startswith(".out")]


def test_a_folder_of_other_things_is_never_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine").mkdir()
    Path("mine/thesis.txt").write_text("years", encoding="utf-8")
    assert imported("-o", "mine", "--overwrite") == 2
    assert "something else here already" in capsys.readouterr().err
    assert Path("mine/thesis.txt").read_text(encoding="utf-8") == "years"


def test_nothing_is_written_where_something_would_be_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy("before.csv", "old.csv")
    text = Path("old.csv").read_text(encoding="utf-8").replace("correct", "rating_5")
    Path("old.csv").write_text(text.replace("yes,0", "yes,4"), encoding="utf-8")
    assert main(["import", "old.csv", "-o", "out"]) == 2
    assert "--columns score=rating_5,higher=better,low=1,high=4" in capsys.readouterr().err
    assert not Path("out").exists()


def test_answers_alone_become_a_recording() -> None:
    body = {"model": "m", "choices": [{"message": {"content": "hi"}}]}
    row = {"custom_id": "t-1", "response": {"status_code": 200, "body": body}, "error": None}
    Path("batch.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    assert main(["import", "batch.jsonl", "-o", "out"]) == 0
    assert not list(Path("out/suites").glob("batch.yaml"))
    assert [path.name for path in Path("out/suites/recordings").iterdir()] == ["m.jsonl.gz"]


def test_an_unknown_tool_is_told_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert imported("-o", "out", "--from", "tabel") == 2
    assert "did you mean 'table'?" in capsys.readouterr().err
