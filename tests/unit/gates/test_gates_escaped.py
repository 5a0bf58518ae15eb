"""A metric that answers may escape: what is left over must not speak for everything."""

import datetime as dt

import numpy as np

from evalkit.core.columns import Column, Comparison, Coverage, PairedColumn
from evalkit.core.nouns import Example, ModelIdentity
from evalkit.gates.decide import decide
from evalkit.suite.spec import SuiteSpec


def suite(gate: dict[str, object]) -> SuiteSpec:
    return SuiteSpec.model_validate(
        {
            "evalkit": 1,
            "name": "s",
            "dataset": {"path": "x.jsonl"},
            "scorers": {"calls": {"type": "tool_calls"}},
            "gates": [gate],
        }
    )


def compared(called: int, *, n: int = 200, right: float = 1.0) -> Comparison:
    """The base has a value everywhere, the candidate in the first `called` cases."""
    full = np.ones((n, 1), dtype=bool)
    some = np.arange(n)[:, None] < called
    none = np.zeros((n, 1), dtype=bool)

    def column(scored: np.ndarray, value: float) -> Column:
        return Column(raw=scored * value, scored=scored, failed=none, errors=none)

    examples = tuple(Example(id=f"e{i}", messages=()) for i in range(n))
    who = ModelIdentity(name="m", provider="scripted", model="m", fingerprint="f")
    pair = PairedColumn(metric="calls.exact", base=column(full, 0.0 if right else 1.0), candidate=column(some, right))
    return Comparison(
        suite="s",
        base=who,
        candidate=who,
        examples=examples,
        clusters=tuple(example.unit for example in examples),
        columns={"calls.exact": pair},
        levels={},
        coverage=Coverage(examples=n, asked=n),
    )


def state(called: int, gate: dict[str, object]) -> str:
    (finding,) = decide(compared(called), suite(gate), today=dt.date(2026, 1, 1))
    return finding.state


NO_REGRESSION = {"type": "no_regression", "metric": "calls.exact", "margin": 0.15}
MUST_IMPROVE = {"type": "must_improve", "metric": "calls.exact"}


def test_a_candidate_that_hardly_calls_does_not_pass_on_the_calls_it_made() -> None:
    assert state(30, NO_REGRESSION) == "INCONCLUSIVE"
    assert state(30, MUST_IMPROVE) == "INCONCLUSIVE"


def test_a_few_cases_apart_change_nothing() -> None:
    assert state(198, NO_REGRESSION) == "IMPROVED"
    assert state(198, MUST_IMPROVE) == "IMPROVED"
