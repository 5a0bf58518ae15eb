"""The gate on what answering costs: a paired ratio candidate / base, or an absolute maximum."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal

import numpy as np

from evalkit.core.columns import PairedColumn
from evalkit.core.verdict import Estimate, Finding, GateWords, State
from evalkit.gates import faults, words
from evalkit.gates.gate import Gate, GateContext
from evalkit.gates.hidden_costs import FAILED, count_hidden, fill_against_candidate, tell_hidden
from evalkit.gates.quantiles import COLUMNS
from evalkit.gates.seconds import (
    BY_ROUNDS,
    NOT_SIDE_BY_SIDE,
    SECONDS,
    say_when,
    shares_a_machine,
    timed_rounds,
    why_not_compared,
)
from evalkit.gates.states import FINE, under_both
from evalkit.gates.view import View
from evalkit.stats.ratios import RatioResult, paired_ratio
from evalkit.stats.rounds import ratio_over_rounds
from evalkit.stats.states import classify
from evalkit.suite.gate_spec import Keys
from evalkit.suite.shape import Positive

MOST_LOST = 0.05
"""Where more calls failed than this no cost is told, whatever `max_error_rate` allows: what is slowest fails first"""

UNITS = {"latency_s": " s", "first_token_s": " s", "cost_usd": " USD", "tokens_in": " tokens", "tokens_out": " tokens"}


_NO_BOUND = "a budget needs `max_ratio` or `max`"
_ALONE = "the maximum of a budget looks at the candidate alone"
_BY_INTERVAL = "a budget is judged by its interval, not by a test"
_NOT_ESTIMATED = "not estimated for a budget"


class Budget(Gate):
    """Cost, latency or length as a paired ratio, or an absolute maximum.

    The ratio is candidate/base; the maximum is for the candidate.
    """

    scored: ClassVar[bool] = False
    words: ClassVar[GateWords] = GateWords(
        missing={
            **dict.fromkeys(("delta", "low", "high", "margin"), _ALONE),
            **dict.fromkeys(("p", "p_adjusted"), _BY_INTERVAL),
            **dict.fromkeys(("mde", "n_needed"), _NOT_ESTIMATED),
        },
        faults={"FLOOR_FAIL": faults.BUDGET_OVERRUN, "REGRESSION": faults.BUDGET_GREW},
    )

    type: Literal["budget"]
    metric: Literal[
        "latency_p50", "latency_p95", "latency_mean", "cost_usd", "tokens_in", "tokens_out", "first_token_p50"
    ]
    max_ratio: Positive | None = None
    """Candidate over base, paired"""
    max: Positive | None = None
    """The candidate alone, in the metric's unit"""

    def problems(self) -> Iterator[tuple[str, Keys]]:
        """Yield what is wrong: it needs a bound."""
        if self.max_ratio is None and self.max is None:
            yield _NO_BOUND, ()

    def compares_seconds(self) -> bool:
        """Return whether a ratio of seconds is limited."""
        return self.max_ratio is not None and COLUMNS[self.metric][0] in SECONDS

    def judge(self, context: GateContext) -> Sequence[Finding]:
        """Return one finding for `max_ratio`, one for `max`.

        What was not measured is INCONCLUSIVE, never free.
        """
        view, index = context.view, context.index
        if self.max_ratio is None and self.max is None:
            return (context.invalid(self.metric, _NO_BOUND),)
        why = _unknown(view, COLUMNS[self.metric][0])
        if why is not None:
            return (
                Finding(
                    gate=self.type,
                    estimate=_cost(self, confidence=view.confidence),
                    state="INCONCLUSIVE",
                    because=why,
                    flags=("unknown",),
                    gate_index=index,
                ),
            )
        findings = []
        if self.max_ratio is not None:
            findings.append(_ratio_finding(view, self, self.max_ratio, index=index))
        if self.max is not None:
            findings.append(_max_finding(view, self, self.max, index=index))
        return findings


def _cost(gate: Budget, **figures: Any) -> Estimate:
    """The figures of a cost: a number, and less of it is better."""
    return Estimate(metric=gate.metric, higher_is_better=False, binary=False, **figures)


def _unknown(view: View, column: str) -> str | None:
    """Why nothing can be said: nobody measured it, or too few answers carry it."""
    todo = "; models.yaml needs `price` for it" if column == "cost_usd" else ""
    if column not in view.comparison.columns:
        return f"{column} is not known for both arms{todo}, so the budget cannot be judged."
    of = view.orient(column)
    lost, asked = int(np.count_nonzero(of.missing)), max(1, of.missing.size)
    if lost > MOST_LOST * asked:
        return f"{column} is unknown for {lost:,} of {asked:,} cases whose call failed: what failed was not cheap."
    answered = ~of.missing
    for name, present in (("the base", of.base_present), ("the candidate", of.candidate_present)):
        lacking = int(np.count_nonzero(answered & ~present))
        if not present.any() or lacking > min(view.policy.max_error_rate, MOST_LOST) * max(
            1, int(np.count_nonzero(answered))
        ):
            total = int(np.count_nonzero(answered))
            return f"{column} is unknown for {lacking:,} of {total:,} answers of {name}{todo}: unknown is not 0."
    return None if of.paired.any() else f"no case has {column} in both arms."


def _ratio_finding(view: View, gate: Budget, limit: float, *, index: int) -> Finding:
    column, q = COLUMNS[gate.metric]
    pair = view.comparison.columns[column]
    rows = np.flatnonzero(pair.paired)
    base, candidate = pair.base.values[rows], pair.candidate.values[rows]
    found = paired_ratio(
        base, candidate, quantile=q, clusters=view.clusters[rows], confidence=view.confidence, seed=view.seed
    )
    how = say_when(view.comparison) if column in SECONDS else ""
    why, local = why_not_compared(view.comparison) if column in SECONDS else "", shares_a_machine(view.comparison)
    if why:
        timed = timed_rounds(view.comparison, column)
        if timed is None:
            return _judge_untimed(gate, found, limit, why=why, index=index)
        found = ratio_over_rounds(*timed, quantile=q, confidence=view.confidence)
        found = found if local else replace(found, n=rows.size)
        how = f" in {found.n_clusters} rounds side by side" if local else f"; {BY_ROUNDS}"
    state, flags = _state(found, limit) if why and local else _with_hidden(view, pair, found, limit, q)
    order = np.argsort(base - candidate, kind="stable")
    slower = rows[order[: int(np.count_nonzero(candidate > base))]]
    return Finding(
        gate=gate.type,
        estimate=_cost(
            gate,
            n=found.n,
            n_clusters=found.n_clusters,
            base=found.base,
            candidate=found.candidate,
            delta=_less_one(found.ratio),
            low=_less_one(found.low),
            high=_less_one(found.high),
            confidence=view.confidence,
            method=found.method,
        ),
        state=state,
        margin=limit - 1.0,
        because=_because(found, limit, gate.metric, state=state, unit=UNITS[column], how=how)
        if FAILED not in flags
        else tell_hidden(gate.metric, pair, f"more than x{limit:.3g}"),
        flags=("ratio", *flags),
        gate_index=index,
        examples=view.ids(slower[:10]) if state == "REGRESSION" else (),
        details={
            "ratio": found.ratio,
            "ratio_low": found.low,
            "ratio_high": found.high,
            "max_ratio": limit,
            "reason": found.reason,
        },
    )


def _with_hidden(
    view: View, pair: PairedColumn, found: RatioResult, limit: float, q: float | None
) -> tuple[State, tuple[str, ...]]:
    """The state, which must hold as well with every figure that is missing counted against the candidate."""
    state, flags = _state(found, limit)
    if state not in FINE or not count_hidden(pair):
        return state, flags
    base, candidate = fill_against_candidate(pair, quantile=q)
    worst = paired_ratio(
        base, candidate, quantile=q, clusters=view.clusters, confidence=view.confidence, seed=view.seed
    )
    both = under_both(state, _state(worst, limit)[0])
    return both, flags if both == state else () if both in FINE else (FAILED,)


def _judge_untimed(gate: Budget, found: RatioResult, limit: float, *, why: str, index: int) -> Finding:
    """The finding of seconds that were not taken side by side: both figures, and no claim."""
    figures = {"n": found.n, "n_clusters": found.n_clusters, "base": found.base, "candidate": found.candidate}
    return Finding(
        gate=gate.type,
        estimate=_cost(gate, **figures, delta=_less_one(found.ratio), confidence=found.confidence, method="none"),
        state="INCONCLUSIVE",
        margin=limit - 1.0,
        because=f"{gate.metric}: {why}.",
        flags=("ratio", NOT_SIDE_BY_SIDE),
        gate_index=index,
        details={"ratio": found.ratio, "max_ratio": limit, "reason": why},
    )


def _less_one(ratio: float | None) -> float | None:
    return None if ratio is None else ratio - 1.0


def _state(found: RatioResult, limit: float) -> tuple[State, tuple[str, ...]]:
    """The partition on -log(ratio), margin log(limit); a limit of 1 or less asks for a proven saving."""
    if found.low is None or found.high is None:
        return "INCONCLUSIVE", ("unknown",)
    if limit > 1.0:
        return classify(-_log(found.high), -_log(found.low), math.log(limit))
    if found.high <= limit:
        return "IMPROVED", ()
    return ("FLOOR_FAIL" if found.low > limit else "INCONCLUSIVE"), ()


def _log(ratio: float) -> float:
    return math.log(ratio) if ratio > 0.0 else -math.inf


def _because(found: RatioResult, limit: float, metric: str, *, state: State, unit: str, how: str) -> str:
    if found.ratio is None or found.low is None or found.high is None:
        return f"{metric} has no ratio: {found.reason}."
    text = (
        f"{metric} went from {found.base:.3g}{unit} to {found.candidate:.3g}{unit} (x{found.ratio:.2f}, "
        f"{words.level(found.confidence)} interval x{found.low:.2f} to x{found.high:.2f}, n = {found.n:,}{how})"
    )
    allowed = f"x{limit:.3g}"
    if state == "IMPROVED":
        return f"{text}: less than before, beyond chance."
    if state == "PASS":
        return f"{text}: more than {allowed} is ruled out."
    if state == "REGRESSION":
        return f"{text}: proven more than before, and more than {allowed} is not ruled out."
    if state == "FLOOR_FAIL":
        return f"{text}: at most {allowed} is asked, and more is proven."
    return f"{text}: more than {allowed} is not ruled out."


def _max_finding(view: View, gate: Budget, limit: float, *, index: int) -> Finding:
    column, q = COLUMNS[gate.metric]
    pair = view.comparison.columns[column]
    arms = []
    for arm in (pair.base, pair.candidate):
        values = arm.values[arm.present]
        arms.append(float(values.mean() if q is None else np.quantile(values, q)))
    present = pair.candidate.present
    n = int(np.count_nonzero(present))
    over = arms[1] > limit
    most = fill_against_candidate(pair, quantile=q)[1]
    open_ = not over and bool(count_hidden(pair)) and float(most.mean() if q is None else np.quantile(most, q)) > limit
    unit = UNITS[column]
    return Finding(
        gate=gate.type,
        estimate=_cost(
            gate,
            n=n,
            n_clusters=int(np.unique(view.clusters[present]).size),
            base=arms[0],
            candidate=arms[1],
            confidence=view.confidence,
            method="point",
        ),
        state="FLOOR_FAIL" if over else "INCONCLUSIVE" if open_ else "PASS",
        because=tell_hidden(gate.metric, pair, f"more than {limit:.3g}{unit}")
        if open_
        else (
            f"{gate.metric} is {arms[1]:.3g}{unit} (n = {n:,}): "
            f"{'more than' if over else 'at most'} the {limit:.3g}{unit} allowed."
        ),
        flags=("maximum", FAILED) if open_ else ("maximum",),
        gate_index=index,
        details={"max": limit},
    )
