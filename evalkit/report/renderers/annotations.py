"""Findings at the line of the gate that asked for them: GitHub's annotations, GitLab's code quality."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from evalkit.core.columns import Comparison
from evalkit.core.errors import Location, Places
from evalkit.core.exchange import Json
from evalkit.core.verdict import LOOKS_WORSE, Finding, SuiteVerdict, Verdict
from evalkit.report import figures, tones, words
from evalkit.report.sentences import Speaker
from evalkit.text.outgoing import cut_to, make_visible

Level = Literal["error", "warning", "notice"]

_SHOWN = 10
"""GitHub shows so many annotations of a level for a step"""
_LONGEST = 1_000
_BROKEN = 5
_SEVERITY: Mapping[str, str] = {
    "INVALID": "blocker", "CRITICAL_FAIL": "blocker", "REGRESSION": "critical", "FLOOR_FAIL": "critical",
}  # fmt: skip
_BY_LEVEL: Mapping[Level, str] = {"error": "major", "warning": "minor", "notice": "info"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One remark at a place of a file."""

    level: Level
    severity: str
    title: str
    message: str
    check: str
    key: str
    """The same for the same finding of another run"""
    where: Location | None = None


def annotate(
    verdict: Verdict, comparisons: Sequence[Comparison], places: Places, say: Speaker = str
) -> list[Annotation]:
    """List what speaks against deploying and what could not be told, gravest first.

    `say` speaks the reader's language; titles, checks and keys are the same in every one.
    """
    specs = {comparison.suite: comparison.manifest.get("spec") for comparison in comparisons}
    found: list[Annotation] = []
    for suite in verdict.suites:
        strict = words.on_inconclusive(specs.get(suite.name)) == "fail"
        here = places.get(suite.name, {})
        for finding in tones.gravest_first(suite.findings):
            level = _level(finding, strict=strict)
            if level is not None:
                where = here.get(finding.gate_index, here.get(-1))
                found.append(_of_finding(verdict, suite, finding, level, where, say))
        if not suite.findings:
            found.append(_of_nothing(verdict, suite, here.get(-1), say))
    return sorted(found, key=lambda one: ("error", "warning", "notice").index(one.level))


def _level(finding: Finding, *, strict: bool) -> Level | None:
    if words.fails(finding):
        return "error"
    if finding.state == "INCONCLUSIVE":
        return "error" if strict else "warning"
    if LOOKS_WORSE in finding.flags:
        return "warning"
    return "notice" if finding.state == "WAIVED" else None


def _of_finding(
    verdict: Verdict, suite: SuiteVerdict, finding: Finding, level: Level, where: Location | None, say: Speaker
) -> Annotation:
    name = figures.finding_name(finding)
    broken = " " + say(f"Broken: {', '.join(finding.examples[:_BROKEN])}.") if finding.examples else ""
    told = f"{say(figures.terse(finding) + '.')} {say(finding.because)}{broken}"
    return Annotation(
        level=level,
        severity=_SEVERITY.get(finding.state, _BY_LEVEL[level]),
        title=f"{finding.shown} {suite.name}: {name}",
        message=f"{verdict.base} -> {verdict.candidate}: {told}",
        check=f"evalkit.{finding.gate}",
        key="\0".join((verdict.candidate, suite.name, str(finding.gate_index), name)),
        where=where,
    )


def _of_nothing(verdict: Verdict, suite: SuiteVerdict, where: Location | None, say: Speaker) -> Annotation:
    return Annotation(
        level="error",
        severity="blocker",
        title=f"{suite.outcome} {suite.name}",
        message=f"{verdict.base} -> {verdict.candidate}: " + say("; ".join(suite.notes) or "nothing was judged"),
        check="evalkit.verdict",
        key="\0".join((verdict.candidate, suite.name)),
        where=where,
    )


def as_github(found: Sequence[Annotation], say: Speaker = str) -> str:
    """Return the lines that GitHub Actions reads from a log.

    Of each level those that it shows; a last line of the level says how many more there are.
    """
    lines: list[str] = []
    for level in ("error", "warning", "notice"):
        mine = [one for one in found if one.level == level]
        room = _SHOWN if len(mine) <= _SHOWN else _SHOWN - 1
        lines += map(_command, mine[:room])
        if len(mine) > room:
            rest = len(mine) - room
            lines.append(f"::{level} title=evalkit::{say(f'and {rest} more of this level: see the report')}")
    return "\n".join(lines)


def _command(one: Annotation) -> str:
    place = []
    if one.where is not None:
        place.append(f"file={_property(one.where.file)}")
        place += [f"line={one.where.line}"] if one.where.line else []
    place.append(f"title={_property(one.title)}")
    return f"::{one.level} {','.join(place)}::{_data(one.message)}"


def _data(text: str) -> str:
    cut = cut_to(make_visible(text), _LONGEST)
    return cut.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def as_code_quality(found: Sequence[Annotation]) -> str:
    """Return GitLab's code quality report: a JSON array, one issue each.

    An issue needs a file; what has none stands at the first line of `evalkit`.
    """
    issues: list[Json] = []
    for one in found:
        where = one.where or Location(file="evalkit")
        issues.append(
            {
                "description": cut_to(make_visible(f"{one.title}: {one.message}"), _LONGEST),
                "check_name": one.check,
                "fingerprint": hashlib.sha256(one.key.encode(errors="surrogatepass")).hexdigest(),
                "severity": one.severity,
                "location": {"path": where.file, "lines": {"begin": where.line or 1}},
            }
        )
    return json.dumps(issues, ensure_ascii=False, indent=2) + "\n"
