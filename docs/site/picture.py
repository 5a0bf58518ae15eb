"""Takes the picture of the README anew: `python -m docs.site.picture`, with Chromium and playwright installed."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from docs.site.gallery import run_command
from docs.site.languages import DOCS

COMMAND = "evalkit compare base ft-overfit --suite suites/general.yaml --suite suites/support_desk.yaml --replay"


def take_picture(out: Path) -> None:
    """Writes a PNG of the page of the tune that does its task and forgot the rest."""
    from playwright.sync_api import sync_playwright

    html = run_command(COMMAND, 1)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        page_file = Path(folder) / "page.html"
        page_file.write_text(html, encoding="utf-8")
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 930})
        page.goto(page_file.as_uri())
        page.wait_for_selector("html[data-ready=true]", state="attached")
        page.screenshot(path=str(out))
        browser.close()


if __name__ == "__main__":
    take_picture(DOCS / "images" / "report.png")
