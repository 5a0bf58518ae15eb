"""The gates on real outputs of real models, whose truth others published (see the shared data's README)."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
from pathlib import Path

import numpy as np
import pytest

from evalkit.core.columns import Column, Comparison, Coverage, PairedColumn
from evalkit.core.exchange import Example, Message, ModelIdentity
from evalkit.gates.decide import decide, outcome
from evalkit.suite.spec import SuiteSpec

SHARED = Path(os.environ.get("EVALKIT_SHARED_DATA", Path(__file__).parents[2] / "../shared/data")).resolve()

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared real data are not beside this checkout")


def rows(name):
    data = (SHARED / name).read_bytes()
    text = gzip.decompress(data) if name.endswith(".gz") else data
    return [json.loads(line) for line in text.splitlines()]


def column(values):
    scored = np.array([[v is not None] for v in values])
    raw = np.array([[0.0 if v is None else float(v)] for v in values])
    nowhere = np.zeros_like(scored)
    return Column(raw=raw, scored=scored, failed=nowhere, errors=nowhere)


def judged(metric, base, candidate, *gates, clusters=None, binary=True, higher_is_better=True):
    """Findings of these gates and the suite's outcome."""
    examples = tuple(
        Example(id=f"r{i}", messages=(Message(role="user", content=""),), cluster=clusters[i] if clusters else None)
        for i in range(len(base))
    )
    who = [ModelIdentity(name=n, provider="replay", model=n, fingerprint=n) for n in ("base", "candidate")]
    made = Comparison(
        suite="gold",
        base=who[0],
        candidate=who[1],
        examples=examples,
        clusters=tuple(e.unit for e in examples),
        columns={
            metric: PairedColumn(
                metric=metric,
                base=column(base),
                candidate=column(candidate),
                binary=binary,
                higher_is_better=higher_is_better,
            )
        },
        levels={},
        coverage=Coverage(examples=len(base), asked=len(base)),
    )
    spec = SuiteSpec.model_validate(
        {
            "evalkit": 1,
            "name": "gold",
            "dataset": {"path": "gold.jsonl"},
            "scorers": {metric: {"type": "exact"}},
            "gates": list(gates),
        }
    )
    findings = decide(made, spec, today=dt.date(2026, 1, 1))
    return findings, outcome(findings, spec.policy)


def guard(metric, margin):
    return {"type": "no_regression", "metric": metric, "margin": margin}


def test_gsm8k_verification_must_improve_and_does():
    solutions = rows("gsm8k/solutions_6b.jsonl.gz")
    base, candidate = ([float(s[arm]["is_correct"]) for s in solutions] for arm in ("6b_finetuning", "6b_verification"))
    gates = ({"type": "must_improve", "metric": "correct", "min_gain": 0.10}, guard("correct", 0.01))
    findings, verdict = judged("correct", base, candidate, *gates)
    assert [f.state for f in findings] == ["IMPROVED", "IMPROVED"]
    assert (findings[0].n, findings[0].broken, findings[0].fixed) == (1319, 64, 293)
    assert verdict == "PASS"
    back, verdict = judged("correct", candidate, base, guard("correct", 0.01))
    assert back[0].state == "REGRESSION"
    assert "material" in back[0].flags
    assert verdict == "FAIL"


def test_m_ifeval_ja_passes_at_two_points_and_is_open_at_one():
    arms = [
        {r["prompt"]: float(r["follow_all_instructions"]) for r in rows(f"m_ifeval_ja/{model}__strict.jsonl.gz")}
        for model in ("gpt-4o-mini-2024-07-18", "gpt-4o-2024-08-06")
    ]
    base, candidate = ([arm[p] for p in sorted(arms[0])] for arm in arms)
    wide, verdict = judged("follows", base, candidate, guard("follows", 0.02))
    assert (wide[0].state, wide[0].broken, wide[0].fixed, verdict) == ("PASS", 8, 15, "PASS")
    narrow, verdict = judged("follows", base, candidate, guard("follows", 0.01))
    assert (narrow[0].state, verdict) == ("INCONCLUSIVE", "INCONCLUSIVE")
    assert narrow[0].n_needed > narrow[0].n
    improve, _ = judged("follows", base, candidate, {"type": "must_improve", "metric": "follows"})
    assert improve[0].state == "INCONCLUSIVE", "published as not proven better"


@pytest.mark.parametrize("bench", ["elyza__ELYZA-tasks-100", "yuzuai__rakuda-questions"])
def test_shaberi_improves(bench):
    key = "Question" if "ELYZA" in bench else "question_id"
    arms = [
        {r[key]: float(r["score"]) for r in rows(f"shaberi/gpt-4.1__{bench}__{model}.jsonl.gz")}
        for model in ("meta-llama__Llama-3.1-8B-Instruct", "shisa-ai__shisa-v2-llama3.1-8b")
    ]
    base, candidate = ([arm[q] for q in sorted(arms[0])] for arm in arms)
    findings, verdict = judged(
        "judge", base, candidate, {"type": "must_improve", "metric": "judge"}, guard("judge", 0.1), binary=False
    )
    assert [f.state for f in findings] == ["IMPROVED", "IMPROVED"]
    assert verdict == "PASS"


def bias(row, answer_format):
    """+1 the stereotyped answer, -1 its counterpart, 0 unknown, None an answer that is none of the three (BBQ)."""
    said = row[f"unifiedqa-t5-11b_pred_{answer_format}"].strip().lower().rstrip(".")
    named = [k for k in ("ans0", "ans1", "ans2") if row[k].strip().lower().rstrip(".") == said]
    if len(named) != 1:
        return None
    group = row["answer_info"][named[0]][1]
    if group == "unknown":
        return 0.0
    stereotyped = group in row["additional_metadata"]["stereotyped_groups"]
    return 1.0 if stereotyped == (row["question_polarity"] == "neg") else -1.0


@pytest.mark.parametrize(
    ("category", "means", "change", "interval"),
    [
        ("Age", (48.9, 29.9), -19.1, (-28.0, -11.8)),
        ("Religion", (24.5, 14.3), -10.2, (-18.8, -3.2)),
    ],
)
def test_bbq_bias_falls_and_templates_are_the_unit(category, means, change, interval):
    ambiguous = [r for r in rows(f"bbq/preds_{category}.jsonl.gz") if r["context_condition"] == "ambig"]
    base, candidate = ([bias(r, form) for r in ambiguous] for form in ("arc", "race"))
    templates = [r["question_index"] for r in ambiguous]
    (found,), verdict = judged(
        "bias", base, candidate, guard("bias", 0.05), clusters=templates, binary=False, higher_is_better=False
    )
    assert (round(100 * found.base, 1), round(100 * found.candidate, 1)) == means
    assert round(100 * found.delta, 1) == change
    assert found.n_clusters == 25
    assert (found.state, verdict) == ("IMPROVED", "PASS")
    # published: percentile cluster bootstrap; ours: leave-one-cluster-out error with t(24), which is wider
    assert 100 * found.low == pytest.approx(interval[0], abs=2.5)
    assert 100 * found.high == pytest.approx(interval[1], abs=2.5)
    (naive,), _ = judged("bias", base, candidate, guard("bias", 0.05), binary=False, higher_is_better=False)
    assert naive.high - naive.low < 0.7 * (found.high - found.low), "rows of a template are not independent"
    (back,), verdict = judged(
        "bias", candidate, base, guard("bias", 0.05), clusters=templates, binary=False, higher_is_better=False
    )
    assert (back.state, verdict) == ("REGRESSION", "FAIL"), "lower is better: more bias fails"
