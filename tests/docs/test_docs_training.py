"""The tutorial from training to CI: its data, its suites and its verdicts, with answers like those that it shows."""

from __future__ import annotations

import ast
import json
import re
import runpy
import shlex
from pathlib import Path

import pytest

from evalkit.cli import main

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial"
PAGES = [TUTORIAL / "train-to-ci.md", TUTORIAL / "ja" / "train-to-ci.md"]
FILE = re.compile(r"^`([\w./-]+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
RIGHT = {"base": (23, 0), "desk-only": (11, 18), "mixed": (26, 24)}
"""How many answers of each arm are right in either suite, as the page shows"""


@pytest.mark.parametrize("page", PAGES, ids=["en", "ja"])
def test_the_tutorial_ends_as_it_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = page.read_text(encoding="utf-8")
    files = dict(FILE.findall(text))
    for name, written in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(written, encoding="utf-8")
    runpy.run_path("make_data.py")
    ast.parse(files["tune.py"])
    Path("suites/models.yaml").unlink()
    for name in RIGHT:
        _record(Path("suites/recordings"), name)
    assert main(["validate"]) == 0, capsys.readouterr()
    compared = [
        (shlex.split(words)[1:], int(code))
        for words, code in re.findall(r"^(evalkit compare .*?) +# exit (\d)$", text, re.MULTILINE)
    ]
    assert [main(words) for words, _ in compared] == [code for _, code in compared] == [1, 0]
    told = capsys.readouterr().out
    for figures in ("82.1% -> 39.3%", "0.0% -> 60.0%", "82.1% -> 92.9%", "0.0% -> 80.0%"):
        assert figures in told
        assert figures in text


def test_both_languages_show_the_same_files() -> None:
    own, twin = (dict(FILE.findall(page.read_text(encoding="utf-8"))) for page in PAGES)
    assert own == twin


def _record(folder: Path, name: str) -> None:
    lines: list[object] = [{"evalkit_recording": 1, "model": {"name": name}}]
    for suite, right in zip(("common", "desk"), RIGHT[name], strict=True):
        rows = [json.loads(line) for line in Path(f"suites/data/{suite}.jsonl").read_text("utf-8").splitlines()]
        lines += [
            {"id": row["id"], "text": row["target"] if i < right else f"I do not know {row['id']}."}
            for i, row in enumerate(rows)
        ]
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
