"""The table of data formats: `python -m evalkit.data.reference docs/reference/data-formats.md`."""

from __future__ import annotations

import sys
from pathlib import Path

from evalkit.data.convert import WRITERS
from evalkit.data.formats import FORMATS
from evalkit.suite.reference import fill_tables


def format_table(name: str) -> str:
    """Every format that is read (and whether it can be written); `name` is ``formats``."""
    if name != "formats":
        raise KeyError(name)
    rows = ["| format | what it is | can be written |", "|---|---|---|"]
    rows += [f"| `{key}` | {shape.about} | {'yes' if key in WRITERS else 'no'} |" for key, shape in FORMATS.items()]
    return "\n".join(rows)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(fill_tables(target.read_text(encoding="utf-8"), format_table), encoding="utf-8")
