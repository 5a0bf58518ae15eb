"""What stands in a page: its own text, and the texts that it unpacks."""

from __future__ import annotations

import json
from pathlib import Path

from evalkit.report.renderers.blob import unpack_page


def unpacked(page: str) -> str:
    """Every part of a page that is packed, as JSON."""
    return "\n".join(json.dumps(part, ensure_ascii=False) for part in unpack_page(page).values())


def read_page(path: str | Path) -> str:
    """The page with all that it unpacks."""
    page = Path(path).read_text(encoding="utf-8")
    return f"{page}\n{unpacked(page)}"
