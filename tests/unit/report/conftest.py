"""A fresh page for each test of the page, in the browser of its file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_pages import ready


@pytest.fixture
def page(browser: Any, report: Path) -> Iterator[Any]:
    """A fresh page; whatever it asks of a network, or complains of, fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    opened = context.new_page()
    opened.set_default_timeout(120_000)
    wrong: list[str] = []
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    opened.goto(report.as_uri())
    ready(opened)
    yield opened
    context.close()
    assert wrong == []
    own = {url.partition("#")[0] for url in asked if not url.startswith("blob:null/")}
    assert own == {report.as_uri()}, "a blob is what the page made itself: its search runs beside it"
