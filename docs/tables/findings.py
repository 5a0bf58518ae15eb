"""The tables of states, flags and kinds of notes."""

from __future__ import annotations

from evalkit.core.flags import FLAGS
from evalkit.core.notes import NOTE_KINDS


def finding_table(name: str) -> str:
    """The table of that name: flags or notes."""
    table = {"flags": FLAGS, "notes": NOTE_KINDS}[name]
    head = {"flags": "flag", "notes": "kind"}[name]
    rows = [f"| {head} | what it means | where it is shown |", "|---|---|---|"]
    rows += [f"| `{key}` | {meaning} | {shown} |" for key, (meaning, shown) in table.items()]
    return "\n".join(rows)
