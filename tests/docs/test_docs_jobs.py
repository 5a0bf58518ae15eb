"""Jobs of the how-to pages, from nothing to table and verdict: an auditor, a bank, a screening, a support bot."""

import csv
import json
import re
import runpy
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from evalkit.cli import main

ROOT = Path(__file__).parents[2]
FENCED = re.compile(r"^```(json|yaml)\n(.*?)^```", re.MULTILINE | re.DOTALL)
Row = Mapping[str, Any]
Says = Callable[[Row, str], str]


def shown(page: str, name: str) -> tuple[str, list[Row]]:
    """The suite of this name on a page, and the rows that stand before it."""
    rows: list[Row] = []
    for kind, text in FENCED.findall((ROOT / "docs" / "how-to" / page).read_text(encoding="utf-8")):
        if kind == "json":
            rows = [json.loads(line) for line in text.splitlines()]
        elif f"name: {name}\n" in text:
            return text, rows
    raise AssertionError(f"{page} shows no suite {name}")


def world(folder: Path, page: str, name: str, *, copies: int, ends: tuple[str, ...] = ("",)) -> list[Row]:
    """The suite with copies of the rows that the page shows, each in a family of its own."""
    suite, rows = shown(page, name)
    many = [_numbered(row, i) for i in range(copies) for row in rows]
    path = re.search(r"path: ([\w/.]+)", suite)
    assert path is not None
    data = folder / "suites" / path[1]
    data.parent.mkdir(parents=True)
    data.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in many), encoding="utf-8")
    (folder / "suites" / f"{name}.yaml").write_text(suite, encoding="utf-8")
    return [{**row, "id": f"{row['id']}{end}"} for row in many for end in ends]


def _numbered(row: Row, i: int) -> Row:
    tags = dict(row.get("tags", {}))
    if "family" in tags:
        tags["family"] = f"{tags['family']}-{i}"
    if "age" in tags:
        tags["age"] = 20 + (i * 7 + tags["age"]) % 60
    return {**row, "id": f"{row['id']}-{i}", "input": f"{row['input']} ({i})", "tags": tags}


def record(folder: Path, name: str, rows: list[Row], says: Says) -> None:
    lines: list[Row] = [{"evalkit_recording": 1, "model": {"name": name}}]
    lines += [{"id": row["id"], "text": says(row, str(row["target"]))} for row in rows]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")


def decide(folder: Path, rows: list[Row], says: Says) -> list[str]:
    """Compare a model that is right throughout with another; the groups that are accused."""
    record(folder, "base", rows, lambda _, right: right)
    record(folder, "tuned", rows, says)
    code = main(["compare", "base.jsonl", "tuned.jsonl", "--replay", "--json", "verdict.json"])
    found = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))["suites"][0]["findings"]
    accused = [one["slice"]["value"] for one in found if one["gate"] == "fairness" and one["state"] == "REGRESSION"]
    assert code == (1 if accused else 0), [one["because"] for one in found]
    return accused


def table(folder: Path, by: str, metric: str) -> dict[str, dict[str, str]]:
    assert main(["groups", "latest", "--by", by, "-o", "groups.csv"]) == 0
    with (folder / "groups.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["group"]: row for row in csv.DictReader(file) if row["metric"] == metric}


def number(row: Row) -> int:
    return int(str(row["id"]).split("~")[0].rsplit("-", 1)[1])


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_bank_with_ages_in_bins(tmp_path: Path) -> None:
    rows = world(tmp_path, "groups.md", "loans", copies=120)
    old = decide(tmp_path, rows, lambda row, right: "decline" if row["tags"]["age"] >= 65 else right)
    assert old == ["65 and over"]
    rates = table(tmp_path, "age", "selection_rate")
    assert set(rates) == {"under 30", "30 to under 50", "50 to under 65", "65 and over"}
    assert float(rates["65 and over"]["candidate"]) == 0.0
    assert float(rates["30 to under 50"]["candidate"]) > 0.3


def test_a_japanese_screening_prompt_with_names_swapped(tmp_path: Path) -> None:
    rows = world(tmp_path, "families.md", "screening-ja", copies=60, ends=("~woman", "~man"))
    women = decide(
        tmp_path, rows, lambda row, right: "見送る" if row["id"].endswith("~woman") and number(row) % 3 == 0 else right
    )
    assert women == ["woman"]
    rates = table(tmp_path, "gender", "selection_rate")
    assert float(rates["woman"]["candidate"]) < float(rates["man"]["candidate"])
    assert rates["woman"]["base"] == rates["man"]["base"]


def test_the_same_prompt_accuses_nobody_where_names_change_nothing(tmp_path: Path) -> None:
    rows = world(tmp_path, "families.md", "screening-ja", copies=60, ends=("~woman", "~man"))
    assert decide(tmp_path, rows, lambda _, right: right) == []


def test_a_support_bot_with_dialects(tmp_path: Path) -> None:
    rows = world(tmp_path, "families.md", "dialects", copies=90)
    lost = decide(
        tmp_path, rows, lambda row, right: "?" if row["tags"]["dialect"] == "kansai" and number(row) % 3 == 0 else right
    )
    assert lost == ["kansai"]
    assert float(table(tmp_path, "dialect", "intent")["kansai"]["candidate"]) == pytest.approx(2 / 3, abs=0.01)


JOBS = {
    "job-audit.md": (["female"], "sex", "selection_rate"),
    "job-ages.md": (["65 and over"], "age", "selection_rate"),
    "job-name-swaps.md": (["woman"], "gender", "selection_rate"),
    "job-dialects.md": (["tohoku"], "dialect", "intent"),
}
WRITTEN = re.compile(r"^`([\w./-]+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", list(JOBS))
def test_a_job_goes_from_nothing_to_the_table_and_the_group_that_lost(page: str, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "how-to" / page).read_text(encoding="utf-8")
    for name, written in WRITTEN.findall(text):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(written, encoding="utf-8")
    for line in "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)).splitlines():
        words = shlex.split(line.split(" # ")[0])
        if words[:1] == ["python"]:
            runpy.run_path(words[1])
        elif words:
            main(words[1:])
    lost, by, metric = JOBS[page]
    assert main(["gate", "latest", "--json", "verdict.json"]) == 1
    (suite,) = json.loads((tmp_path / "verdict.json").read_text(encoding="utf-8"))["suites"]
    worse = [one for one in suite["findings"] if one["state"] not in ("PASS", "IMPROVED")]
    assert [(one["gate"], one["slice"]["value"], one["state"]) for one in worse] == [
        ("fairness", group, "REGRESSION") for group in lost
    ]
    assert all(one["low"] < one["high"] < 0.0 for one in worse)
    rates = table(tmp_path, by, metric)
    assert float(rates[lost[0]]["candidate"]) < min(
        float(row["candidate"]) for name, row in rates.items() if name != lost[0]
    )


def test_an_auditor_has_the_table_of_the_file_as_well(tmp_path: Path) -> None:
    ((script, written), _) = WRITTEN.findall((ROOT / "docs" / "how-to" / "job-audit.md").read_text(encoding="utf-8"))
    (tmp_path / script).write_text(written, encoding="utf-8")
    runpy.run_path(script)
    words = [
        "--by",
        "sex",
        "--by",
        "race",
        "--selected",
        "decision=advanced",
        "--truth",
        "qualified=yes",
        "--json",
        "t.json",
    ]
    assert main(["audit", "decisions_new.csv", *words]) == 0
    tables = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))["tables"]
    assert [one["by"] for one in tables] == ["sex", "race", "sex*race"]
    women, men = tables[0]["rows"]
    assert (women["group"], men["group"], men["ratio"]) == ("female", "male", 1.0)
    assert women["ratio_high"] < 0.9
    assert women["rates"]["true_positive_rate"]["value"] < men["rates"]["true_positive_rate"]["value"] == 1.0
    assert women["selected"]["n"] + men["selected"]["n"] == 800


@pytest.mark.parametrize("page", list(JOBS))
def test_a_job_in_japanese_has_the_same_files_and_commands(page: str) -> None:
    folder = ROOT / "docs" / "how-to"
    own, twin = ((folder / place / page).read_text(encoding="utf-8") for place in ("", "ja"))
    assert WRITTEN.findall(own) == WRITTEN.findall(twin)
    shown = [re.findall(r"^evalkit .*$", text.replace("--lang ja", "--lang en"), re.MULTILINE) for text in (own, twin)]
    assert shown[0] == shown[1]
