"""The evidence page: what was measured of groups, on whom, how sure, and what it cannot tell; figures alone."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evalkit.core.columns import Comparison
from evalkit.core.group_table import GroupTable
from evalkit.core.notes import kind_of
from evalkit.core.verdict import Finding, SuiteVerdict, Verdict
from evalkit.report import figures
from evalkit.report.evidence_words import BLANKS, LIMITS, words_in
from evalkit.report.renderers.markdown import cell_text
from evalkit.report.sections.families import family_figure, family_interval
from evalkit.report.sections.groups import format_figure, format_interval, format_move, format_ratio
from evalkit.report.sentences.language import Language


@dataclass(frozen=True, slots=True)
class EvidencePart:
    """A part of the page: a heading, paragraphs, list items, and rows under columns."""

    heading: str
    text: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def evidence_parts(
    verdict: Verdict, comparisons: Sequence[Comparison], *, language: Language = "en", when: str = ""
) -> list[EvidencePart]:
    """Return the parts of the page, in their order.

    `when` is the date of the verdict.
    """
    words = words_in(language)
    by_name = {comparison.suite: comparison for comparison in comparisons}
    intro = words["intro"].format(base=verdict.base, candidate=verdict.candidate)
    parts = [EvidencePart(words["what"], (intro,)), _run(verdict, words, when), _arms(comparisons, words)]
    parts += [_measured_by(suite, by_name.get(suite.name), words) for suite in verdict.suites]
    parts.append(EvidencePart(words["whom"]))
    parts += [_groups(suite, words) for suite in verdict.suites]
    parts += [EvidencePart(words["result"], (_how_to_read(verdict, words),)), _meanings(verdict, words)]
    for suite in verdict.suites:
        parts += [_overall(suite, words), _results(suite, words)]
    parts += [*_families(verdict, words), *_limits(verdict, words)]
    parts.append(EvidencePart(words["sign"], items=tuple(f"{words[key]} ______" for key in BLANKS)))
    return parts


def as_markdown(
    verdict: Verdict, comparisons: Sequence[Comparison], *, language: Language = "en", when: str = ""
) -> str:
    """Write the page as Markdown."""
    lines = [f"# {words_in(language)['title']}: {verdict.base} -> {verdict.candidate}", ""]
    for part in evidence_parts(verdict, comparisons, language=language, when=when):
        lines += [f"{'##' if part.heading[:1].isdigit() else '###'} {part.heading}", ""] if part.heading else []
        for text in part.text:
            lines += [text, ""]
        lines += [f"- {item}" for item in part.items] + [""] * bool(part.items)
        if part.rows:
            lines.append("| " + " | ".join(part.columns) + " |")
            lines.append("|" + "---|" * len(part.columns))
            lines += ["| " + " | ".join(cell_text(cell) for cell in row) + " |" for row in part.rows]
            lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


_STYLE = (
    "body{font:15px/1.6 system-ui,sans-serif;max-width:80rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}"
    "table{display:block;overflow-x:auto;border-collapse:collapse;margin:.6rem 0 1.4rem}"
    "th,td{border:1px solid #c9c9c9;padding:.25rem .6rem;text-align:left}"
    "th{background:#f3f3f3}h2{margin-top:2.2rem;border-bottom:1px solid #ddd}@media print{body{margin:0}}"
)


def as_html(verdict: Verdict, comparisons: Sequence[Comparison], *, language: Language = "en", when: str = "") -> str:
    """Write the page as HTML of its own: no script, nothing from elsewhere."""
    title = html.escape(f"{words_in(language)['title']}: {verdict.base} -> {verdict.candidate}")
    body = [f"<h1>{title}</h1>"]
    for part in evidence_parts(verdict, comparisons, language=language, when=when):
        level = "h2" if part.heading[:1].isdigit() else "h3"
        body += [f"<{level}>{html.escape(part.heading)}</{level}>"] if part.heading else []
        body += [f"<p>{html.escape(text)}</p>" for text in part.text]
        body += ["<ul>", *(f"<li>{html.escape(item)}</li>" for item in part.items), "</ul>"] if part.items else []
        body += list(_html_table(part)) if part.rows else []
    meta = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    head = f'<meta charset="utf-8">{meta}<title>{title}</title><style>{_STYLE}</style>'
    return (
        f'<!doctype html>\n<html lang="{language}"><head>{head}</head><body>\n' + "\n".join(body) + "\n</body></html>\n"
    )


def _html_table(part: EvidencePart) -> Iterator[str]:
    yield "<table><tr>" + "".join(f"<th>{html.escape(name)}</th>" for name in part.columns) + "</tr>"
    for row in part.rows:
        yield "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
    yield "</table>"


def _run(verdict: Verdict, words: Mapping[str, str], when: str) -> EvidencePart:
    pairs = ((words["outcome"], verdict.outcome), (words["when"], when), (words["version"], verdict.version))
    return EvidencePart("", columns=("", words["run"]), rows=tuple((name, value) for name, value in pairs if value))


def _arms(comparisons: Sequence[Comparison], words: Mapping[str, str]) -> EvidencePart:
    rows = []
    for name in ("base", "candidate"):
        seen = dict.fromkeys(
            (words[name], arm.name, f"{arm.provider}:{arm.model}", arm.fingerprint[:16])
            for arm in (getattr(comparison, name) for comparison in comparisons)
        )
        rows += list(seen)
    return EvidencePart("", columns=("", words["arm"], words["model"], words["fingerprint"]), rows=tuple(rows))


def _measured_by(suite: SuiteVerdict, comparison: Comparison | None, words: Mapping[str, str]) -> EvidencePart:
    found = comparison.manifest if comparison is not None else {}
    gates = dict.fromkeys(f"{one.gate} {one.metric}{_margin(one, ' ({})')}" for one in suite.findings)
    confidence = next((one.confidence for one in suite.findings), None)
    pairs = (
        (words["about"], suite.description),
        (words["cases"], figures.count(suite.examples)),
        (words["clusters"], "" if comparison is None else figures.count(len(set(comparison.clusters)))),
        (words["data"], str(found.get("data_sha256", ""))),
        (words["metrics"], ", ".join(dict.fromkeys(one.metric for one in suite.metrics))),
        (words["gates"], ", ".join(gates)),
        (words["confidence"], "" if confidence is None else f"{100 * confidence:.4g}%"),
    )
    rows = tuple((name, value) for name, value in pairs if value)
    return EvidencePart(suite.name, columns=("", words["suite"]), rows=rows)


def _margin(one: Finding, form: str) -> str:
    if one.margin is None:
        return ""
    return form.format(f"{100 * one.margin:.4g} pp" if figures.is_share(one) else figures.number(one.margin))


def _how_to_read(verdict: Verdict, words: Mapping[str, str]) -> str:
    levels = dict.fromkeys(f"{100 * table.confidence:.4g}%" for suite in verdict.suites for table in suite.groups)
    return words["reading"].format(confidence=", ".join(levels) or figures.MISSING)


def _meanings(verdict: Verdict, words: Mapping[str, str]) -> EvidencePart:
    """What every word for a finding that stands on this page means."""
    seen = dict.fromkeys(one.shown for suite in verdict.suites for one in suite.findings)
    rows = tuple((state, words[f"state.{state}"]) for state in seen if f"state.{state}" in words)
    return EvidencePart("", columns=(words["state"], words["words"]), rows=rows)


def _overall(suite: SuiteVerdict, words: Mapping[str, str]) -> EvidencePart:
    """The gates over all cases: how good the answers are, beside who gets them."""
    rows = tuple(
        (
            f"{one.gate} {one.metric}",
            figures.count(one.n),
            figures.value(one.base, one),
            figures.value(one.candidate, one),
            figures.change(one.delta, one),
            figures.interval(one),
            _margin(one, "{}") or figures.MISSING,
            one.shown,
        )
        for one in suite.findings
        if one.slice is None
    )
    keys = ("gate", "n", "base", "candidate", "difference", "interval", "margin", "state")
    columns = tuple(words[key] for key in keys)
    return EvidencePart(f"{suite.name}: {words['overall']}", columns=columns, rows=rows)


def _groups(suite: SuiteVerdict, words: Mapping[str, str]) -> EvidencePart:
    """Who the cases were of: once a tag, by the metric that looks at most of them."""
    widest: dict[str, GroupTable] = {}
    for table in (one for one in suite.groups if not one.within):
        known = widest.get(table.by)
        if known is None or sum(row.n for row in table.rows) > sum(row.n for row in known.rows):
            widest[table.by] = table
    rows = [
        (table.by, row.group, figures.count(row.n), figures.count(row.missing), figures.count(table.without))
        for table in widest.values()
        for row in table.rows
    ]
    columns = tuple(words[key] for key in ("tag", "group", "n", "missing", "without"))
    told = () if rows else (words["no_groups"],)
    if suite.outcome == "INVALID" and not rows:
        told = (words["unsound"].format(because=next((one.because for one in suite.findings if one.because), "")),)
    return EvidencePart(suite.name, told, columns=columns, rows=tuple(rows))


def _results(suite: SuiteVerdict, words: Mapping[str, str]) -> EvidencePart:
    states = {
        (one.metric, one.slice.by, one.slice.value): one.shown
        for one in suite.findings
        if one.slice is not None and one.words.either
    }
    rows = [
        (
            table.metric,
            _of_group(table, row.group, words),
            figures.count(row.n),
            format_figure(row.base, table),
            format_interval(row.base_low, row.base_high, table, signed=False),
            format_figure(row.candidate, table),
            format_interval(row.candidate_low, row.candidate_high, table, signed=False),
            format_move(row.base_gap, table),
            format_move(row.candidate_gap, table),
            format_move(row.change, table),
            format_interval(row.low, row.high, table, signed=True),
            format_ratio(row.candidate_ratio),
            figures.MISSING if table.within else states.get((table.metric, table.by, row.group), figures.MISSING),
        )
        for table in suite.groups
        for row in table.rows
    ]
    keys = (
        "metric", "group", "n", "base", "interval", "candidate", "interval", "base_gap", "candidate_gap", "change",
        "interval", "ratio", "state",
    )  # fmt: skip
    return EvidencePart(suite.name, columns=tuple(words[key] for key in keys), rows=tuple(rows))


def _of_group(table: GroupTable, group: str, words: Mapping[str, str]) -> str:
    said = f"{table.by} = {group}{f', {table.within}' if table.within else ''}"
    return f"{said} ({words['reference'].format(group=table.reference)})" if table.reference is not None else said


def _families(verdict: Verdict, words: Mapping[str, str]) -> Iterator[EvidencePart]:
    tables = [(suite.name, table) for suite in verdict.suites for table in suite.families]
    if not tables:
        yield EvidencePart(words["families"], (words["no_families"],))
        return
    noisy = any(table.base.noise is not None or table.candidate.noise is not None for _, table in tables)
    told = (words["family_note"],) if noisy else (words["family_note"], words["no_noise"])
    keys = ("flips", "mean_gap", "beyond")
    arms = [f"{words[key]}, {words[arm]}" for key in keys for arm in ("base", "candidate")]
    rows = tuple(
        (
            f"{suite}: {table.by}",
            table.metric,
            figures.count(table.families),
            figures.count(table.incomplete),
            *(
                family_figure(getattr(arm, name), table)
                for name in ("flip_rate", "mean_gap", "beyond_noise")
                for arm in (table.base, table.candidate)
            ),
        )
        for suite, table in tables
    )
    columns = (words["tag"], words["metric"], words["family_count"], words["incomplete"], *arms)
    yield EvidencePart(words["families"], told, columns=columns, rows=rows)
    columns = tuple(
        words[key] for key in ("metric", "pair", "family_count", "base", "interval", "candidate", "interval")
    )
    for suite, table in tables:
        pairs = tuple(
            (
                table.metric,
                words["less"].format(one=pair.one, other=pair.other),
                figures.count(pair.families),
                family_figure(pair.base, table, signed=True),
                family_interval(pair.base_low, pair.base_high, table),
                family_figure(pair.candidate, table, signed=True),
                family_interval(pair.candidate_low, pair.candidate_high, table),
            )
            for pair in table.pairs
        )
        yield EvidencePart(f"{suite}: {table.by}", columns=columns, rows=pairs)


def _limits(verdict: Verdict, words: Mapping[str, str]) -> Iterator[EvidencePart]:
    items = [words["cases_only"].format(n=f"{sum(suite.examples for suite in verdict.suites):,}")]
    items += [words[key] for key in LIMITS]
    notes: dict[str, None] = {}
    for suite in verdict.suites:
        small: dict[tuple[str, int], dict[str, int]] = {}
        for table in (one for one in suite.groups if not one.within):
            found = {row.group: row.n for row in table.rows if row.small}
            small.setdefault((table.by, table.min_n), {}).update(found)
        for (by, least), groups in small.items():
            if groups:
                told = ", ".join(f"{group} (n = {n:,})" for group, n in groups.items())
                items.append(words["small"].format(suite=suite.name, tag=by, groups=told, least=least))
        told_of_data = (
            str(note) for note in suite.notes if kind_of(note) == "left_out" or note.startswith("word list ")
        )
        notes |= dict.fromkeys(told_of_data)
    yield EvidencePart(words["cannot"], items=tuple(items))
    if notes:
        yield EvidencePart(words["notes"], items=tuple(notes))
