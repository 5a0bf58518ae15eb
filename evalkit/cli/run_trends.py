"""The trends of kept runs: in the terminal, as a page, as data."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from evalkit.cli.language import current_language
from evalkit.cli.say import give, say
from evalkit.cli.shared import REPORTS, document, write

PAGE = f"{REPORTS}/trends.html"


def show_trends(args: argparse.Namespace) -> int:
    """Tell the changes and write the page; exit 0, whatever was found."""
    from evalkit.cli.targets import check_page_target
    from evalkit.core.errors import Problem, UsageError
    from evalkit.pipeline.trends import LAST, trends
    from evalkit.report.renderers.run_trends import data, page, text

    if args.named:
        what = f"`runs trends` takes no run, not {len(args.named)}"
        raise UsageError(Problem(what=what, todo="to choose: --last N, --suite S, --metric M, --model NAME"))
    if args.last is not None and args.last < 2:
        raise UsageError(Problem(what=f"--last {args.last}", allowed="2 or more"))
    target = Path(args.output or PAGE)
    check_page_target(target)
    tell_left_out(Path(args.root))
    found = trends(
        args.root,
        suite=args.of_suite,
        metric=args.metric,
        arm=args.arm,
        model=args.model,
        last=args.last or LAST,
    )
    if args.json:
        give(document("trends", {"trends": data(found)}))
    if not args.json or args.output:
        write(str(target), page(found, current_language()))
    if not args.json:
        say(text(found, current_language()))
        say(f"\ntrends: {target}")
    return 0


def tell_left_out(root: Path) -> None:
    """Say which runs lie in folders: they have no rows in the tables."""
    from evalkit.core.errors import count_of
    from evalkit.store.runs import list_runs

    apart = [one for one in list_runs(root) if one.path.is_dir()]
    if apart:
        what = f"{count_of(len(apart), 'run')} of an older version in folders"
        say(f"left out: {what}; take them in with: evalkit runs import", file=sys.stderr)
