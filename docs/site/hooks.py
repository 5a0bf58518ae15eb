"""What MkDocs is told while it builds: the pages of one language, their links, the way to the other language."""

from __future__ import annotations

import posixpath
import re
import sys
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

sys.path.insert(0, str(Path(__file__).parents[2]))
from docs.site import gallery, languages, llms
from docs.site.nav import fill_nav

_ESCAPED = re.compile(r"<td[^>]*>(?:(?!</td>).)*\\\|.*?</td>", re.DOTALL)
"""A cell of a table with a bar that GitHub needs escaped in code, and Python-Markdown shows with its backslash"""
_TEXTS: dict[str, str] = {}
"""The Markdown of every page of the build that runs, by its place on the site"""
_NAV: list[Any] = []
"""Its navigation, filled"""


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Gives the pages of the language, under one name in both, and fills the navigation with those nobody lists."""
    _TEXTS.clear()
    twins = languages.japanese_twins()
    kept = Files([file for file in files if file.src_uri not in twins.values()])
    for page, twin in twins.items() if config.theme["language"] == "ja" else ():
        if (old := kept.get_file_from_path(page)) is not None:
            kept.remove(old)
        kept.append(File.generated(config, page, abs_src_path=str(languages.DOCS / twin)))
    for name, html in gallery.gallery_pages().items():
        kept.append(File.generated(config, name, content=html))
    pages = sorted(file.src_uri for file in kept.documentation_pages())
    config.nav = fill_nav(config.nav or [], pages, config.extra["sections"])
    return kept


def on_nav(nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
    """Keeps the navigation for `llms.txt`."""
    _NAV[:] = nav.items
    return nav


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Gives the text with links that hold on the site, and Japanese lines joined without a gap."""
    place = page.file.src_uri
    path = Path(page.file.abs_src_path or languages.DOCS / place)
    source = path.relative_to(languages.DOCS).as_posix() if path.is_relative_to(languages.DOCS) else place
    text = languages.fit_links(markdown, source=source, place=place, twins=languages.japanese_twins())
    _TEXTS[place] = text
    return languages.join_lines(gallery.embed(text) if place == gallery.PAGE else text)


def on_page_content(html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Gives the page, marked as English where the Japanese site has no other."""
    place = page.file.src_uri
    html = _ESCAPED.sub(lambda cell: cell[0].replace("\\|", "|"), html)
    if config.theme["language"] != "ja" or place in languages.japanese_twins():
        return html
    return f'<p class="english-only">{config.extra["english_only"]}</p>\n<div lang="en">\n{html}\n</div>'


def on_page_context(context: dict[str, Any], *, page: Page, config: MkDocsConfig, nav: Navigation) -> dict[str, Any]:
    """Points the choice of language at this same page in the other language."""
    folder = posixpath.dirname(page.url)
    up = "../" * (1 + len([part for part in folder.split("/") if part]))
    # MkDocs makes each link relative to the page, but knows no place above the site: it drops this `folder` again.
    english = page.url if config.theme["language"] == "en" else posixpath.join(up, folder, page.url)
    japanese = f"ja/{page.url}" if config.theme["language"] == "en" else page.url
    config.extra["alternate"] = [
        {"name": "English", "lang": "en", "link": english},
        {"name": "日本語", "lang": "ja", "link": japanese},
    ]
    return context


_HOSTS = re.compile(r"https://(?:unpkg\.com|api\.github\.com)/")
"""Hosts that the theme's script would ask for what this site has none of (diagrams, stars of a repository)"""


def on_post_build(*, config: MkDocsConfig) -> None:
    """Writes what programs read, and takes other hosts out of the theme's script."""
    folder = Path(config.site_dir)
    for script in folder.glob("assets/javascripts/bundle.*.js"):
        script.write_text(_HOSTS.sub("", script.read_text(encoding="utf-8")), encoding="utf-8")
    llms.write_markdown(folder, _TEXTS)
    listed = llms.list_pages(config.site_name, config.site_description or "", _NAV, _TEXTS)
    (folder / "llms.txt").write_text(listed, encoding="utf-8")
