"""The verdict as data (`--json`): the contract's shape, deterministic, without NaN."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from evalkit.core.exchange import Json
from evalkit.core.group_table import GroupRow, GroupTable
from evalkit.core.verdict import Estimate, Finding, SuiteVerdict, Verdict
from evalkit.report.figures import is_measured_time
from evalkit.report.renderers.missing import explain_missing, is_odd

_DIGITS = 10
_DIGITS_IN_SLICES = 8
_HOLDERS = frozenset({"suites", "findings", "metrics", "groups", "rows", "verdicts", "summary"})
"""Keys whose lists have a line an item"""
_FIGURES = (
    "n", "n_clusters", "base", "candidate", "delta", "low", "high", "confidence", "fixed", "broken", "p", "p_adjusted",
    "method", "mde",
)  # fmt: skip
_INTERVALS = ("base_low", "base_high", "candidate_low", "candidate_high")
_OF_METRIC = ("higher_is_better", "binary", *_INTERVALS)
"""What an estimate in a slice leaves to the one over all cases, and to the page"""
_ROUNDER = frozenset({"base", "candidate", "delta", "low", "high", "mde"})


def render(verdict: Verdict) -> str:
    """Render JSON text with a line end, a line a finding or estimate.

    The same bytes for the same verdict.
    """
    return write_lines(verdict_data(verdict)) + "\n"


def write_lines(value: Json) -> str:
    """Write JSON without blanks.

    An object of many stands on a line of its own.

    >>> print(write_lines({"holds": "x", "suites": [{"findings": [{"n": 1}, {"n": 2}]}]}))
    {"holds":"x","suites":[
    {"findings":[
    {"n":1},
    {"n":2}]}]}
    """
    if isinstance(value, dict) and not _HOLDERS.isdisjoint(value):
        return "{" + ",".join(f"{_dump(key)}:{_write_member(key, item)}" for key, item in value.items()) + "}"
    return _dump(value)


def _write_member(key: str, value: Json) -> str:
    if key not in _HOLDERS or not isinstance(value, list) or not value:
        return write_lines(value)
    return "[" + ",".join(f"\n{write_lines(item)}" for item in value) + "]"


def _dump(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def verdict_data(verdict: Verdict) -> Json:
    """Return the verdict as JSON values, in the contract's shape."""
    reasons = Reasons()
    value = {
        "evalkit": verdict.version,
        "outcome": verdict.outcome,
        "exit_code": verdict.exit_code,
        "base": verdict.base,
        "candidate": verdict.candidate,
        "because": verdict.because,
        "suites": [_suite(suite, reasons) for suite in verdict.suites],
        "reasons": reasons.sentences,
        "models": verdict.models,
        "notes": list(verdict.notes),
        "holds": "verdict",
    }
    return finite(value)


class Reasons:
    """The sentences of many rows, each once.

    Codes are a, b, ..., z, aa, ab, ...
    """

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}

    @property
    def sentences(self) -> dict[str, str]:
        """Code -> sentence."""
        return {code: sentence for sentence, code in self._codes.items()}

    def code(self, sentence: str) -> str:
        """Return the code of a sentence; "" of none."""
        if not sentence:
            return ""
        if sentence not in self._codes:
            self._codes[sentence] = _letters(len(self._codes))
        return self._codes[sentence]


def _letters(number: int) -> str:
    """
    >>> [_letters(number) for number in (0, 25, 26, 701, 702)]
    ['a', 'z', 'aa', 'zz', 'aaa']
    """
    head, last = divmod(number, 26)
    return (_letters(head - 1) if head else "") + chr(ord("a") + last)


def _suite(suite: SuiteVerdict, reasons: Reasons) -> dict[str, Json]:
    rare = {"leaked": suite.leaked, "sections": suite.section_data}
    return {
        "name": suite.name,
        "outcome": suite.outcome,
        "description": suite.description,
        "examples": suite.examples,
        "findings": [finding_data(finding) for finding in suite.findings],
        "metrics": [_write_codes(estimate_data(estimate), reasons) for estimate in suite.metrics],
        "notes": list(suite.notes),
        "ended": {arm: dict(counts) for arm, counts in suite.ended.items()},
        "groups": [group_table_data(table) for table in suite.groups] if suite.compares_groups else [],
        **({"families": [dataclasses.asdict(table) for table in suite.families]} if suite.families else {}),
        **{key: dict(value) for key, value in rare.items() if value},
    }


def _write_codes(row: dict[str, Json], reasons: Reasons) -> dict[str, Json]:
    """An estimate with codes for sentences; in a slice without what its metric says over all cases, and rounder."""
    row["because"] = reasons.code(row["because"])
    row["missing"] = {name: reasons.code(sentence) for name, sentence in row["missing"].items()}
    if row["slice"] is None:
        return row
    for name in _OF_METRIC:
        row.pop(name)
        row["missing"].pop(name, None)
    return {
        name: round(one, _DIGITS_IN_SLICES) if name in _ROUNDER and _is_finite(one) else one
        for name, one in row.items()
    }


def _is_finite(value: Json) -> bool:
    return isinstance(value, float) and not is_odd(value)


def finding_data(finding: Finding) -> dict[str, Json]:
    """Return a finding in the contract's shape.

    The figures of its estimate stand beside its own, flat.
    """
    row: dict[str, Json] = {
        "gate": finding.gate,
        "metric": finding.metric,
        "slice": _slice(finding.estimate),
        "state": finding.state,
        **{name: getattr(finding.estimate, name) for name in _FIGURES},
        "margin": finding.margin,
        "n_needed": finding.n_needed,
        "because": finding.because,
        "flags": list(finding.flags),
        "alarm": finding.alarm,
        "gate_index": finding.gate_index,
        "examples": list(finding.examples),
        "details": dict(finding.details),
    }
    row |= _mark_time(finding.metric)
    return row | {"missing": explain_missing(row, finding.because, known=finding.words.missing)}


def estimate_data(estimate: Estimate) -> dict[str, Json]:
    """Return an estimate in the contract's shape."""
    row: dict[str, Json] = {
        "metric": estimate.metric,
        "slice": _slice(estimate),
        **{name: getattr(estimate, name) for name in _FIGURES},
        "n_needed": None,
        "because": estimate.because,
        "higher_is_better": estimate.higher_is_better,
        "binary": estimate.binary,
        **{name: getattr(estimate, name) for name in _INTERVALS},
        **_mark_time(estimate.metric),
    }
    reasons = explain_missing(row, estimate.because)
    if estimate.delta is not None:
        reasons["n_needed"] = "needed for a margin, which only a gate has"
    return row | {"missing": reasons}


def _mark_time(metric: str) -> dict[str, Json]:
    """The mark of figures that are another run's never: seconds and speed as they were measured."""
    return {"measured_time": True} if is_measured_time(metric) else {}


def group_table_data(table: GroupTable) -> dict[str, Json]:
    """Return a group table as JSON values.

    What holds for all rows, the largest gap of both arms, and a row per group.
    """
    names = ("by", "metric", "within", "reference", "confidence", "min_n", "method", "higher_is_better", "without")
    spreads = {"base": table.base_spread, "candidate": table.candidate_spread}
    return {
        **{name: getattr(table, name) for name in names},
        "largest_gap": {arm: dataclasses.asdict(spread) for arm, spread in spreads.items()},
        "named_gaps": {
            name: {"base": dataclasses.asdict(base), "candidate": dataclasses.asdict(candidate)}
            for name, (base, candidate) in table.named_gaps.items()
        },
        "controls": list(table.controls),
        "fell_behind": list(table.fell_behind),
        "rows": [group_row_data(table, row) for row in table.rows],
    }


def group_row_data(table: GroupTable, row: GroupRow) -> dict[str, Json]:
    """Return one group's figures; a null has its reason under `missing_because`."""
    data: dict[str, Json] = dataclasses.asdict(row)
    reasons = {name: _why_undefined(table, row, name) for name, value in data.items() if value is None}
    return data | {"missing_because": reasons}


def _why_undefined(table: GroupTable, row: GroupRow, name: str) -> str:
    if name in ("fixed", "broken"):
        return row.because or "only cases of a yes/no metric are fixed or broken"
    if name.endswith("_pooled") and not table.controls:
        return "pooled within the values of a control tag, and the suite names none (groups: control)"
    if name.endswith("_ratio"):
        return row.because or ("nothing is a multiple of 0" if table.share else "a ratio is one of shares")
    return row.because or "undefined: there is no rest with pairs, or too few clusters vary"


def _slice(of: Estimate) -> dict[str, str] | None:
    return {"by": of.slice.by, "value": of.slice.value} if of.slice is not None else None


def finite(value: Any) -> Json:
    """Round numbers, with null for NaN and infinity.

    Rounded so that the last bits of a sum do not make another file.
    """
    if isinstance(value, dict):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    if isinstance(value, float):
        return None if is_odd(value) else round(value, _DIGITS) + 0.0
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if hasattr(value, "item"):
        return finite(value.item())
    if hasattr(value, "items"):
        return {str(key): finite(item) for key, item in value.items()}
    return str(value)
