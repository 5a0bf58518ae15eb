"""The verdict of a comparison that could not begin: INVALID, with why, and not one finding."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit import __version__
from evalkit.core.errors import Problem, UnsoundComparison
from evalkit.core.verdict import SuiteVerdict, Verdict
from evalkit.pipeline.options import CandidateResult


def unsound_outcomes(base: str, candidates: Sequence[str], error: UnsoundComparison) -> tuple[CandidateResult, ...]:
    """Return one INVALID verdict a candidate.

    It names the suites that are unsound; the others were not compared either.
    """
    suites = tuple(
        SuiteVerdict(name=name, outcome="INVALID", findings=(), metrics=(), notes=tuple(map(_sentence, problems)))
        for name, problems in error.suites.items()
    )
    because = f"nothing sound to compare: {'; '.join(map(_sentence, error.problems))}"
    return tuple(
        CandidateResult(
            verdict=Verdict(
                version=__version__, outcome="INVALID", base=base, candidate=name, suites=suites, because=because
            )
        )
        for name in candidates
    )


def _sentence(problem: Problem) -> str:
    """What is wrong and where, on one line."""
    return f"{problem.where}: {problem.what}" if problem.where else problem.what
