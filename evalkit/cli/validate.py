"""Every problem of suites and their data at once: nothing is asked, nothing is spent."""

from __future__ import annotations

import argparse
import sys

from evalkit.cli.say import say
from evalkit.cli.shared import suite_arguments
from evalkit.core.errors import count_of


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare suites as arguments, or all of suites/."""
    parser.add_argument("suites", metavar="SUITE", nargs="*", help="a suite file or a folder (default: suites/)")
    suite_arguments(parser)
    parser.add_argument("--strict", action="store_true", help="warnings fail as well")


def run(args: argparse.Namespace) -> int:
    """Exit 0 when every suite can run and every model can open.

    Models are those of models.yaml, opened by their spec. 2 otherwise.
    """
    from evalkit.pipeline.validate import validate

    reports = validate([*args.suites, *args.suite], models=args.models)
    bad = 0
    for report in reports:
        for problem in report.problems:
            say(f"error: {problem}", file=sys.stderr)
        for warning in report.warnings:
            say(f"warning: {warning}", file=sys.stderr)
        for note in report.notes:
            say(f"note: {note}", file=sys.stderr)
        wrong = bool(report.problems or (args.strict and report.warnings))
        bad += wrong
        if report.problems:
            cannot = "cannot run" if report.suite else "not every model can be opened"
            say(f"{report.path}: {cannot} ({count_of(len(report.problems), 'problem')})")
            continue
        if not report.suite:
            continue
        counts = ", ".join(
            (count_of(report.examples, "example"), count_of(report.scorers, "scorer"), count_of(report.gates, "gate"))
        )
        say(f"{report.path}: can run ({counts})")
    return 2 if bad else 0
