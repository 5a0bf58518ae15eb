"""No PASS over what was not seen: scorers that read nothing or always the same, bases at the worst end, lost slices."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import evalkit
from evalkit.core.exchange import Failure, ModelIdentity, Response
from evalkit.core.recording import Recording
from evalkit.core.verdict import Finding, Verdict

N = 120
Row = Mapping[str, Any]
Say = Callable[[int], str | None]
"""The answer to row i; None is a failed call"""

GUARD = "{type: no_regression, metric: a, margin: 0.05}"
ALARM = "{type: no_regression, metric: a, margin: 0.05, slices: [kind]}"
REQUIRED = "{type: no_regression, metric: a, margin: 0.05, slices: [kind], mode: require}"
FAIR = "{type: fairness, metrics: [a], slices: [kind], max_change: 0.2}"
CRITICAL = "{type: critical, tag: critical, metrics: [a]}"
EVERY = (GUARD, ALARM, REQUIRED, FAIR, CRITICAL)


def arm(path: Path, say: Say, *, repeats: int = 1) -> str:
    answers = []
    for i in range(N):
        for repeat in range(repeats):
            text = say(i)
            failure = Failure(kind="server", message="planted") if text is None else None
            answers.append(Response(example_id=f"c{i}", repeat=repeat, text=text, failure=failure, latency_s=0.5))
    identity = ModelIdentity(name=path.stem, provider="replay", model=path.stem, fingerprint=path.stem)
    Recording(model=identity, responses=tuple(answers)).write(path)
    return str(path)


def compared(
    folder: Path, scorer: str, target: Callable[[int], Any], base: Say, candidate: Say, *gates: str, repeats: int = 1
) -> Verdict:
    rows = [
        {
            "id": f"c{i}",
            "input": f"Question {i}?",
            "target": target(i),
            "tags": {"kind": "xy"[i % 2], "critical": i < 20},
        }
        for i in range(N)
    ]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    listed = "\n".join(f"  - {gate}" for gate in gates)
    suite = folder / "s.yaml"
    suite.write_text(
        f"evalkit: 1\nname: s\ndataset: {{path: rows.jsonl}}\nrepeats: {repeats}\nscorers:\n  a: {scorer}\n"
        f"slices: [{{by: kind}}]\ngates:\n{listed}\n"
    )
    arms = [arm(folder / f"{name}.jsonl", say, repeats=repeats) for name, say in (("base", base), ("ft", candidate))]
    return evalkit.compare(*arms, suites=[suite], mode="replay", root=None)


def findings(verdict: Verdict) -> tuple[Finding, ...]:
    return verdict.suites[0].findings


SCHEMA = "{type: json_schema, schema: {type: object, required: [n], properties: {n: {type: integer}}}}"
FAULTS: dict[str, tuple[str, Callable[[int], Any], Say, Say]] = {
    "JSON in a fence in both arms": (
        SCHEMA,
        lambda i: {"n": i},
        lambda i: f'```json\n{{"n": {i}}}\n```',
        lambda i: f'Here:\n```json\n{{"n": {i if i % 2 else -1}}}\n```',
    ),
    "a group that matches in neither": (
        r"{type: regex, pattern: 'Answer: (\w+)', group: 1}",
        lambda i: f"w{i}",
        lambda i: f"The answer is w{i}.",
        lambda i: f"It is v{i}",
    ),
    "the numeric reads the ten of 7/10": (
        r"{type: regex, pattern: '/\s*(\d+)', group: 1}",
        lambda i: str(3 + i % 7),
        lambda i: f"{3 + i % 7}/10",
        lambda i: "1/10",
    ),
    "a sentence where the word must be exact": (
        "{type: exact}",
        lambda i: f"A{i % 4}",
        lambda i: f"The answer is A{i % 4}.",
        lambda i: "garbage",
    ),
    "constant answers": ("{type: exact}", lambda i: f"A{i % 4}", lambda i: "A0", lambda i: "A0"),
    "empty answers": ("{type: exact}", lambda i: f"A{i % 4}", lambda i: "", lambda i: ""),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("repeats", [1, 3])
def test_no_gate_passes_what_no_scorer_read(tmp_path: Path, fault: str, repeats: int) -> None:
    scorer, target, base, candidate = FAULTS[fault]
    verdict = compared(tmp_path, scorer, target, base, candidate, *EVERY, repeats=repeats)
    told = [(f.gate, f.slice, f.state, f.because) for f in findings(verdict) if f.state in ("PASS", "IMPROVED")]
    assert not told
    assert verdict.outcome in ("INCONCLUSIVE", "FAIL")


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("gate", EVERY)
def test_each_gate_alone_is_no_way_to_deploy(tmp_path: Path, fault: str, gate: str) -> None:
    scorer, target, base, candidate = FAULTS[fault]
    verdict = compared(tmp_path, scorer, target, base, candidate, gate)
    assert verdict.exit_code == 3, [f.because for f in findings(verdict)]
    assert all("settle" in f.details for f in findings(verdict) if f.state == "INCONCLUSIVE")


def test_a_fault_is_told_with_three_answers_the_target_and_the_options(tmp_path: Path) -> None:
    scorer, target, base, candidate = FAULTS["a sentence where the word must be exact"]
    (found,) = findings(compared(tmp_path, scorer, target, base, candidate, GUARD))
    assert (found.state, "nothing_to_lose" in found.flags) == ("INCONCLUSIVE", True)
    assert "'The answer is A0.', candidate 'garbage', expected 'a0'" in found.because
    assert "the target, and the options of the scorer a (exact)" in found.because
    assert [case["id"] for case in found.details["look_at"]] == ["c0", "c1", "c2"]


def test_what_nobody_could_read_is_said_with_its_share(tmp_path: Path) -> None:
    scorer, target, base, candidate = FAULTS["JSON in a fence in both arms"]
    verdict = compared(tmp_path, scorer, target, base, candidate, GUARD)
    assert "both arms' answers could not be read (100.0% of the base's, 100.0% of the candidate's)" in (
        findings(verdict)[0].because
    )
    assert any("both arms' answers could not be read" in note for note in verdict.suites[0].notes)


def test_one_value_read_whatever_is_said_is_named(tmp_path: Path) -> None:
    scorer, target, base, candidate = FAULTS["the numeric reads the ten of 7/10"]
    (found,) = findings(compared(tmp_path, scorer, target, base, candidate, GUARD))
    assert "one value is read: '10' in 100.0% of the base's answers" in found.because


def test_a_proven_gain_over_a_base_that_could_not_be_read_stays_a_gain(tmp_path: Path) -> None:
    scorer, target, base, _ = FAULTS["JSON in a fence in both arms"]
    verdict = compared(tmp_path, scorer, target, base, lambda i: f'{{"n": {i}}}', GUARD)
    assert [f.state for f in findings(verdict)] == ["IMPROVED"]


def test_an_adapter_that_was_not_applied_is_asked_about_on_top(tmp_path: Path) -> None:
    def say(i: int) -> str:
        return f"A{i % 4}" if i % 5 else "B"

    verdict = compared(tmp_path, "{type: exact}", lambda i: f"A{i % 4}", say, say, GUARD)
    (note,) = verdict.to_dict()["notes"]
    assert "all 120 answers of base.jsonl and ft.jsonl are the same, word for word" in note
    assert "Was the adapter applied" in note

    def nearly(i: int) -> str:
        return "another" if i in (5, 10) else say(i)

    verdict = compared(tmp_path, "{type: exact}", lambda i: f"A{i % 4}", say, nearly, GUARD)
    assert "118 of 120 answers" in verdict.to_dict()["notes"][0]

    def other(i: int) -> str:
        return f"{say(i)}!" if i % 3 == 0 else say(i)

    assert not compared(tmp_path, "{type: exact}", lambda i: f"A{i % 4}", say, other, GUARD).to_dict()["notes"]


@pytest.mark.parametrize("gate", [GUARD, ALARM, REQUIRED, FAIR, CRITICAL, "{type: floor, metric: a, min: 0.1}"])
def test_half_the_calls_failed_is_no_verdict(tmp_path: Path, gate: str) -> None:
    def say(i: int) -> str:
        return f"A{i % 4}"

    verdict = compared(tmp_path, "{type: exact}", say, say, lambda i: say(i) if i % 2 else None, gate)
    assert verdict.exit_code == 4


@pytest.mark.parametrize("metric", ["a.over"])
def test_empty_answers_do_not_refuse_too_much_nor_pass(tmp_path: Path, metric: str) -> None:
    gates = [f"{{type: floor, metric: {metric}, max: 0.1}}", f"{{type: no_regression, metric: {metric}, margin: 0.1}}"]
    scorer = "{type: refusal, expect_refusal: false}"
    verdict = compared(tmp_path, scorer, lambda i: f"w{i}", lambda i: f"The word is w{i}.", lambda i: "", *gates)
    assert [f.state for f in findings(verdict)] == ["INCONCLUSIVE"] * 2
    assert all("could not be read" in f.because for f in findings(verdict))


def test_a_required_slice_that_broke_below_min_n_is_not_waved_through(tmp_path: Path) -> None:
    def kind(i: int) -> str:
        return f"A{i % 4}"

    rows = "{type: no_regression, metric: a, margin: 0.05, slices: [critical], mode: MODE}"
    for mode in ("require", "alarm"):
        verdict = compared(
            tmp_path,
            "{type: exact}",
            kind,
            kind,
            lambda i: "broken" if i < 20 else kind(i),
            rows.replace("MODE", mode),
        )
        assert verdict.outcome == "FAIL", "all 20 of 20 are broken"


def test_a_healthy_pair_of_arms_still_passes_every_gate(tmp_path: Path) -> None:
    def base(i: int) -> str:
        return f"A{i % 4}" if i % 6 else "wrong"

    gates = [gate.replace("margin: 0.05", "margin: 0.2") for gate in EVERY]
    verdict = compared(tmp_path, "{type: exact}", lambda i: f"A{i % 4}", base, base, *gates)
    assert verdict.outcome == "PASS", [f.because for f in findings(verdict) if f.state != "PASS"]
