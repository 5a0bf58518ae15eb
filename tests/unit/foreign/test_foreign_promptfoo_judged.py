"""What judges and code said in promptfoo's results comes along as given scores; what evalkit judges itself does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evalkit.cli import main
from evalkit.core.recording import Recording
from evalkit.foreign.nouns import ForeignRow, Wishes
from evalkit.foreign.promptfoo import Promptfoo


def part(kind: str, score: float, **more: Any) -> dict[str, Any]:
    assertion = {"type": kind, "value": "is polite", **more.pop("assertion", {})}
    return {"pass": score >= 0.5, "score": score, "reason": "so it is", "assertion": assertion, **more}


def result(number: int, parts: list[dict[str, Any]], *, provider: str = "base", **named: float) -> dict[str, Any]:
    good = all(one["pass"] for one in parts)
    return {
        "promptIdx": 0,
        "testIdx": number,
        "vars": {"n": number},
        "prompt": {"raw": f"Ticket {number}?", "label": "Ticket {{n}}?"},
        "provider": {"id": provider, "label": ""},
        "response": {"output": f"answer {number}"},
        "success": good,
        "score": 1.0,
        "namedScores": named,
        "gradingResult": {"pass": good, "score": 1.0, "componentResults": parts},
        "testCase": {"vars": {"n": number}},
    }


def write(path: Path, results: list[dict[str, Any]]) -> Path:
    value = {"evalId": "eval-1", "results": {"version": 3, "results": results}, "config": {"description": "desk"}}
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def read(path: Path) -> list[ForeignRow]:
    (found,) = Promptfoo().read(path, Wishes())
    return [row for arm in found.arms for row in arm.rows]


@pytest.mark.parametrize(
    ("parts", "named", "scores"),
    [
        ([part("llm-rubric", 0.8)], {}, {"llm-rubric": 0.8}),
        ([part("not-llm-rubric", 0.2), part("equals", 1)], {}, {"not-llm-rubric": 0.2}),
        ([part("g-eval", 0.8), part("g-eval", 0.3)], {}, {"g-eval": 0.8, "g-eval 2": 0.3}),
        ([part("python", 1), part("equals", 0), part("similar:dot", 1)], {}, {"python": 1, "similar:dot": 1}),
        ([part("llm-rubric", 0.8, assertion={"metric": "tone"})], {"tone": 0.8}, {"tone": 0.8}),
        ([part("llm-rubric", 0.8, assertion={"metric": "tone"})], {}, {"tone": 0.8}),
        ([part("llm-rubric", 0, metadata={"graderError": True})], {}, {"llm-rubric": None}),
        ([{**part("assert-set", 1), "componentResults": [part("pi", 1), part("equals", 1)]}], {}, {"pi": 1}),
        ([part("icontains", 1), part("is-json", 0)], {}, {}),
    ],
)  # fmt: skip
def test_what_evalkit_cannot_judge_again_is_a_given_score(
    tmp_path: Path, parts: list[dict[str, Any]], named: dict[str, float], scores: dict[str, Any]
) -> None:
    (row,) = read(write(tmp_path / "results.json", [result(0, parts, **named)]))
    assert {name: value for name, value in row.scores.items() if name not in ("pass", "score")} == scores


@pytest.mark.parametrize(("other", "passed"), [(1, None), (0, False)])
def test_a_judge_that_broke_says_nothing_of_the_answer(tmp_path: Path, other: float, passed: bool | None) -> None:
    broken = part("llm-rubric", 0, assertion={"metric": "tone"}, metadata={"graderError": True})
    path = write(tmp_path / "results.json", [result(0, [broken, part("equals", other)], tone=0)])
    (row,) = read(path)
    assert row.scores == {"pass": passed, "score": None, "tone": None}


def test_a_judge_that_got_worse_is_a_regression(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    results = [
        result(n, [part("llm-rubric", 0.9 if arm == "base" or n % 3 else 0.6), part("similar:dot", 0.8)], provider=arm)
        for arm in ("base", "tuned")
        for n in range(120)
    ]
    path = write(tmp_path / "results.json", results)
    assert main(["compare", f"{path}#base", f"{path}#tuned", "--json", "v.json"]) == 1
    findings = json.loads(Path("v.json").read_text(encoding="utf-8"))["suites"][0]["findings"]
    states = {one["metric"]: one["state"] for one in findings}
    assert states["llm-rubric"] == "REGRESSION"
    assert states["similar:dot"] != "REGRESSION"
    assert main(["import", str(path), "-o", "desk"]) == 0
    rows = Recording.read("desk/suites/recordings/tuned.jsonl.gz").responses
    assert sum(row.scores["llm-rubric"] for row in rows) / 120 == pytest.approx(0.8)
    assert "the scores that llm-rubric gave, as given scores" in Path("desk/IMPORTED.md").read_text(encoding="utf-8")
