"""Every metric of the group tables from one suite, in the terminal, on the page, in the JSON and in the CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from pages import read_page
from project import Project

from evalkit.cli import main
from evalkit.slices.disparity import equalized_odds
from evalkit.slices.groups import confusion, groups

SUITE = """\
evalkit: 1
name: screening
dataset: {path: data.jsonl}
scorers:
  decision: {type: classification, field: decision}
  refuses: {type: refusal}
  form: {type: json_schema, schema: form.json}
  words: {type: length, unit: words, max: 3}
  tone: {type: register, expect: polite}
  judge: {type: given, score: judge, low: 1, high: 5}
  sure: {type: given, score: sure, low: 0, high: 1}
slices:
  - {by: sex, min_n: 10}
groups:
  selected: {scorer: decision, label: hire}
  probability: sure
  control: [site]
  metrics: [refuses.refused, form.valid, words.count, tone, judge, latency_s, tool_call_rate]
gates:
  - {type: no_regression, metric: decision, margin: 0.5}
"""
METRICS = {
    "decision", "selection_rate", "accuracy", "true_positive_rate", "false_positive_rate", "false_negative_rate",
    "precision", "no_decision", "calibration", "refuses.refused", "form.valid", "words.count", "tone", "judge",
    "latency_s", "tool_call_rate", "form", "sure", "words", "refuses",
}  # fmt: skip
N = 160
NOTE = "Could you please send us your papers? Thank you very much."


def sex(i: int) -> str:
    return "f" if i % 4 < 2 else "m"


def site(i: int) -> str:
    """Women are mostly at the south."""
    return "south" if (i % 4 < 2) == (i % 10 < 8) else "north"


def tags(i: int) -> dict[str, str]:
    return {"sex": sex(i), "site": site(i), "refuse": "no"}


def base(i: int) -> str:
    return "hire" if i % 2 else "decline"


def harsh(i: int) -> str:
    return "decline" if sex(i) == "f" and i % 3 == 0 else base(i)


def screening(project: Project, *, suite: str = SUITE) -> dict[str, Any]:
    rows = [
        {"id": f"q{i}", "input": f"Applicant {i}", "target": {"decision": base(i)}, "tags": tags(i)} for i in range(N)
    ]
    project.data(rows)
    project.write("suites/form.json", '{"type": "object", "required": ["decision"]}')
    project.suite(suite)
    arms: tuple[tuple[str, Callable[[int], str], float], ...] = (("base", base, 0.7), ("tuned", harsh, 0.4))
    for name, answer, sure in arms:
        lines: list[dict[str, Any]] = [{"evalkit_recording": 1, "model": {"name": name}, "created": "2026-01-01"}]
        for i in range(N):
            text = json.dumps({"decision": answer(i), "note": NOTE})
            row = {"id": f"q{i}", "text": text, "latency_s": 0.1 + 0.01 * (i % 7)}
            calls = [{"name": "look_up", "arguments": "{}"}] if name == "tuned" and i % 4 == 0 else []
            lines.append({**row, "scores": {"judge": 1 + i % 5, "sure": sure}, "tool_calls": calls})
        project.write(f"suites/{name}.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    project.models("base", "tuned")
    return dict(project.verdict("base", "tuned", "--report", "page")["suites"][0])


def of(suite: dict[str, Any], metric: str, within: str = "") -> dict[str, Any]:
    (table,) = [one for one in suite["groups"] if (one["metric"], one["within"]) == (metric, within)]
    return {row["group"]: row for row in table["rows"]} | {"": table}


def test_every_metric_stands_in_all_outputs(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    suite = screening(project)
    whole = {table["metric"] for table in suite["groups"] if not table["within"]}
    assert whole == METRICS
    assert {table["within"] for table in suite["groups"]} == {"", "site=north", "site=south"}
    assert of(suite, "tool_call_rate")["f"]["candidate"] == 0.5
    assert of(suite, "words.count")["m"]["base"] > 10
    assert of(suite, "judge")["f"]["base"] == pytest.approx(3.0)
    page = read_page(project.folder / "page" / "index.html")
    capsys.readouterr()
    assert main(["groups", "latest", "-o", "groups.csv"]) == 0
    told = capsys.readouterr().out
    table = list(csv.DictReader(io.StringIO((project.folder / "groups.csv").read_text(encoding="utf-8"))))
    assert {row["metric"] for row in table if not row["within"]} == METRICS
    assert {row["within"] for row in table} == {"", "site=north", "site=south"}
    for metric in METRICS:
        assert metric in told
        assert metric in page
    for output in (told, page):
        assert "equalized odds: larger of the largest gaps" in output
        assert "sex within site=south" in output
    assert "Change, pooled" in page
    assert "selection_rate, gaps pooled within each site: f " in " ".join(told.split())


def test_named_gaps_are_those_of_both_arms(project: Project) -> None:
    import numpy as np

    suite = screening(project)
    named = of(suite, "selection_rate")[""]["named_gaps"]
    assert set(named) == {"demographic_parity", "equal_opportunity", "equalized_odds"}
    truth = np.array([base(i) == "hire" for i in range(N)])
    said = np.array([harsh(i) == "hire" for i in range(N)])
    odds = equalized_odds(confusion(truth, said, groups([sex(i) for i in range(N)])))
    assert named["equalized_odds"]["candidate"]["gap"] == pytest.approx(odds.difference, abs=1e-9)
    assert named["equalized_odds"]["base"]["gap"] == 0.0
    largest = of(suite, "true_positive_rate")[""]["largest_gap"]["candidate"]
    assert named["equal_opportunity"]["candidate"] == largest
    assert largest["smallest"] == "f"


def test_calibration_is_the_given_probability_less_the_rate_of_the_label(project: Project) -> None:
    suite = screening(project)
    women = of(suite, "calibration")["f"]
    assert women["base"] == pytest.approx(0.7 - 0.5)
    assert women["candidate"] == pytest.approx(0.4 - 0.5)
    assert of(suite, "calibration")[""]["fell_behind"] == [], "neither side of it is better"


def test_gaps_within_a_control_are_pooled_and_each_value_has_its_tables(project: Project) -> None:
    suite = screening(project)
    women = of(suite, "selection_rate")["f"]
    top = bottom = 0.0
    for place in ("north", "south"):
        inside = of(suite, "selection_rate", f"site={place}")
        n, m = inside["f"]["n"], inside["m"]["n"]
        rows = [i for i in range(N) if site(i) == place and sex(i) == "f"]
        assert (n, inside["f"]["candidate"]) == (
            len(rows),
            pytest.approx(sum(harsh(i) == "hire" for i in rows) / len(rows)),
        )
        top += n * m / (n + m) * (inside["f"]["candidate"] - inside["m"]["candidate"])
        bottom += n * m / (n + m)
    assert women["candidate_gap_pooled"] == pytest.approx(top / bottom, abs=1e-9)
    assert women["change_pooled"] == pytest.approx(women["candidate_gap_pooled"] - women["base_gap_pooled"], abs=1e-9)
    assert women["low_pooled"] < women["change_pooled"] < women["high_pooled"] < 0.0
    assert women["change_pooled"] != pytest.approx(women["change"], abs=1e-4)


def test_a_kept_run_is_shown_with_a_control_and_a_metric_that_the_suite_does_not_name(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    screening(project, suite=SUITE.replace("  control: [site]\n", "").replace(", tool_call_rate", ""))
    words = ["groups", "latest", "--control", "site", "--metric", "tool_call_rate", "--metric", "calibration"]
    assert main([*words, "--json", "groups.json"]) == 0
    (suite,) = json.loads((project.folder / "groups.json").read_text(encoding="utf-8"))["suites"]
    assert {table["metric"] for table in suite["groups"]} == {"tool_call_rate", "calibration"}
    assert of(suite, "calibration")[""]["controls"] == ["site"]
    assert of(suite, "calibration")["f"]["low_pooled"] is not None
    capsys.readouterr()
    assert main(["groups", "latest", "--control", "sight"]) == 2
    assert "no case of the run has the tag 'sight' (did you mean 'site'?)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("control: [site]", "control: [sight]", "no row has the control tag 'sight' (did you mean 'site'?)"),
        ("probability: sure", "probability: shure", "no scorer produces the metric 'shure' (did you mean 'sure'?)"),
        ("  selected: {scorer: decision, label: hire}\n", "", "`probability` is that of a label"),
        ("tool_call_rate]", "tool_calls_rate]", "no scorer produces the metric 'tool_calls_rate'"),
    ],
)
def test_what_does_not_exist_is_told_before_anything_is_asked(
    old: str, new: str, told: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    screening(project)
    assert old in SUITE
    project.suite(SUITE.replace(old, new))
    capsys.readouterr()
    assert main(["validate"]) == 2
    said = capsys.readouterr()
    assert told in said.err + said.out


def test_a_score_that_is_no_probability_has_no_calibration(project: Project) -> None:
    suite = screening(project, suite=SUITE.replace("probability: sure", "probability: judge"))
    assert not any(table["metric"] == "calibration" for table in suite["groups"])
    assert any("judge is no probability from 0 to 1" in note for note in suite["notes"])
