"""What a check of a data set found: as lines for a terminal, as a page, as data."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from evalkit.core.data_report import LEVELS, DataFinding, DataReport
from evalkit.core.exchange import Json
from evalkit.report.renderers.data import finite
from evalkit.report.renderers.environment import make_environment
from evalkit.report.sentences.book import speaker
from evalkit.report.sentences.language import Language

_BARS = 30
"""Values of a count that are drawn"""


def finding_lines(finding: DataFinding, report: DataReport, language: Language = "en") -> list[str]:
    """Return a finding as lines.

    They say what and how often, its first places, what to do.
    """
    words = check_words(language)
    say = speaker(language)
    head = f"{words[finding.level]}: {say(finding.what)}{_count(finding, report, words)}"
    head += f": {finding.detail}" if finding.detail else ""
    lines = [head]
    for place in finding.places:
        lines.append(f"    {place}: {place.excerpt}" if place.excerpt else f"    {place}")
    if finding.todo:
        lines.append(f"    {words['todo']}: {say(finding.todo)}")
    return lines


def check_summary(report: DataReport, language: Language = "en") -> str:
    """Return how many findings of each level there are, as one sentence."""
    words = check_words(language)
    counts = {level: report.count(level) for level in LEVELS}
    if not any(counts.values()):
        return words["nothing"]
    return words["counts"].format(**counts)


def as_data(report: DataReport) -> dict[str, Json]:
    """Return the report as JSON values."""
    told: dict[str, Json] = finite(dataclasses.asdict(report))
    return told


def page(report: DataReport, language: Language = "en") -> str:
    """Render the report as one self-contained page, without a script."""
    words = check_words(language)
    style = _asset("run_trends.css") + _asset("data_check.css")
    say = speaker(language)
    levels = [
        {
            "name": words[f"{level}s"],
            "about": words[f"{level}_about"],
            "level": level,
            "findings": [
                {
                    "said": say(one.what),
                    "todo": say(one.todo) if one.todo else "",
                    "count": _count(one, report, words).removeprefix(": "),
                    "one": one,
                }
                for one in report.findings
                if one.level == level
            ],
        }
        for level in LEVELS
    ]
    return str(
        _template().render(
            lang=language,
            words=words,
            report=report,
            levels=levels,
            notes=[say(note) for note in report.notes],
            summary=check_summary(report, language),
            lead=words["lead"].format(rows=report.rows, examples=report.examples, clusters=report.clusters),
            bars=[{"name": name, "bars": _bars(counts)} for name, counts in _counts_by_value(report, words)],
            figures=_figures(report, words),
            style=style,
            style_hash=f"sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}",
        )
    )


def _count(finding: DataFinding, report: DataReport, words: Mapping[str, str]) -> str:
    if finding.rows is None:
        return ""
    form = words["row" if finding.rows == 1 else "rows"]
    return ": " + form.format(n=finding.rows, share=finding.rows / max(report.rows, 1))


def _counts_by_value(report: DataReport, words: Mapping[str, str]) -> list[tuple[str, Mapping[str, int]]]:
    """What is counted by value: labels, scripts, languages, tags."""
    found: list[tuple[str, Mapping[str, int]]] = []
    for check, facts in report.facts.items():
        for name, value in facts.items() if isinstance(facts, Mapping) else ():
            groups = value.items() if name == "tags" and isinstance(value, Mapping) else [(name, value)]
            for title, counts in groups:
                if isinstance(counts, Mapping) and counts and all(type(one) is int for one in counts.values()):
                    named = not {"min", "median", "max"} & counts.keys()
                    if named:
                        told = name_fact(check, name, words)
                        found.append((told if title == name else f"{told} {title}", counts))
    return found


def _figures(report: DataReport, words: Mapping[str, str]) -> list[tuple[str, str]]:
    """The other figures: a name and a number."""
    rows: list[tuple[str, str]] = []
    for check, facts in report.facts.items():
        for name, value in facts.items() if isinstance(facts, Mapping) else ():
            if isinstance(value, Mapping) and {"min", "median", "max"} <= value.keys():
                rows.append(
                    (name_fact(check, name, words), f"{value['min']:,} … {value['median']:,} … {value['max']:,}")
                )
            elif isinstance(value, (int, float)) and not isinstance(value, bool):
                rows.append((name_fact(check, name, words), f"{value:,}"))
            elif isinstance(value, str):
                rows.append((name_fact(check, name, words), value))
    return rows


def name_fact(check: str, name: str, words: Mapping[str, str]) -> str:
    """Return what a figure is called, or its own name."""
    return words.get(f"fact {check}.{name}", f"{check} · {name}")


def _bars(counts: Mapping[str, int]) -> list[tuple[str, int, float]]:
    """The most frequent values: name, count, width in percent."""
    largest = max(counts.values())
    ranked = sorted(counts.items(), key=lambda one: -one[1])[:_BARS]
    return [(name, count, round(100 * count / max(largest, 1), 1)) for name, count in ranked]


@cache
def check_words(language: Language) -> Mapping[str, str]:
    """Return the words of the report in a language."""
    words: dict[str, str] = json.loads(_asset(f"data_check.{language}.json"))
    return words


@cache
def _template() -> Any:
    return make_environment().from_string(_asset("data_check.html.j2"))


@cache
def _asset(name: str) -> str:
    return files("evalkit.report.renderers").joinpath("assets", name).read_text(encoding="utf-8")
