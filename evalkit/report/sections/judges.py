"""Who judged the answers: model, prompt, calls, tokens, money, and whether people were found to agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalkit.core.blocks import Block, Table
from evalkit.core.columns import Comparison
from evalkit.core.exchange import Json
from evalkit.core.judging import JUDGES
from evalkit.core.verdict import Verdict
from evalkit.report import figures


def blocks(comparison: Comparison | None, verdict: Verdict) -> Sequence[Block]:
    """Return a table of the judges; nothing where none was asked."""
    told = _facts(comparison)
    rows = [_row(scorer, about, name, judge) for scorer, about in told.items() for name, judge in _judges(about)]
    if not rows:
        return []
    return [
        Table(
            heading="Judges",
            columns=("Scorer", "Judge", "Model", "Prompt", "Calls", "Failed", "Tokens in", "Tokens out", "Cost"),
            rows=tuple(rows),
            tones=(),
            bars=(),
            numeric=(4, 5, 6, 7, 8),
            note="Both arms are judged under the same prompt. Equal answers of both arms are one question.",
        )
    ]


def data(comparison: Comparison | None, verdict: Verdict) -> Json:
    """Return what is known of the judges, scorer by scorer."""
    return dict(_facts(comparison)) or None


def _facts(comparison: Comparison | None) -> Mapping[str, Json]:
    return comparison.manifest.get(JUDGES, {}) if comparison is not None else {}


def _judges(about: Mapping[str, Json]) -> list[tuple[str, Mapping[str, Json]]]:
    return list(about["judges"].items())


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


def _number(value: float | None) -> str:
    return figures.MISSING if value is None else figures.number(value)
