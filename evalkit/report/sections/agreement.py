"""How far people agree with each other and with the scorers, of answers that they labelled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from evalkit.core.blocks import Block, Table
from evalkit.core.columns import Comparison
from evalkit.core.errors import count_of
from evalkit.core.exchange import Json
from evalkit.core.judging import AGREEMENT
from evalkit.core.verdict import Verdict
from evalkit.report import figures

_NOTE = (
    "Kappa and alpha are agreement beyond chance: 1 is always, 0 is what chance alone gives; intervals are at 95%. "
    "Beside a scorer stands what most people say of an answer, without ties. Many equal answers with a low kappa mean "
    "that nearly all answers have one label."
)
_KINDS = (("cohen", "Cohen's kappa"), ("fleiss", "Fleiss' kappa"), ("alpha", "Krippendorff's alpha"))


def blocks(comparison: Comparison | None, verdict: Verdict) -> Sequence[Block]:
    """Return a table of the questions; nothing where nobody labelled an answer."""
    rows = [row for report in _reports(comparison) for row in _rows(report)]
    if not rows:
        return []
    columns = ("Question", "Who", "Measure", "Agreement", "95% interval", "Cases", "Equal", "Yes")
    return [Table(heading="Agreement of people", columns=columns, rows=tuple(rows), numeric=(3, 4, 5, 6), note=_NOTE)]


def data(comparison: Comparison | None, verdict: Verdict) -> Json:
    """Return the agreement, question by question."""
    return _reports(comparison) or None


def _reports(comparison: Comparison | None) -> list[Mapping[str, Json]]:
    return list(comparison.manifest.get(AGREEMENT, ())) if comparison is not None else []


def _rows(report: Mapping[str, Json]) -> Iterator[tuple[str, ...]]:
    """A row a measure between people, and one a scorer."""
    people = report["annotators"]
    who = f"{count_of(len(people), 'annotator')}: {', '.join(people[:5])}{' ...' if len(people) > 5 else ''}"
    measured = [(name, report[key]) for key, name in _KINDS if report[key] is not None]
    for name, found in measured:
        told = f"{name} ({report['level']})" if name.startswith("Krippendorff") else name
        equal = found["observed"] if "observed" in found else found["agreement"]
        yield (report["name"], who, told, *_figures(found), figures.count(found["n"]), _share(equal), "")
    if not measured:
        yield (report["name"], who, "", figures.MISSING, figures.MISSING, figures.count(report["cases"]), "", "")
    for one in report["against"]:
        kappa, shares = one["kappa"], f"people {_share(one['people'])}, scorer {_share(one['scorer'])}"
        beside = f"people and {one['metric']}"
        cells = (*_figures(kappa), figures.count(kappa["n"]), _share(kappa["agreement"]), shares)
        yield (report["name"], beside, "Cohen's kappa", *cells)


def _figures(found: Mapping[str, Json]) -> tuple[str, str]:
    if found["value"] is None:
        return figures.MISSING, found["reason"]
    if found["low"] is None or found["high"] is None:
        return f"{found['value']:.2f}", figures.MISSING
    return f"{found['value']:.2f}", f"{found['low']:.2f} to {found['high']:.2f}"


def _share(value: float | None) -> str:
    return figures.MISSING if value is None else f"{100 * value:.0f}%"
