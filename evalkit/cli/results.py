"""Deliver a verdict: keep the run, write the report and the files that were asked for, print the rest."""

from __future__ import annotations

import argparse
import datetime as dt
import re
import shlex
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.cli.annotations import annotations_of, print_annotations
from evalkit.cli.language import asked_language, current_language, speak
from evalkit.cli.origin import find_commit, origin_of
from evalkit.cli.publish import publish_outcomes
from evalkit.cli.say import say, show
from evalkit.cli.shared import REPORTS, write, write_pieces
from evalkit.core.errors import Problem, StoreError, UnsoundComparison, UsageError

if TYPE_CHECKING:
    from evalkit.core.exchange import Json
    from evalkit.core.summary import Summary
    from evalkit.core.sweep import Sweep
    from evalkit.pipeline.options import CandidateResult
    from evalkit.store.kept_run import RunSummary


def run_id(outcome: CandidateResult, now: dt.datetime) -> str:
    """Name a run by when it was made, and who against whom.

    It is in the letters of any script: it sorts by time and reads without a table.
    """
    verdict = outcome.verdict
    names = unicodedata.normalize("NFC", f"{verdict.base}-vs-{verdict.candidate}")
    # letters with their marks, digits and . _ - stay; names of files are measured in bytes
    kept = "".join(mark if mark in "._-" or unicodedata.category(mark)[0] in "LMN" else " " for mark in names)
    short = re.sub(" +", "_", kept)[:80].encode()[:180].decode(errors="ignore")
    return f"{now:%Y%m%d-%H%M%S}-{short}"


def summarize_run(
    outcome: CandidateResult, name: str, *, arguments: Mapping[str, Json], created: str, place: int
) -> RunSummary:
    """Say of a run what `evalkit runs` lists."""
    from evalkit.store.kept_run import RunSummary

    verdict = outcome.verdict
    return RunSummary(
        id=name,
        path=Path(),
        created=created,
        outcome=verdict.outcome,
        base=verdict.base,
        candidate=verdict.candidate,
        suites=tuple(outcome.suites),
        arguments=arguments,
        place=place,
    )


def page_name(outcomes: Sequence[CandidateResult], kept: Sequence[str], now: dt.datetime) -> str:
    """Name the folder of a page, as its first run is named."""
    if len(outcomes) == 1:
        return kept[0] if kept else run_id(outcomes[0], now)
    first = kept[0] if len(kept) == len(outcomes) else run_id(outcomes[0], now)
    return f"{first}-and-{len(outcomes) - 1}-more"


def draw_page(outcomes: Sequence[CandidateResult], summary: Summary) -> Iterator[str]:
    """Draw the page of a candidate, or the one of several, piece by piece.

    It holds their runs.
    """
    from evalkit.report import html_pieces
    from evalkit.store.page_runs import HeldRun, HeldRuns

    drawn = [(one.verdict, one.comparisons, one.origin) for one in outcomes]
    runs = [
        HeldRun(
            summary=one.summary,
            verdict=one.verdict,
            comparisons=one.comparisons,
            suites=one.suites,
            places=one.places,
        )
        for one in outcomes
        if one.summary is not None
    ]
    together = summary if len(drawn) > 1 else None
    return html_pieces(drawn, together, language=asked_language(), attachments=HeldRuns(runs))


@dataclass(frozen=True, kw_only=True)
class Together:
    """What several candidates come to; of checkpoints also their course."""

    summary: Summary
    sweep: Sweep | None = None


def deliver(
    outcomes: Sequence[CandidateResult],
    *,
    args: argparse.Namespace,
    now: dt.datetime,
    together: Together | None = None,
) -> Summary:
    """Keep, write and print every outcome of a comparison.

    Returns what all of them come to: `together`, where the command has worked that out already.
    """
    from evalkit.store.runs import save_run

    kept = []
    told: list[CandidateResult] = []
    created = f"{now:%Y-%m-%dT%H:%M:%S.%f}"
    arguments: dict[str, Json] = {
        "suite": args.suite, "models": args.models, "limit": args.limit, "seed": args.seed, "k": args.keyword,
        "commit": find_commit(Path(args.suite[0] if args.suite else "suites")),
        "arms": [args.base, *args.candidates], "columns": getattr(args, "columns", []),
        "early_stop": getattr(args, "early_stop", False),
    }  # fmt: skip
    arguments |= _name_training(together)
    for place, outcome in enumerate(outcomes):
        named = run_id(outcome, now)
        summary = summarize_run(outcome, named, arguments=arguments, created=created, place=place)
        try:
            name = save_run(
                args.root,
                named,
                verdict=outcome.verdict,
                comparisons=outcome.comparisons,
                suites=outcome.suites,
                arguments=arguments,
                created=created,
                place=place,
                places=outcome.places,
            )
        except StoreError as error:
            say(f"the run is not kept: {error}", file=sys.stderr)
            told.append(replace(outcome, summary=summary))
            continue
        kept.append(name)
        base, candidate = outcome.verdict.base, outcome.verdict.candidate
        origin = origin_of(name, created=created, base=base, candidates=[candidate], arguments=arguments)
        told.append(replace(outcome, origin=origin, summary=replace(summary, id=name)))
    folder = Path(args.report) if args.report is not None else Path(REPORTS) / page_name(told, kept, now)
    again = [f"evalkit report {name}" for name in kept]
    return publish(told, folder=folder, args=args, again=again, together=together)


def _name_training(together: Together | None) -> dict[str, Json]:
    if together is None or together.sweep is None:
        return {}
    return {"sweep": together.sweep.source, "steps": together.sweep.steps}


def publish(
    outcomes: Sequence[CandidateResult],
    *,
    folder: Path,
    args: argparse.Namespace,
    again: Sequence[str],
    together: Together | None = None,
) -> Summary:
    """Write the report page and the files asked for; print the verdicts.

    Files are written first, so that whoever stops reading the screen (`| head`) loses none; the verdicts are printed
    whatever becomes of the files. Several candidates share a page, and end with a summary, which is returned.

    Raises UsageError when something could not be written: `again` holds the commands that draw the kept runs again.
    """
    from evalkit.report import console

    out = sys.stderr if args.json == "-" else sys.stdout
    together = together or Together(summary=_summary(outcomes, args))
    summary = together.summary
    problems: list[Problem] = []
    page: Path | None = folder / "index.html"
    option = "--report" if args.report is not None else "the report"
    if not _write(option, str(page), draw_page(outcomes, summary), problems):
        page = None
    alone, language = len(outcomes) == 1, current_language()
    shown, colour = page if alone else None, out.isatty()
    said = [
        console(one.verdict, one.comparisons, report=shown, colour=colour, language=language)
        for one in _shown_alone(outcomes, together)
    ]
    said += _tell_together(together, page=None if alone else page)
    _write_files(outcomes, args, problems, together)
    show("\n".join(said), file=out)
    print_annotations(outcomes, file=out)
    publish_outcomes(outcomes, pages=[page] * len(outcomes), args=args)
    if problems:
        root = "" if args.root == "." else f" --root {shlex.quote(args.root)}"
        commands = "; ".join(f"`{command}{root}`" for command in again)
        runs = ", ".join(command.split()[-1] for command in again)
        kept = f"the verdict stands, and the run is kept as {runs}"
        raise UsageError([*problems, Problem(what=kept, todo=f"{commands} writes it again without a call")])
    return summary


def _tell_together(together: Together, *, page: Path | None) -> list[str]:
    from evalkit.report import summary_text, sweep_text

    summary, sweep = together.summary, together.sweep
    told = [] if sweep is None else [f"\n{sweep_text(sweep, summary, language=current_language())}"]
    if sweep is None and len(summary.lines) < 2:
        return told
    where = f"\n{speak()('report')}: {page}" if page is not None else ""
    return [*told, f"\n{summary_text(summary, language=current_language())}{where}"]


def _shown_alone(outcomes: Sequence[CandidateResult], together: Together) -> Sequence[CandidateResult]:
    """The verdicts told one by one: of a sweep that of the best alone."""
    best = together.summary.best
    return outcomes if together.sweep is None else [one for one in outcomes if one.verdict.candidate == best]


def _summary(outcomes: Sequence[CandidateResult], args: argparse.Namespace) -> Summary:
    from evalkit.pipeline.deciding.several import summarize

    return summarize(outcomes, best=getattr(args, "best", False))


def deliver_unsound(error: UnsoundComparison, *, args: argparse.Namespace, now: dt.datetime) -> None:
    """Write INVALID verdicts wherever one was asked for.

    CI reads files, not what stands on the screen. There is no answer, so no run is kept. Raises UsageError, with the
    error's problems, when a file cannot be written.
    """
    from evalkit.pipeline.deciding.unsound import unsound_outcomes

    outcomes = unsound_outcomes(args.base, args.candidates, error)
    problems: list[Problem] = []
    if args.report is not None:
        page = Path(args.report) / "index.html"
        _write("--report", str(page), draw_page(outcomes, _summary(outcomes, args)), problems)
    _write_files(outcomes, args, problems, Together(summary=_summary(outcomes, args)))
    print_annotations(outcomes, file=sys.stderr)
    publish_outcomes(outcomes, pages=[None] * len(outcomes), args=args)
    if problems:
        raise UsageError([*error.problems, *problems])


def _write_files(
    outcomes: Sequence[CandidateResult], args: argparse.Namespace, problems: list[Problem], together: Together
) -> None:
    from evalkit.report import join_documents, junit

    if args.json:
        _write("--json", args.json, as_json(outcomes, together.summary, sweep=together.sweep), problems)
    if args.junit:
        language = current_language()
        documents = [
            (item.verdict.candidate, junit(item.verdict, item.comparisons, language=language)) for item in outcomes
        ]
        _write("--junit", args.junit, join_documents(documents), problems)
    if args.markdown:
        _write("--markdown", args.markdown, _comment(outcomes, together), problems)
    if args.code_quality:
        from evalkit.report.renderers.annotations import as_code_quality

        _write("--code-quality", args.code_quality, as_code_quality(annotations_of(outcomes)), problems)


def _comment(outcomes: Sequence[CandidateResult], together: Together) -> str:
    """The comment for a pull request, not longer than one may be; candidates share its room."""
    from evalkit.report import markdown, summary_markdown, sweep_markdown
    from evalkit.report.renderers.markdown import LONGEST_COMMENT

    language, summary = current_language(), together.summary
    several = len(outcomes) > 1 or together.sweep is not None
    head = [summary_markdown(summary, language=language)] if several else []
    if together.sweep is not None:
        head.append(sweep_markdown(together.sweep, summary, language=language))
    outcomes = _shown_alone(outcomes, together)
    room = (LONGEST_COMMENT - sum(map(len, head))) // max(1, len(outcomes)) - 2
    parts = (markdown(item.verdict, item.comparisons, longest=room, language=language) for item in outcomes)
    return "\n\n".join([*head, *parts])


def _write(option: str, path: str, text: str | Iterator[str], problems: list[Problem]) -> bool:
    try:
        if isinstance(text, str):
            write(path, text)
        else:
            write_pieces(path, text)
    except BrokenPipeError:
        raise
    except OSError as error:
        problems.append(Problem(what=f"{option} {path} could not be written: {error.strerror or error}"))
        return False
    return True


def as_json(outcomes: Sequence[CandidateResult], summary: Summary, *, sweep: Sweep | None = None) -> str:
    """Write one verdict as the contract says; several as a list.

    The list stands under `verdicts`, with their summary in front; checkpoints always are one, with their `sweep`.
    """
    from evalkit.report import summary_data, sweep_data, verdict_json
    from evalkit.report.renderers.data import verdict_data, write_lines

    if len(outcomes) == 1 and sweep is None:
        return verdict_json(outcomes[0].verdict)
    verdicts = [verdict_data(item.verdict) for item in outcomes]
    told = summary_data(summary)
    together = {
        "evalkit": summary.version,
        "holds": "verdicts",
        "outcome": summary.outcome,
        "exit_code": summary.exit_code,
        "base": summary.base,
        "candidates": [verdict["candidate"] for verdict in verdicts],
        "best": told["best"],
        "because": told["because"],
        "summary": told["rows"],
        **({} if sweep is None else {"sweep": sweep_data(sweep, summary)}),
        "verdicts": verdicts,
    }
    return write_lines(together) + "\n"
