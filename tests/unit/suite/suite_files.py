"""What the tests of suite load share."""

from __future__ import annotations

from pathlib import Path


def write(folder: Path, text: str, name: str = "suite.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
