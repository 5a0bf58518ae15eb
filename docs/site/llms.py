"""The site for readers that are programs: `llms.txt`, every page as Markdown, and all of them in one file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
_LINKS = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_NO_SENTENCE = ("#", "|", "```", "<", "- ", "![", ">")


def list_pages(name: str, about: str, nav: Iterable[Any], texts: Mapping[str, str]) -> str:
    """Gives llms.txt: the name, what it is, and each page under its section with its first sentence."""
    lines = [f"# {name}", "", f"> {about}", ""]
    for entry in nav:
        if entry.is_section:
            lines += [f"## {entry.title}", "", *(_line(page, texts) for page in _pages(entry)), ""]
    lone = [entry for entry in nav if entry.is_page]
    return "\n".join([*lines, "## Optional", "", *(_line(page, texts) for page in lone), ""])


def write_markdown(folder: Path, texts: Mapping[str, str]) -> None:
    """Writes every page as Markdown beside its HTML, and all of them as llms-full.txt."""
    for place, text in texts.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    whole = "\n\n".join(f"<!-- {place} -->\n\n{text.strip()}" for place, text in texts.items())
    (folder / "llms-full.txt").write_text(whole + "\n", encoding="utf-8")


def _pages(section: Any) -> Iterable[Any]:
    for child in section.children:
        yield from [child] if child.is_page else _pages(child)


def _line(page: Any, texts: Mapping[str, str]) -> str:
    place = page.file.src_uri
    about = first_sentence(texts[place])
    return f"- [{_title(page, texts[place])}]({place})" + (f": {about}" if about else "")


def _title(page: Any, text: str) -> str:
    found = _TITLE.search(text)
    return found[1] if found else str(page.title)


def first_sentence(text: str) -> str:
    """Gives the first sentence of a page's prose as plain text, or nothing.

    >>> first_sentence("# A page\\n\\nIt *says* [much](there.md). And more.")
    'It *says* much.'
    """
    for block in text.split("\n\n"):
        plain = _LINKS.sub(r"\1", " ".join(block.split()))
        if plain and not plain.startswith(_NO_SENTENCE) and not plain.startswith("Generated:"):
            return re.split(r"(?<=[.!?])\s|(?<=。)", plain, maxsplit=1)[0]
    return ""
