"""Look after data sets: held-out checks, splits, formats.

check FILE      what is in it, what will weaken a comparison, and whether it was trained on
split FILE      in its own format: near-duplicates on one side, strata, shares, old rows where they were
convert FILE    between evalkit, openai-chat, openai-completion, openai-preference, trl, sharegpt, alpaca, csv
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.cli import data_split
from evalkit.cli.data_check import check_arguments, run_check
from evalkit.cli.say import say

if TYPE_CHECKING:
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
    data_split.arguments(split)
    convert.add_argument(
        "--every-turn", action="store_true", help="an example of every answer that is trained on, not of the last alone"
    )
    convert.add_argument("--to", choices=FORMATS, required=True)
    convert.add_argument(
        "-o", "--output", required=True, metavar="FILE", help=".jsonl, .json or .csv, plain or with .gz"
    )


def run(args: argparse.Namespace) -> int:
    """Exit 0; exit 2 for an unusable file, for errors and leaked rows.

    Leaked are held-out rows that a check finds in the training data.
    """
    guess = _guess(args)
    if args.what == "check":
        return run_check(args, format=guess.format, columns=guess.columns)
    if args.what == "split":
        return data_split.split(guess, args)
    return _convert(guess, args)


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


def _convert(guess: Guess, args: argparse.Namespace) -> int:
    from evalkit.core.errors import count_of
    from evalkit.data.conversion.convert_file import convert_file
    from evalkit.data.written import check_written

    output = Path(args.output)
    check_written([output], source=args.file, format=args.to)
    count = convert_file(
        args.file, guess, to=args.to, output=output, encoding=args.encoding, every_turn=args.every_turn
    )
    say(f"{args.output}: {count_of(count, 'row')} as {args.to}")
    return 0
