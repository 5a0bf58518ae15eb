"""evalkit: deploy a fine-tuned language model, or do not - with evidence.

A suite says what matters, models answer, scorers measure, statistics compare, gates decide, reports show: the folders
of this package are that sentence. `compare` walks through them once and returns a `Verdict`; `load_suite` and
`Recording` read its inputs; `evalkit.stats` is usable alone, on arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evalkit.core.exchange import Example, Response
    from evalkit.core.recording import Recording
    from evalkit.core.verdict import Finding, Score, Verdict
    from evalkit.pipeline.api import compare
    from evalkit.suite.load import Suite, load_suite

__version__ = "0.1.0"

_PLACES = {
    "Example": "evalkit.core.exchange",
    "Finding": "evalkit.core.verdict",
    "Recording": "evalkit.core.recording",
    "Response": "evalkit.core.exchange",
    "Score": "evalkit.core.verdict",
    "Suite": "evalkit.suite.load",
    "Verdict": "evalkit.core.verdict",
    "compare": "evalkit.pipeline.api",
    "load_suite": "evalkit.suite.load",
}

__all__ = [
    "Example",
    "Finding",
    "Recording",
    "Response",
    "Score",
    "Suite",
    "Verdict",
    "__version__",
    "compare",
    "load_suite",
]


def __getattr__(name: str) -> object:
    """Load a public name when it is first used (PEP 562)."""
    from importlib import import_module

    if name in _PLACES:
        value = getattr(import_module(_PLACES[name]), name)
        globals()[name] = value
        return value
    if name == "stats":
        return import_module("evalkit.stats")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return [*__all__, "stats"]
