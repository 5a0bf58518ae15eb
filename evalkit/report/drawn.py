"""Text for rich's tables and lines: other people's words lose what would act in a terminal."""

from __future__ import annotations

from rich.text import Text

from evalkit.text.outgoing import make_visible


def plain(text: str, style: str = "") -> Text:
    """Return a text in one style, everything in it visible."""
    return Text(make_visible(text), style=style)


def join(*parts: str | tuple[str, str]) -> Text:
    """Join texts, each alone or with its style."""
    return Text.assemble(*(plain(part) if isinstance(part, str) else plain(*part) for part in parts))
