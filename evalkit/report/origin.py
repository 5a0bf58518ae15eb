"""Who was judged, when, on what, and how to do it again: facts beside the verdict."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.columns import Comparison
from evalkit.core.exchange import ModelIdentity
from evalkit.core.origin import Origin

_DETAILS = ("adapter", "revision", "recording", "base_url", "dtype", "quantization")


def facts(comparisons: Sequence[Comparison], origin: Origin | None) -> list[tuple[str, str]]:
    """Return (label, text) of all that is known, as a reader asks."""
    told: list[tuple[str, str]] = []
    if comparisons:
        told += [("Base", _arm(comparisons[0].base)), ("Candidate", _arm(comparisons[0].candidate))]
    if origin is not None:
        told += [("When", origin.created), ("Run", origin.run), ("Commit of the suites", origin.commit)]
    told += [("Suites and data", "; ".join(_suite(one) for one in comparisons)), ("Policy", _policies(comparisons))]
    if origin is not None:
        told.append(("To compare again", origin.command))
    return [(label, text) for label, text in told if text]


def _arm(model: ModelIdentity) -> str:
    details = [f"{name} {model.details[name]}" for name in _DETAILS if model.details.get(name)]
    return ", ".join(
        [f"{model.name}: {model.provider} {model.model}", *details, f"fingerprint {model.fingerprint[:12]}"]
    )


def _suite(comparison: Comparison) -> str:
    digests = (("suite", "suite_sha256"), ("data", "data_sha256"))
    told = [f"{name} {comparison.manifest[key][:12]}" for name, key in digests if comparison.manifest.get(key)]
    return f"{comparison.suite} ({', '.join(told)})" if told else comparison.suite


def _policies(comparisons: Sequence[Comparison]) -> str:
    """The policy of the suites, once where they share it."""
    said = []
    for comparison in comparisons:
        spec = comparison.manifest.get("spec")
        policy = spec.get("policy") if isinstance(spec, dict) else None
        if isinstance(policy, dict):
            names = ("confidence", "correction", "on_inconclusive", "max_error_rate")
            said.append(", ".join(f"{name} {policy[name]}" for name in names if name in policy))
    return "; ".join(dict.fromkeys(said))
