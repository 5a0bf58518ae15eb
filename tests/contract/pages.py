"""A page of a report as one text: what it says, and its cases unpacked behind it."""

from __future__ import annotations

import json
from pathlib import Path

from evalkit.report.renderers.blob import unpack_page


def read_page(path: str | Path) -> str:
    """The page, and every part of its data as JSON."""
    text = Path(path).read_text(encoding="utf-8")
    return "\n".join([text, *(json.dumps(part, ensure_ascii=False) for part in unpack_page(text).values())])
