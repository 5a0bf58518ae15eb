"""Several candidates beside one base: a row each, a row a candidate and metric, and small plots over all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from evalkit.core.blocks import Bar, Block, Point, Table, Tone, Trend, Trends
from evalkit.core.summary import Axis, Course, Summary
from evalkit.core.verdict import Estimate, Finding, SuiteVerdict, Verdict
from evalkit.report import figures, tones
from evalkit.report.links import Links, spread
from evalkit.report.words import fails

ARM = "arm"
"""The filter that leads to the cases of one candidate"""
_COLUMNS = ("Outcome", "Candidate", "Suites", "Findings against", "Broken", "Fixed")
_FIGURES = ("Suite", "Metric", "Candidate", "State", "Base", "Value", "Difference", "Interval", "n", "Fixed", "Broken")
_NUMERIC = (4, 5, 6, 7, 8, 9, 10)
_MOST_CURVES = 12
Counts = Mapping[str, Mapping[str, int]]
"""Name of a suite -> name of a group of cases -> how many there are"""


def blocks(summary: Summary, verdicts: Sequence[Verdict], counts: Sequence[Counts]) -> Sequence[Block]:
    """Return the table of candidates, small plots over them, and the table of figures.

    `counts` has one mapping per candidate.
    """
    out: list[Block] = [_outcomes(summary, verdicts, counts)]
    trends = draw_trends(verdicts, summary.axis)
    return [*out, *([trends] if trends.trends else []), _figures(verdicts)]


def _outcomes(summary: Summary, verdicts: Sequence[Verdict], counts: Sequence[Counts]) -> Table:
    """A row a candidate; the one to deploy is marked."""
    rows: list[tuple[str, ...]] = []
    links: list[Links] = []
    for line, verdict, of in zip(summary.lines, verdicts, counts, strict=True):
        against = sum(fails(finding) for suite in verdict.suites for finding in suite.findings)
        total = sum(len(suite.findings) for suite in verdict.suites)
        broken, fixed = (sum(found.get(group, 0) for found in of.values()) for group in ("broken", "fixed"))
        named = f"{line.candidate} ★" if line.candidate == summary.best else line.candidate
        sound = sum(suite.outcome == "PASS" for suite in verdict.suites)
        rows.append(
            (
                line.outcome,
                named,
                f"{sound} / {len(verdict.suites)}",
                f"{against} / {total}",
                figures.count(broken),
                figures.count(fixed),
            )
        )
        first = next(iter(of), "")
        to_cases = {4: "broken", 5: "fixed"}
        many = {4: broken, 5: fixed}
        own = {at: {ARM: line.candidate, "suite": first, "group": group} for at, group in to_cases.items() if many[at]}
        links.append(spread({1: {ARM: line.candidate}, **(own if len(of) == 1 else {})}, len(_COLUMNS)))
    return Table(
        heading="Candidates",
        columns=_COLUMNS,
        rows=tuple(rows),
        tones=tuple(tones.OUTCOME[line.outcome] for line in summary.lines),
        details=tuple(line.because for line in summary.lines),
        numeric=(2, 3, 4, 5),
        links=tuple(links),
        note="★ the one to deploy" if summary.best is not None else "",
    )


def _figures(verdicts: Sequence[Verdict]) -> Table:
    """A row a metric and candidate: the candidates of a metric stand together, for the eye to compare."""
    rows: list[tuple[str, ...]] = []
    colours: list[Tone] = []
    bars: list[Bar | None] = []
    links: list[Links] = []
    several = len({suite for suite, _ in _metrics(verdicts)}) > 1
    for suite, metric in _metrics(verdicts):
        for verdict, found, estimate in _of_candidates(verdicts, suite, metric):
            finding = judge(found, metric)
            tone = tones.of_finding(finding) if finding is not None else tones.of_interval(estimate)
            rows.append(_row(suite if several else "", verdict, estimate, finding))
            colours.append(tone)
            bars.append(tones.bar(estimate, up=estimate.higher_is_better, tone=tone))
            links.append(_links(suite, verdict.candidate, estimate))
    return Table(
        heading="Every candidate and metric",
        columns=_FIGURES,
        rows=tuple(rows),
        tones=tuple(colours),
        bars=tuple(bars),
        numeric=_NUMERIC,
        links=tuple(links),
        note="Each candidate against the base, over all cases; better is on the right. That one candidate is better "
        "than another is not tested here: compare the two with each other.",
    )


def _row(suite: str, verdict: Verdict, estimate: Estimate, finding: Finding | None) -> tuple[str, ...]:
    return (
        suite,
        estimate.metric if estimate.higher_is_better else f"{estimate.metric} ↓",
        verdict.candidate,
        finding.shown if finding is not None else "",
        figures.value(estimate.base, estimate),
        figures.value(estimate.candidate, estimate),
        figures.change(estimate.delta, estimate),
        figures.interval(estimate),
        figures.count(estimate.n),
        figures.count(estimate.fixed),
        figures.count(estimate.broken),
    )


def _links(suite: str, candidate: str, estimate: Estimate) -> Links:
    place = {ARM: candidate, "suite": suite, "metric": estimate.metric}
    groups = ((9, "fixed", estimate.fixed), (10, "broken", estimate.broken))
    cases = {at: {**place, "group": name} for at, name, many in groups if many}
    return spread({2: {ARM: candidate, "suite": suite}, **cases}, len(_FIGURES))


def _metrics(verdicts: Sequence[Verdict]) -> Iterator[tuple[str, str]]:
    """(suite, metric) of all that scorers measure over all cases, and the parts that a gate judges."""
    known: dict[tuple[str, str], None] = {}
    for verdict in verdicts:
        for suite in verdict.suites:
            judged = {finding.metric for finding in suite.findings if finding.slice is None}
            for item in suite.metrics:
                scored = figures.unit(item.metric) is None and "." not in item.metric
                if item.slice is None and (scored or item.metric in judged):
                    known[suite.name, item.metric] = None
    order = list(dict.fromkeys(suite for suite, _ in known))
    yield from sorted(known, key=lambda one: order.index(one[0]))


def _of_candidates(
    verdicts: Sequence[Verdict], suite: str, metric: str
) -> Iterator[tuple[Verdict, SuiteVerdict, Estimate]]:
    """Every candidate that was measured there, in their order."""
    for verdict in verdicts:
        for found in verdict.suites:
            for item in found.metrics:
                if found.name == suite and item.metric == metric and item.slice is None:
                    yield verdict, found, item


def judge(suite: SuiteVerdict, metric: str) -> Finding | None:
    """Return the gravest finding on a metric over all cases, if any."""
    found = tuple(one for one in suite.findings if one.slice is None and one.metric == metric)
    return next(iter(tones.gravest_first(found)), None)


def draw_trends(verdicts: Sequence[Verdict], axis: Axis | None) -> Trends:
    """Return a small plot a metric: each candidate's difference to the base.

    On the axis, where candidates have one; else in the order they were named. What was followed beside (a training
    loss) is drawn last, on the same axis.
    """
    places = axis.places if axis is not None else tuple(float(at + 1) for at in range(len(verdicts)))
    of = {verdict.candidate: place for verdict, place in zip(verdicts, places, strict=True)}
    trends = []
    for suite, metric in list(_metrics(verdicts))[:_MOST_CURVES]:
        found = list(_of_candidates(verdicts, suite, metric))
        points = tuple(point for one in found if (point := _point(*one, at=of[one[0].candidate])) is not None)
        if len(points) > 1:
            first = found[0][2]
            trends.append(
                Trend(
                    heading=f"{suite}: {metric}" if len(verdicts[0].suites) > 1 else metric,
                    points=points,
                    share=figures.is_share(first),
                    level=0.0,
                    margin=_margin(found[0][1], first),
                )
            )
    beside = [_course(one) for one in (axis.courses if axis is not None else ())]
    return Trends(
        heading="How every metric moves",
        axis=axis.name if axis is not None else "",
        ticks=_ticks(verdicts, axis),
        trends=(*trends, *beside),
        note="Difference to the base (the line) with its interval; the dashed line is the margin of the gate."
        + (f" {axis.note}" if axis is not None and axis.note else "")
        + ("" if axis is not None else " Numbers are the candidates in the order of the table above."),
    )


def _point(verdict: Verdict, suite: SuiteVerdict, item: Estimate, *, at: float) -> Point | None:
    if item.delta is None:
        return None
    finding = judge(suite, item.metric)
    return Point(
        at=at,
        value=item.delta,
        low=item.low,
        high=item.high,
        tone=tones.of_finding(finding) if finding is not None else tones.of_interval(item),
        label=f"{verdict.candidate}: {figures.terse(item)}".replace("->", "→"),
    )


def _margin(suite: SuiteVerdict, item: Estimate) -> float | None:
    """Where the margin of the gate lies, on the worse side."""
    finding = judge(suite, item.metric)
    if finding is None or not finding.margin or figures.is_ratio(finding):
        return None
    return -finding.margin if item.higher_is_better else finding.margin


def _course(course: Course) -> Trend:
    points = tuple(
        Point(at=at, value=value, label=f"{course.name} {figures.number(value)} ({figures.number(at)})")
        for at, value in course.points
    )
    return Trend(heading=course.name, points=points)


def _ticks(verdicts: Sequence[Verdict], axis: Axis | None) -> tuple[tuple[float, str], ...]:
    if axis is None:
        return tuple((float(at + 1), str(at + 1)) for at in range(len(verdicts)))
    return tuple((place, figures.number(place)) for place in axis.places)
