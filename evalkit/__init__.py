"""evalkit: deploy a fine-tuned language model, or do not - with evidence.

A suite says what matters, models answer, scorers measure, statistics compare, gates decide, reports show: the folders
of this package are that sentence. `compare` walks through them once and returns a `Verdict`; `load_suite` and
`Recording` read its inputs; `evalkit.stats` is usable alone, on arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evalkit import stats, testing
    from evalkit.core.errors import EvalkitError
    from evalkit.core.exchange import Example, Message, ModelIdentity, Request, Response, ToolCall, Usage
    from evalkit.core.ports import ModelFacts
    from evalkit.core.recording import Recording
    from evalkit.core.registry import (
        register_gate,
        register_importer,
        register_provider,
        register_scorer,
        register_section,
        register_tracker,
    )
    from evalkit.core.verdict import Estimate, Finding, Metric, Score, SliceKey, Verdict
    from evalkit.pipeline.api.compare import compare
    from evalkit.pipeline.api.result import ComparisonResult
    from evalkit.scorers.function import scorer
    from evalkit.suite.load import Suite, load_suite

__version__ = "0.1.0"

_PLACES = {
    "ComparisonResult": "evalkit.pipeline.api.result",
    "Estimate": "evalkit.core.verdict",
    "EvalkitError": "evalkit.core.errors",
    "Example": "evalkit.core.exchange",
    "Finding": "evalkit.core.verdict",
    "Message": "evalkit.core.exchange",
    "Metric": "evalkit.core.verdict",
    "ModelFacts": "evalkit.core.ports",
    "ModelIdentity": "evalkit.core.exchange",
    "Recording": "evalkit.core.recording",
    "Request": "evalkit.core.exchange",
    "Response": "evalkit.core.exchange",
    "Score": "evalkit.core.verdict",
    "SliceKey": "evalkit.core.verdict",
    "Suite": "evalkit.suite.load",
    "ToolCall": "evalkit.core.exchange",
    "Usage": "evalkit.core.exchange",
    "Verdict": "evalkit.core.verdict",
    "compare": "evalkit.pipeline.api.compare",
    "load_suite": "evalkit.suite.load",
    "register_gate": "evalkit.core.registry",
    "register_importer": "evalkit.core.registry",
    "register_provider": "evalkit.core.registry",
    "register_scorer": "evalkit.core.registry",
    "register_section": "evalkit.core.registry",
    "register_tracker": "evalkit.core.registry",
    "scorer": "evalkit.scorers.function",
}

_ROOMS = ("stats", "testing")

__all__ = [
    "ComparisonResult",
    "Estimate",
    "EvalkitError",
    "Example",
    "Finding",
    "Message",
    "Metric",
    "ModelFacts",
    "ModelIdentity",
    "Recording",
    "Request",
    "Response",
    "Score",
    "SliceKey",
    "Suite",
    "ToolCall",
    "Usage",
    "Verdict",
    "__version__",
    "compare",
    "load_suite",
    "register_gate",
    "register_importer",
    "register_provider",
    "register_scorer",
    "register_section",
    "register_tracker",
    "scorer",
    "stats",
    "testing",
]


def __getattr__(name: str) -> object:
    """Load a public name when it is first used (PEP 562)."""
    from importlib import import_module

    if name in _PLACES:
        value = getattr(import_module(_PLACES[name]), name)
        globals()[name] = value
        return value
    if name in _ROOMS:
        return import_module(f"evalkit.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return list(__all__)
