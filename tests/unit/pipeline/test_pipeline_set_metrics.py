import json

import pytest

import evalkit
from evalkit.core.errors import SuiteError
from evalkit.report.sections import classes
from evalkit.store.codec import comparison_json, read_comparison

SIZES = {"major": 1140, "minor": 40, "rare": 20}
TARGETS = [label for label, size in SIZES.items() for _ in range(size)]


@pytest.fixture
def compare(tmp_path):
    """Both arms' answers by position and target, and gates, as a comparison."""

    def compared(candidate, gates, *, base=lambda at, target: target, targets=TARGETS, scorer="type: classification"):
        (tmp_path / "suites").mkdir(exist_ok=True)
        rows = [
            {"id": f"c{at:04d}", "input": str(at), "target": target, "tags": {"half": "ab"[at % 2]}}
            for at, target in enumerate(targets)
        ]
        (tmp_path / "suites" / "d.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        told = "\n".join(f"  - {{{gate}}}" for gate in gates)
        (tmp_path / "suites" / "s.yaml").write_text(
            f"evalkit: 1\nname: topics\ndataset: {{path: d.jsonl}}\nscorers:\n  label: {{{scorer}}}\ngates:\n{told}\n",
            encoding="utf-8",
        )
        for name, answer in (("base", base), ("candidate", candidate)):
            lines = [{"evalkit_recording": 1, "model": {"name": name}}]
            for at, target in enumerate(targets):
                said = answer(at, target)
                failed = {"failure": {"kind": "server", "message": "500"}}
                lines.append({"id": f"c{at:04d}", **(failed if said is None else {"text": said})})
            (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
        arms = (str(tmp_path / f"{name}.jsonl") for name in ("base", "candidate"))
        return evalkit.compare(*arms, suites=tmp_path / "suites" / "s.yaml", root=None)

    return compared


def too_often_rare(at, target):
    return "rare" if at < 27 else target


def states(result):
    return {(f.gate, f.metric, f.slice and f.slice.value): f.state for f in result.verdict.suites[0].findings}


def test_a_rare_class_that_loses_its_precision_fails_where_accuracy_and_recall_pass(compare):
    found = compare(
        too_often_rare,
        [
            "type: no_regression, metric: label, margin: 0.04",
            "type: no_regression, metric: label.recall.rare, margin: 0.2",
            "type: no_regression, metric: label.precision.rare, margin: 0.2",
            "type: no_regression, metric: label.macro_f1, margin: 0.05",
            "type: floor, metric: label.precision.rare, min: 0.8, basis: proven",
            "type: must_improve, metric: label.macro_f1",
        ],
    )
    assert list(states(found).values()) == ["PASS", "PASS", "REGRESSION", "REGRESSION", "FLOOR_FAIL", "REGRESSION"]
    precision = found.verdict.suites[0].findings[2]
    assert (precision.base, round(precision.candidate, 2)) == (1.0, 0.43)
    assert "read 20 times in the base and 47 in the candidate" in precision.because
    assert found.verdict.exit_code == 1


def test_an_unchanged_model_passes_only_the_margins_that_so_few_cases_can_prove(compare):
    gates = [f"type: no_regression, metric: label.precision.rare, margin: {margin}" for margin in (0.1, 0.2)]
    found = compare(lambda _, target: target.upper(), gates)
    assert [f.state for f in found.verdict.suites[0].findings] == ["INCONCLUSIVE", "PASS"]


def test_a_label_that_is_never_given_has_no_precision_and_never_passes(compare):
    found = compare(
        lambda _, target: "major" if target == "rare" else target,
        [
            "type: no_regression, metric: label.precision.rare, margin: 0.5",
            "type: floor, metric: label.precision.rare, min: 0.1",
            "type: must_improve, metric: label.precision.rare",
        ],
    )
    assert set(states(found).values()) == {"INCONCLUSIVE"}
    shown = {e.metric: e for e in found.verdict.suites[0].metrics if e.slice is None}["label.precision.rare"]
    assert (shown.base, shown.candidate, shown.delta) == (1.0, None, None)
    assert "no answer was read as 'rare' in the candidate" in shown.because


def test_slices_of_a_set_metric_are_judged(compare):
    found = compare(
        lambda at, target: "minor" if target == "major" and at % 2 and at % 5 == 0 else target,
        ["type: no_regression, metric: label.macro_f1, margin: 0.05, slices: [half]"],
    )
    assert [states(found)["no_regression", "label.macro_f1", half] for half in "ab"] == ["PASS", "REGRESSION"]


def test_gates_that_judge_means_refuse_a_figure_of_all_cases_by_name(compare):
    for gate in (
        "type: fairness, metrics: [label.macro_f1], slices: [half]",
        "type: critical, tag: half, metrics: [label.precision.rare]",
    ):
        with pytest.raises(SuiteError, match="a figure of all cases at once, which this gate cannot judge"):
            compare(too_often_rare, [gate])


def test_failed_calls_are_counted_against_the_candidate(compare):
    gate = "type: no_regression, metric: label.precision.rare, margin: 0.25"
    found = compare(lambda at, target: None if at < 20 else target, [gate])
    finding = found.verdict.suites[0].findings[0]
    assert finding.state == "INCONCLUSIVE"
    assert finding.details["missing"]["worst_delta"] == pytest.approx(20 / 40 - 1)


def test_a_comparison_with_sets_is_kept_and_read_again(compare):
    found = compare(too_often_rare, ["type: no_regression, metric: label.kappa"])
    kept = found.comparisons[0]
    again = read_comparison(json.loads(json.dumps(comparison_json(kept))))
    assert again.set_metrics == kept.set_metrics
    assert "label.precision.rare" in again.set_metrics
    assert (again.sets["label"].candidate.codes == kept.sets["label"].candidate.codes).all()


def test_the_report_shows_both_arms_and_their_difference_and_strangers_as_other(compare):
    found = compare(
        lambda at, target: "rare" if at < 27 else "billing" if at < 30 else target,
        ["type: no_regression, metric: label.kappa"],
    )
    matrix = classes.blocks(found.comparisons[0], found.verdict)[0]
    assert matrix.columns == ("major", "minor", "rare", "other")
    assert matrix.text[0] == ("1,140 → 1,110 (-30)", "", "0 → 27 (+27)", "0 → 3 (+3)")
    assert matrix.tones[0] == ("bad", "plain", "bad", "bad")


def test_a_detector_in_json_that_never_fires_is_no_better(compare):
    def says(value):
        return json.dumps({"spam": value})

    targets = [{"spam": at % 10 == 0} for at in range(400)]
    found = compare(
        lambda _, __: says(False),
        [
            "type: no_regression, metric: label.recall.true, margin: 0.1",
            "type: no_regression, metric: label.precision.true, margin: 0.5",
        ],
        base=lambda at, target: says(target["spam"] or at % 40 == 1),
        targets=targets,
        scorer="type: classification, field: spam",
    )
    assert list(states(found).values()) == ["REGRESSION", "INCONCLUSIVE"]


def test_ratings_have_gates_and_a_bias_is_judged_by_a_floor_alone(compare):
    targets = [1 + at % 5 for at in range(300)]
    scorer = "type: rating, scale: [1, 5]"
    found = compare(
        lambda at, target: str(min(5, target + (at % 3 == 0) * 2)),
        [
            "type: no_regression, metric: label.qwk, margin: 0.05",
            "type: no_regression, metric: label.spearman, margin: 0.05",
            "type: no_regression, metric: label.mae, margin: 0.1",
            "type: floor, metric: label.bias, min: -0.2, max: 0.2",
        ],
        base=lambda _, target: str(target),
        targets=targets,
        scorer=scorer,
    )
    assert list(states(found).values()) == ["REGRESSION", "REGRESSION", "REGRESSION", "FLOOR_FAIL"]
    with pytest.raises(SuiteError, match=r"neither side of label\.bias is better"):
        compare(
            lambda _, target: str(target),
            ["type: no_regression, metric: label.bias, margin: 0.1"],
            targets=targets,
            scorer=scorer,
        )


@pytest.mark.parametrize(
    ("scorer", "margin"), [("ter", 5), ("bleu", 5), ("chrf", 5), ("rouge", 0.05), ("token_f1", 0.05)]
)
def test_two_perfect_arms_pass_with_an_interval_in_the_metrics_unit(compare, scorer, margin):
    metrics = ["label"] if scorer in ("rouge", "token_f1") else ["label", "label.corpus"]
    found = compare(
        lambda _, target: target,
        [f"type: no_regression, metric: {metric}, margin: {margin}" for metric in metrics],
        targets=[f"your order {at} was sent within thirty days" for at in range(120)],
        scorer=f"type: {scorer}",
    )
    for finding in found.verdict.suites[0].findings:
        assert finding.state == "PASS"
        assert -margin < finding.low < 0 < finding.high < margin
