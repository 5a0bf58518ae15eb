"""The sentences that every renderer says the same way."""

from __future__ import annotations

from collections import Counter

from evalkit.core.columns import Comparison
from evalkit.core.errors import count_of
from evalkit.core.notes import BESIDE_THE_VERDICT, kind_of
from evalkit.core.verdict import LOOKS_WORSE, UNDECIDED, Finding, SuiteVerdict, Verdict
from evalkit.report import figures

TOLERATED = "tolerated_drop"
"""Flag of a PASS with a proven drop that is smaller than the margin"""

_DEPLOY = {
    "PASS": "deploy",
    "FAIL": "do not deploy",
    "INCONCLUSIVE": "cannot tell yet",
    "INVALID": "nothing may be concluded",
}


def deploy(verdict: Verdict) -> str:
    """Return the answer to "deploy or not?" that the outcome gives."""
    return _DEPLOY[verdict.outcome]


def tally(suite: SuiteVerdict) -> str:
    """Count the states of a suite's findings: `1 REGRESSION, 4 PASS`.

    The rarest concern comes last.
    """
    counts = Counter(finding.shown for finding in suite.findings)
    return ", ".join(
        f"{many} {state}" for state, many in sorted(counts.items(), key=lambda item: (item[0] == "PASS", item))
    )


def is_loud(finding: Finding) -> bool:
    """Tell whether a finding is shown in full.

    Slices that simply passed, or were not judged, are only counted and named.
    """
    return finding.slice is None or finding.state not in ("PASS", "TOO_SMALL") or LOOKS_WORSE in finding.flags


def quiet(suite: SuiteVerdict) -> str:
    """Count the slices without a finding against them, and those not judged.

    Empty without any.
    """
    rest = [finding for finding in suite.findings if not is_loud(finding)]
    small = [finding for finding in rest if finding.state == "TOO_SMALL"]
    empty = sum(not finding.too_small for finding in small)
    undecided = sum(finding.shown == UNDECIDED for finding in rest)
    counts = (
        (len(rest) - len(small) - undecided, "without a finding against them"),
        (undecided, "undecided"),
        (len(small) - empty, "too small to judge"),
        (empty, "without a case to judge"),
    )
    told = [f"{many:,} {what}" for many, what in counts if many]
    if told:
        first, _, what = told[0].partition(" ")
        told[0] = f"{first} {'slice' if first == '1' else 'slices'} {what}"
    return ", ".join(told)


def name_unsettled(suite: SuiteVerdict) -> tuple[str, ...]:
    """Name the slices that are not settled.

    They look worse though not proven, are undecided, or were too small to judge.
    """
    cut = [finding for finding in suite.findings if finding.slice is not None]
    worse = [f for f in cut if LOOKS_WORSE in f.flags and not fails(f)]
    lists = (
        ("looks worse, though not proven", worse),
        ("undecided", [f for f in cut if f.shown == UNDECIDED and f not in worse]),
        ("too small to judge", [f for f in cut if f.too_small and f not in worse]),
    )
    return tuple(f"{title}: {'; '.join(dict.fromkeys(_name(f) for f in found))}" for title, found in lists if found)


def _name(finding: Finding) -> str:
    named = f"{finding.metric} {figures.place(finding.slice)}"
    if LOOKS_WORSE not in finding.flags:
        return named
    seen = "" if finding.base is None else f"{figures.terse(finding)}, "
    return f"{named} ({seen}n = {finding.n:,})"


def describe_unanswered(comparison: Comparison | None) -> str:
    """Describe failed calls and prompts that differ or are not proven.

    Also where a recording and the suite differ; empty when all is well.
    """
    if comparison is None:
        return ""
    coverage = comparison.coverage
    arms = (
        ("base", coverage.base_failed, coverage.base_failures),
        ("candidate", coverage.candidate_failed, coverage.candidate_failures),
    )
    said = []
    for arm, failed, kinds in arms:
        if failed:
            told = ", ".join(f"{many:,} {kind}" for kind, many in kinds.items())
            said.append(f"{failed:,} of {count_of(coverage.asked, 'call')} of the {arm} failed ({told})")
    said += [note for note in comparison.notes if kind_of(note) in BESIDE_THE_VERDICT]
    return "; ".join(said)


_ENDINGS = {"cut": "cut at the limit", "cut_thinking": "cut while thinking", "filtered": "filtered"}


def describe_endings(suite: SuiteVerdict) -> str:
    """Describe the answers of both arms that did not end by themselves.

    Empty where all did.

    "cut at the limit: base 12 of 48 (25%), candidate 0 of 48"
    """
    said = []
    for name, words in _ENDINGS.items():
        counts = {arm: (many.get(name, 0), many.get("answers", 0)) for arm, many in suite.ended.items()}
        if any(cut for cut, _ in counts.values()):
            told = (
                f"{arm} {cut:,} of {of:,}" + (f" ({100 * cut / of:.0f}%)" if cut else "")
                for arm, (cut, of) in counts.items()
            )
            said.append(f"{words}: {', '.join(told)}")
    return "; ".join(said)


def on_inconclusive(manifest_spec: object) -> str:
    """Return the suite's policy for findings that cannot tell.

    `fail` where it is not known.
    """
    policy = manifest_spec.get("policy") if isinstance(manifest_spec, dict) else None
    said = policy.get("on_inconclusive") if isinstance(policy, dict) else None
    return said if isinstance(said, str) else "fail"


def marks(finding: Finding) -> list[str]:
    """Return what is to be said beside a state, such as a tolerated drop."""
    known = ((TOLERATED, "tolerated drop"), (LOOKS_WORSE, "looks worse"))
    return [said for flag, said in known if flag in finding.flags and not fails(finding)]


def fails(finding: Finding) -> bool:
    """Tell whether a finding speaks against deploying by itself."""
    return finding.state in ("REGRESSION", "FLOOR_FAIL", "CRITICAL_FAIL", "INVALID")
