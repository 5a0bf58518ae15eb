"""Everybody can read the page: axe finds nothing serious, and on A4 every column stays."""

from __future__ import annotations

import dataclasses
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from browser_pages import NEEDS_BROWSER, ready
from report_world import comparison, verdict

from evalkit.core.group_table import GroupRow, GroupTable
from evalkit.report import html

pytestmark = NEEDS_BROWSER
PAPER = {"width": 710, "height": 1000}
"""A4 without its margins, in CSS pixels"""
FIGURES = {field.name for field in dataclasses.fields(GroupRow) if "float" in str(field.type)}
HIDDEN = """() => [...document.querySelectorAll("table")]
  .filter((table) => table.offsetParent && table.getBoundingClientRect().right > innerWidth + 1)
  .map((table) => table.closest(".panel").className)"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compared = [comparison(), comparison(worse=False, seed=5, suite="general")]
    path = tmp_path_factory.mktemp("access") / "index.html"
    path.write_text(html(verdict(compared), compared), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def axe() -> str:
    package = pytest.importorskip("axe_playwright_python", reason="the package axe-playwright-python is not installed")
    return files(package).joinpath("axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize(("locale", "theme", "width"), [
    ("en-US", "light", 1280), ("en-US", "dark", 390), ("ja-JP", "dark", 1280), ("ja-JP", "light", 390),
])  # fmt: skip
def test_axe_finds_nothing_serious(browser: Any, report: Path, axe: str, locale: str, theme: str, width: int) -> None:
    context = browser.new_context(locale=locale, color_scheme=theme, viewport={"width": width, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{report.as_uri()}#suite=support-desk&group=broken&by=tag.intent")
    ready(page)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.locator(".shapes").first.scroll_into_view_if_needed()
    page.locator(".histogram").first.wait_for()
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    grave = [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")]
    assert grave == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page itself never scrolls sideways"
    context.close()


def test_on_paper_every_column_stays_and_the_pages_are_few(page: Any) -> None:
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    assert page.evaluate(HIDDEN) == []
    page.emulate_media(media="screen")
    paper = page.pdf(format="A4", print_background=True)
    assert 2 < len(re.findall(rb"/Type\s*/Page\b", paper)) <= 25


def test_a_table_of_groups_with_twenty_columns_fits_the_paper(browser: Any, tmp_path: Path) -> None:
    figures: dict[str, Any] = dict.fromkeys(FIGURES, 0.123)
    one = GroupRow(group="a rather long group", n=12_345, missing=1_234, fixed=123, broken=456, **figures)
    table = GroupTable(by="customer_gender", metric="answer", rows=(one, one), controls=("age",))
    compared = comparison()
    told = verdict([compared])
    suite = dataclasses.replace(told.suites[0], groups=(table,))
    path = tmp_path / "index.html"
    path.write_text(html(dataclasses.replace(told, suites=(suite,)), [compared]), encoding="utf-8")
    page = browser.new_page(viewport=PAPER)
    page.goto(path.as_uri())
    ready(page)
    page.emulate_media(media="print")
    assert page.locator(".part-groups th").count() >= 18
    assert page.evaluate(HIDDEN) == []
    page.close()
