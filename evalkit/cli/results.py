"""Deliver a verdict: keep the run, write the report and the files that were asked for, print the rest."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.cli.shared import REPORTS, write

if TYPE_CHECKING:
    from evalkit.pipeline.options import Outcome


def run_id(outcome: Outcome, now: dt.datetime) -> str:
    """When, and who against whom: sorts by time, reads without a table."""
    verdict = outcome.verdict
    names = f"{verdict.base}-vs-{verdict.candidate}"
    return f"{now:%Y%m%d-%H%M%S}-" + re.sub(r"[^A-Za-z0-9._-]+", "_", names)[:80]


def _free(name: str, root: Path) -> str:
    """The id, numbered where a run of the same second has it; its folder is taken, so that no other process gets it."""
    from evalkit.store.runs import RUNS

    (root / RUNS).mkdir(parents=True, exist_ok=True)
    number, free = 1, name
    while True:
        try:
            (root / RUNS / free).mkdir()
        except FileExistsError:
            number += 1
            free = f"{name}-{number}"
        else:
            return free


def deliver(outcomes: Sequence[Outcome], *, args: argparse.Namespace, now: dt.datetime) -> None:
    """Keep, write and print every outcome of a comparison."""
    from evalkit.store.runs import save_run

    pages = []
    for outcome in outcomes:
        name = _free(run_id(outcome, now), Path(args.root))
        save_run(
            args.root,
            name,
            verdict=outcome.verdict,
            comparisons=outcome.comparisons,
            suites=outcome.suites,
            arguments={
                "suite": args.suite,
                "models": args.models,
                "limit": args.limit,
                "seed": args.seed,
                "k": args.keyword,
            },
            created=f"{now:%Y-%m-%dT%H:%M:%S.%f}",
        )
        pages.append(_folder(args, name, several=len(outcomes) > 1))
    publish(outcomes, pages=pages, args=args)


def publish(outcomes: Sequence[Outcome], *, pages: Sequence[Path], args: argparse.Namespace) -> None:
    """Write the report pages and the files asked for; print the verdicts."""
    from evalkit.report import console, html, junit, markdown

    for outcome, folder in zip(outcomes, pages, strict=True):
        page = folder / "index.html"
        write(str(page), html(outcome.verdict, outcome.comparisons))
        out = sys.stderr if args.json == "-" else sys.stdout
        print(console(outcome.verdict, outcome.comparisons, report=page, colour=out.isatty()), file=out)
    if args.json:
        write(args.json, as_json(outcomes))
    if args.junit:
        write(args.junit, _joined([junit(item.verdict, item.comparisons) for item in outcomes], args.junit))
    if args.markdown:
        write(args.markdown, "\n\n".join(markdown(item.verdict, item.comparisons) for item in outcomes))


def as_json(outcomes: Sequence[Outcome]) -> str:
    """One verdict as the contract writes it; several as a list under `verdicts`, with the worst outcome in front."""
    from evalkit.pipeline.compare import WORST_FIRST
    from evalkit.report import verdict_json

    if len(outcomes) == 1:
        return verdict_json(outcomes[0].verdict)
    verdicts = [json.loads(verdict_json(item.verdict)) for item in outcomes]
    worst = next(name for name in WORST_FIRST if any(verdict["outcome"] == name for verdict in verdicts))
    first = next(verdict for verdict in verdicts if verdict["outcome"] == worst)
    together = {
        "evalkit": first["evalkit"],
        "outcome": worst,
        "exit_code": first["exit_code"],
        "base": first["base"],
        "candidates": [verdict["candidate"] for verdict in verdicts],
        "verdicts": verdicts,
    }
    return json.dumps(together, ensure_ascii=False, indent=2) + "\n"


def _joined(documents: Sequence[str], target: str) -> str:
    """JUnit knows many suites in one file: the suites of all documents under one root."""
    if len(documents) == 1:
        return documents[0]
    import xml.etree.ElementTree as ET

    root = ET.fromstring(documents[0])
    for document in documents[1:]:
        root.extend(list(ET.fromstring(document)))
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def _folder(args: argparse.Namespace, run: str, *, several: bool) -> Path:
    if args.report is None:
        return Path(REPORTS) / run
    return Path(args.report) / run if several else Path(args.report)
