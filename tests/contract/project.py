"""A small project on disk: one suite, its data, recordings of a base and of candidates."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from evalkit.cli import main

SUITE = """\
evalkit: 1
name: small
dataset: {path: data.jsonl}
generate: {max_tokens: 8}
scorers:
  answer: {type: exact}
slices:
  - {by: kind, min_n: 10}
gates:
  - {type: no_regression, metric: answer, margin: 0.05}
"""


@dataclass
class Project:
    """Paths are relative to `folder`, which is also the working directory."""

    folder: Path
    n: int = 100

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def rows(self) -> list[dict[str, Any]]:
        kinds = ("even", "odd")
        return [
            {"id": f"q{i}", "input": f"What is {i} + 1?", "target": str(i + 1), "tags": {"kind": kinds[i % 2]}}
            for i in range(self.n)
        ]

    def data(self, rows: list[dict[str, Any]] | None = None) -> None:
        rows = self.rows() if rows is None else rows
        self.write("suites/data.jsonl", "".join(json.dumps(row) + "\n" for row in rows))

    def suite(self, text: str = SUITE) -> Path:
        return self.write("suites/small.yaml", text)

    def arm(
        self, name: str, *, right: Callable[[int], bool], change: Callable[[dict[str, Any]], Any] = lambda r: r
    ) -> None:
        """A recording that answers rightly where `right(i)`; `change` may alter or drop (None) a row."""
        rows = [{"id": f"q{i}", "text": str(i + 1) if right(i) else "no"} for i in range(self.n)]
        lines = [json.dumps({"evalkit_recording": 1, "model": {"name": name}, "generate": {}, "created": "2026-01-01"})]
        lines += [json.dumps(kept) for row in rows if (kept := change(row)) is not None]
        self.write(f"suites/{name}.jsonl", "\n".join(lines) + "\n")

    def models(self, *names: str) -> None:
        text = "models:\n" + "".join(f"  {name}: {{provider: replay, recording: {name}.jsonl}}\n" for name in names)
        self.write("suites/models.yaml", text)

    def compare(self, *words: str) -> int:
        return main(["compare", *words])

    def verdict(self, *words: str) -> Mapping[str, Any]:
        main(["compare", *words, "--json", "verdict.json"])
        found: Mapping[str, Any] = json.loads((self.folder / "verdict.json").read_text(encoding="utf-8"))
        return found


def told(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """The first lines of the problems, without what stands before their places; the command ends with 2."""
    try:
        code = main(list(words))
    except SystemExit as end:
        code = int(str(end.code))
    assert code == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("    ")]
    return [line.removeprefix("error: ").removeprefix("evalkit: ") for line in lines if not line.endswith(" problems")]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Base right on 80 of 100; `better` on all, `worse` on 50, `same` as the base."""
    monkeypatch.chdir(tmp_path)
    made = Project(tmp_path)
    made.data()
    made.suite()
    made.models("base", "better", "worse", "same")
    made.arm("base", right=lambda i: i % 5 != 0)
    made.arm("same", right=lambda i: i % 5 != 0)
    made.arm("better", right=lambda i: True)
    made.arm("worse", right=lambda i: i % 5 != 0 and i < 60)
    return made
