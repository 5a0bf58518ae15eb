"""The command reference as Markdown, from the parsers themselves."""

from __future__ import annotations

import argparse

from evalkit.cli import COMMANDS, EPILOG, command_parser


def command_reference() -> str:
    """Every command with its arguments; the same text on every terminal and Python version."""
    lines = [
        "# Commands",
        "",
        "Generated: `python -m docs.tables`.",
        "",
        EPILOG,
        "",
    ]
    for name, about in COMMANDS.items():
        parser, _ = command_parser(name)
        lines += [f"## evalkit {name}", "", f"{about[0].upper()}{about[1:]}.", ""]
        lines += _described(parser)
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                for word, sub in action.choices.items():
                    lines += [f"### evalkit {name} {word}", "", *_table(sub)]
        lines += _table(parser)
    return "\n".join(lines).rstrip() + "\n"


def _described(parser: argparse.ArgumentParser) -> list[str]:
    text = (parser.description or "").strip()
    return ["```text", text, "```", ""] if "\n" in text else [text, ""]


def _table(parser: argparse.ArgumentParser) -> list[str]:
    rows = []
    for action in parser._actions:
        if isinstance(action, (argparse._HelpAction, argparse._SubParsersAction)):
            continue
        value = action.metavar if isinstance(action.metavar, str) else ""
        if action.choices is not None:
            value = "\\|".join(str(choice) for choice in action.choices)
        names = ", ".join(f"`{name}`" for name in action.option_strings) or f"`{value or action.dest}`"
        shown = f" `{value}`" if action.option_strings and value and action.nargs != 0 else ""
        must = " (required)" if action.required and action.option_strings else ""
        rows.append(f"| {names}{shown} | {(action.help or '').replace('|', '/')}{must} |")
    return ["| argument | meaning |", "|---|---|", *rows, ""] if rows else []
