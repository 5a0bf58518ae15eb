"""Verdicts on real outputs of real models, whose truth others published (see the shared data's README)."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import numpy as np
import pytest

from evalkit import stats
from evalkit.stats.disparity import gap_changes
from evalkit.stats.gap_sums import gap_sums, mark_compared, resampled_gaps

SHARED = Path(os.environ.get("EVALKIT_SHARED_DATA", Path(__file__).parents[2] / "../shared/data")).resolve()

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared real data are not beside this checkout")


def rows(name):
    data = (SHARED / name).read_bytes()
    text = gzip.decompress(data) if name.endswith(".gz") else data
    return [json.loads(line) for line in text.splitlines()]


def state(result, margin):
    return stats.classify(result.low, result.high, margin)[0]


def test_gsm8k_verification_improves_on_fine_tuning():
    solutions = rows("gsm8k/solutions_6b.jsonl.gz")
    base = np.array([s["6b_finetuning"]["is_correct"] for s in solutions], dtype=float)
    candidate = np.array([s["6b_verification"]["is_correct"] for s in solutions], dtype=float)
    result = stats.compare_paired(base, candidate, margin=0.02)
    assert (result.n, result.broken, result.fixed) == (1319, 64, 293)
    assert (round(100 * result.base, 2), round(100 * result.candidate, 2)) == (21.68, 39.04)
    assert state(result, 0.02) == "IMPROVED"
    assert state(stats.compare_paired(candidate, base), 0.02) == "REGRESSION"


def test_m_ifeval_ja_is_proven_within_two_points_but_not_within_one():
    arms = []
    for model in ("gpt-4o-mini-2024-07-18", "gpt-4o-2024-08-06"):
        by_prompt = {
            r["prompt"]: float(r["follow_all_instructions"]) for r in rows(f"m_ifeval_ja/{model}__strict.jsonl.gz")
        }
        arms.append(by_prompt)
    prompts = sorted(arms[0])
    assert set(prompts) == set(arms[1])
    base, candidate = (np.array([arm[p] for p in prompts]) for arm in arms)
    result = stats.compare_paired(base, candidate, margin=0.02)
    assert (result.n, result.broken, result.fixed) == (172, 8, 15)
    assert round(result.p, 2) == 0.21
    assert state(result, 0.02) == "PASS"
    assert state(result, 0.01) == "INCONCLUSIVE"
    assert result.p_noninferior < 0.025


@pytest.mark.parametrize(
    ("bench", "key", "means", "wilcoxon"),
    [
        ("elyza__ELYZA-tasks-100", "Question", (6.96, 7.54), 0.032),
        ("yuzuai__rakuda-questions", "question_id", (5.20, 7.85), 9e-7),
    ],
)
def test_shaberi_both_benches_improve(bench, key, means, wilcoxon):
    scale = 2.0 if "ELYZA" in bench else 1.0
    arms = [
        {r[key]: scale * r["score"] for r in rows(f"shaberi/gpt-4.1__{bench}__{model}.jsonl.gz")}
        for model in ("meta-llama__Llama-3.1-8B-Instruct", "shisa-ai__shisa-v2-llama3.1-8b")
    ]
    questions = sorted(arms[0])
    assert set(questions) == set(arms[1])
    base, candidate = (np.array([arm[q] for q in questions]) for arm in arms)
    result = stats.compare_paired(base, candidate)
    assert (round(result.base, 2), round(result.candidate, 2)) == means
    assert result.method == "bca_bootstrap"
    assert state(result, 0.2) == "IMPROVED"
    scipy_stats = pytest.importorskip("scipy.stats")
    assert scipy_stats.wilcoxon(candidate - base).pvalue == pytest.approx(wilcoxon, rel=0.1)


def parses(text):
    """The publisher's rule: what stands between the first and the last brace is JSON."""
    try:
        return isinstance(json.loads(text[text.index("{") : text.rindex("}") + 1]), dict)
    except ValueError:
        return False


def test_news_lora_learns_to_write_json():
    base = {r["example_id"]: parses(r["generated_text"]) for r in rows("news_lora/baseline_raw_predictions.jsonl")}
    candidate = {r["example_id"]: parses(r["generated_text"]) for r in rows("news_lora/tinker_raw_predictions.jsonl")}
    assert set(base) == set(candidate)
    result = stats.compare_paired([base[i] for i in base], [candidate[i] for i in base], margin=0.01)
    assert (result.n, round(96 * result.base), round(96 * result.candidate)) == (96, 5, 96)
    assert state(result, 0.01) == "IMPROVED"


def test_tau_bench_pass_hat_k():
    rewards = json.loads((SHARED / "tau_bench/gpt-4o-airline-rewards.json").read_text())
    trials: dict[int, list[float]] = {}
    for r in rewards:
        trials.setdefault(r["task_id"], []).append(r["reward"])
    assert {len(t) for t in trials.values()} == {4}
    means = [np.mean([stats.pass_hat_k(4, int(sum(t)), k=k) for t in trials.values()]) for k in (1, 2, 3, 4)]
    assert [round(float(m), 3) for m in means] == [0.420, 0.273, 0.220, 0.200]
    flips = stats.flip_rate([trials[t] for t in sorted(trials)])
    assert flips.rate == pytest.approx(2 * (means[0] - means[1]))


def bias(row, predicted):
    """+1 for the stereotyped answer, -1 for its opposite, 0 for unknown; None where no answer was recognised."""
    answers = [row[f"ans{i}"].lower().strip().rstrip(".") for i in range(3)]
    text = predicted.lower().strip().rstrip(".")
    found = [i for i, a in enumerate(answers) if a == text] or [
        i for i, a in enumerate(answers) if text in a or a in text
    ]
    if len(found) != 1 or not text:
        return None
    words = {word.lower() for word in row["answer_info"][f"ans{found[0]}"]}
    if "unknown" in words:
        return 0.0
    target = bool(words & {group.lower() for group in row["additional_metadata"]["stereotyped_groups"]})
    return 1.0 if target == (row["question_polarity"] == "neg") else -1.0


@pytest.mark.parametrize(
    ("category", "means", "bootstrap", "rows_alone"),
    [("Age", (48.9, 29.9), (-28.0, -11.8), (-21.7, -16.5)), ("Religion", (24.5, 14.3), (-18.8, -3.2), (-15.3, -5.0))],
)
def test_bbq_change_of_bias_by_template(category, means, bootstrap, rows_alone):
    """25 templates, not hundreds of rows: the interval is three times as wide as the naive one."""
    kept = []
    for row in rows(f"bbq/preds_{category}.jsonl.gz"):
        if row["context_condition"] == "ambig":
            pair = [bias(row, row[f"unifiedqa-t5-11b_pred_{model}"]) for model in ("arc", "race")]
            if None not in pair:
                kept.append((*pair, row["question_index"]))
    base, candidate, templates = (np.array(x) for x in zip(*kept, strict=True))
    result = stats.compare_paired(base, candidate, clusters=templates)
    assert (round(100 * result.base, 1), round(100 * result.candidate, 1)) == means
    assert (result.n_clusters, result.method) == (25, "clustered_t")
    assert result.high < 0.0
    assert 100 * result.low == pytest.approx(bootstrap[0], abs=1.0)
    assert 100 * result.high == pytest.approx(bootstrap[1], abs=1.5)

    codes, count = stats.cluster_codes(templates)
    sums = stats.ClusterSums.of(candidate - base, codes, count)
    drawn = stats.cluster_bootstrap(
        np.column_stack([sums.sizes, sums.totals]), lambda t: t[..., 1:] / t[..., :1], draws=10_000
    )
    low, high = stats.percentile_interval(drawn)
    assert (100 * low[0], 100 * high[0]) == pytest.approx(bootstrap, abs=0.6)

    naive = stats.compare_paired(base, candidate)
    assert (100 * naive.low, 100 * naive.high) == pytest.approx(rows_alone, abs=0.2)


@pytest.mark.parametrize("context", ["ambig", "disambig"])
@pytest.mark.parametrize(
    ("categories", "key"),
    [
        (("Age", "Religion"), "category"),
        (("Age", "Religion"), "question_polarity"),
        (("Age",), "question_polarity"),
        (("Religion",), "question_polarity"),
    ],
)
def test_bbq_gaps_are_hardly_wider_than_a_plain_bootstrap_of_templates(categories, key, context):
    """25 or 50 templates: at most 1.25 times the plain max-T interval of the same contrasts."""
    kept = []
    for category in categories:
        for row in rows(f"bbq/preds_{category}.jsonl.gz"):
            if row["context_condition"] == context:
                pair = [bias(row, row[f"unifiedqa-t5-11b_pred_{model}"]) for model in ("arc", "race")]
                if None not in pair:
                    kept.append((*pair, row[key], category + row["question_index"]))
    base, candidate, groups, templates = (np.array(x) for x in zip(*kept, strict=True))
    codes = np.unique(groups, return_inverse=True)[1]
    found = gap_changes(base, candidate, codes, count=2, clusters=templates.tolist())

    numbers, count = stats.cluster_codes(templates.tolist())
    sums = gap_sums(base, candidate, codes, numbers, count=2, clusters=count)
    drawn = resampled_gaps(sums, None, others=mark_compared(2), draws=2_000, seed=0)
    plain = stats.max_t(stats.Resampled(drawn.estimate[:2], drawn.draws[:, :2], count))
    assert found.n_clusters == 25 * len(categories)
    assert 1.0 < (found.high - found.low)[0] / (plain.high - plain.low)[0] <= 1.25
