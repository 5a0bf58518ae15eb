"""Bless a kept run: its candidate becomes the approved baseline that later candidates are compared with.

Explicit, never automatic. The baseline is an ordinary recording with the verdict it was approved on beside it:
commit both, then `evalkit compare reports/baselines/NAME.jsonl.gz new-model`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from evalkit.cli.say import say
from evalkit.cli.shared import root_argument, write

FOLDER = "reports/baselines"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare `bless RUN` and `list`."""
    parser.add_argument("what", choices=("bless", "list"), metavar="bless|list")
    parser.add_argument("run_named", metavar="RUN", nargs="?", default="latest", help="an id, its start, or `latest`")
    parser.add_argument("--name", metavar="NAME", help="default: the candidate's name")
    parser.add_argument("--folder", metavar="DIR", default=FOLDER, help=f"default: {FOLDER}")
    parser.add_argument("--anyway", action="store_true", help="bless a run whose verdict is not PASS")
    root_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Exit 0, or 2 for a run that cannot be blessed.

    That is one that did not pass (unless --anyway) or covers only a part of its suites.
    """
    folder = Path(args.folder)
    if args.what == "list":
        for path in sorted(folder.glob("*.jsonl.gz")):
            say(path)
        return 0
    from evalkit.core.errors import StoreError
    from evalkit.pipeline.bless import bless, mark_blessed
    from evalkit.report import verdict_json

    kept, target = bless(args.root, args.run_named, folder=folder, name=args.name, anyway=args.anyway)
    write(str(target.with_name(target.name.removesuffix(".jsonl.gz") + ".verdict.json")), verdict_json(kept.verdict))
    try:
        mark_blessed(args.root, kept.summary.id, name=args.name or kept.verdict.candidate, recording=str(target))
    except StoreError as error:
        say(f"the run is not marked in the history: {error}", file=sys.stderr)
    say(f"blessed {kept.summary.id}: {target}")
    return 0
