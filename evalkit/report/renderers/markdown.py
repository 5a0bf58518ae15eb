"""A comment for a pull request: the verdict, the findings, the first broken cases. GitHub's Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from evalkit.core.blocks import Case
from evalkit.core.columns import Comparison
from evalkit.core.errors import count_of
from evalkit.core.verdict import Finding, SuiteVerdict, Verdict
from evalkit.report import figures, tones, words
from evalkit.report.compose import narrow_to_suite
from evalkit.report.sections.cases import find_broken_cases
from evalkit.report.sentences import Language, Speaker, speaker
from evalkit.text.outgoing import make_visible

MARKER = "<!-- evalkit:report -->"
"""First line of the comment, by which the next run finds it."""

_ALERT = {"PASS": "TIP", "FAIL": "CAUTION", "INCONCLUSIVE": "WARNING", "INVALID": "CAUTION"}
_SIGN = {"good": "✅", "bad": "❌", "unsure": "⚠️", "plain": "➖"}
_LONGEST = 400
LONGEST_COMMENT = 65_536
"""Characters that a comment of GitHub holds"""
_CUT = "cut here: the report has the rest"


def render(
    verdict: Verdict,
    comparisons: Sequence[Comparison],
    *,
    cases: int,
    longest: int = LONGEST_COMMENT,
    language: Language = "en",
) -> str:
    """Render the Markdown text, with up to `cases` broken cases per suite.

    What does not fit is left out: first cases, then the findings behind the gravest of each suite, and it is said.
    """
    say = speaker(language)
    for shown in (many for many in (cases, 2, 0) if many <= cases):
        text = _render(verdict, comparisons, cases=shown, rows=None, say=say)
        if len(text) <= longest:
            return text
    for rows in (100, 50, 20, 10, 5, 2, 1):
        text = _render(verdict, comparisons, cases=0, rows=rows, say=say)
        if len(text) <= longest:
            return text
    cut = f"\n\n… {say(_CUT)}\n"
    return text[: max(0, longest - len(cut))] + cut


def _render(verdict: Verdict, comparisons: Sequence[Comparison], *, cases: int, rows: int | None, say: Speaker) -> str:
    by_name = {comparison.suite: comparison for comparison in comparisons}
    parts = [
        MARKER,
        f"> [!{_ALERT[verdict.outcome]}]\n> **{verdict.outcome}: {say(words.deploy(verdict))}** "
        f"{_safe(verdict.base)} → {_safe(verdict.candidate)}"
        + (f"\n> {_safe(say(verdict.because))}" if verdict.because else ""),
    ]
    parts += [f"> [!WARNING]\n> {_safe(say(note))}" for note in verdict.notes]
    for suite in verdict.suites:
        parts.append(_suite(suite, by_name.get(suite.name), rows, say))
        shown, count = find_broken_cases(by_name.get(suite.name), narrow_to_suite(verdict, suite), most=cases)
        if shown:
            parts.append(f"<details><summary>{_safe(suite.name)}: {say(count_of(count, 'broken case'))}</summary>\n")
            parts += [_case(case, say) for case in shown]
            if count > len(shown):
                parts.append(say(f"and {count - len(shown)} more in the report."))
            parts.append("</details>")
    return "\n\n".join(parts) + "\n"


def _suite(suite: SuiteVerdict, comparison: Comparison | None, most: int | None, say: Speaker) -> str:
    loud = [f for f in tones.gravest_first(suite.findings) if words.is_loud(f)]
    quiet = words.quiet(suite)
    head = f"### {_safe(suite.name)}: {suite.outcome} ({say(count_of(suite.examples, 'case'))})"
    titles = " | ".join(map(say, ("Gate", "Metric", "Base → candidate", "Why")))
    rows = [f"| | {titles} |", "|---|---|---|---|---|", *(_row(f, say) for f in loud[:most])]
    left = len(loud) - len(loud[:most])
    if left:
        more = say(f"and {count_of(left, 'finding')} more in the report")
        rows.append(f"| | | | | {more} |")
    ended = words.describe_endings(suite)
    beside = words.describe_unanswered(comparison)
    told = [quiet, *words.name_unsettled(suite), f"Answers {ended}" if ended else "", beside]
    tail = "".join(f"\n\n{_safe(say(f'{one}.'))}" for one in told if one)
    return f"{head}\n\n" + "\n".join(rows) + tail


def _row(finding: Finding, say: Speaker) -> str:
    sign = _SIGN[tones.of_finding(finding)]
    where = f"<br>{cell_text(figures.place(finding.slice))}" if finding.slice is not None else ""
    metric = f"{cell_text(finding.metric)}{where}"
    moved = cell_text(say(figures.terse(finding)).replace("->", "→"))
    why = cell_text(say(finding.because))
    return f"| {sign} {finding.shown} | {cell_text(finding.gate)} | {metric} | {moved} | {why} |"


def _case(case: Case, say: Speaker) -> str:
    failing = ", ".join(name for name, group in case.groups.items() if group == "broken")
    answers = [("asked", case.prompt), ("expected", case.expected)]
    answers += [
        ("base", _answer(case.base, case.base_calls)),
        ("candidate", _answer(case.candidate, case.candidate_calls)),
    ]
    lines = [f"**{_safe(case.id)}** ({_safe(failing)})"]
    lines += [f"{say(name)}:\n{_fence(text)}" for name, text in answers if text]
    return "\n\n".join(lines)


def _answer(text: str, calls: Sequence[tuple[str, str]]) -> str:
    return "\n".join([*([text] if text else []), *(f"{name}({arguments})" for name, arguments in calls)])


def _fence(text: str) -> str:
    """A code block that no text can leave: its fence is longer than any in the text."""
    text = make_visible(text if len(text) <= _LONGEST else text[:_LONGEST] + " …")
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}"


def _safe(text: str) -> str:
    """Text without a meaning in HTML or Markdown, on one line; nobody is mentioned by it."""
    text = make_visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "@\u200b")
    return re.sub(r"([\\`*_\[\]|#!~])", r"\\\1", " ".join(text.split()))


def cell_text(text: str) -> str:
    """Escape a text for a cell of a table."""
    return _safe(text)
