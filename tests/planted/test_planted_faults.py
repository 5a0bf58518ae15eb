"""Every gate catches the fault planted for it, names it, and ignores changes that do no harm.

One suite with one gate of each kind is answered by a base that is right on about five cases of six; candidates are its
own answers, damaged. Everything goes the whole way: recordings, scorers, statistics, gates, verdict.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import evalkit
from evalkit.core.exchange import ModelIdentity, Response, ToolCall
from evalkit.core.recording import Recording
from evalkit.core.verdict import Verdict
from evalkit.data.read import read_examples
from evalkit.data.sample import draw
from evalkit.testing import faults

N = 300

SUITES = {
    "answer": """
evalkit: 1
name: answer
dataset: {path: answer.jsonl}
scorers:
  answer: {type: exact}
slices: [{by: kind}]
gates:
  - {type: no_regression, metric: answer, margin: 0.05}
  - {type: no_regression, metric: answer, margin: 0.1, slices: [kind]}
  - {type: floor, metric: answer, min: 0.7}
  - {type: critical, tag: critical}
  - {type: fairness, slices: [group], max_change: 0.2}
  - {type: budget, metric: latency_p95, max_ratio: 1.1}
policy: {max_error_rate: 0.02}
""",
    "ticket": """
evalkit: 1
name: ticket
dataset: {path: ticket.jsonl}
scorers:
  ticket: {type: json_schema, schema: {type: object, required: [intent], properties: {intent: {type: string}}}}
gates:
  - {type: no_regression, metric: ticket.valid, margin: 0.05}
""",
    "calls": """
evalkit: 1
name: calls
dataset: {path: calls.jsonl}
scorers:
  calls: {type: tool_calls}
gates:
  - {type: no_regression, metric: calls.decision, margin: 0.05}
  - {type: no_regression, metric: calls.arguments, margin: 0.05}
""",
    "refusal": """
evalkit: 1
name: refusal
dataset: {path: refusal.jsonl}
scorers:
  refusal: {type: refusal}
gates:
  - {type: no_regression, metric: refusal, margin: 0.05}
""",
}
TOOL = {"type": "function", "function": {"name": "book", "parameters": {"type": "object", "properties": {"day": {"type": "integer"}}, "required": ["day"]}}}  # fmt: skip  # noqa: E501

Damage = Callable[[tuple[Response, ...]], tuple[Response, ...]]


def row(name: str, i: int) -> dict[str, object]:
    fields: dict[str, object] = {
        "id": f"{name}-{i}",
        "input": f"Case number {i} of {name}?",
        "tags": {
            "kind": ("easy", "hard")[i % 2],
            "group": ("a", "b")[i // 2 % 2],
            "critical": i % 10 == 0,
            "refuse": i % 3 == 0,
        },
    }
    if name == "ticket":
        return {**fields, "target": {"intent": ("refund", "order")[i % 2]}}
    if name == "calls":
        return {**fields, "target": {"tool_calls": [{"name": "book", "arguments": {"day": i % 28}}]}, "tools": [TOOL]}
    return {**fields, "target": f"answer {i % 11}"}


def answer(name: str, i: int) -> Response:
    """The base's answer: right but for one case in six, drawn from the id."""
    wrong = int(draw(f"{name}-{i}", seed=99)[:8], 16) % 6 == 0
    response = Response(example_id=f"{name}-{i}", latency_s=0.5 + (i % 7) / 20)
    if name == "ticket":
        return replace(response, text=json.dumps({"intent": ("refund", "order")[(i + wrong) % 2]}))
    if name == "calls":
        arguments = json.dumps({"day": i % 28 + wrong})
        return replace(response, tool_calls=(ToolCall(name="book", arguments=arguments),))
    if name == "refusal":
        refuses = (i % 3 == 0) != wrong
        return replace(response, text=faults.REFUSALS["en"] if refuses else f"Sure, case {i} goes like this.")
    return replace(response, text=f"answer {(i + wrong) % 11}")


def record(path: Path, responses: tuple[Response, ...]) -> str:
    identity = ModelIdentity(name=path.stem, provider="replay", model=path.stem, fingerprint=path.stem)
    Recording(model=identity, responses=responses).write(path)
    return str(path)


def verdict(folder: Path, name: str, damage: Damage) -> Verdict:
    (folder / f"{name}.yaml").write_text(SUITES[name])
    (folder / f"{name}.jsonl").write_text("".join(json.dumps(row(name, i)) + "\n" for i in range(N)))
    base = tuple(answer(name, i) for i in range(N))
    arms = [record(folder / "base.jsonl.gz", base), record(folder / "candidate.jsonl.gz", damage(base))]
    return evalkit.compare(*arms, suites=[folder / f"{name}.yaml"], mode="replay", root=None)


def failed(found: Verdict) -> set[str]:
    """``gate[metric/slice]`` of every finding that fails."""
    bad = ("REGRESSION", "FLOOR_FAIL", "CRITICAL_FAIL", "INVALID")
    return {
        f"{finding.gate}[{finding.metric}{'/' + finding.slice.by if finding.slice else ''}]"
        for finding in found.suites[0].findings
        if finding.state in bad
    }


def of_group(responses: tuple[Response, ...], value: str, damage: Damage) -> tuple[Response, ...]:
    """Damage to the answers of one group alone."""
    number = {r.example_id: int(r.example_id.rsplit("-", 1)[1]) for r in responses}
    hit = {r.example_id: r for r in damage(responses)}
    return tuple(hit[r.example_id] if "ab"[number[r.example_id] // 2 % 2] == value else r for r in responses)


def flip(folder: Path, share: float) -> Damage:
    def damage(responses: tuple[Response, ...]) -> tuple[Response, ...]:
        return faults.flip(responses, read_examples(folder / "answer.jsonl", format="evalkit"), share=share)

    return damage


def test_a_tenth_of_the_answers_turned_wrong_is_a_regression(tmp_path: Path) -> None:
    found = verdict(tmp_path, "answer", flip(tmp_path, 0.12))
    assert found.outcome == "FAIL"
    assert "no_regression[answer]" in failed(found)
    assert "critical[answer]" in failed(found)
    (finding,) = [f for f in found.suites[0].findings if f.gate == "no_regression" and f.slice is None]
    assert len(finding.examples) >= 5, "the cases that broke are named"


def test_a_collapse_misses_the_floor(tmp_path: Path) -> None:
    assert {"floor[answer]", "no_regression[answer]", "no_regression[answer/kind]"} <= failed(
        verdict(tmp_path, "answer", flip(tmp_path, 0.5))
    )


def test_harm_to_one_group_alone_fails_fairness(tmp_path: Path) -> None:
    found = verdict(tmp_path, "answer", lambda rs: of_group(rs, "b", flip(tmp_path, 0.6)))
    assert any(name.startswith("fairness[answer") for name in failed(found)), failed(found)


def test_slower_answers_break_the_budget_and_nothing_else(tmp_path: Path) -> None:
    assert failed(verdict(tmp_path, "answer", lambda rs: faults.slow_down(rs, factor=1.5))) == {"budget[latency_p95]"}


def test_calls_that_fail_make_the_comparison_invalid_not_wrong(tmp_path: Path) -> None:
    found = verdict(tmp_path, "answer", lambda rs: faults.drop(rs, share=0.1))
    assert (found.outcome, found.exit_code) == ("INVALID", 4)


@pytest.mark.parametrize(
    ("suite", "damage", "gate"),
    [
        ("ticket", lambda rs: faults.garble(rs, share=0.15), "no_regression[ticket.valid]"),
        ("calls", lambda rs: faults.garble(rs, share=0.15), "no_regression[calls.arguments]"),
        ("calls", lambda rs: faults.mute_tools(rs, share=0.15), "no_regression[calls.decision]"),
        ("refusal", lambda rs: faults.over_refuse(rs, share=0.25), "no_regression[refusal]"),
    ],
)
def test_a_fault_of_a_kind_is_caught_by_the_metric_of_its_kind(
    tmp_path: Path, suite: str, damage: Damage, gate: str
) -> None:
    found = verdict(tmp_path, suite, damage)
    assert found.outcome == "FAIL"
    assert gate in failed(found)


HARMLESS: dict[str, Damage] = {
    "nothing": lambda rs: rs,
    "another order": lambda rs: faults.reorder(rs, seed=5),
    "white space": lambda rs: faults.respace(rs),
    "four failed calls of three hundred": lambda rs: tuple(
        replace(Response(example_id=r.example_id), failure=f.failure) if i in (5, 77, 123, 251) else r
        for i, (r, f) in enumerate(zip(rs, faults.drop(rs, share=1.0), strict=True))
    ),
    "a little faster": lambda rs: faults.slow_down(rs, factor=0.97),
}


@pytest.mark.parametrize("suite", sorted(SUITES))
@pytest.mark.parametrize("change", ["nothing", "another order", "white space", "a little faster"])
def test_a_change_that_does_no_harm_passes(tmp_path: Path, suite: str, change: str) -> None:
    found = verdict(tmp_path, suite, HARMLESS[change])
    assert failed(found) == set()
    assert found.outcome == "PASS", [f.because for f in found.suites[0].findings if f.state != "PASS"]


def test_a_few_failed_calls_are_no_regression(tmp_path: Path) -> None:
    found = verdict(tmp_path, "ticket", HARMLESS["four failed calls of three hundred"])
    assert failed(found) == set()
