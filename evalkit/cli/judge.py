"""Hold a judge against people, or keep its replies.

check    the judge of a kept run beside labels of people: agreement, false passes, leanings, corrected rates
record   the judge's replies in a kept run as a recording, for `--replay` and CI

FILE holds labels as `evalkit labels` reads them: Label Studio's or Argilla's JSON, or a table of `evalkit cases` with a
column such as base.good and candidate.good (of a pair: better, with base, candidate or tie). The suite names
what `-o` writes: {type: judge, ..., calibration: FILE}; without it the judge is advisory.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.cli.language import current_language
from evalkit.cli.say import say
from evalkit.cli.shared import root_argument, write

if TYPE_CHECKING:
    from evalkit.pipeline.judge_check.check import Checked
    from evalkit.store.runs import Run


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what to do, with which labels of which run."""
    parser.add_argument("what", choices=("check", "record"), metavar="check|record")
    parser.add_argument("files", metavar="FILE", nargs="*", help="check: labels: .json of a tool, .csv, .xlsx, .jsonl")
    parser.add_argument(
        "--run", dest="run_named", metavar="RUN", default="latest", help="an id, its start, or `latest`"
    )
    parser.add_argument("--scorer", metavar="NAME", help="the scorer, where the run has several that ask judges")
    parser.add_argument("--label", metavar="NAME", help="check: which label of several: good of base.good")
    parser.add_argument("--given", metavar="SCORE", help="check: labels are this score of the answers themselves")
    parser.add_argument("--judge", metavar="NAME", help="record: which of several judges")
    parser.add_argument("-o", "--output", metavar="FILE", help="check: the calibration; record: the recording")
    parser.add_argument("--json", metavar="FILE", help="check: all figures as data (- for standard output)")
    parser.add_argument("--markdown", metavar="FILE", help="check: all figures as a page (- for standard output)")
    root_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Exit 0: it may gate; 1: it may not; 3: too few labels."""
    from evalkit.core.errors import Problem, UsageError
    from evalkit.store.runs import load_run

    kept = load_run(Path(args.root), args.run_named)
    if args.what == "record":
        return _record(kept, args)
    if bool(args.files) == (args.given is not None):
        what = "judge check needs labels of people: FILE, or --given SCORE" + (", not both" if args.files else "")
        raise UsageError(Problem(what=what, todo="evalkit cases RUN -o sheet.csv, add columns, and name the file"))
    from evalkit.cli.targets import check_targets
    from evalkit.pipeline.judge_check.check import check_judge

    check_targets(args)
    _check_calibration(args.output)
    return _tell(check_judge(kept, args.files, scorer=args.scorer, label=args.label, given=args.given), kept, args)


def _check_calibration(output: str | None) -> None:
    """UsageError where a file stands that is no calibration, and would be lost."""
    import json

    from evalkit.core.errors import Problem, UsageError
    from evalkit.pipeline.judge_check.check import HOLDS

    if output is None or not Path(output).exists():
        return
    try:
        held = json.loads(Path(output).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        held = None
    if not isinstance(held, dict) or held.get("holds") != HOLDS:
        what = f"-o {output}: a file stands there that is no calibration, and it would be lost"
        raise UsageError(Problem(what=what, todo="name another file, or move this one away"))


def _tell(found: Checked, kept: Run, args: argparse.Namespace) -> int:
    import sys

    from evalkit.core.rows import dump
    from evalkit.pipeline.judge_check.check import policy_of
    from evalkit.report.judge_lines import judge_lines, judge_markdown

    data = found.data(kept.summary.id)
    floor = policy_of(kept, found.court.scorer).judge_floor
    out = sys.stderr if "-" in (args.json, args.markdown) else sys.stdout
    say("\n".join(judge_lines(data, floor=floor, language=current_language())), file=out)
    for note in found.court.notes:
        say(f"note: {note}", file=sys.stderr)
    if args.json:
        write(args.json, dump(data).decode() + "\n")
    if args.markdown:
        write(args.markdown, judge_markdown(data, floor=floor, language=current_language()))
    if args.output:
        write(args.output, dump(found.calibration).decode() + "\n")
        say(f"{args.output}: name it in the suite: calibration: {args.output}", file=out)
    if not any(found.why.values()):
        return 0
    return 3 if found.few else 1


def _record(kept: Run, args: argparse.Namespace) -> int:
    from evalkit.core.errors import Problem, UsageError
    from evalkit.pipeline.judge_check.record import record_judge

    if not args.output or not args.output.endswith((".jsonl", ".jsonl.gz")):
        raise UsageError(Problem(what="judge record needs -o FILE, a .jsonl or a .jsonl.gz"))
    many = record_judge(kept, Path(args.output), scorer=args.scorer, judge=args.judge)
    say(f"{args.output}: {many} replies; name it in models.yaml: recording: {args.output}")
    return 0
