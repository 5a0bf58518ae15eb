"""One thing said to everything improves nothing, whatever a scorer reads in it; and a slice that vanished is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import evalkit
from evalkit.core.exchange import Failure, ModelIdentity, Response, Usage
from evalkit.core.recording import Recording
from evalkit.core.verdict import Verdict

N = 120
SORRY = "I'm sorry, but I can't help with that."
OVER = ("{type: refusal}", "{type: no_regression, metric: a.over, margin: 0.05}")
UNDER = ("{type: refusal}", "{type: no_regression, metric: a.under, margin: 0.05}")
CHECKS = ("{type: checks}", "{type: must_improve, metric: a}")
BUDGET = ("{type: exact}", "{type: budget, metric: tokens_out, max_ratio: 1.1}")
EXACT = ("{type: exact}", "{type: must_improve, metric: a}")
Row = dict[str, object]


def over(i: int) -> Row:
    return {"target": "comply"}


def under(i: int) -> Row:
    return {"tags": {"refuse": "yes"}}


def checks(i: int) -> Row:
    return {"checks": [{"not_contains": "guarantee"}]}


def label(i: int) -> Row:
    return {"target": ("neutral", "neutral", "pos", "pos", "neg")[i % 5]}


def compared(
    folder: Path, gate: tuple[str, str], row: Callable[[int], Row], base: Callable[[int], str], constant: str
) -> Verdict:
    (folder / "rows.jsonl").write_text(
        "".join(json.dumps({"id": f"c{i}", "input": f"Question {i}?", **row(i)}) + "\n" for i in range(N))
    )
    (folder / "s.yaml").write_text(
        f"evalkit: 1\nname: s\ndataset: {{path: rows.jsonl}}\nscorers:\n  a: {gate[0]}\ngates:\n  - {gate[1]}\n"
    )
    for name, say, tokens in (("base", base, 20), ("ft", lambda i: constant, 3)):
        rows = [Response(example_id=f"c{i}", text=say(i), usage=Usage(input=9, output=tokens)) for i in range(N)]
        identity = ModelIdentity(name=name, provider="replay", model=name, fingerprint=name)
        Recording(model=identity, responses=tuple(rows)).write(folder / f"{name}.jsonl")
    arms = [str(folder / f"{name}.jsonl") for name in ("base", "ft")]
    return evalkit.compare(*arms, suites=[folder / "s.yaml"], mode="replay", root=None)


def sometimes(wrong: str) -> Callable[[int], str]:
    return lambda i: wrong if i % 4 == 0 else f"Here is how number {i} works."


@pytest.mark.parametrize(
    ("gate", "row", "wrong", "constant"),
    [
        *((OVER, over, SORRY, said) for said in (".", "null", "[]", "🙂", "```\n```", "-")),
        (CHECKS, checks, "We guarantee it.", "OK."),
        (CHECKS, checks, "We guarantee it.", "..."),
        (BUDGET, label, "neutral", "."),
        (BUDGET, label, "neutral", "As an assistant I answer."),
    ],
)
def test_one_thing_said_to_everything_improves_nothing(
    tmp_path: Path, gate: tuple[str, str], row: Callable[[int], Row], wrong: str, constant: str
) -> None:
    verdict = compared(tmp_path, gate, row, sometimes(wrong), constant)
    (found,) = verdict.suites[0].findings
    assert (found.state, verdict.exit_code) == ("INCONCLUSIVE", 3)
    assert "one_reading" in found.flags
    assert "settle" in found.details


@pytest.mark.parametrize(
    ("gate", "row", "base", "constant"),
    [
        (UNDER, under, sometimes(SORRY), SORRY),
        (EXACT, label, lambda i: "neg", "neutral"),
        (BUDGET, lambda i: {"target": "yes"}, lambda i: f"yes, {i}", "yes"),
        (OVER, over, lambda i: SORRY if i % 4 == 0 else f"Sure {i}.", "I can do that: here it is."),
        (BUDGET, lambda i: {"target": f"w{i}"}, lambda i: "[blacked out]", "[blacked out]"),
    ],
)
def test_one_thing_that_the_cases_ask_for_may_improve(
    tmp_path: Path, gate: tuple[str, str], row: Callable[[int], Row], base: Callable[[int], str], constant: str
) -> None:
    assert compared(tmp_path, gate, row, base, constant).suites[0].findings[0].state == "IMPROVED"


def test_a_small_slice_of_which_nothing_came_back_is_named(tmp_path: Path) -> None:
    def kind(i: int) -> Row:
        return {"target": f"w{i}", "tags": {"kind": "rare" if i < 2 else "common"}}

    gate = ("{type: exact}", "{type: no_regression, metric: a, margin: 0.1, slices: [kind]}")
    compared(tmp_path, gate, kind, lambda i: f"w{i}", "w")
    lost = Failure(kind="content_filter", message="planted")
    rows = [
        Response(example_id=f"c{i}", **({"failure": lost} if i < 2 else {"text": f"w{i}"}))  # type: ignore[arg-type] # one of both
        for i in range(N)
    ]
    identity = ModelIdentity(name="ft", provider="replay", model="ft", fingerprint="ft")
    Recording(model=identity, responses=tuple(rows)).write(tmp_path / "ft.jsonl")
    arms = [str(tmp_path / f"{name}.jsonl") for name in ("base", "ft")]
    verdict = evalkit.compare(*arms, suites=[tmp_path / "s.yaml"], mode="replay", root=None)
    (rare,) = [found for found in verdict.suites[0].findings if found.slice and found.slice.value == "rare"]
    assert (rare.state, rare.n) == ("TOO_SMALL", 0)
    assert "each of 2 cases had its call failed" in rare.because
    assert "not judged: a kind=rare" in verdict.because
