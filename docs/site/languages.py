"""Which page is which in the other language, and where a link of a page leads on the site."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from pathlib import Path

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent
REPOSITORY = "https://github.com/evalkit-gate/evalkit"
ELSEWHERE = {"tutorial/first-verdict.md": "tutorial/ja.md", "how-to/choose-groups.md": "how-to/choose-groups-ja.md"}
"""Pages whose Japanese twin does not lie under the same name in a folder `ja` beside them"""

_LINK = re.compile(r"\[(?P<label>[^\]\[]*)\]\((?P<target>[^)\s#]*)(?P<anchor>#[^)\s]*)?(?P<title>\s+\"[^\"]*\")?\)")
_FENCE = re.compile(r"^(?P<indent> *)(?P<fence>```+).*?^(?P=indent)(?P=fence) *$", re.MULTILINE | re.DOTALL)
_BREAK = re.compile(r"(?<=[\u3001-\u30ff\u3400-\u9fff\uff00-\uff60])\n(?=[\u3001-\u30ff\u3400-\u9fff\uff00-\uff60])")
_TWIN_LINE = re.compile(r"^\[(?:日本語|English)\]\([^)]*\)\n+", re.MULTILINE)


def japanese_twins(docs: Path = DOCS) -> dict[str, str]:
    """Gives the Japanese page of every page that has one, both as paths in `docs`."""
    found = {page: twin for page, twin in ELSEWHERE.items() if (docs / twin).exists()}
    for path in sorted(docs.rglob("ja/*.md")):
        found[(path.parent.parent / path.name).relative_to(docs).as_posix()] = path.relative_to(docs).as_posix()
    return found


def fit_links(text: str, *, source: str, place: str, twins: Mapping[str, str]) -> str:
    """Gives a page's text with links that hold at `place` on the site, where they held at `source` in docs/.

    A link to a twin leads to the page in the reader's language, and one that leaves docs/ to the repository.
    """
    own_name = {twin: page for page, twin in twins.items()}

    def lead(found: re.Match[str]) -> str:
        target = found["target"]
        if not target or "://" in target or target.startswith("mailto:"):
            return found[0]
        path = posixpath.normpath(posixpath.join("docs", posixpath.dirname(source), target))
        label, anchor = found["label"], found["anchor"] or ""
        if not path.startswith("docs/"):
            kind = "tree" if (ROOT / path).is_dir() else "blob"
            return f"[{label}]({REPOSITORY}/{kind}/main/{path}{anchor})"
        page = own_name.get(path.removeprefix("docs/"), path.removeprefix("docs/"))
        if page == place and path.removeprefix("docs/") != source:
            return f'<a href="{_other_language(source, place)}{anchor}">{label}</a>'
        there = posixpath.relpath(page, posixpath.dirname(place) or ".")
        return f"[{label}]({there}{anchor}{found['title'] or ''})"

    return _change_prose(text, lambda prose: _LINK.sub(lead, _TWIN_LINE.sub("", prose)))


def _other_language(source: str, place: str) -> str:
    """Gives the way from a page of the site to the same page in the other language, as a URL."""
    up = "../" * place.count("/")
    return (f"{up}ja/" if source == place else f"../{up}") + place.removesuffix(".md") + ".html"


def join_lines(text: str) -> str:
    """Gives a page's text with lines that break between two Japanese letters joined, so that no gap is shown there."""
    return _change_prose(text, lambda prose: _BREAK.sub("", prose))


def _change_prose(text: str, change: Callable[[str], str]) -> str:
    """Gives the text with all but its code blocks changed."""
    out, at = [], 0
    for block in _FENCE.finditer(text):
        out += [change(text[at : block.start()]), block[0]]
        at = block.end()
    return "".join([*out, change(text[at:])])
