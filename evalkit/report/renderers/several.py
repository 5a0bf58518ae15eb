"""The summary of several candidates: in the terminal, as Markdown, as data."""

from __future__ import annotations

from evalkit.core.exchange import Json
from evalkit.core.summary import CandidateLine, Summary
from evalkit.report import figures
from evalkit.report.renderers.data import finding_data, finite
from evalkit.report.renderers.markdown import MARKER, cell_text
from evalkit.report.sentences import Language, speaker


def text(summary: Summary, *, language: Language = "en") -> str:
    """Return a line per candidate, the one to deploy or none, and why."""
    say = speaker(language)
    wide = max(len(line.candidate) for line in summary.lines)
    rows = [f"  {line.outcome:<12}  {line.candidate:<{wide}}  {say(_say_moved(line))}" for line in summary.lines]
    head = f"{len(summary.lines)} candidates against {summary.base}"
    code = f"exit code {summary.exit_code} ({summary.outcome})"
    return "\n".join([say(head), *rows, "", say(_decision(summary)), say(code)])


def markdown(summary: Summary, *, language: Language = "en") -> str:
    """Return the summary as a table of GitHub's Markdown."""
    say = speaker(language)
    rows = [
        "| "
        + " | ".join(
            (
                _bold(line, summary),
                line.outcome,
                cell_text(say(_say_moved(line)).replace("->", "→")),
                cell_text(say(line.because)),
            )
        )
        + " |"
        for line in summary.lines
    ]
    titles = " | ".join(map(say, ("Candidate", "Verdict", "Base → candidate", "Why")))
    head = [f"| {titles} |", "|---|---|---|---|"]
    return "\n".join([MARKER, "", f"**{cell_text(say(_decision(summary)))}**", "", *head, *rows]) + "\n"


def data(summary: Summary) -> dict[str, Json]:
    """Return `best` (a name or null), `because`, and a row per candidate."""
    rows: list[Json] = []
    for line in summary.lines:
        found = finding_data(line.finding) if line.finding is not None else {}
        names = ("gate", "metric", "base", "candidate", "delta", "low", "high", "confidence")
        rows.append(
            {
                "candidate": line.candidate,
                "outcome": line.outcome,
                "exit_code": line.exit_code,
                "because": line.because,
                "suites": [{"name": name, "outcome": outcome} for name, outcome in line.suites],
                "ranked_by": {name: found[name] for name in names} if found else None,
            }
        )
    told: dict[str, Json] = finite({"best": summary.best, "because": summary.because, "rows": rows})
    return told


def _say_moved(line: CandidateLine) -> str:
    return f"{line.finding.metric} {figures.terse(line.finding)}" if line.finding is not None else "nothing measured"


def _decision(summary: Summary) -> str:
    if summary.best is None:
        return summary.because
    return f"deploy {summary.best}: {summary.because}"


def _bold(line: CandidateLine, summary: Summary) -> str:
    name = cell_text(line.candidate)
    return f"**{name}**" if line.candidate == summary.best else name
