"""The tables of the reference pages are what the code says, and everything registered stands in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from docs.tables.__main__ import GLOSSARIES
from docs.tables.commands import command_reference
from docs.tables.findings import finding_table
from docs.tables.formats import format_table
from docs.tables.glossary import MEANINGS, entries, glossary_table
from docs.tables.metrics import metrics_table
from docs.tables.python import python_reference
from docs.tables.scorers import scorer_table
from docs.tables.stats import stats_reference
from docs.tables.suites import fill_tables, japanese_suite_table, suite_table
from evalkit.core.verdict import State
from evalkit.data.formats import FORMATS
from evalkit.gates.kinds import GATES, TABLE
from evalkit.scorers import SCORERS
from evalkit.suite.gate_spec import GateSpec
from evalkit.suite.measured import MEASURED
from evalkit.suite.shape import Strict
from evalkit.suite.spec import ModelsFile

PAGES = Path(__file__).parents[2] / "docs" / "reference"


@pytest.mark.parametrize(
    ("page", "table"),
    [
        ("suite.md", suite_table),
        ("scorers.md", scorer_table),
        ("data-formats.md", format_table),
        ("findings.md", finding_table),
        ("gates.md", suite_table),
        ("ja/gates.md", japanese_suite_table),
        ("ja/suite.md", japanese_suite_table),
        ("metrics.md", metrics_table),
    ],
)
def test_the_tables_of_a_page_are_up_to_date(page: str, table: Callable[[str], str]) -> None:
    text = (PAGES / page).read_text(encoding="utf-8")
    assert fill_tables(text, table) == text, "run: python -m docs.tables"


def test_the_reference_of_the_statistics_is_up_to_date() -> None:
    assert (PAGES / "stats.md").read_text(encoding="utf-8") == stats_reference(), "run: python -m docs.tables"


@pytest.mark.parametrize(("page", "japanese"), [("commands.md", False), ("ja/commands.md", True)])
def test_the_command_reference_is_what_the_program_says(page: str, japanese: bool) -> None:
    text = (PAGES / page).read_text(encoding="utf-8")
    assert text == command_reference(japanese=japanese), "run: python -m docs.tables"


@pytest.mark.parametrize("page", GLOSSARIES)
def test_the_glossary_is_up_to_date(page: str) -> None:
    text = (PAGES.parent / page).read_text(encoding="utf-8")
    assert fill_tables(text, glossary_table) == text, "run: python -m docs.tables"


def test_every_word_of_the_glossary_is_explained_in_english() -> None:
    assert {one["en"] for one in entries()} == set(MEANINGS)


def test_the_reference_of_python_is_up_to_date() -> None:
    assert (PAGES / "python.md").read_text(encoding="utf-8") == python_reference(), "run: python -m docs.tables"


def test_every_state_is_documented() -> None:
    text = (PAGES / "findings.md").read_text(encoding="utf-8")
    assert [state for state in get_args(State) if f"| `{state}` | " not in text] == []


@pytest.mark.parametrize("name", list(TABLE))
def test_every_gate_is_documented_with_an_example(name: str) -> None:
    text = (PAGES / "gates.md").read_text(encoding="utf-8")
    assert f"| [`{name}`](#{name}) | " in text
    assert f"\n## {name}\n\n```yaml\n- {{type: {name}, " in text
    assert f"<!-- table: {GATES.load(name).__name__} -->" in text


@pytest.mark.parametrize("name", sorted(MEASURED))
def test_every_measured_metric_is_documented(name: str) -> None:
    assert f"| `{name}` | " in (PAGES / "metrics.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", list(SCORERS))
def test_every_registered_scorer_is_documented(name: str) -> None:
    text = (PAGES / "scorers.md").read_text(encoding="utf-8")
    assert f"<!-- table: {name} -->\n" in text
    assert f"type: {name}" in text, "with an example"


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_is_documented(name: str) -> None:
    assert f"`{name}`" in (PAGES / "data-formats.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "shape",
    [
        *(shape for shape in Strict.__subclasses__() if shape not in (ModelsFile, GateSpec)),
        *(GATES.load(name) for name in GATES),
    ],
    ids=lambda shape: shape.__name__,
)
def test_every_shape_of_a_suite_is_documented(shape: type[Strict]) -> None:
    assert f"<!-- table: {shape.__name__} -->" in (PAGES / "suite.md").read_text(encoding="utf-8")
