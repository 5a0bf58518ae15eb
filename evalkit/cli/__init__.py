"""Floor 5: the command line. One module a command, loaded only when it is called."""

from __future__ import annotations

import argparse
import gc
import os
import re
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn, Protocol, cast

from evalkit.cli.help import help_formatter, say_help
from evalkit.cli.language import OPTION, take_language
from evalkit.cli.say import say
from evalkit.core.held import Held

COMMANDS = {
    "compare": "a verdict on one or more candidates against a base",
    "sweep": "every checkpoint of a training against a base: curves, the best that passes",
    "run": "one arm: ask, score, keep",
    "record": "keep a model's answers as a recording",
    "plan": "calls, tokens, cost and the smallest detectable drop, before anything is spent",
    "gate": "decide again from a kept run, without a single call",
    "report": "draw the report of a kept run again",
    "cases": "the cases of a kept run as a table: .csv, .xlsx, .jsonl or .parquet",
    "labels": "labels of people beside a kept run: agreement, and with its scorers",
    "judge": "hold a judge against labels of people: may it gate? and keep its replies",
    "groups": "the group table of a kept run: both arms, gaps, ratios and how they moved, as text, CSV or JSON",
    "audit": "decisions about people by group, from a file: selection rates, impact ratios, their intervals",
    "runs": "kept runs: list, show, compare, trends; export, import, merge, prune, verify",
    "baseline": "bless a kept run as the approved baseline",
    "validate": "every problem of a suite and its data at once",
    "schema": "JSON Schema of suites, models.yaml and verdicts, for editors",
    "data": "check, split and convert data sets",
    "models": "the models that can be asked here: list, fingerprint, convert, remove, disk used",
    "ledger": "look after the kept answers: stats, verify, export, prune",
    "import": "results, logs and tables of other tools become suites, data and recordings",
    "init": "a working suite, models.yaml and a CI workflow",
}

_SELDOM = (20_000, 20, 50)
"""New objects between two collections, and collections until older ones are looked through as well"""

EPILOG = """exit codes of compare and gate: 0 PASS, 1 FAIL, 2 usage, suite or data error, 3 INCONCLUSIVE, 4 INVALID"""


class Command(Protocol):
    """What a module of this folder offers."""

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments; loads nothing heavy."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it and return the exit code."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; errors made for the reader go to stderr, without a trace."""
    from evalkit.core.errors import EvalkitError

    try:
        words = take_language(sys.argv[1:] if argv is None else argv, os.environ)
    except EvalkitError as error:
        say(f"evalkit: {error}", file=sys.stderr)
        return error.exit_code
    parser = _parser()
    if not words or words[0] in ("-h", "--help"):
        parser.print_help()
        return 0 if words else 2
    if words[0] == "--version":
        from evalkit import __version__

        say(f"evalkit {__version__}")
        return 0
    if words[0] not in COMMANDS:
        from evalkit.core.errors import did_you_mean

        say(f"evalkit: unknown command {words[0]!r}{did_you_mean(words[0], COMMANDS)}", file=sys.stderr)
        say(f"    allowed: {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    with _seldom_collected():
        return _call(words[0], words[1:])


def _collect_seldom() -> Callable[[], None]:
    """A command keeps nearly all it makes until it ends: to look through it over and over took a sixth of its time."""
    usual = gc.get_threshold()
    if usual[0]:  # 0: whoever called does not want collections at all
        gc.set_threshold(*map(max, usual, _SELDOM))
    return lambda: gc.set_threshold(*usual)


_seldom_collected = Held(_collect_seldom)


class _Parser(argparse.ArgumentParser):
    """argparse that speaks the command's language and tells every word it does not know."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"formatter_class": help_formatter(), **kwargs})

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Nothing unknown goes on to an outer parser: it would not know the options of this one."""
        parsed, rest = super().parse_known_args(args, namespace)
        if rest:
            self._unknown(rest)
        return parsed, rest

    def error(self, message: str) -> NoReturn:
        """End with 2 and say why in the command's language."""
        self.print_usage(sys.stderr)
        say(f"{self.prog}: error: {message}", file=sys.stderr)
        self.exit(2)

    def _unknown(self, words: Sequence[str]) -> NoReturn:
        """End with 2, as argparse does. A word behind an unknown option may be its value: it is not told."""
        from evalkit.core.errors import did_you_mean

        known = dict.fromkeys(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", self.format_help()))
        ended = words.index("--") if "--" in words else len(words)
        behind = False
        for index, word in enumerate(words):
            option, given, _ = word.partition("=")
            unknown = word.startswith("-") and index < ended
            if unknown:
                say(f"{self.prog}: unknown option {option!r}{did_you_mean(option, known)}", file=sys.stderr)
            elif not behind and index != ended:
                say(f"{self.prog}: {word!r} is an argument too many", file=sys.stderr)
            behind = unknown and not given
        say(f"    to do: {self.prog} --help tells every argument and option", file=sys.stderr)
        self.exit(2)


def _parser() -> argparse.ArgumentParser:
    width = max(map(len, COMMANDS))
    lines = "\n".join(f"  {name:<{width}}  {say_help(about)}" for name, about in COMMANDS.items())
    about = say_help("Deploy a fine-tuned language model, or do not - with evidence.")
    return argparse.ArgumentParser(
        prog="evalkit",
        usage="evalkit COMMAND ...   (evalkit COMMAND --help tells more)",
        description=f"{about}\n\n{say_help('commands:')}\n{lines}",
        epilog=EPILOG,
        formatter_class=help_formatter(),
    )


def command_parser(name: str) -> tuple[argparse.ArgumentParser, Command]:
    """Return the parser and the module of one command."""
    module = cast(Command, import_module(f"evalkit.cli.{name}"))
    parser = _Parser(
        prog=f"evalkit {name}",
        description=module.__doc__,
        allow_abbrev=False,
    )
    parser.add_argument(
        OPTION, metavar="LANG", help="language of what is said: en or ja (default: $EVALKIT_LANG, else en)"
    )
    module.arguments(parser)
    return parser, module


def _call(name: str, words: Sequence[str]) -> int:
    from evalkit.core.errors import EvalkitError

    try:
        parser, module = command_parser(name)
        return _run(module, parser.parse_args(words))
    except EvalkitError as error:
        from evalkit.cli.annotations import print_problems

        count = len(error.problems)
        for problem in error.problems:
            say(f"evalkit: {problem}", file=sys.stderr)
        if count > 1:
            say(f"evalkit: {count} problems", file=sys.stderr)
        print_problems(error.problems)
        return error.exit_code
    except KeyboardInterrupt:
        say("evalkit: interrupted; every answer so far is kept, run it again to go on", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 141
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        say(f"evalkit: {place}{error.strerror or error}", file=sys.stderr)
        return 2
    except Exception as error:
        # Python itself would end with 1, which in CI means that a regression was proven
        _mistake_of_ours(error)
        return 2


def _run(module: Command, args: argparse.Namespace) -> int:
    """Run a command; what exits in code that a user brought decides nothing: its 0 would read as a pass."""
    try:
        return module.run(args)
    except SystemExit as error:
        from evalkit.core.errors import Problem, SuiteError
        from evalkit.scorers.unscorable import tell_raised

        what = f"a module that evalkit was told to use ended the command: {tell_raised(error)}; nothing was decided"
        raise SuiteError(Problem(what=what, todo="take exit() and sys.exit() out of it")) from error


def _mistake_of_ours(error: Exception) -> None:
    import traceback

    if os.environ.get("EVALKIT_TRACE"):
        traceback.print_exception(error)
    last = traceback.extract_tb(error.__traceback__)[-1]
    say(
        f"evalkit: a mistake in evalkit or one of its packages: {type(error).__name__}: {error} "
        f"({Path(last.filename).name}:{last.lineno}); nothing was decided\n"
        "    to do: report it with what EVALKIT_TRACE=1 shows",
        file=sys.stderr,
    )
