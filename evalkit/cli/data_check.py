"""The action `check` of `evalkit data`: findings in the terminal, as a page and as data; what was trained on."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.cli.say import say, show
from evalkit.cli.shared import read_count, read_money

if TYPE_CHECKING:
    from evalkit.core.data_report import DataReport, Level
    from evalkit.core.exchange import Json
    from evalkit.data.checks.stream import DataSource


def check_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the action."""
    parser.add_argument("--trained-on", action="append", default=[], metavar="FILE", help="training data; repeatable")
    parser.add_argument("--for", dest="trainer", choices=("openai",), help="who trains on FILE: its rules are errors")
    parser.add_argument("--skip", action="append", default=[], metavar="CHECK", help="a check not to make; repeatable")
    parser.add_argument("--only", action="append", default=[], metavar="CHECK", help="a check to make; repeatable")
    parser.add_argument("--model", metavar="NAME", help="whose tokens, context and template rows are held against")
    parser.add_argument("--models", metavar="FILE", help="default: models.yaml, else suites/models.yaml")
    parser.add_argument(
        "--served-by",
        metavar="WHAT",
        help="a server's URL, a .jinja file or a model: is it asked as --model is trained?",
    )
    parser.add_argument(
        "--max-length", type=read_count, metavar="TOKENS", help="of a row in training, e.g. max_seq_length"
    )
    parser.add_argument("--epochs", type=read_count, metavar="N", help="of the training, for its cost")
    parser.add_argument("--rate", type=read_money, metavar="USD", help="what a million training tokens cost")
    parser.add_argument("--json", metavar="FILE", help="every finding, and every leak with its place and tier")
    parser.add_argument("--html", metavar="FILE", help="the findings as a page")
    parser.add_argument("--redact", metavar="FILE", help="write FILE anew there, placeholders for what is personal")


def run_check(args: argparse.Namespace, *, format: str, columns: Mapping[str, str]) -> int:
    """Check a data set and tell what was found.

    Exit 2 for errors and leaked rows, 4 where nothing is wrong but ids that stand twice, else 0.
    """
    from evalkit.cli.language import current_language
    from evalkit.data.checks.run import exit_code_of
    from evalkit.data.checks.stream import DataSource
    from evalkit.data.redacted import check_redaction

    _check_targets(args)
    if args.redact:
        check_redaction(args.file, Path(args.redact))
    source = DataSource(path=str(args.file), format=format, columns=columns, encoding=args.encoding)
    report = _make_report(args, source)
    _tell(report, args)
    if args.redact:
        _redact(args)
    if args.html:
        from evalkit.cli.shared import write
        from evalkit.report.renderers.data_check import page

        write(args.html, page(report, current_language()))
        say(f"page: {args.html}")
    code = exit_code_of(report)
    leaked = _check_trained_on(args, source, report) if args.trained_on else 0
    if args.json and not args.trained_on:
        _write_json(args.json, "data_check", report, {})
    return code or leaked if leaked != 2 else leaked


def _make_report(args: argparse.Namespace, source: DataSource) -> DataReport:
    from evalkit.data.checks.run import check_data
    from evalkit.data.checks.table import make_checks
    from evalkit.data.checks.token_counts import TokenCounts
    from evalkit.pipeline.data_check import parity_of, ruler_of

    level: Level | None = "error" if args.trainer == "openai" else None
    if level is None and (args.format is None or args.format.startswith("openai-")):
        level = "warning" if args.format else "advice"
    skip, only = tuple(args.skip), tuple(args.only)
    checks = make_checks(openai=level, skip=skip, only=only)
    if "tokens" not in skip and (not only or "tokens" in only):
        ruler = ruler_of(args.model, models=args.models, context=args.max_length, rate=args.rate)
        checks.append(TokenCounts(ruler, epochs=args.epochs))
    if args.served_by:
        checks.append(parity_of(args.model, args.served_by, models=args.models))
    near = "near" not in skip and (not only or "near" in only)
    return check_data(source, checks, near=near, skipped=skip)


def _check_targets(args: argparse.Namespace) -> None:
    from evalkit.core.errors import DataError, Problem, UsageError
    from evalkit.data.held_out.table import check_target
    from evalkit.data.source import files, is_url

    if not args.json and not args.html:
        return
    read: list[str] = []
    for path in (args.file, *args.trained_on):
        with suppress(DataError):  # a folder that only its own format can read
            read += files(path)
    if args.json:
        check_target(args.json, read=read)
    if args.html:
        target = Path(args.html)
        if target.exists() and any(not is_url(file) and target.samefile(file) for file in read):
            raise UsageError(Problem(what=f"--html {target}: this is what is read, and it would be lost"))
        if not target.name.endswith((".html", ".htm")):
            raise UsageError(Problem(what=f"--html {target}: no page of this name is written", allowed="NAME.html"))


def _tell(report: DataReport, args: argparse.Namespace) -> None:
    from evalkit.cli.language import current_language
    from evalkit.data.problems import unread_sentence
    from evalkit.data.read import unread_files
    from evalkit.report.renderers.data_check import check_summary, finding_lines
    from evalkit.text.outgoing import for_terminal

    say(f"{args.file}: {report.examples} examples in {report.clusters} independent units")
    facts = report.facts.get("set")
    tags = facts.get("tags") if isinstance(facts, Mapping) else None
    for tag, values in tags.items() if isinstance(tags, Mapping) else ():
        shown = ", ".join(f"{value} {count}" for value, count in list(values.items())[:12])
        say(f"  {tag}: {shown}{' ...' if len(values) > 12 else ''}")
    unread = unread_files(args.file, format=args.format)
    if unread:
        say(f"warning: {unread_sentence(unread)}", file=sys.stderr)
    for note in report.notes:
        say(f"note: {note}")
    language = current_language()
    for finding in report.findings:
        lines = finding_lines(finding, report, language)
        show(for_terminal("\n".join(lines)), file=sys.stdout if finding.level == "advice" else sys.stderr)
    show(check_summary(report, language))


def _redact(args: argparse.Namespace) -> None:
    from evalkit.data.redacted import redact_file

    values = redact_file(args.file, Path(args.redact))
    told = ", ".join(f"{kind} {count}" for kind, count in values.items()) or "nothing personal was found"
    say(f"{args.redact}: {told}")


def _write_json(target: str, holds: str, report: DataReport, more: Mapping[str, Json]) -> None:
    from evalkit.cli.shared import document
    from evalkit.data.held_out.table import write_text
    from evalkit.report.renderers.data_check import as_data

    data = as_data(report)
    write_text(target, document(holds, data if holds == "data_check" else {**more, "data_check": data}))


def _check_trained_on(args: argparse.Namespace, source: DataSource, report: DataReport) -> int:
    """Tell what stands in the training data; 2 where a row does, or where a file could not be read."""
    from evalkit.data.held_out.check import leak_problems, search_training
    from evalkit.data.held_out.table import leaks_as_json
    from evalkit.data.read import UnsoundData, read_examples

    try:
        examples = read_examples(source.path, format=source.format, columns=source.columns, encoding=source.encoding)
    except UnsoundData as error:
        if not error.examples:
            raise
        examples = error.examples  # told already
    found = search_training(examples, args.trained_on)
    if args.json:
        _write_json(args.json, "held_out", report, leaks_as_json(found))
    problems = leak_problems(found)
    for problem in problems:
        say(f"error: {problem}", file=sys.stderr)
    for note in found.notes():
        say(note, file=sys.stderr if found.unread else sys.stdout)
    return 2 if problems or found.unread else 0
