"""The options of `evalkit data split`, and what it says."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.cli.say import say

if TYPE_CHECKING:
    from evalkit.data.guess import Guess
    from evalkit.data.splitting.manifest import EarlierSplit
    from evalkit.data.splitting.split_file import SplitDone

SHOWN = 20
"""Rows on neither side that are named"""


def arguments(split: argparse.ArgumentParser) -> None:
    """Declare what a split can be told."""
    split.add_argument(
        "--share", action="append", default=[], metavar="SHARES",
        help="7:1:2 (train, valid, test), or a part each: train=0.8, train=80%%, test=300 (rows), train=rest "
        "(default: those of the split in DIR)",
    )  # fmt: skip
    split.add_argument(
        "--stratify", action="append", default=[], metavar="KEY",
        help="keep its values' shares in each part: a tag, a key of the rows, target; repeatable",
    )  # fmt: skip
    split.add_argument(
        "--group", action="append", default=[], metavar="KEY",
        help="keep rows with one value of it on one side, e.g. conversation_id; repeatable (clusters always are)",
    )  # fmt: skip
    split.add_argument("--time", metavar="KEY", help="the earliest rows into the first part, the latest into the last")
    split.add_argument("--seed", type=int, default=0, metavar="N", help="the same N splits alike (default: 0)")
    split.add_argument(
        "--keep", metavar="DIR", help="rows keep the side they had in the split there (default: the one in -o)"
    )
    split.add_argument("--afresh", action="store_true", help="deal all rows anew, whatever split is in -o")
    split.add_argument(
        "-o", "--output", required=True, metavar="DIR", help="the parts, named after them, and split.json go there"
    )


def split(guess: Guess, args: argparse.Namespace) -> int:
    """Split a file and tell what was written; exit 0."""
    from evalkit.core.errors import Problem, UsageError
    from evalkit.data.splitting.facts import SplitWishes
    from evalkit.data.splitting.shares import read_shares
    from evalkit.data.splitting.split_file import split_file

    before = _earlier(args)
    words = args.share or (list(before.shares) if before is not None else [])
    if args.time is not None and args.stratify:
        what = "--time and --stratify: a split by time has no strata"
        raise UsageError(Problem(what=what, todo="leave one of them out"))
    if not words:
        raise UsageError(Problem(what="--share is missing", allowed="7:1:2, or train=80% and test=20%"))
    wishes = SplitWishes(stratify=tuple(args.stratify), group=tuple(args.group), time=args.time)
    done = split_file(
        args.file,
        guess,
        shares=read_shares(words),
        words=words,
        output=Path(args.output),
        wishes=wishes,
        seed=args.seed,
        encoding=args.encoding,
        before=before,
    )
    _tell(done)
    return 0


def _earlier(args: argparse.Namespace) -> EarlierSplit | None:
    """The split whose sides are kept: the one that was named, else one made before in the same folder."""
    from evalkit.data.splitting.manifest import NAME, read_manifest

    if args.keep is not None:
        return read_manifest(Path(args.keep))
    if args.afresh or not (Path(args.output) / NAME).is_file():
        return None
    return read_manifest(Path(args.output))


def _tell(done: SplitDone) -> None:
    from evalkit.core.errors import count_of

    dealt = sum(rows for _, rows in done.parts.values())
    for file, rows in done.parts.values():
        say(f"{file}: {count_of(rows, 'row')} ({rows / dealt:.1%})")
    if done.groups:
        groups = count_of(done.groups, "group")
        say(f"{done.kept_together} rows are kept together in {groups}: near-duplicates, clusters, conversations")
    if done.old:
        say(f"{count_of(done.old, 'row')} of the earlier split: on the side they had")
    if done.torn:
        what = f"{count_of(done.torn, 'near-duplicate')} among rows of the earlier split lie on several sides"
        say(f"warning: {what} (--afresh deals all rows anew)", file=sys.stderr)
    if done.left_out:
        new = count_of(len(done.left_out), "new row")
        say(f"warning: {new} near several sides, on none: {done.left_file}", file=sys.stderr)
        for place in done.left_out[:SHOWN]:
            say(f"  {place}", file=sys.stderr)
        if len(done.left_out) > SHOWN:
            say(f"  and {len(done.left_out) - SHOWN} more", file=sys.stderr)
    if not done.searched:
        what = "so many rows are compared whole; short ones within longer texts were not looked for"
        say(f"note: {what}", file=sys.stderr)
