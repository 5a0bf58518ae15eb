"""The site: built strictly in both languages, whole, found by Japanese words, and fetching nothing from elsewhere."""

from __future__ import annotations

import functools
import http.server
import json
import re
import shutil
import threading
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from docs.site.languages import DOCS, fit_links, japanese_twins, join_lines
from docs.site.nav import fill_nav

pytest.importorskip("mkdocs", reason="mkdocs-material is not installed")
from docs.site.__main__ import build_site, load

CHROMIUM = next((path for name in ("chromium", "google-chrome") if (path := shutil.which(name)) is not None), None)
FETCHES = {**dict.fromkeys(("script", "img", "iframe", "source", "video"), "src"), "link": "href", "form": "action"}
NO_FETCH = {"canonical", "alternate", "prev", "next"}
FORBIDS = "Content-Security-Policy\" content=\"default-src 'self' data: blob:;"
ENGLISH_ONLY = "このページはまだ英語版だけです"
FOUND = {
    "終了コード": "how-to/ci.html",
    "信頼区間": "tutorial/first-verdict.html",
    "区間": "how-to/from-inspect.html",
    "許容幅": "how-to/choose-groups.html",
    "方言": "how-to/job-dialects.html",
    "ツール呼び出し": "how-to/conversations.html",
    "グループ間格差": "why/gates.html",
    "プロンプトを比べる": "how-to/prompts.html",
    "評価モデル": "how-to/judges.html",
}
"""What is typed, and a page that must be among what is found; some are words of one script, some of two, one a part"""
TAG = re.compile(r"<(a|script|img|iframe|source|video|link|form)\b([^>]*)>")
ATTRIBUTE = re.compile(r"([\w-]+)=\"([^\"]*)\"")
NAMED = re.compile(r"\b(?:id|name)=\"([^\"]*)\"")
PROSE = re.compile(r"<p>((?:(?!</p>).)*)</p>", re.DOTALL)


class Tags:
    """What a page asks for, where its links lead, and which anchors it has."""

    def __init__(self, text: str) -> None:
        self.ids = set(NAMED.findall(text))
        self.asked: list[str] = []
        self.links: list[str] = []
        for tag, rest in TAG.findall(re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)):
            found = {key: unescape(value) for key, value in ATTRIBUTE.findall(rest)}
            if tag == "a" and "href" in found:
                self.links.append(found["href"])
            if tag in FETCHES and not set(found.get("rel", "").split()) & NO_FETCH:
                self.asked.append(found.get(FETCHES[tag], ""))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    build_site(folder)
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, str]:
    """The site's own pages; those of the gallery are reports, and have tests of their own."""
    found = [path for path in sorted(site.rglob("*.html")) if path.parent.name != "gallery"]
    return {path: path.read_text(encoding="utf-8") for path in found}


@pytest.fixture(scope="module")
def tags(pages: dict[Path, str]) -> dict[Path, Tags]:
    return {path: Tags(text) for path, text in pages.items()}


def test_every_page_is_there_in_both_languages(site: Path) -> None:
    twins = japanese_twins()
    written = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")} - set(twins.values())
    for folder in (site, site / "ja"):
        places = {re.sub(r"README$", "index", name.removesuffix(".md")) + ".html" for name in written}
        assert {place for place in places if not (folder / place).exists()} == set()
    assert len(twins) > 15
    for page in twins:
        text = (site / "ja" / page).with_suffix(".html").read_text(encoding="utf-8")
        assert '<html lang="ja"' in text
        assert ENGLISH_ONLY not in text
    assert ENGLISH_ONLY in (site / "ja" / "reference" / "python.html").read_text(encoding="utf-8")


def test_a_japanese_page_has_an_english_twin() -> None:
    assert {page for page in japanese_twins() if not (DOCS / page).exists()} == set()


def test_every_link_and_anchor_of_the_site_leads_somewhere(tags: dict[Path, Tags]) -> None:
    dead = set()
    for path, found in tags.items():
        for link in [*found.links, *found.asked] if path.name != "404.html" else ():
            parts = urlsplit(link)
            if parts.scheme or not link:
                continue
            there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchors = {"", *tags[there].ids} if there in tags else {parts.fragment}
            if not there.exists() or unquote(parts.fragment) not in anchors:
                dead.add((path.name, link))
    assert dead == set()


def test_no_page_asks_another_host_for_anything(site: Path, pages: dict[Path, str], tags: dict[Path, Tags]) -> None:
    away = re.compile(r"(\w+:)?//")
    assert {(path.name, url) for path, found in tags.items() for url in found.asked if away.match(url)} == set()
    for path in site.rglob("*.css"):
        urls = re.findall(r"url\(\s*['\"]?([^)'\"]+)|@import\s+['\"]([^'\"]+)", path.read_text(encoding="utf-8"))
        assert [url for pair in urls for url in pair if away.match(url)] == [], path.name
    assert [path.name for path, text in pages.items() if FORBIDS not in text] == []
    scripts = [path for path in site.rglob("bundle.*.js") if path.parent.name == "javascripts"]
    assert len(scripts) == 2, "English and Japanese"
    assert [path for path in scripts if re.search("unpkg|api.github", path.read_text(encoding="utf-8"))] == []


def test_lists_and_tables_are_shown_as_such(pages: dict[Path, str]) -> None:
    """GitHub reads a list below a line of prose, and Python-Markdown does not."""
    flat = [
        (path.name, found[1][:80])
        for path, text in pages.items()
        for found in PROSE.finditer(text)
        if re.search(r"\n(?:[-*+|] |\d+\. )", found[1])
    ]
    assert flat == []
    assert [path.name for path, text in pages.items() if re.search(r"<td>[^\n]*\\\|", text)] == []


def test_the_gallery_shows_what_the_commands_say(site: Path) -> None:
    shown = {path.stem for path in (site / "gallery").glob("*.html")}
    assert shown == set(re.findall(r"<!-- gallery: ([\w-]+) -->", (DOCS / "gallery.md").read_text(encoding="utf-8")))
    assert len(shown) > 3
    for folder in (site, site / "ja"):
        text = (folder / "gallery.html").read_text(encoding="utf-8")
        assert all(f'src="gallery/{name}.html"' in text for name in shown)
        assert all((folder / "gallery" / f"{name}.html").stat().st_size > 50_000 for name in shown)


@pytest.mark.parametrize("folder", ["", "ja"])
def test_programs_find_every_page_as_markdown(site: Path, folder: str) -> None:
    place = site / folder
    listing = (place / "llms.txt").read_text(encoding="utf-8")
    assert listing.startswith("# evalkit\n\n> ")
    listed = re.findall(r"^- \[.+?\]\((\S+\.md)\)", listing, re.MULTILINE)
    assert [name for name in listed if not (place / name).exists()] == []
    assert len(listed) > 60
    whole = (place / "llms-full.txt").read_text(encoding="utf-8")
    assert all(f"<!-- {name} -->" in whole for name in listed)


@pytest.mark.parametrize(
    ("text", "sound"), [("[there](gone.md)", False), ("[there](index.md#gone)", False), ("Sound.", True)]
)
def test_a_dead_link_ends_the_build(text: str, sound: bool, tmp_path: Path) -> None:
    from mkdocs.commands.build import build
    from mkdocs.exceptions import Abort

    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text(f"# One\n\n{text}\n", encoding="utf-8")
    own = {"docs_dir": str(tmp_path / "docs"), "nav": ["index.md"], "hooks": [], "extra_css": []}
    config = load("mkdocs.yml", tmp_path / "out", **own)
    if sound:
        build(config)
        return
    with pytest.raises(Abort):
        build(config)


def test_a_folder_with_other_things_is_not_emptied(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(SystemExit, match="holds other things than a site"):
        build_site(tmp_path)
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "keep"


def test_a_link_leads_where_it_led_on_github() -> None:
    twins = {"how-to/ci.md": "how-to/ja/ci.md"}
    links = "[a](../../reference/suite.md#keys) [b](ci.md) [c](../../../examples/ci) [d](https://e.f)\n"
    there = fit_links(f"[English](../ci.md)\n\n{links}", source="how-to/ja/ci.md", place="how-to/ci.md", twins=twins)
    assert there == (
        "[a](../reference/suite.md#keys) [b](ci.md) "
        "[c](https://github.com/evalkit-gate/evalkit/tree/main/examples/ci) [d](https://e.f)\n"
    )
    inline = fit_links("See [it](../ci.md#x).", source="how-to/ja/ci.md", place="how-to/ci.md", twins=twins)
    assert inline == 'See <a href="../../how-to/ci.html#x">it</a>.', "the twin itself is meant"
    code = "```sh\n[a](b.md)\n判定\n終了\n```\n判定\n終了\n"
    assert fit_links(code, source="x/y.md", place="y.md", twins={}) == code
    assert join_lines(code) == "```sh\n[a](b.md)\n判定\n終了\n```\n判定終了\n"


def test_pages_that_nobody_names_are_listed_once() -> None:
    nav = ["a.md", {"How": ["how/one.md", {"More": ["how/*"]}]}, {"None": ["none/*"]}]
    filled = fill_nav(nav, ["a.md", "how/one.md", "how/three.md", "how/two.md"], {"How": "使い方"})
    assert filled == ["a.md", {"使い方": ["how/one.md", {"More": ["how/three.md", "how/two.md"]}]}]


def test_the_index_is_cut_where_the_script_changes(site: Path) -> None:
    index = json.loads((site / "ja" / "search" / "search_index.json").read_text(encoding="utf-8"))
    words = re.split(index["config"]["separator"], "終了コードを読む(CI)")
    assert [word for word in words if word] == ["終了", "コード", "を", "読", "む", "CI"]


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed to open the site with")
def test_a_reader_finds_japanese_words_and_nothing_is_fetched_from_elsewhere(served: str, browser: Any) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(120_000)
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto(f"{served}/how-to/ci.html")
    page.hover(".md-select button")
    page.click(".md-select__link[hreflang=ja]")
    page.wait_for_url(f"{served}/ja/how-to/ci.html")
    assert "デプロイを止める" in page.inner_text("h1")
    found = {word: _search(page, word) for word in FOUND}
    assert {word: there for word, there in FOUND.items() if f"ja/{there}" not in found[word]} == {}
    assert _search(page, "縄文土器") == set()
    page.goto(f"{served}/index.html")
    assert "why/gates.html" in _search(page, "waiver")
    page.goto(f"{served}/gallery.html")
    page.frame_locator("iframe").first.locator("h1, h2").first.wait_for()
    assert wrong == []
    hosts = {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))}
    assert hosts == {urlsplit(served).netloc}
    page.evaluate("fetch('http://127.0.0.2:9/').catch(() => 0)")
    assert any("Content Security Policy" in text for text in wrong), "the browser itself forbids it"
    page.close()


def _search(page: Any, word: str) -> set[str]:
    """The pages that the site's own search finds for a word, as paths."""
    told = page.locator(".md-search-result__meta")
    for text, answer in (("", "入力してください|Type to start"), (word, "見つか|matching")):
        page.fill(".md-search__input", text)
        page.dispatch_event(".md-search__input", "keyup")
        told.filter(has_text=re.compile(answer)).wait_for(state="attached")
    links = page.locator("a.md-search-result__link").all()
    return {urlsplit(str(link.evaluate("one => one.href"))).path.lstrip("/") for link in links}
