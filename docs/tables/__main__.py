"""Write every generated part of the reference pages anew: `python -m docs.tables`, from the project's root."""

import os
from pathlib import Path

from docs.tables.commands import command_reference
from docs.tables.findings import finding_table
from docs.tables.formats import format_table
from docs.tables.glossary import glossary_table
from docs.tables.metrics import metrics_table
from docs.tables.python import python_reference
from docs.tables.scorers import scorer_table
from docs.tables.stats import stats_reference
from docs.tables.suites import fill_tables, japanese_suite_table, suite_table

PAGES = Path(__file__).parents[1] / "reference"
TABLES = {
    "suite.md": suite_table,
    "scorers.md": scorer_table,
    "data-formats.md": format_table,
    "findings.md": finding_table,
    "gates.md": suite_table,
    "ja/gates.md": japanese_suite_table,
    "ja/suite.md": japanese_suite_table,
    "metrics.md": metrics_table,
}
GLOSSARIES = ("glossary.md", "ja/glossary.md")


def main() -> None:
    """Write the pages."""
    os.environ["COLUMNS"] = "100"
    (PAGES / "commands.md").write_text(command_reference(), encoding="utf-8")
    (PAGES / "ja" / "commands.md").write_text(command_reference(japanese=True), encoding="utf-8")
    (PAGES / "python.md").write_text(python_reference(), encoding="utf-8")
    (PAGES / "stats.md").write_text(stats_reference(), encoding="utf-8")
    pages = {PAGES / name: table for name, table in TABLES.items()}
    pages |= {PAGES.parent / name: glossary_table for name in GLOSSARIES}
    for page, table in pages.items():
        page.write_text(fill_tables(page.read_text(encoding="utf-8"), table), encoding="utf-8")


if __name__ == "__main__":
    main()
