"""The gate without tolerance: every case so tagged that the base passes must pass in the candidate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Literal

import numpy as np

from evalkit.core.errors import did_you_mean, join_allowed
from evalkit.core.exchange import Example
from evalkit.core.verdict import Estimate, Finding, GateWords, State
from evalkit.gates import faults, words
from evalkit.gates.expected import Forecast, Outlook, draft_forecast
from evalkit.gates.finding import BROKEN_SHOWN, invalid
from evalkit.gates.gate import Gate, GateContext, Part
from evalkit.gates.half_guarded import settle_half_guarded
from evalkit.gates.measured import Bools, Measured
from evalkit.gates.resolve import metric_problem
from evalkit.gates.view import View
from evalkit.suite.gate_spec import Keys
from evalkit.suite.shape import Name

NO = frozenset({"", "false", "no", "0"})


_EVERY = "every critical case counts, so nothing is estimated"


class Critical(Gate):
    """Zero tolerance: every case so tagged that base passes must pass in the candidate."""

    words: ClassVar[GateWords] = GateWords(
        missing={
            **dict.fromkeys(("low", "high", "p", "p_adjusted", "mde", "n_needed"), _EVERY),
            "margin": "no critical case may break, so there is no margin",
        },
        faults={"CRITICAL_FAIL": faults.CRITICAL_BROKE},
    )

    type: Literal["critical"]
    tag: Name
    """`tag` (the tag is present and not false/no/0) or `tag=value`"""
    metrics: list[Name] = []
    """Default: every binary main metric of the suite"""

    def problems(self) -> Iterator[tuple[str, Keys]]:
        """Yield what is wrong with the tag.

        The tag must have a name, and a value behind a sign of equality.
        """
        if self.tag.startswith("=") or self.tag.endswith("="):
            yield f"{self.tag!r} is neither a tag nor tag=value", ("tag",)

    def guards(self, example: Example) -> bool:
        """Return every case so tagged."""
        return is_tagged(example, self.tag)

    def judge(self, context: GateContext) -> Sequence[Finding]:
        """Return one finding a metric.

        Without `metrics` every yes/no main metric of the suite counts.
        """
        view, index, shown = context.view, context.index, ", ".join(self.metrics) or "*"
        tagged = np.array([self.guards(example) for example in view.comparison.examples], dtype=bool)
        if not tagged.any():
            return (context.invalid(shown, _no_case(view, self.tag)),)
        if self.metrics:
            found = [_judge_metric(view, self, metric, tagged, index=index) for metric in self.metrics]
            return _with_unasked(view, found, tagged)
        main = [name for name in context.main if _is_binary(view, name)]
        applying = [name for name in main if (view.orient(name).judged & tagged).any()]
        if not applying:
            why = f"no yes/no metric of the suite applies to a case tagged {self.tag}; name one in `metrics`"
            return (context.invalid(shown, why),)
        found = [_judge_metric(view, self, metric, tagged, index=index) for metric in applying]
        return _with_unasked(view, _excuse(found), tagged)

    def forecast(self, ask: Outlook, index: int) -> Sequence[Forecast]:
        """Count the cases so tagged; warn where there is none."""
        draft = draft_forecast(ask, self.type, index, ", ".join(self.metrics) or "*")
        n = ask.guarded.get(index, 0)
        warning = "" if n or index not in ask.guarded else f"no case is tagged {self.tag}"
        return (replace(draft, n=n, n_clusters=n, warning=warning),)

    def parts(self, levels: Mapping[str, Sequence[str]]) -> Sequence[Part]:
        """Return one test for all cases so tagged."""
        return (Part(label=self.tag),)


def is_tagged(example: Example, tag: str) -> bool:
    """Return whether an example carries a tag.

    `tag`: it is present and not false, no or 0; `tag=value`: it has that value.
    """
    name, equals, wanted = tag.partition("=")
    value = example.tags.get(name)
    if value is None:
        return False
    return value == wanted if equals else value.strip().lower() not in NO


def _with_unasked(view: View, findings: Sequence[Finding], tagged: Bools) -> tuple[Finding, ...]:
    """The findings; each says which tagged cases no metric of the gate looks at (`when`), for nothing guards them."""
    known = [view.orient(f.metric) for f in findings if f.metric in view.comparison.columns]
    asked = np.logical_or.reduce([of.judged | of.one_sided for of in known]) if known else tagged
    ids = view.ids(np.flatnonzero(tagged & ~asked))
    if not ids:
        return tuple(findings)
    few = "is" if len(ids) == 1 else "are"
    told = f" {words.count(len(ids), 'tagged case')} {few} looked at by no metric of this gate: {words.listing(ids)}."
    shown = {"unasked": list(ids[:BROKEN_SHOWN]), "unasked_total": len(ids)}
    return tuple(
        f if f.state == "INVALID" else replace(f, because=f.because + told, details={**f.details, **shown})
        for f in findings
    )


def _excuse(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Of metrics nobody named, one on which the base passes nothing is only listed if another one guards the cases."""
    if not any(finding.details.get("guarded") for finding in findings):
        return tuple(findings)
    return tuple(
        replace(f, state="TOO_SMALL") if f.state == "INCONCLUSIVE" and not f.details["guarded"] and not f.flags else f
        for f in findings
    )


def _judge_metric(view: View, gate: Critical, metric: str, tagged: Bools, *, index: int) -> Finding:
    why = metric_problem(view, metric)
    if why is not None:
        return invalid(gate.type, metric, why, index=index)
    of = view.orient(metric)
    if not _is_binary(view, metric):
        why = f"{metric} is graded: a case neither passes nor breaks; name a yes/no metric in `metrics`"
        return invalid(gate.type, metric, why, index=index)
    rows = tagged & (of.judged | of.one_sided)
    if not rows.any():
        return invalid(gate.type, metric, f"{metric} applies to no case tagged {gate.tag}", index=index)
    return settle_half_guarded(view, of, rows, _finding(view, gate, of, rows, index=index))


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
    unguarded = view.ids(np.flatnonzero(paired & ~passed_before))
    because = _because(of, gate, n=n, guarded=int(np.count_nonzero(guarded)), broken=ids, open_ids=open_ids, why=why)
    because += _say_unguarded(view, of, unguarded)
    return Finding(
        gate=gate.type,
        estimate=_estimate(view, of, paired),
        state=state,
        because=because,
        flags=("failed_calls",) * bool(failed.size) + ("one_sided",) * bool(escaped.size + unseen.size),
        gate_index=index,
        examples=ids[:BROKEN_SHOWN],
        details={
            "tag": gate.tag,
            "guarded": int(np.count_nonzero(guarded)),
            "open": list(open_ids[:BROKEN_SHOWN]),
            "unguarded": list(unguarded[:BROKEN_SHOWN]),
            "unguarded_total": len(unguarded),
        },
    )


def _estimate(view: View, of: Measured, rows: Bools) -> Estimate:
    """How many of the tagged cases each arm passes in every repeat."""
    before, now, n = of.base[rows] >= 1.0, of.candidate[rows] >= 1.0, int(np.count_nonzero(rows))
    return Estimate(
        metric=of.metric,
        n=n,
        n_clusters=int(np.unique(view.clusters[rows]).size),
        base=float(before.mean()) if n else None,
        candidate=float(now.mean()) if n else None,
        delta=float(now.mean() - before.mean()) if n else None,
        confidence=view.confidence,
        higher_is_better=of.higher_is_better,
        fixed=int(np.count_nonzero(~before & now)),
        broken=int(np.count_nonzero(before & ~now)),
        method="every case",
    )


def _say_unguarded(view: View, of: Measured, ids: Sequence[str]) -> str:
    """The tagged cases that no one guards: the base does not pass them, or not in every repeat."""
    if not ids:
        return ""
    several = view.comparison.columns[of.metric].base.raw.shape[1] > 1
    always = "always " if several else ""
    return (
        f" {words.count(len(ids), 'tagged case')} {'is' if len(ids) == 1 else 'are'} guarded by nothing, for the base "
        f"does not {always}pass {'it' if len(ids) == 1 else 'them'}: {words.listing(ids)}."
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
