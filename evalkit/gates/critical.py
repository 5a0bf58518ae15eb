"""The gate without tolerance: every case so tagged that the base passes must pass in the candidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from evalkit.core.errors import did_you_mean, join_allowed
from evalkit.core.exchange import Example
from evalkit.core.verdict import Finding, State
from evalkit.gates import words
from evalkit.gates.finding import BROKEN_SHOWN, invalid
from evalkit.gates.measured import Bools, Measured
from evalkit.gates.resolve import metric_problem
from evalkit.gates.view import View
from evalkit.suite.spec import Critical

GATE = "critical"
NO = frozenset({"", "false", "no", "0"})


def judge(view: View, gate: Critical, *, index: int, main: Sequence[str] = ()) -> tuple[Finding, ...]:
    """One finding a metric. `main` are the suite's main metrics: without `metrics` every yes/no one of them counts."""
    shown = ", ".join(gate.metrics) or "*"
    tagged = np.array([is_tagged(example, gate.tag) for example in view.comparison.examples], dtype=bool)
    if not tagged.any():
        return (invalid(GATE, shown, _no_case(view, gate.tag), index=index),)
    if gate.metrics:
        return tuple(_judged(view, gate, metric, tagged, index=index) for metric in gate.metrics)
    applying = [name for name in main if _is_binary(view, name) and (view.measured(name).judged & tagged).any()]
    if not applying:
        why = f"no yes/no metric of the suite applies to a case tagged {gate.tag}; name one in `metrics`"
        return (invalid(GATE, shown, why, index=index),)
    return _excused([_judged(view, gate, metric, tagged, index=index) for metric in applying])


def is_tagged(example: Example, tag: str) -> bool:
    """`tag`: present and not false, no or 0; `tag=value`: has that value."""
    name, equals, wanted = tag.partition("=")
    value = example.tags.get(name)
    if value is None:
        return False
    return value == wanted if equals else value.strip().lower() not in NO


def _excused(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Of metrics nobody named, one on which the base passes nothing is only listed if another one guards the cases."""
    if not any(finding.details.get("guarded") for finding in findings):
        return tuple(findings)
    return tuple(
        replace(f, state="TOO_SMALL") if f.state == "INCONCLUSIVE" and not f.details["guarded"] and not f.flags else f
        for f in findings
    )


def _judged(view: View, gate: Critical, metric: str, tagged: Bools, *, index: int) -> Finding:
    why = metric_problem(view, metric)
    if why is not None:
        return invalid(GATE, metric, why, index=index)
    of = view.measured(metric)
    if not _is_binary(view, metric):
        why = f"{metric} is graded: a case neither passes nor breaks; name a yes/no metric in `metrics`"
        return invalid(GATE, metric, why, index=index)
    rows = tagged & (of.judged | of.one_sided)
    if not rows.any():
        return invalid(GATE, metric, f"{metric} applies to no case tagged {gate.tag}", index=index)
    return _finding(view, gate, of, rows, index=index)


def _finding(view: View, gate: Critical, of: Measured, rows: Bools, *, index: int) -> Finding:
    """A case passes when every repeat does. What failed to be called neither passes nor breaks, nor does what escaped
    the metric: the candidate's answer gave it nothing to judge, or the base's did where the candidate fails."""
    paired = rows & of.paired
    n = int(np.count_nonzero(paired))
    passed_before, passes_now = of.base >= 1.0, of.candidate >= 1.0
    guarded = paired & passed_before
    broken = np.flatnonzero(guarded & ~passes_now)
    failed = np.flatnonzero(rows & of.missing & (of.worst_base >= 1.0) & (of.worst_candidate < 1.0))
    failed = np.setdiff1d(failed, broken)
    escaped = np.flatnonzero(rows & of.one_sided & of.base_present & passed_before)
    unseen = np.flatnonzero(rows & of.one_sided & of.candidate_present & ~passes_now)
    open_cases = np.union1d(np.union1d(failed, escaped), unseen)
    order = np.argsort(of.candidate[broken], kind="stable")
    ids = view.ids(broken[order])
    state: State = "PASS"
    if broken.size:
        state = "CRITICAL_FAIL"
    elif open_cases.size or not guarded.any():
        state = "INCONCLUSIVE"
    open_ids = view.ids(open_cases)
    reasons = {
        "had a failed call": failed.size,
        "got no value in the candidate": escaped.size,
        "got no value in the base and is failed by the candidate": unseen.size,
    }
    why = " or ".join(reason for reason, count in reasons.items() if count)
    because = _because(of, gate, n=n, guarded=int(np.count_nonzero(guarded)), broken=ids, open_ids=open_ids, why=why)
    return Finding(
        gate=GATE,
        metric=of.metric,
        slice=None,
        state=state,
        n=n,
        n_clusters=int(np.unique(view.clusters[paired]).size),
        base=float(passed_before[paired].mean()) if n else None,
        candidate=float(passes_now[paired].mean()) if n else None,
        delta=float(passes_now[paired].mean() - passed_before[paired].mean()) if n else None,
        confidence=view.confidence,
        fixed=int(np.count_nonzero(paired & ~passed_before & passes_now)),
        broken=int(broken.size),
        method="every case",
        because=because,
        flags=("failed_calls",) * bool(failed.size) + ("one_sided",) * bool(escaped.size + unseen.size),
        gate_index=index,
        examples=ids[:BROKEN_SHOWN],
        details={"tag": gate.tag, "guarded": int(np.count_nonzero(guarded)), "open": list(open_ids[:BROKEN_SHOWN])},
    )


def _because(
    of: Measured, gate: Critical, *, n: int, guarded: int, broken: tuple[str, ...], open_ids: tuple[str, ...], why: str
) -> str:
    among = f"of {words.count(guarded, 'case')} tagged {gate.tag} that the base passes on {of.metric}"
    if broken:
        return f"{len(broken):,} {among}, the candidate breaks: {words.listing(broken)}."
    if open_ids:
        shown = words.listing(open_ids)
        return f"none {among} is broken, but {words.count(len(open_ids), 'case')} {why}: {shown}."
    if not guarded:
        return f"the base passes none of {words.count(n, 'case')} tagged {gate.tag} on {of.metric}: nothing is guarded."
    return f"all {among}, pass in the candidate too."


def _is_binary(view: View, metric: str) -> bool:
    column = view.comparison.columns.get(metric)
    return column is not None and column.binary


def _no_case(view: View, tag: str) -> str:
    name, equals, _ = tag.partition("=")
    examples = view.comparison.examples
    known = sorted({known for example in examples for known in example.tags})
    if name not in known:
        return f"no case has the tag {name!r}{did_you_mean(name, known)}; tags are: {join_allowed(known) or 'none'}"
    values = sorted({example.tags[name] for example in examples if name in example.tags})
    if equals:
        return f"no case is tagged {tag}; values of {name} are: {join_allowed(values)}"
    return f"the tag {name!r} says no on every case that has it (false, no, 0 or empty)"
