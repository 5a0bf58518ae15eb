"""docs/why/house.md is a map of today: what it names is there, and what is there it names."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAP = (ROOT / "docs" / "why" / "house.md").read_text(encoding="utf-8")
CODE = ROOT / "evalkit"
NAMES = re.findall(r"`((?:[\w.]+/)*\w+\.(?:py|toml|md)|(?:\w+/)+)`", MAP)
PLACES = (ROOT, CODE, CODE / "core", CODE / "pipeline")


def test_every_file_it_names_is_there() -> None:
    assert len(NAMES) > 40
    assert [name for name in NAMES if not any((place / name).exists() for place in PLACES) and "NAME" not in name] == []


def test_it_has_every_room() -> None:
    rooms = {path.parent.name for path in CODE.glob("*/__init__.py")} | {"pytest_plugin"}
    told = set(re.findall(r"`(\w+)`", "".join(line for line in MAP.splitlines() if line.startswith("| `"))))
    assert rooms - told == set()


def test_it_has_every_part_of_the_pipeline() -> None:
    parts = {path.name for path in (CODE / "pipeline").glob("*.py") if path.name != "__init__.py"}
    parts |= {f"{path.parent.name}/" for path in (CODE / "pipeline").glob("*/__init__.py")}
    assert parts - set(NAMES) == set()
