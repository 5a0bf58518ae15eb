"""A view compares the same pairs once, whoever asks, and what it kept is what comparing anew gives."""

from __future__ import annotations

import datetime as dt

import pytest
from planted_comparisons import comparison, suite

from evalkit.gates import view as views
from evalkit.gates.decide import decide
from evalkit.gates.estimates import estimates
from evalkit.gates.view import view

TODAY = dt.date(2026, 6, 1)
BASE, CANDIDATE = [0.0, 1.0, 1.0, 0.0, 1.0] * 16, [1.0, 1.0, 0.0, 0.0, 1.0] * 16
GUARD = {"type": "no_regression", "metric": "answer", "margin": 0.2}


@pytest.fixture
def compared(monkeypatch):
    """How often pairs were really compared."""
    calls = []
    real = views.compare_paired

    def counted(*arms, **how):
        calls.append(how)
        return real(*arms, **how)

    monkeypatch.setattr(views, "compare_paired", counted)
    return calls


def test_gates_and_estimates_on_one_view_compare_each_cell_once(compared):
    made, spec = comparison({"answer": (BASE, CANDIDATE)}), suite([GUARD])
    seen = view(made, spec.policy)
    findings, shown = decide(made, spec, today=TODAY, seen=seen), estimates(made, spec, seen=seen)
    assert len(compared) == 1
    assert findings == decide(made, spec, today=TODAY)
    assert shown == estimates(made, spec)


def test_a_cell_without_a_margin_says_nothing_about_the_margin_asked_for_before(compared):
    seen = view(comparison({"answer": (BASE, CANDIDATE)}), suite([GUARD]).policy)
    asked, bare = seen.cell("answer", None, margin=0.2).result, seen.cell("answer", None).result
    assert (bare.p_noninferior, bare.n_needed) == (None, None)
    assert asked.p_noninferior is not None
    assert asked.n_needed is not None
    assert (asked.low, asked.high, asked.p) == (bare.low, bare.high, bare.p)
    other = seen.cell("answer", None, margin=0.05).result
    assert other.p_noninferior > asked.p_noninferior


def test_metrics_of_equal_values_are_compared_once_and_others_are_not(compared):
    made = comparison({"one": (BASE, CANDIDATE), "same": (BASE, CANDIDATE), "swapped": (CANDIDATE, BASE)})
    seen = view(made, suite([GUARD]).policy)
    one, same, swapped = (seen.cell(name, None).result for name in ("one", "same", "swapped"))
    assert one == same
    assert len(compared) == 2
    assert (swapped.base, swapped.candidate) == (one.candidate, one.base)


def test_estimates_keep_the_policys_confidence_beside_a_surer_view(compared):
    made, spec = comparison({"answer": (BASE, CANDIDATE)}), suite([GUARD])
    strict = view(made, spec.policy, family=5)
    decide(made, spec, today=TODAY, seen=strict)
    assert estimates(made, spec, seen=strict) == estimates(made, spec)
    assert estimates(made, spec)[0].confidence == 0.95
