"""Who judged the answers: model, prompt, calls, tokens, money, and whether people were found to agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalkit.core.blocks import Block, Table, Tone
from evalkit.core.columns import Comparison
from evalkit.core.exchange import Json
from evalkit.core.judging import DISAGREE, JUDGES, UNDER_EACH
from evalkit.core.verdict import Verdict
from evalkit.report import figures


def blocks(comparison: Comparison | None, verdict: Verdict) -> Sequence[Block]:
    """Return tables of the judges, of their agreement, and of each one's verdict."""
    told = _facts(comparison)
    tables = (_who(told), _calibrations(told), _between(told), _under_each(verdict))
    return [table for table in tables if table.rows]


def data(comparison: Comparison | None, verdict: Verdict) -> Json:
    """Return what is known of the judges, scorer by scorer."""
    return dict(_facts(comparison)) or None


def _facts(comparison: Comparison | None) -> Mapping[str, Json]:
    return comparison.manifest.get(JUDGES, {}) if comparison is not None else {}


def _judges(about: Mapping[str, Json]) -> list[tuple[str, Mapping[str, Json]]]:
    return list(about["judges"].items())


def _who(told: Mapping[str, Json]) -> Table:
    return Table(
        heading="Judges",
        columns=("Scorer", "Judge", "Model", "Prompt", "Calls", "Failed", "Tokens in", "Tokens out", "Cost"),
        rows=tuple(
            _row(scorer, about, name, judge) for scorer, about in told.items() for name, judge in _judges(about)
        ),
        numeric=(4, 5, 6, 7, 8),
        note="Both arms are judged under the same prompt. Equal answers of both arms are one question.",
    )


def _row(scorer: str, about: Mapping[str, Json], name: str, judge: Mapping[str, Json]) -> tuple[str, ...]:
    prompt = about["prompt"]
    return (
        scorer,
        name,
        f"{judge['provider']}:{judge['model']}",
        f"{prompt['name']} {prompt['version']} ({prompt['sha256'][:12]})",
        figures.count(judge["calls"]),
        figures.count(sum(judge["failed"].values())),
        _number(judge["tokens_in"]),
        _number(judge["tokens_out"]),
        _number(judge["cost_usd"]),
    )


def _calibrations(told: Mapping[str, Json]) -> Table:
    """What people were found to say beside the judge, where a suite names a calibration."""
    rows = []
    for scorer, about in told.items():
        for part, found in about.get("calibration", {}).get("figures", {}).items():
            passed = found.get("false_pass") or {"n": 0}
            metric = f"{scorer}.{part}" if part else scorer
            share = _interval(passed) if passed["n"] else figures.MISSING
            rows.append((metric, figures.count(found["n"]), _kappa(found["kappa"]), share))
    return Table(
        heading="Judges beside people",
        columns=("Metric", "Labels", "Kappa", "Passes what people fail"),
        rows=tuple(rows),
        numeric=(1, 2, 3),
    )


def _between(told: Mapping[str, Json]) -> Table:
    rows = [
        (scorer, " / ".join(one["judges"]), figures.count(one["n"]), _kappa(one))
        for scorer, about in told.items()
        for one in about.get("between_judges", ())
    ]
    columns = ("Scorer", "Judges", "Answers", "Kappa")
    return Table(heading="Agreement between judges", columns=columns, rows=tuple(rows), numeric=(2, 3))


def _under_each(verdict: Verdict) -> Table:
    """What each gate would say by the scores of one judge alone."""
    rows: list[tuple[str, ...]] = []
    marks: list[Tone] = []
    for finding in verdict.suites[0].findings:
        disagree = DISAGREE in finding.flags
        for name, one in finding.details.get(UNDER_EACH, {}).items():
            rows.append((figures.finding_name(finding), name, one["says"], one["state"], _change(one)))
            marks.append("unsure" if disagree else "plain")
    return Table(
        heading="The verdict under each judge",
        columns=("Finding", "Judge", "Says", "State", "Change"),
        rows=tuple(rows),
        tones=tuple(marks),
        numeric=(4,),
    )


def _kappa(kappa: Mapping[str, Json]) -> str:
    return figures.MISSING if kappa["value"] is None else _interval(kappa)


def _change(one: Mapping[str, Json]) -> str:
    if one["delta"] is None:
        return figures.MISSING
    if one["low"] is None or one["high"] is None:
        return f"{one['delta']:+.3g}"
    return f"{one['delta']:+.3g} [{one['low']:+.3g}, {one['high']:+.3g}]"


def _interval(figure: Mapping[str, Json]) -> str:
    return f"{figure['value']:.2f} [{figure['low']:.2f}, {figure['high']:.2f}]"


def _number(value: float | None) -> str:
    return figures.MISSING if value is None else figures.number(value)
