"""What the tests of text numbers share."""

from __future__ import annotations

from evalkit.text.numbers import Take, read_quantity


def said(text: str, take: Take = "stated") -> str | None:
    found = read_quantity(text, take=take)
    if found is None:
        return None
    return found.spelled + (f" of {found.out_of}" if found.out_of is not None else "")
