"""Look after data sets: held-out checks, splits, formats.

check FILE      what is in it, what will weaken a comparison, and whether it was trained on
split FILE      stratified, seeded, clusters kept whole
convert FILE    between evalkit, openai-chat, openai-completion, openai-preference, trl, sharegpt, alpaca, csv
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.cli.data_check import check_arguments, run_check
from evalkit.cli.say import say

if TYPE_CHECKING:
    from evalkit.core.exchange import Example
    from evalkit.data.guess import Guess

FORMATS = (
    "evalkit", "openai-chat", "openai-completion", "openai-preference", "trl", "sharegpt", "alpaca", "csv"
)  # fmt: skip


READ = (*FORMATS, "bbq", "crows-pairs", "stereoset", "winobias", "winogender")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions, each with its own options."""
    actions = parser.add_subparsers(dest="what", required=True, metavar="check|split|convert")
    check = actions.add_parser("check", help="what is in a data set, and was it trained on")
    split = actions.add_parser("split", help="deal examples into parts")
    convert = actions.add_parser("convert", help="write in another format")
    for action in (check, split, convert):
        action.add_argument("file", metavar="FILE", help="a file or a folder")
        action.add_argument("--format", choices=READ, help="of FILE (default: guessed from its rows, and told)")
        action.add_argument(
            "--columns", action="append", default=[], metavar="FIELD=COLUMN,...",
            help="fields that stand under another name, e.g. input=question,target=doc.answer,tags.kind=type",
        )  # fmt: skip
        action.add_argument("--encoding", metavar="NAME", help="of FILE, e.g. cp932 (Shift_JIS), euc-jp, utf-16")
    check_arguments(check)
    split.add_argument("--share", action="append", required=True, metavar="NAME=SHARE", help="e.g. train=0.8")
    split.add_argument(
        "--stratify",
        action="append",
        default=[],
        metavar="TAG",
        help="keep its values' shares in each part; repeatable",
    )
    split.add_argument("--seed", type=int, default=0, metavar="N", help="the same N splits alike (default: 0)")
    split.add_argument("-o", "--output", required=True, metavar="DIR", help="NAME.jsonl is written there")
    convert.add_argument(
        "--every-turn", action="store_true", help="an example of every answer that is trained on, not of the last alone"
    )
    convert.add_argument("--to", choices=FORMATS, required=True)
    convert.add_argument("-o", "--output", required=True, metavar="FILE", help=".jsonl or .csv, plain or with .gz")


def run(args: argparse.Namespace) -> int:
    """Exit 0; exit 2 for an unusable file, for errors and leaked rows.

    Leaked are held-out rows that a check finds in the training data.
    """
    from evalkit.data.read import read_examples

    guess = _guess(args)
    if args.what == "check":
        return run_check(args, format=guess.format, columns=guess.columns)
    examples = read_examples(
        args.file,
        format=guess.format,
        columns=guess.columns,
        encoding=args.encoding,
        every_turn=getattr(args, "every_turn", False),
    )
    actions = {"split": _split, "convert": _convert}
    return actions[args.what](examples, args)


def _guess(args: argparse.Namespace) -> Guess:
    """How the file is read: as it was said, else as its first rows look; a guess is told."""
    import sys

    from evalkit.data.guess import guess_format

    guess = guess_format(args.file, format=args.format, encoding=args.encoding, columns=_read_columns(args.columns))
    if guess.why:
        say(f"note: {guess.sentence(args.file)}", file=sys.stderr)
    return guess


def _read_columns(words: list[str]) -> dict[str, str]:
    """The fields and their columns; several choices are written as choices=a|b|c."""
    from evalkit.core.errors import Problem, UsageError, did_you_mean

    fields = ("id", "input", "messages", "target", "choices", "tools", "cluster", "checks", "threshold", "tags.NAME")
    columns: dict[str, str] = {}
    for part in (part for word in words for part in word.split(",") if part.strip()):
        name, equal, column = (piece.strip() for piece in part.partition("="))
        if not equal or not column or not (name in fields or name.startswith("tags.")):
            what = f"--columns {part}: {'no such field' if equal else 'no ='}{did_you_mean(name, fields)}"
            raise UsageError(Problem(what=what, allowed=", ".join(f"{field}=COLUMN" for field in fields)))
        columns[name] = column.replace("|", ", ") if name == "choices" else column
    return columns


def _split(examples: tuple[Example, ...], args: argparse.Namespace) -> int:
    from evalkit.core.errors import Problem, UsageError
    from evalkit.data.convert import to_rows, write_rows
    from evalkit.data.split import split
    from evalkit.data.written import check_written

    shares: dict[str, float] = {}
    for word in args.share:
        name, _, share = word.partition("=")
        try:
            shares[name] = float(share)
        except ValueError:
            raise UsageError(Problem(what=f"--share {word}", allowed="NAME=SHARE, e.g. train=0.8")) from None
    parts = split(examples, shares=shares, seed=args.seed, stratify=args.stratify)
    targets = {name: Path(args.output) / f"{name}.jsonl" for name in parts}
    check_written(list(targets.values()), source=args.file, format="evalkit")
    Path(args.output).mkdir(parents=True, exist_ok=True)
    for name, members in parts.items():
        target = targets[name]
        say(f"{target}: {write_rows(target, to_rows(members, format='evalkit'))} examples")
    return 0


def _convert(examples: tuple[Example, ...], args: argparse.Namespace) -> int:
    from evalkit.data.convert import to_rows, write_rows
    from evalkit.data.written import check_written

    check_written([Path(args.output)], source=args.file, format=args.to)
    count = write_rows(args.output, to_rows(examples, format=args.to))
    say(f"{args.output}: {count} examples as {args.to}")
    return 0
