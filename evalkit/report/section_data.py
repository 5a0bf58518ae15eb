"""What sections say as data, for the verdict."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from evalkit.core.columns import Comparison
from evalkit.core.exchange import Json
from evalkit.core.verdict import Verdict
from evalkit.report.compose import narrow_to_suite
from evalkit.report.kinds import SECTIONS
from evalkit.report.renderers.data import finite


def add_section_data(verdict: Verdict, comparisons: Sequence[Comparison]) -> Verdict:
    """Return the verdict with what sections say as data, suite by suite."""
    by_name = {comparison.suite: comparison for comparison in comparisons}
    suites = [
        dataclasses.replace(suite, section_data=_read_data(by_name.get(suite.name), narrow_to_suite(verdict, suite)))
        for suite in verdict.suites
    ]
    return dataclasses.replace(verdict, suites=tuple(suites))


def _read_data(comparison: Comparison | None, verdict: Verdict) -> Mapping[str, Json]:
    """Name of a section -> its figures, of those that give any."""
    found = {}
    for name in SECTIONS.names():
        try:
            section = SECTIONS.load(name)
            value = finite(section.data(comparison, verdict)) if hasattr(section, "data") else None
        except Exception as error:  # what a package says never costs the verdict
            value = {"error": f"{type(error).__name__}: {error}"}
        if value is not None:
            found[name] = value
    return found
