"""Property tests look for new counterexamples at a desk, at the same examples each time in CI; no clock fails one."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("desk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("desk"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser for each file of tests that asks for one: while it is open, nothing else may run an event loop."""
    playwright = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS, timeout=120_000)
        yield opened
        opened.close()


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    """The language of a command that a test called in this process is not that of the next test."""
    yield
    from evalkit.cli.language import take_language

    take_language([], {})
