"""Print for a reader: nothing in other people's words acts in the terminal, or in the log of a CI runner."""

from __future__ import annotations

import sys
from typing import TextIO

from evalkit.cli.language import speak


def say(text: object, *, file: TextIO | None = None, flush: bool = False) -> None:
    """Print a sentence or a table in the command's language, without colours.

    On standard output where no `file` is named.
    """
    from evalkit.text.outgoing import for_terminal

    print(for_terminal(speak()(str(text))), file=file or sys.stdout, flush=flush)


def show(text: str, *, file: TextIO | None = None) -> None:
    """Print what a renderer has drawn, with its colours.

    It has made every text visible already.
    """
    from evalkit.text.outgoing import break_log_commands

    print(break_log_commands(text), file=file or sys.stdout)


def give(text: str) -> None:
    """Print data for a program as it is: JSON, CSV."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")
