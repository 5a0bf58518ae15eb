"""No gate is good of a candidate without its worst answers: failed calls, silence, lost lines, figures not kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import evalkit
from evalkit.core.exchange import Failure, ModelIdentity, Response, Usage
from evalkit.core.recording import Recording
from evalkit.core.verdict import Verdict

N = 200
GATES = {
    "must_improve": "{type: must_improve, metric: a}",
    "no_regression": "{type: no_regression, metric: a, margin: 0.05}",
    "required slices": "{type: no_regression, metric: a, margin: 0.1, slices: [kind], mode: require}",
    "fairness": "{type: fairness, metrics: [a], slices: [kind], max_change: 0.05}",
    "critical": "{type: critical, tag: critical, metrics: [a]}",
    "budget of latency": "{type: budget, metric: latency_p95, max_ratio: 1.2}",
    "budget of tokens": "{type: budget, metric: tokens_out, max_ratio: 1.02}",
    "a saving": "{type: budget, metric: tokens_out, max_ratio: 0.9}",
    "a maximum": "{type: budget, metric: latency_p95, max: 1.5}",
}
WORST = frozenset(range(0, N, 16))
"""Of these the candidate is wrong, slow and wordy; it is right where the base is not on as many others"""
FIXED = frozenset(range(8, N, 16))


def failed(answer: Response) -> Response:
    return Response(example_id=answer.example_id, failure=Failure(kind="timeout", message="planted"))


WAYS: dict[str, Callable[[Response], Response | None]] = {
    "failed calls": failed,
    "silence": lambda answer: replace(answer, text="", usage=None, latency_s=None),
    "lost lines": lambda answer: None,
    "no counts": lambda answer: replace(answer, usage=None, latency_s=None),
}


def base(i: int) -> Response:
    text = "no" if i in FIXED else f"w{i}"
    return Response(example_id=f"c{i}", text=text, latency_s=1.0, usage=Usage(input=9, output=50))


def candidate(i: int) -> Response:
    bad = i in WORST
    usage = Usage(input=9, output=95 if bad else 48)
    return Response(example_id=f"c{i}", text="no" if bad else f"w{i}", latency_s=1.9 if bad else 0.98, usage=usage)


def recorded(path: Path, answers: list[Response]) -> str:
    identity = ModelIdentity(name=path.stem, provider="replay", model=path.stem, fingerprint=path.stem)
    Recording(model=identity, responses=tuple(answers)).write(path)
    return str(path)


def compared(folder: Path, take: Callable[[Response], Response | None] | None, gate: str, rate: float) -> Verdict:
    rows = [
        f'{{"id": "c{i}", "input": "Q {i}?", "target": "w{i}", '
        f'"tags": {{"kind": "{"x" if i % 16 < 3 else "y"}", "critical": {str(i in WORST).lower()}}}}}\n'
        for i in range(N)
    ]
    (folder / "rows.jsonl").write_text("".join(rows))
    suite = folder / "s.yaml"
    suite.write_text(
        "evalkit: 1\nname: s\ndataset: {path: rows.jsonl}\nscorers:\n  a: {type: exact}\nslices: [{by: kind}]\n"
        f"gates:\n  - {gate}\npolicy: {{max_error_rate: {rate}}}\n"
    )
    answers = [candidate(i) for i in range(N)]
    if take is not None:
        told = [take(answer) if i in WORST else answer for i, answer in enumerate(answers)]
        answers = [answer for answer in told if answer is not None]
    arms = [recorded(folder / "base.jsonl", [base(i) for i in range(N)]), recorded(folder / "ft.jsonl", answers)]
    return evalkit.compare(*arms, suites=[suite], mode="replay", root=None)


@pytest.mark.parametrize("rate", [0.02, 1.0])
@pytest.mark.parametrize("gate", GATES)
def test_a_candidate_is_no_better_without_its_worst_answers(tmp_path: Path, gate: str, rate: float) -> None:
    assert compared(tmp_path, None, GATES[gate], rate).outcome in ("FAIL", "INCONCLUSIVE"), "there is harm to hide"
    for way, take in WAYS.items():
        scored = not gate.startswith(("budget", "a "))
        if way == "no counts" and scored:
            continue
        found = compared(tmp_path, take, GATES[gate], rate)
        assert found.exit_code in (1, 3, 4), (way, [f.because for f in found.suites[0].findings])


@pytest.mark.parametrize("gate", ["budget of latency", "budget of tokens", "a saving", "a maximum", "must_improve"])
def test_a_candidate_without_harm_is_good(tmp_path: Path, gate: str) -> None:
    """The same gates pass the same candidate with the base's figures on these cases: they can pass."""
    mended = {
        "a saving": GATES[gate].replace("0.9", "1.1"),
    }.get(gate, GATES[gate])
    found = compared(
        tmp_path, lambda answer: replace(candidate(1), example_id=answer.example_id, text="w" + answer.example_id[1:]),
        mended, 0.02,
    )  # fmt: skip
    assert found.exit_code == 0, [f.because for f in found.suites[0].findings]
