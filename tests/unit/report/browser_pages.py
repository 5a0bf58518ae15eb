"""A browser for the tests of the page: where it is, how it is started, when a page is ready."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name)) is not None),
    None,
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

NEEDS_BROWSER = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed to open the report with"),
]


def ready(page: Any) -> None:
    """Wait until the page has unpacked its data."""
    page.wait_for_selector("html[data-ready=true]", state="attached")
