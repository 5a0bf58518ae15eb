"""The command reference as Markdown, from the parsers themselves."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from evalkit.cli import COMMANDS, EPILOG, command_parser
from evalkit.cli.help import help_sentences

_JAPANESE = {
    "# Commands": "# コマンド",
    "Generated: `python -m docs.tables`.": "[English](../commands.md)\n\n自動生成: `python -m docs.tables`",
    "| argument | meaning |": "| 引数 | 意味 |",
    " (required)": "(必須)",
}

Say = Callable[[str], str]


def command_reference(*, japanese: bool = False) -> str:
    """Every command with its arguments; the same text on every terminal and Python version."""
    say: Say = _say_japanese if japanese else str
    lines = [say("# Commands"), "", say("Generated: `python -m docs.tables`."), "", say(EPILOG), ""]
    for name, about in COMMANDS.items():
        parser, _ = command_parser(name)
        told = say(about)
        lines += [f"## evalkit {name}", "", f"**{told}**" if japanese else f"{told[0].upper()}{told[1:]}.", ""]
        lines += _described(parser, say)
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                for word, sub in action.choices.items():
                    lines += [f"### evalkit {name} {word}", "", *_table(sub, say)]
        lines += _table(parser, say)
    return "\n".join(lines).rstrip() + "\n"


def _say_japanese(text: str) -> str:
    return _JAPANESE.get(text) or help_sentences().get(text, text)


def _described(parser: argparse.ArgumentParser, say: Say) -> list[str]:
    text = say(parser.description or "").strip()
    return ["```text", text, "```", ""] if "\n" in text else [text, ""]


def _table(parser: argparse.ArgumentParser, say: Say) -> list[str]:
    rows = []
    for action in parser._actions:
        if isinstance(action, (argparse._HelpAction, argparse._SubParsersAction)):
            continue
        value = action.metavar if isinstance(action.metavar, str) else ""
        if action.choices is not None:
            value = "\\|".join(str(choice) for choice in action.choices)
        names = ", ".join(f"`{name}`" for name in action.option_strings) or f"`{value or action.dest}`"
        shown = f" `{value}`" if action.option_strings and value and action.nargs != 0 else ""
        must = say(" (required)") if action.required and action.option_strings else ""
        rows.append(f"| {names}{shown} | {say(action.help or '').replace('|', '/').replace('%%', '%')}{must} |")
    return [say("| argument | meaning |"), "|---|---|", *rows, ""] if rows else []
