"""Who was judged, when, on what, and how to do it again: facts beside the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalkit.core.columns import Comparison
from evalkit.core.exchange import Json, ModelIdentity, Response
from evalkit.core.origin import Origin
from evalkit.core.verdict import Verdict
from evalkit.report.figures import finding_name

_DETAILS = ("adapter", "revision", "commit", "adapter_commit", "job", "host", "path", "dtype", "quantization")
Answers = Mapping[str, tuple[Response, ...]]
_DIGIT = 12
"""Characters of a digest that stand on a page"""


def facts(verdict: Verdict, comparisons: Sequence[Comparison], origin: Origin | None) -> list[tuple[str, str]]:
    """Return (label, text) of all that is known, as a reader asks."""
    told: list[tuple[str, str]] = []
    if comparisons:
        first = comparisons[0]
        told.append(("Base", _arm(first.base, [one.base_responses for one in comparisons])))
        told.append(("Candidate", _arm(first.candidate, [one.candidate_responses for one in comparisons])))
    if origin is not None:
        told += [("When", origin.created), ("Run", origin.run), ("Commit of the suites", origin.commit)]
    told += [("Suites and data", "; ".join(_suite(one) for one in comparisons)), ("Policy", _policies(comparisons))]
    told.append(("Waivers", "; ".join(_waivers(verdict))))
    if origin is not None:
        told.append(("To compare again", origin.command))
    return [(label, text) for label, text in told if text]


def _arm(model: ModelIdentity, answers: Sequence[Answers]) -> str:
    """Who answered: the model as it was asked for and as it was served, its adapter, its recording, its digests."""
    details = model.details
    told = [f"{name.replace('_', ' ')} {details[name]}" for name in _DETAILS if isinstance(details.get(name), str)]
    adapter = details.get("adapter")
    if isinstance(adapter, dict):
        told.insert(0, " ".join(["adapter", *_path(details.get("adapter_path")), *_weights(adapter)]))
    served = dict.fromkeys(
        row.served_model for rows in answers for one in rows.values() for row in one if row.served_model
    )
    if named := [name for name in served if name != model.model][:3]:
        told.insert(0, f"served as {', '.join(named)}")
    if details.get("recording"):
        told.append(f"recording {details['recording']}" + _digest(details.get("recording_sha256")))
    if details.get("recorded"):
        told.append(f"recorded {str(details['recorded'])[:16].replace('T', ' ')}")
    return ", ".join(
        [f"{model.name}: {model.provider} {model.model}", *told, f"fingerprint {model.fingerprint[:_DIGIT]}"]
    )


def _path(value: Json) -> list[str]:
    return [value] if isinstance(value, str) else []


def _weights(adapter: Mapping[str, Json]) -> list[str]:
    """The digests of an adapter's weights, a file each."""
    weights = adapter.get("weights")
    digests = list(weights.values()) if isinstance(weights, dict) else [weights]
    return [_digest(one).strip() for one in digests if isinstance(one, str)]


def _digest(value: Json) -> str:
    return f" (sha256 {value[:_DIGIT]})" if isinstance(value, str) and value else ""


def _waivers(verdict: Verdict) -> list[str]:
    """Whose word stands for a finding, until when."""
    found = []
    for suite in verdict.suites:
        for finding in suite.findings:
            waiver = finding.details.get("waiver")
            if isinstance(waiver, Mapping):
                owner, expires = waiver.get("owner", ""), waiver.get("expires", "")
                found.append(f"{suite.name} {finding_name(finding)}: {owner}, until {expires}")
    return found


def _suite(comparison: Comparison) -> str:
    digests = (("suite", "suite_sha256"), ("data", "data_sha256"))
    told = [f"{name} {comparison.manifest[key][:_DIGIT]}" for name, key in digests if comparison.manifest.get(key)]
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
