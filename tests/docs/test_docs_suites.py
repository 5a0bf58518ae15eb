"""The suites that the tutorials show can be passed by a model that answers as their prompts ask."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from evalkit.cli import main

ROOT = Path(__file__).parents[2]
FENCED = re.compile(r"^```(json|yaml)\n(.*?)^```", re.MULTILINE | re.DOTALL)
REPLIES = {
    "docs/tutorial/your-suite.md": "I am sorry to hear that. We will gladly pay for it.",
    "docs/tutorial/ja.md": "送料は当店が負担いたします。",
}
RUDE = {"docs/tutorial/your-suite.md": "not my problem, lol", "docs/tutorial/ja.md": "知らねえよ、そんなこと。"}
Row = Mapping[str, Any]


def shown(page: str) -> tuple[str, list[Row]]:
    """The page's suite and the rows it shows for it."""
    found = FENCED.findall((ROOT / page).read_text(encoding="utf-8"))
    (suite,) = [text for kind, text in found if kind == "yaml" and text.startswith("evalkit:")]
    parsed = [[json.loads(line) for line in text.splitlines()] for kind, text in found if kind == "json"]
    (rows,) = [rows for rows in parsed if all("input" in row for row in rows)]
    return suite, rows


def world(folder: Path, page: str) -> None:
    """The suite with 150 rows of each kind that the page shows, and its training data where it names some."""
    suite, rows = shown(page)
    spec = YAML(typ="safe", pure=True).load(suite)["dataset"]
    many = [{**row, "id": f"{row['id']}-{i}", "input": f"{row['input']} ({i})"} for row in rows for i in range(150)]
    files = {"suite.yaml": suite, spec["path"]: "".join(json.dumps(row) + "\n" for row in many)}
    files |= {name: json.dumps({"input": "Something else entirely."}) + "\n" for name in spec.get("trained_on", [])}
    for name, text in files.items():
        path = folder / "suites" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    reply, rude = REPLIES[page], RUDE[page]
    record(folder, "base", many, lambda i, row: row.get("target", reply) if i % 4 or "target" not in row else "other")
    record(folder, "good", many, lambda _, row: row.get("target", reply))
    record(folder, "rude", many, lambda _, row: row.get("target", rude))


def record(folder: Path, name: str, rows: list[Row], say: Callable[[int, Row], str]) -> None:
    lines: list[Row] = [{"evalkit_recording": 1, "model": {"name": name}}]
    lines += [{"id": row["id"], "text": say(i, row)} for i, row in enumerate(rows)]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("page", list(REPLIES))
def test_a_shown_suite_passes_a_better_model_and_fails_a_ruder_one(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    world(tmp_path, page)
    assert main(["compare", "base.jsonl", "good.jsonl", "--replay"]) == 0, capsys.readouterr().out
    assert main(["compare", "base.jsonl", "rude.jsonl", "--replay"]) == 1
    assert "REGRESSION" in capsys.readouterr().out


@pytest.mark.parametrize("page", list(REPLIES))
def test_rows_that_no_gate_cuts_by_a_tag_need_not_have_it(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    world(tmp_path, page)
    assert main(["validate", "--strict"]) == 0, capsys.readouterr().out
    assert main(["plan", "base.jsonl", "good.jsonl"]) == 0
    told = capsys.readouterr()
    assert "(missing)" not in told.out + told.err
    assert "[intent=delivery]" in told.out


def test_a_row_that_a_gate_cuts_is_counted_where_it_lacks_the_tag(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    world(tmp_path, "docs/tutorial/your-suite.md")
    data = tmp_path / "suites/data/support_test.jsonl"
    bare = {"id": "i-bare", "input": "And now?", "target": "delivery", "tags": {"task": "intent", "shop": "Kumo"}}
    data.write_text(data.read_text(encoding="utf-8") + json.dumps(bare) + "\n", encoding="utf-8")
    assert main(["validate", "--strict"]) == 2
    told = capsys.readouterr()
    assert "slice 'intent': fewer than 30 rows in (missing): TOO_SMALL" in told.out + told.err
    with (tmp_path / "base.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "i-bare", "text": "delivery"}\n')
    assert main(["plan", "base.jsonl", "base.jsonl"]) == 0
    assert "[intent=(missing)] 1 case, fewer" in capsys.readouterr().out


def test_a_recording_of_three_lines_is_one(tmp_path: Path) -> None:
    import evalkit

    text = (ROOT / "docs/tutorial/ja.md").read_text(encoding="utf-8")
    (lines,) = [block for kind, block in FENCED.findall(text) if kind == "json" and "evalkit_recording" in block]
    path = tmp_path / "mine.jsonl"
    path.write_text(lines, encoding="utf-8")
    _, rows = shown("docs/tutorial/ja.md")
    assert {response.example_id for response in evalkit.Recording.read(path).responses} == {row["id"] for row in rows}
