"""The verdict of a comparison: its suites, the worst outcome, the headline."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit import __version__
from evalkit.core.columns import Comparison
from evalkit.core.fingerprint import plain
from evalkit.core.verdict import Outcome, SuiteVerdict, Verdict
from evalkit.gates.identical_arms import identical_arms
from evalkit.gates.outcome import is_unsound
from evalkit.pipeline.deciding.headline import write_headline
from evalkit.report.section_data import add_section_data

WORST_FIRST: tuple[Outcome, ...] = ("INVALID", "FAIL", "INCONCLUSIVE", "PASS")


def verdict_of(base: str, candidate: str, suites: Sequence[SuiteVerdict], comparisons: Sequence[Comparison]) -> Verdict:
    """Return the worst of the suites' outcomes.

    No suite is INVALID, never PASS. A suite that is INVALID by a noise run alone does not hide what another one proves
    to fail.
    """
    outcomes = {suite.outcome for suite in suites}
    unsound = any(suite.outcome == "INVALID" and (not suite.findings or is_unsound(suite.findings)) for suite in suites)
    order = WORST_FIRST if unsound else ("FAIL", *WORST_FIRST)
    worst: Outcome = next((name for name in order if name in outcomes), "INVALID")
    models = {}
    for comparison in comparisons[:1]:
        models = {"base": plain(comparison.base), "candidate": plain(comparison.candidate)}
    verdict = Verdict(
        version=__version__,
        outcome=worst,
        base=base,
        candidate=candidate,
        suites=tuple(suites),
        because=write_headline(worst, suites),
        models=models,
        notes=tuple(note for note in map(identical_arms, comparisons) if note is not None),
    )
    return add_section_data(verdict, comparisons)
