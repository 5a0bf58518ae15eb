"""The report as one page: no network, works from a file, every text once, nothing in it can run but its own script."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from evalkit.core.blocks import Bars, Cases, Matrix, Prose, Table, Trends
from evalkit.core.columns import Comparison
from evalkit.core.origin import Origin
from evalkit.core.page_parts import Attachments
from evalkit.core.summary import Summary
from evalkit.core.verdict import UNDECIDED, Verdict
from evalkit.report import figures, tones, words
from evalkit.report.compose import SuitePage, pages
from evalkit.report.next_step import advise, advise_together, say_gravest
from evalkit.report.origin import facts
from evalkit.report.renderers.blob import Packed, blob, script_safe
from evalkit.report.renderers.environment import make_environment
from evalkit.report.renderers.plot import plot
from evalkit.report.renderers.told import Told
from evalkit.report.renderers.trends import small_plots
from evalkit.report.sections.candidates import blocks as candidate_blocks
from evalkit.report.sentences import Language

_SCRIPTS = (
    "inflate.js", "seek.js", "search.js", "texts.js", "store.js", "filters.js", "diff.js", "calls.js", "review.js",
    "detail.js", "take.js", "shapes.js", "grouped.js", "cases.js", "page.js", "paper.js",
)  # fmt: skip
_SEEKER = ("inflate.js", "seek.js", "seeker.js")
"""What searches beside the page"""
_BLANK = ("", figures.MISSING)


Drawn = tuple[Verdict, Sequence[Comparison], Origin | None]
"""One candidate's verdict, what it rests on, and where it comes from"""


def render(
    verdict: Verdict,
    comparisons: Sequence[Comparison],
    origin: Origin | None = None,
    *,
    language: Language | None = None,
) -> str:
    """Render the page of one candidate as text; it starts in `language`."""
    return "".join(draw([(verdict, comparisons, origin)], None, language=language))


def render_several(summary: Summary, drawn: Sequence[Drawn], *, language: Language | None = None) -> str:
    """Render one page of several candidates, in the order of the summary."""
    return "".join(draw(drawn, summary, language=language))


def draw(
    drawn: Sequence[Drawn],
    summary: Summary | None,
    *,
    language: Language | None = None,
    attachments: Attachments | None = None,
) -> Iterator[str]:
    """Draw the page piece by piece.

    It is that of one candidate, or with a summary of several.
    """
    told = Told(start=language or "en")
    style, script = _asset("report.css"), _script()
    suites = [_by_gravity(pages(verdict, comparisons)) for verdict, comparisons, _ in drawn]
    places, data = _pack(suites, attachments)
    verdicts = [verdict for verdict, _, _ in drawn]
    chosen = next((at for at, one in enumerate(verdicts) if summary and one.candidate == summary.best), 0)
    yield from _template().generate(
        summary=summary,
        head=_head(summary, verdicts),
        candidates=[
            _candidate(one, of_one, places, at, chosen)
            for at, (one, of_one) in enumerate(zip(drawn, suites, strict=True))
        ],
        beside=() if summary is None else candidate_blocks(summary, verdicts, [_counts(of_one) for of_one in suites]),
        style=style,
        script=script,
        seeker=_join_assets(_SEEKER),
        style_hash=_hash(style),
        script_hash=_hash(script),
        data=data,
        run=_run_key(verdicts),
        told=told,
        asked=language or "",
        labels=lambda: script_safe(told.labels),
    )


def _head(summary: Summary | None, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """What the whole page says: that of its verdict, or of the summary."""
    if summary is None:
        verdict = verdicts[0]
        return {
            "outcome": verdict.outcome,
            "tone": tones.OUTCOME[verdict.outcome],
            "deploy": words.deploy(verdict),
            "title": verdict.candidate,
        }
    best = summary.best is not None
    counts = Counter(line.outcome for line in summary.lines)
    told = ", ".join(f"{many} {outcome}" for outcome, many in counts.items())
    advice, arm = advise_together(summary, verdicts)
    return {
        "advice": advice,
        "arm": arm,
        "because": summary.because if best else f"No candidate passes every gate: {told}.",
        "outcome": summary.outcome,
        "tone": "good" if best else tones.OUTCOME[summary.outcome],
        "deploy": "deploy" if best else "deploy none of them",
        "title": f"{len(summary.lines)} candidates",
    }


def _candidate(drawn: Drawn, suites: Sequence[SuitePage], places: Places, at: int, chosen: int) -> dict[str, Any]:
    """What the template says of one candidate."""
    verdict, comparisons, origin = drawn
    return {
        "verdict": verdict,
        "first": at == chosen,
        "arm": verdict.candidate,
        "pages": suites,
        "places": [places.get((at, page.suite.name)) for page in suites],
        "overview": [_overview(page) for page in suites],
        "deploy": words.deploy(verdict),
        "tone": tones.OUTCOME[verdict.outcome],
        "gravest": say_gravest(verdict),
        "advice": advise(verdict),
        "totals": _totals(verdict, [block for page in suites for block in _cases(page)]),
        "facts": facts(verdict, comparisons, origin),
    }


Places = dict[tuple[int, str], tuple[int, int]]
"""(candidate, suite) -> where its cases are: position of the suite, and of the candidate in it"""


def _pack(candidates: Sequence[Sequence[SuitePage]], attachments: Attachments | None) -> tuple[Places, Packed]:
    """The cases of all candidates, each suite once."""
    by_suite: dict[str, list[tuple[int, Cases]]] = {}
    for at, suites in enumerate(candidates):
        for page in suites:
            for block in _cases(page):
                by_suite.setdefault(page.suite.name, []).append((at, block))
    places = {
        (at, name): (index, arm)
        for index, (name, found) in enumerate(by_suite.items())
        for arm, (at, _) in enumerate(found)
    }
    return places, blob([(name, [block for _, block in found]) for name, found in by_suite.items()], attachments)


def _counts(suites: Sequence[SuitePage]) -> dict[str, Mapping[str, int]]:
    return {page.suite.name: block.counts for page in suites for block in _cases(page)}


def _run_key(verdicts: Sequence[Verdict]) -> str:
    """What a browser keeps a reviewer's judgements under: the same for the same verdicts, wherever their page lies."""
    from evalkit.report import verdict_json

    told = "".join(map(verdict_json, verdicts))
    return hashlib.sha256(told.encode(errors="surrogatepass")).hexdigest()[:16]


def _address(arm: str, suite: str, filters: Mapping[str, str]) -> str:
    """The link to cases of a suite, chosen by filters of its list; `arm` names the candidate, where there are several.

    What `filters` say goes before what they are asked with.
    """
    place = {"arm": arm, "suite": suite, **filters}
    return "#" + urlencode({name: value for name, value in place.items() if value}, errors="replace")


def _by_gravity(suites: Sequence[SuitePage]) -> list[SuitePage]:
    """Suites in the order of their outcome, the gravest first."""
    return sorted(suites, key=lambda page: _GRAVEST.index(page.suite.outcome))


_GRAVEST = ("FAIL", "INVALID", "INCONCLUSIVE", "PASS")


def _overview(page: SuitePage) -> dict[str, Any]:
    """One line of the table of suites."""
    suite = page.suite
    counts = next((block.counts for block in _cases(page)), {})
    against = [finding for finding in suite.findings if words.fails(finding)]
    untold = sum(finding.shown in ("INCONCLUSIVE", UNDECIDED) for finding in suite.findings)
    return {
        "name": suite.name,
        "outcome": suite.outcome,
        "tone": tones.OUTCOME[suite.outcome],
        "examples": figures.count(suite.examples),
        "findings": len(suite.findings),
        "against": len(against),
        "untold": untold,
        "broken": figures.count(counts.get("broken")),
        "fixed": figures.count(counts.get("fixed")),
        "headline": _headline(page),
    }


def _headline(page: SuitePage) -> str:
    """The gravest finding, or the first, on one line."""
    ordered = tones.gravest_first(page.suite.findings)
    if not ordered:
        return ""
    first = ordered[0]
    where = f" ({figures.place(first.slice)})" if first.slice is not None else ""
    return f"{first.metric}{where}: {figures.terse(first)}".replace("->", "→")


Tile = tuple[str, str, str, Mapping[str, str] | None]
"""Label, figure, tone, and where the figure leads"""


def _totals(verdict: Verdict, cases: Sequence[Cases]) -> list[Tile]:
    """The tiles under the verdict; a count leads to its cases where one suite has them all."""
    findings = [finding for suite in verdict.suites for finding in suite.findings]
    against = sum(words.fails(finding) for finding in findings)
    broken = sum(block.counts.get("broken", 0) for block in cases)
    fixed = sum(block.counts.get("fixed", 0) for block in cases)
    failed = sum(block.counts.get("failed", 0) for block in cases)
    tiles: list[Tile] = [
        ("Suites", figures.count(len(verdict.suites)), "plain", None),
        ("Cases", figures.count(sum(suite.examples for suite in verdict.suites)), "plain", _lead(verdict, "all")),
        ("Findings against", f"{against} / {len(findings)}", "bad" if against else "good", _lead(verdict, "")),
        ("Broken", figures.count(broken), "bad" if broken else "plain", _lead(verdict, "broken") if broken else None),
        ("Fixed", figures.count(fixed), "good" if fixed else "plain", _lead(verdict, "fixed") if fixed else None),
    ]
    return [*tiles, ("Failed calls", figures.count(failed), "unsure", _lead(verdict, "failed"))] if failed else tiles


def _lead(verdict: Verdict, group: str) -> Mapping[str, str]:
    """To the cases of the only suite, else to the table of suites, where each has its own counts."""
    if len(verdict.suites) != 1:
        return {"suites": "all"}
    return {"suite": verdict.suites[0].name, **({"group": group} if group else {})}


def _cases(page: SuitePage) -> list[Cases]:
    return [block for _, blocks in page.sections for block in blocks if isinstance(block, Cases)]


def _shown_columns(table: Table) -> list[int]:
    """The positions of a table's columns that say something in at least one row."""
    width = range(len(table.columns))
    return [at for at in width if any(row[at] not in _BLANK for row in table.rows)]


@cache
def _template() -> Any:
    environment = make_environment()
    environment.tests["table"] = lambda block: isinstance(block, Table)
    environment.tests["bars"] = lambda block: isinstance(block, Bars)
    environment.tests["matrix"] = lambda block: isinstance(block, Matrix)
    environment.tests["trends"] = lambda block: isinstance(block, Trends)
    environment.tests["prose"] = lambda block: isinstance(block, Prose)
    environment.globals.update(plot=plot, small_plots=small_plots, shown_columns=_shown_columns, address=_address)
    environment.filters["chip"] = tones.chip
    return environment.from_string(_asset("report.html.j2"))


@cache
def _script() -> str:
    """The page's scripts, one behind the other, out of the way of everything global."""
    return f'(() => {{\n"use strict";\n{_join_assets(_SCRIPTS)}\n}})();\n'


def _join_assets(names: Sequence[str]) -> str:
    return "\n".join(_asset(name) for name in names)


@cache
def _asset(name: str) -> str:
    return files("evalkit.report.renderers").joinpath("assets", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """The digest by which a content security policy lets this text in, and nothing else."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
