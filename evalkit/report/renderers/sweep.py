"""Checkpoints of a training: their losses, their curves and where these part, as text, Markdown and data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from evalkit.core.exchange import Json
from evalkit.core.summary import Summary
from evalkit.core.sweep import CheckpointFacts, CurvePoint, Fall, LearningCurve, Sweep
from evalkit.core.verdict import Estimate
from evalkit.report import figures
from evalkit.report.renderers.data import finite
from evalkit.report.renderers.markdown import cell_text
from evalkit.report.sentences import Language, Speaker, title_speaker

MARKS = {"IMPROVED": "+", "PASS": "=", "REGRESSION": "-", "FLOOR_FAIL": "-", "INCONCLUSIVE": "?"}
"""Behind a figure of the terminal: what its gate says"""
_LEGEND = "+ improved, = passes, - fails, ? could not tell; in brackets the change from the base with its interval"


def text(sweep: Sweep, summary: Summary, *, language: Language = "en") -> str:
    """Return the checkpoints as text.

    It is a table of them, one of each suite's figures, and what is proven of their course.
    """
    told, say = {line.candidate: line.outcome for line in summary.lines}, title_speaker(language)
    head = say(f"{len(sweep.checkpoints)} checkpoints of {sweep.source} against {sweep.base}")
    rows = [tuple(map(say, _COLUMNS)), *(_row(one, told, sweep, say) for one in sweep.checkpoints)]
    blocks = ["\n".join([head, *_table(rows)])]
    for suite in dict.fromkeys(curve.suite for curve in sweep.curves):
        blocks.append(_suite(suite, [curve for curve in sweep.curves if curve.suite == suite], sweep, say))
    said = [f"  {say(line)}" for line in _courses(sweep)]
    blocks.append("\n".join([say(sweep.because), *said]))
    blocks += [say(f"note: {note}") for note in sweep.notes]
    return "\n\n".join(blocks)


_COLUMNS = ("", "outcome", "step", "epoch", "train loss", "eval loss", "")


def _row(one: CheckpointFacts, told: Mapping[str, str], sweep: Sweep, say: Speaker) -> tuple[str, ...]:
    chosen = say("the trainer's choice") if one.name == sweep.trainers_choice else ""
    step = figures.MISSING if one.step is None else f"{one.step:,}"
    return (
        one.name,
        told.get(one.name, figures.MISSING),
        step,
        figures.number(one.epoch),
        figures.number(one.train_loss),
        figures.number(one.eval_loss),
        chosen,
    )


def _suite(name: str, curves: Sequence[LearningCurve], sweep: Sweep, say: Speaker) -> str:
    rows = [("", *(curve.metric for curve in curves))]
    rows.append((sweep.base, *(figures.value(curve.base, _estimate(curve, curve.points[0])) for curve in curves)))
    for place, one in enumerate(sweep.checkpoints):
        rows.append((one.name, *(_cell(curve, curve.points[place]) for curve in curves)))
    levels = sorted({f"{100 * curve.confidence:.4g}%" for curve in curves})
    return "\n".join([f"{name}  ({say(f'{_LEGEND} at ' + ' or '.join(levels))})", *_table(rows)])


def _cell(curve: LearningCurve, point: CurvePoint) -> str:
    if point.value is None:
        return figures.MISSING
    of = _estimate(curve, point)
    mark = MARKS.get(point.state or "", "!")
    inside = f"[{figures.change(point.delta, of, bare=True)}: {figures.interval(of).strip('[]')}]"
    return f"{figures.value(point.value, of)} {mark} {inside}"


def _estimate(curve: LearningCurve, point: CurvePoint) -> Estimate:
    """A point as figures want it."""
    return Estimate(
        metric=curve.metric,
        n=point.n,
        base=curve.base,
        candidate=point.value,
        delta=point.delta,
        low=point.delta_low,
        high=point.delta_high,
        confidence=curve.confidence,
        higher_is_better=curve.higher_is_better,
        binary=curve.binary,
    )


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    from rich.cells import cell_len

    widths = [max(cell_len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  " + "  ".join(cell + " " * (wide - cell_len(cell)) for cell, wide in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _courses(sweep: Sweep) -> Iterator[str]:
    for curve in sweep.curves:
        where = f"{curve.suite} {curve.metric}"
        if curve.because:
            yield f"{where}: {curve.because}"
        if curve.fall is not None:
            yield f"{where}: {say_fall(curve, curve.fall)}"
        if curve.gains_until is not None and curve.gains_until != sweep.checkpoints[-1].name:
            yield f"{where}: no checkpoint after {curve.gains_until} is proven better than an earlier one"


def say_fall(curve: LearningCurve, fall: Fall) -> str:
    """Write a proven fall with its interval and the losses beside it."""
    of = Estimate(
        metric=curve.metric,
        n=fall.n,
        base=fall.value_best,
        candidate=fall.value_since,
        delta=fall.delta,
        low=fall.low,
        high=fall.high,
        confidence=fall.confidence,
        higher_is_better=curve.higher_is_better,
        binary=curve.binary,
    )
    losses = f"; training loss {fall.loss_best:.3g} -> {fall.loss_since:.3g}" if fall.overfits else ""
    return (
        f"worse from {fall.since} on than at {fall.best}: {figures.value(fall.value_best, of)} -> "
        f"{figures.value(fall.value_since, of)} ({figures.change(fall.delta, of)}, {figures.level(of)} CI "
        f"{figures.interval(of)}, n={figures.count(fall.n)}{losses})"
    )


def markdown(sweep: Sweep, summary: Summary, *, language: Language = "en") -> str:
    """Return the checkpoints as a table of GitHub's Markdown.

    What is proven of their course stands below.
    """
    first = _first_curves(sweep)
    told, say = {line.candidate: line.outcome for line in summary.lines}, title_speaker(language)
    columns = [say(title) for title in ("Checkpoint", "Verdict", "Epoch", "Train loss", "Eval loss")]
    columns += [cell_text(f"{curve.suite} {curve.metric}") for curve in first]
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    for place, one in enumerate(sweep.checkpoints):
        name = f"**{cell_text(one.name)}**" if one.name == summary.best else cell_text(one.name)
        losses = [figures.number(value) for value in (one.epoch, one.train_loss, one.eval_loss)]
        cells = [name, told.get(one.name, figures.MISSING), *losses]
        cells += [cell_text(_cell(curve, curve.points[place])) for curve in first]
        lines.append("| " + " | ".join(cells) + " |")
    said = [f"- {cell_text(say(line))}" for line in _courses(sweep)]
    return "\n".join([*lines, "", cell_text(say(sweep.because)), *([""] if said else []), *said]) + "\n"


def _first_curves(sweep: Sweep) -> list[LearningCurve]:
    """One curve a suite: that of its first gate."""
    found: dict[str, LearningCurve] = {}
    for curve in sweep.curves:
        found.setdefault(curve.suite, curve)
    return list(found.values())


def data(sweep: Sweep, summary: Summary) -> dict[str, Json]:
    """Return checkpoints, curves and what is proven of them as JSON values.

    Missing numbers are None.
    """
    told = {line.candidate: line.outcome for line in summary.lines}
    curves = [
        asdict(curve) | ({} if curve.fall is None else {"fall": asdict(curve.fall) | {"overfits": curve.fall.overfits}})
        for curve in sweep.curves
    ]
    found: dict[str, Json] = finite(
        {
            "source": sweep.source,
            "checkpoints": [{**asdict(one), "outcome": told.get(one.name)} for one in sweep.checkpoints],
            "curves": curves,
            "trainers_choice": sweep.trainers_choice,
            "because": sweep.because,
            "notes": list(sweep.notes),
        }
    )
    return found
