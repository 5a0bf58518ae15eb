"""A browser for the tests of the page: where it is, how it is started, when a page is ready."""

from __future__ import annotations

import shutil
import time
from typing import Any

import pytest

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name)) is not None),
    None,
)
NEEDS_BROWSER = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed to open the report with"),
]


def ready(page: Any) -> None:
    """Wait until the page has unpacked its data."""
    page.wait_for_selector("html[data-ready=true]", state="attached")


def holds(page: Any, condition: str, *, seconds: float = 60) -> None:
    """Wait until a condition in JavaScript is true.

    The browser's own waiting evaluates the text anew in the page, which the page's policy (no `eval`) rightly refuses.
    """
    until = time.monotonic() + seconds
    while not page.evaluate(f"() => Boolean({condition})"):
        assert time.monotonic() < until, f"not true within {seconds:g} s: {condition}"
        page.wait_for_timeout(20)
