"""A report page is enough: whoever got the HTML file alone decides, draws, exports and compares again."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from project import Project, told

from evalkit.cli import main
from evalkit.report.renderers import blob
from evalkit.store import page_runs
from evalkit.store.codec import comparison_json
from evalkit.store.runs import list_runs, load_run


@pytest.fixture
def alone(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with nothing in it but the page of `base` and `worse`, and a recording of a new model."""
    assert project.compare("base", "worse", "--report", "page", "--json", "verdict.json") == 1
    folder = tmp_path / "colleague"
    folder.mkdir()
    for source, name in (("page/index.html", "page.html"), ("verdict.json", "sent.json")):
        shutil.copy(project.folder / source, folder / name)
    shutil.copy(project.folder / "suites/better.jsonl", folder / "new.jsonl")
    shutil.rmtree(project.folder / "suites")
    monkeypatch.chdir(folder)
    return folder


def read(name: str) -> Any:
    return json.loads(Path(name).read_text(encoding="utf-8"))


def test_the_page_decides_again_to_the_byte_and_under_another_policy(alone: Path) -> None:
    assert main(["gate", "page.html", "--json", "again.json"]) == 1
    assert Path("again.json").read_bytes() == Path("sent.json").read_bytes()
    Path("policy.yaml").write_text("gates:\n  - {type: no_regression, metric: answer, margin: 0.5}\n")
    assert main(["gate", "page.html", "--policy", "policy.yaml"]) == 0


def test_the_page_draws_itself_again_and_again(alone: Path) -> None:
    assert main(["report", "page.html", "--report", "one"]) == 0
    assert main(["report", "one/index.html", "--report", "two"]) == 0
    first, second = (Path(name, "index.html").read_text(encoding="utf-8") for name in ("one", "two"))
    assert first == second
    assert load_run(Path(), "two/index.html").verdict == load_run(Path(), "page.html").verdict


def test_cases_and_a_baseline_come_out_of_the_page(alone: Path) -> None:
    assert main(["cases", "page.html", "--state", "broken", "-o", "broken.jsonl"]) == 0
    rows = [json.loads(line) for line in Path("broken.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 32
    assert rows[0]["candidate"] == "no"
    assert main(["baseline", "bless", "page.html", "--anyway"]) == 0
    assert Path("reports/baselines/worse.jsonl.gz").is_file()


def test_a_new_candidate_is_compared_on_the_suites_of_the_page(alone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "page.html#base", "new.jsonl", "--json", "new.json"]) == 0
    said = capsys.readouterr().err
    assert "suites and cases are those of page.html" in said
    finding = read("new.json")["suites"][0]["findings"][0]
    assert (finding["n"], finding["fixed"], finding["broken"]) == (100, 20, 0)
    assert main(["compare", "page.html#worse", "page.html#base", "new.jsonl"]) == 0
    assert [run.candidate for run in list_runs(Path())] == ["new.jsonl", "page.html#base", "new.jsonl"]


def test_a_page_of_several_candidates_holds_each(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.compare("base", "worse", "better", "--report", "page")
    assert main(["gate", "page/index.html#better"]) == 0
    assert main(["gate", "page/index.html#worse"]) == 1
    capsys.readouterr()
    lines = told(capsys, "gate", "page/index.html")
    assert lines == ["page/index.html: it holds 2 runs"]
    assert told(capsys, "gate", "page/index.html#bettr") == ["page/index.html: no 'bettr' is in it"]
    assert main(["runs", "import", "page/index.html", "--json"]) == 0, "they are here already"
    shutil.rmtree(".evalkit")
    assert main(["runs", "import", "page/index.html"]) == 0
    Path("nothing").mkdir()
    assert main(["runs", "import", "page/index.html", "nothing"]) == 2, "a place without a run is told"
    assert [run.candidate for run in list_runs(Path())] == ["better", "worse"]


def test_a_page_of_many_chunks_holds_its_run_as_it_was_kept(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blob, "_CASES", 7)
    project.compare("base", "worse", "better", "--report", "page")
    for run in list_runs(Path()):
        kept, held = load_run(Path(), run.id), load_run(Path(), f"page/index.html#{run.candidate}")
        assert held.verdict == kept.verdict
        for one, other in zip(held.comparisons, kept.comparisons, strict=True):
            mine, theirs = comparison_json(one), comparison_json(other)
            assert mine == theirs
            assert [row["id"] for row in mine["examples"]] == list(mine["base_responses"])
    page = Path("page/index.html").read_text(encoding="utf-8")
    assert len(re.findall('id="run-1-[0-9]+"', page)) == 15, "a part of each run behind each chunk of cases"


def test_pages_that_hold_no_run_or_a_damaged_one_say_so(
    alone: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("other.html").write_text("<!doctype html><p>hello", encoding="utf-8")
    assert told(capsys, "report", "other.html") == [
        "other.html holds no run: no page of evalkit, or one of an older version"
    ]
    page = Path("page.html").read_text(encoding="utf-8")
    Path("cut.html").write_text(re.sub(r'(id="run-0">.{40})[^<]*', r"\1", page), encoding="utf-8")
    assert told(capsys, "gate", "cut.html")[0].startswith("cannot read a run out of cut.html")
    assert told(capsys, "compare", "page.html", "new.jsonl") == ["page.html holds 2 arms"]
    assert told(capsys, "compare", "gone.html#base", "new.jsonl") == ["there is no file gone.html"]
    assert told(capsys, "compare", "page.html#nobody", "new.jsonl") == ["page.html: no 'nobody' is in it"]
    monkeypatch.setattr(page_runs, "MOST", 50)
    assert main(["report", "page.html", "--report", "large"]) == 0
    assert told(capsys, "gate", "large/index.html") == [
        "large/index.html shows 100 cases, and a page holds its run up to 50"
    ]
