"""Hold labels that people gave against each other and against the scorers of a kept run.

FILE is Label Studio's or Argilla's JSON export, or a table of `evalkit cases` with columns that people added. A label
is named after the answer it is about: base.good, candidate.good; several people make agreement (kappa, alpha).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.cli.say import say
from evalkit.cli.shared import document, root_argument, write

if TYPE_CHECKING:
    from evalkit.pipeline.deciding.agreement import LabelReport
    from evalkit.stats.agreement import Kappa
    from evalkit.stats.raters import Agreement


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the files, the run they are of, and where scores go."""
    parser.add_argument("files", metavar="FILE", nargs="+", help="labels: .json of a tool, .csv, .xlsx, .jsonl")
    parser.add_argument(
        "--run", dest="run_named", metavar="RUN", default="latest", help="an id, its start, or `latest`"
    )
    parser.add_argument("-o", "--output", metavar="DIR", help="recordings of both arms with the labels as given scores")
    parser.add_argument("--report", metavar="DIR", help="the run's page with the agreement of people")
    parser.add_argument("--json", metavar="FILE", help="the agreement as data (- for standard output)")
    root_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Exit 0 where labels were read; exit 2 where they cannot be."""
    import sys

    from evalkit.core.fingerprint import plain
    from evalkit.pipeline.labels import judge_run, write_recordings
    from evalkit.report import html
    from evalkit.store.runs import load_run

    kept = load_run(Path(args.root), args.run_named)
    judged = judge_run(kept, args.files)
    out = sys.stderr if args.json == "-" else sys.stdout
    for report in judged.reports:
        say("\n".join(label_lines(report)), file=out)
    for note in judged.notes:
        say(f"note: {note}", file=sys.stderr)
    if args.json:
        data = {"run": kept.summary.id, "labels": plain(judged.reports), "notes": list(judged.notes)}
        write(args.json, document("labels", data))
    if args.report:
        page = Path(args.report) / "index.html"
        write(str(page), html(kept.verdict, judged.comparisons))
        say(f"report: {page}", file=out)
    if args.output:
        paths = write_recordings(kept, judged, Path(args.output))
        names = " ".join(map(str, paths))
        say(f"{names}: answers with labels as given scores; gate them: {{type: given, score: NAME, ...}}", file=out)
    return 0


def label_lines(report: LabelReport) -> list[str]:
    """Write one question in a few lines."""
    from evalkit.core.errors import count_of

    who = f"{count_of(len(report.annotators), 'annotator')} ({', '.join(report.annotators[:5])})"
    lines = [f"{report.name}: {count_of(report.cases, 'case')}, {who}"]
    if report.alpha is not None:
        told = [f"Cohen's kappa {_figure(report.cohen)}"] if report.cohen is not None else []
        told += [f"Fleiss' kappa {_figure(report.fleiss)}"] if report.fleiss is not None else []
        told.append(f"Krippendorff's alpha ({report.level}) {_figure(report.alpha)}")
        equal = "" if report.alpha.observed is None else f"equal {100 * report.alpha.observed:.0f}%; "
        lines.append(f"  between people: {equal}{'; '.join(told)}")
    for one in report.against:
        shares = f"people say yes to {100 * one.people:.0f}%, the scorer to {100 * one.scorer:.0f}%"
        equal = f"equal {100 * one.kappa.agreement:.0f}%"
        lines.append(f"  with {one.metric}: {equal}; Cohen's kappa {_figure(one.kappa)}, n={one.kappa.n}; {shares}")
    return lines


def _figure(found: Kappa | Agreement) -> str:
    if found.value is None:
        return f"- ({found.reason})"
    if found.low is None or found.high is None:
        return f"{found.value:.2f}"
    return f"{found.value:.2f} [{found.low:.2f}, {found.high:.2f}]"
