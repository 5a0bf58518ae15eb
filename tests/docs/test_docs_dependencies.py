"""docs/why/dependencies.md gives a reason for every dependency, and for no other package."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
ALWAYS, EXTRAS = (ROOT / "docs/why/dependencies.md").read_text("utf-8").split("| extra |")


def _names(requirements: list[str]) -> list[str]:
    return [re.split(r"[^\w.-]", requirement, maxsplit=1)[0] for requirement in requirements]


def _rows(table: str) -> list[list[str]]:
    return [[cell.strip(" `") for cell in line.strip("|").split(" | ")] for line in re.findall(r"^\| .*$", table, re.M)]


def test_every_dependency_has_one_reason_and_no_other_package_has_one() -> None:
    rows = [row for row in _rows(ALWAYS) if row[0] != "package"]
    assert sorted(row[0] for row in rows) == sorted(_names(PROJECT["dependencies"]))
    assert all(len(row) == 2 and row[1] for row in rows)


def test_every_extra_is_listed_with_its_packages() -> None:
    listed = {row[0]: row[1].split(", ") for row in _rows(EXTRAS)}
    extras = {name: _names(packages) for name, packages in PROJECT["optional-dependencies"].items()}
    dev, needed = listed.pop("dev"), extras.pop("dev")
    assert listed == extras
    assert set(dev) - {"..."} <= set(needed)
