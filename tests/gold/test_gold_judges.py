"""Scores that a published judge gave (shaberi: gpt-4.1 on ELYZA-tasks-100 and Rakuda), as a recorded judge."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

import evalkit
from evalkit.core.exchange import Request
from evalkit.pipeline.judge_check.record import record_judge
from evalkit.store.runs import Run, RunSummary

SHARED = Path(os.environ.get("EVALKIT_SHARED_DATA", Path(__file__).parents[2] / "../shared/data")).resolve()
ARMS = {"base": "meta-llama__Llama-3.1-8B-Instruct", "candidate": "shisa-ai__shisa-v2-llama3.1-8b"}

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared real data are not beside this checkout")

SUITE = """\
evalkit: 1
name: shaberi
dataset: {{path: data.jsonl}}
scorers:
  quality:
    type: judge
    judge: gpt-4.1
    criteria: {criteria}
    scale: [1, {high}]
    reference: {reference}
gates:
  - {{type: must_improve, metric: quality}}
"""


def rows(bench: str, arm: str) -> list[dict[str, Any]]:
    data = gzip.decompress((SHARED / "shaberi" / f"gpt-4.1__{bench}__{ARMS[arm]}.jsonl.gz").read_bytes())
    return [json.loads(line) for line in data.splitlines()]


def write(path: Path, lines: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


@pytest.mark.parametrize(
    ("bench", "high", "aspect", "scale", "means"),
    [
        ("elyza__ELYZA-tasks-100", 5, "eval_aspect", 2.0, (6.96, 7.54)),
        ("yuzuai__rakuda-questions", 10, None, 1.0, (5.20, 7.85)),
    ],
)
def test_a_recorded_judge_reproduces_the_published_means(
    bench: str, high: int, aspect: str | None, scale: float, means: tuple[float, float], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    given = {
        (row["Question"], row["ModelAnswer"].strip()): row["score"] for arm in ARMS for row in rows(bench, arm)
    }  # fmt: skip
    asked = [
        {"id": f"r{at}", "input": row["Question"], "target": row.get("output"), "aspect": row.get(aspect or "")}
        for at, row in enumerate(rows(bench, "base"))
    ]
    write(tmp_path / "data.jsonl", asked)
    for arm in ARMS:
        by_question = {row["Question"]: row["ModelAnswer"] for row in rows(bench, arm)}
        told = [{"id": row["id"], "text": by_question[row["input"]]} for row in asked]
        write(tmp_path / f"{arm}.jsonl", [{"evalkit_recording": 1, "model": {"name": arm}}, *told])
    criteria = '"{{ extra.aspect }}"' if aspect else "役に立つ、正確な回答か"
    suite = SUITE.format(criteria=criteria, high=high, reference="true" if aspect else "false")
    (tmp_path / "suite.yaml").write_text(suite, encoding="utf-8")

    def judge(request: Request) -> str:
        text = str(request.messages[0].content)
        question = text.split("<conversation>\n")[1].split("\n</conversation>")[0]
        answer = text.split("<answer>\n")[1].split("\n</answer>")[0]
        return json.dumps({"reasoning": "", "score": given[question, answer.strip()]})

    first = evalkit.compare("base.jsonl", "candidate.jsonl", suites="suite.yaml", models={"gpt-4.1": judge}, root=None)
    summary = RunSummary(
        id="kept", path=tmp_path, created="", outcome="", base="", candidate="", suites=(), arguments={}
    )  # fmt: skip
    kept = Run(summary=summary, verdict=first.verdict, comparisons=first.comparisons, suites={})
    assert record_judge(kept, tmp_path / "gpt-4.1.jsonl", scorer="quality", judge=None) > 0
    (tmp_path / "models.yaml").write_text("models:\n  gpt-4.1: {provider: replay, recording: gpt-4.1.jsonl}\n")
    again = evalkit.compare("base.jsonl", "candidate.jsonl", suites="suite.yaml", root=None, mode="replay")
    (estimate,) = [one for one in again.metrics() if one["metric"] == "quality" and one["slice_by"] is None]
    assert (scale * estimate["base"], scale * estimate["candidate"]) == pytest.approx(means, abs=0.005)
    assert estimate["n"] == len(asked)
    (finding,) = again.gate_findings()
    assert finding["state"] == "INCONCLUSIVE", "nobody held gpt-4.1 against people here"
    assert "as judged (" in finding["because"]
    assert finding["delta"] > 0
