"""The table of a report's sections, in their order; packages add theirs through the entry points `evalkit.sections`."""

from __future__ import annotations

from evalkit.core.ports import Section
from evalkit.core.registry import Registry

TABLE = {
    "findings": "evalkit.report.sections.findings",
    "metrics": "evalkit.report.sections.metrics",
    "cases": "evalkit.report.sections.cases",
    "slices": "evalkit.report.sections.slices",
    "gates": "evalkit.report.sections.gates",
    "groups": "evalkit.report.sections.groups",
    "families": "evalkit.report.sections.families",
    "classes": "evalkit.report.sections.classes",
    "tool_decisions": "evalkit.report.sections.decisions",
    "schema_errors": "evalkit.report.sections.schema_errors",
    "parts_of_the_metrics": "evalkit.report.sections.parts",
    "judges": "evalkit.report.sections.judges",
    "agreement": "evalkit.report.sections.agreement",
    "cost_and_latency": "evalkit.report.sections.cost",
    "training": "evalkit.report.sections.training",
    "what_was_compared": "evalkit.report.sections.coverage",
    "notes": "evalkit.report.sections.notes",
}

LAST = ("what_was_compared", "notes")
"""What stands behind the sections that packages bring"""


def what_is_wrong(name: str, thing: object) -> str | None:
    """Tell why a thing cannot be a section; None if it can."""
    if isinstance(thing, type) or not isinstance(thing, Section):
        return "a section is an object or a module with blocks(comparison, verdict)"
    return None


SECTIONS = Registry("section", TABLE, group="evalkit.sections", check=what_is_wrong)
