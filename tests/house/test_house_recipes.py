"""The recipes of docs/why/house.md on a copy: one new file, one line in a table, and the new thing is everywhere."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from evalkit.cli import main

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "docs" / "why" / "house.md"
ROW = re.compile(
    r"^\| (?P<what>an? [\w ]+) \| `(?P<new>[^`]+)` \| `(?P<table>[^`]+)` \| \[[^]]+\]\((?P<page>[^)]+)\) \|$", re.M
)
CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Recipe:
    """A row of the table in house.md."""

    new: str
    table: str
    code: str


def recipes() -> dict[str, Recipe]:
    found = {}
    for row in ROW.finditer(HOUSE.read_text(encoding="utf-8")):
        shown = CODE.search((HOUSE.parent / row["page"]).read_text(encoding="utf-8"))
        assert shown is not None, row["page"]
        # a page defines the thing, and then tries it
        code = re.split(r"\n\n\n(?:with |example = )", shown[1])[0] + "\n"
        found[row["what"]] = Recipe(new=row["new"], table=row["table"], code=code)
    return found


@dataclass(frozen=True)
class Copy:
    """A copy of the package, and a project that `evalkit init` made beside it."""

    house: Path
    project: Path

    def add(self, what: str, *, name: str, attribute: str) -> None:
        """The steps of a recipe."""
        recipe = recipes()[what]
        before = digests(self.house)
        new = self.house / recipe.new.replace("NAME", name)
        new.write_text(f'"""A new room mate."""\n\n{recipe.code}', encoding="utf-8")
        table = self.house / recipe.table
        module = str(new.relative_to(self.house).with_suffix("")).replace("/", ".")
        line = f'    "{name}": "{module}:{attribute}",\n'
        text = table.read_text(encoding="utf-8")
        assert text.count("TABLE = {\n") == 1, recipe.table
        table.write_text(text.replace("TABLE = {\n", f"TABLE = {{\n{line}"), encoding="utf-8")
        after = digests(self.house)
        assert [path for path in before if before[path] != after[path]] == [recipe.table], (
            "one existing file is touched"
        )
        assert [*after.keys() - before.keys()] == [recipe.new.replace("NAME", name)]

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.project / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def evalkit(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "evalkit", *words],
            cwd=self.project,
            env={**os.environ, "PYTHONPATH": str(self.house), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (0, 1), done.stdout + done.stderr
        return done.stdout

    def compare(self, *arms: str) -> tuple[str, Mapping[str, Any], str]:
        """What the terminal says, the verdict as data, the page."""
        out = self.evalkit("compare", *arms, "--json", "verdict.json", "--report", "page")
        verdict = json.loads((self.project / "verdict.json").read_text(encoding="utf-8"))
        return out, verdict, (self.project / "page" / "index.html").read_text(encoding="utf-8")


def digests(house: Path) -> dict[str, str]:
    return {
        str(path.relative_to(house)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(house.rglob("*.py"))
    }


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Copy:
    house, project = tmp_path / "house", tmp_path / "project"
    shutil.copytree(ROOT / "evalkit", house / "evalkit", ignore=shutil.ignore_patterns("__pycache__"))
    project.mkdir()
    monkeypatch.chdir(project)
    assert main(["init"]) == 0
    return Copy(house, project)


def test_the_house_has_a_recipe_for_all_that_users_can_bring() -> None:
    from evalkit.core.registry import REGISTRIES

    assert {what.split()[-1] for what in recipes()} == {*REGISTRIES}


def test_a_scorer_is_one_file_and_one_line(copy: Copy) -> None:
    copy.add("a scorer", name="emoji", attribute="Emoji")
    copy.edit("suites/first.yaml", "scorers:\n", "scorers:\n  plain: {type: emoji}\n")
    copy.edit("suites/first.yaml", "gates:\n", "gates:\n  - {type: floor, metric: plain, min: 0.5}\n")
    out, verdict, page = copy.compare("base", "ft-model", "--replay")
    assert "plain" in out
    assert {"plain", "plain.count"} <= {item["metric"] for item in verdict["suites"][0]["metrics"]}
    assert "plain.count" in page


def test_a_gate_is_one_file_and_one_line(copy: Copy) -> None:
    copy.add("a gate", name="few_broken", attribute="FewBroken")
    copy.edit("suites/first.yaml", "gates:\n", "gates:\n  - {type: few_broken, metric: answer, most: 40}\n")
    out, verdict, page = copy.compare("base", "ft-model", "--replay")
    (found,) = [item for item in verdict["suites"][0]["findings"] if item["gate"] == "few_broken"]
    assert found["state"] == "PASS"
    assert "few_broken" in out
    assert found["because"] in page


def test_a_provider_is_one_file_and_one_line(copy: Copy) -> None:
    copy.add("a provider", name="rules", attribute="open_rules")
    bot = "models:\n  bot: {provider: rules, options: {rules: {capital: Paris}}}\n"
    copy.edit("suites/models.yaml", "models:\n", bot)
    out, verdict, page = copy.compare("suites/recordings/base.jsonl", "bot")
    assert "bot" in out
    assert verdict["models"]["candidate"]["provider"] == "rules"
    assert "rules" in page


def test_an_importer_is_one_file_and_one_line(copy: Copy) -> None:
    copy.add("an importer", name="notebook", attribute="Notebook")
    lines = [f"{arm} t-{n} {'ok' if arm == 'ft' or n % 4 else 'no'}" for arm in ("base", "ft") for n in range(200)]
    (copy.project / "mine.verdicts").write_text("\n".join(lines), encoding="utf-8")
    _, verdict, page = copy.compare("mine.verdicts#base", "mine.verdicts#ft")
    assert verdict["suites"][0]["findings"][0]["state"] == "IMPROVED"
    assert "mine.verdicts#ft" in page


def test_a_tracker_is_one_file_and_one_line(copy: Copy) -> None:
    copy.add("a tracker", name="journal", attribute="Journal")
    copy.compare("base", "ft-model", "--replay", "--publish", "journal:kept.jsonl")
    assert json.loads((copy.project / "kept.jsonl").read_text(encoding="utf-8"))["candidate"] == "ft-model"


def test_a_section_is_one_file_and_one_line(copy: Copy) -> None:
    copy.add("a report section", name="longest_answers", attribute="longest_answers")
    recording = copy.project / "suites" / "recordings" / "ft-model.jsonl"
    text = recording.read_text(encoding="utf-8")
    recording.write_text(text.replace('"text": "', '"text": "Well, I think it is ', 1), encoding="utf-8")
    _, verdict, page = copy.compare("base", "ft-model", "--replay")
    grown = verdict["suites"][0]["sections"]["longest_answers"]
    assert len("Well, I think it is ") in grown.values()
    assert "Letters more than the base" in page
