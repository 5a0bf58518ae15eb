"""The table of data formats."""

from __future__ import annotations

from evalkit.data.conversion.convert_file import FORMATS_WRITTEN as WRITERS
from evalkit.data.formats import FORMATS


def format_table(name: str) -> str:
    """Every format that is read (and whether it can be written); `name` is ``formats``."""
    if name != "formats":
        raise KeyError(name)
    rows = ["| format | what it is | can be written |", "|---|---|---|"]
    rows += [f"| `{key}` | {shape.about} | {'yes' if key in WRITERS else 'no'} |" for key, shape in FORMATS.items()]
    return "\n".join(rows)
