"""What the terminal shows: the verdict, a table of findings, what broke, where the report is."""

from __future__ import annotations

import io
import shutil
from collections.abc import Sequence
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from evalkit.core.blocks import Case
from evalkit.core.columns import Comparison
from evalkit.core.errors import count_of
from evalkit.core.verdict import Finding, SuiteVerdict, Verdict
from evalkit.report import figures, tones, words
from evalkit.report.compose import narrow_to_suite
from evalkit.report.drawn import join, plain
from evalkit.report.sections.cases import find_broken_cases
from evalkit.report.sentences import Language, Speaker, speaker

_STYLE = {"good": "green", "bad": "red", "unsure": "yellow", "plain": "dim"}
_BROKEN = 3
_PLAIN_WIDTH = 120


def render(
    verdict: Verdict,
    comparisons: Sequence[Comparison],
    *,
    report: Path | None,
    colour: bool,
    width: int | None,
    language: Language = "en",
) -> str:
    """Render the text without a line end; escape codes only with `colour`."""
    say = speaker(language)
    columns = width or (shutil.get_terminal_size().columns if colour else _PLAIN_WIDTH)
    sink = io.StringIO()
    out = Console(
        file=sink,
        width=columns,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    )
    for note in verdict.notes:
        out.print(plain(f"{say('NOTE')} {say(note)}", style=f"bold {_STYLE['unsure']}"))
    by_name = {comparison.suite: comparison for comparison in comparisons}
    for suite in verdict.suites:
        comparison = by_name.get(suite.name)
        broke = find_broken_cases(comparison, narrow_to_suite(verdict, suite), most=_BROKEN)
        _suite(out, suite, broke, say=say, remark=words.describe_unanswered(comparison), width=columns)
    style = f"bold {_STYLE[tones.OUTCOME[verdict.outcome]]}"
    out.print(
        join((verdict.outcome, style), f"  {say(words.deploy(verdict))}: ", f"{verdict.base} -> {verdict.candidate}")
    )
    if verdict.because:
        out.print(plain(say(verdict.because)))
    if report is not None:
        out.print(join(f"{say('report')}: ", (str(report), "bold")), soft_wrap=True)
    return "\n".join(line.rstrip() for line in sink.getvalue().splitlines())


def _suite(
    out: Console, suite: SuiteVerdict, broke: tuple[Sequence[Case], int], *, say: Speaker, remark: str, width: int
) -> None:
    style = _STYLE[tones.OUTCOME[suite.outcome]]
    out.print(
        join((suite.outcome, f"bold {style}"), " ", (suite.name, "bold"), f"  {say(count_of(suite.examples, 'case'))}")
    )
    shown = [f for f in tones.gravest_first(suite.findings) if words.is_loud(f)]
    out.print(_table(shown, say))
    if quiet := words.quiet(suite):
        out.print(Padding(plain(say(quiet), style="dim"), (0, 0, 0, 2)))
    for said in words.name_unsettled(suite):
        out.print(Padding(plain(say(said), style=_STYLE["unsure"]), (0, 0, 0, 2)))
    if remark:
        out.print(Padding(plain(say(remark), style="dim"), (0, 0, 0, 2)))
    if ended := words.describe_endings(suite):
        out.print(Padding(plain(say(ended), style="dim"), (0, 0, 0, 2)))
    for finding in shown:
        if finding.shown not in ("PASS", "IMPROVED") or "tolerated_drop" in finding.flags:
            why = plain(
                f"{figures.finding_name(finding)}: {say(finding.because)}", style=_STYLE[tones.of_finding(finding)]
            )
            out.print(Padding(why, (0, 0, 0, 2)))
    if suite.outcome in ("INVALID", "INCONCLUSIVE"):  # what was noticed may be why it could not be told
        for note in (note for note in suite.notes if note not in remark):
            out.print(Padding(plain(f"{say('note')}: {say(note)}", style="dim"), (0, 0, 0, 2)))
    cases, count = broke
    for case in cases:
        _case(out, case, say=say, width=width)
    if count > len(cases):
        more = count_of(count - len(cases), "more broken case")
        out.print(plain(f"  {say(f'and {more}')}", style="dim"))
    out.print()


def _table(findings: Sequence[Finding], say: Speaker) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for name in ("state", "gate", "moved"):
        table.add_column(name, overflow="fold", no_wrap=name == "state")
    for finding in findings:
        tone = _STYLE[tones.of_finding(finding)]
        where = f" [{figures.place(finding.slice)}]" if finding.slice is not None else ""
        table.add_row(
            plain(f"  {finding.shown}", style=tone),
            plain(f"{finding.gate} {finding.metric}{where}"),
            plain(say(figures.terse(finding))),
        )
    return table


def _case(out: Console, case: Case, *, say: Speaker, width: int) -> None:
    failing = ", ".join(name for name, group in case.groups.items() if group == "broken")
    out.print(join(f"  {say('broken')} ", (case.id, "bold"), (f"  {failing}", "dim")))
    answers = (
        ("asked", case.prompt),
        ("expected", case.expected),
        ("base", _answer(case.base, case.base_calls)),
        ("candidate", _answer(case.candidate, case.candidate_calls)),
    )
    wide = 1 + max(9, *(cell_len(say(name)) for name, _ in answers))
    for name, text in answers:
        if text:
            room = " " * (wide - cell_len(say(name)))
            out.print(join((f"    {say(name)}{room}", "dim"), _clip(text, width - wide - 6)))


def _answer(text: str, calls: Sequence[tuple[str, str]]) -> str:
    return " ".join([*([text] if text else []), *(f"{name}({arguments})" for name, arguments in calls)])


def _clip(text: str, cells: int) -> str:
    """The text on one line of so many terminal cells (a Japanese character takes two), without control characters."""
    line = "".join(mark for mark in " ".join(text.split()) if mark.isprintable())
    if cell_len(line) <= cells:
        return line
    while line and cell_len(line) > cells - 1:
        line = line[: max(0, len(line) - 1 - (cell_len(line) - cells) // 2)]
    return f"{line}…"
