"""A candidate that says one thing to everything: what is not in that, or short of it, no gate improves on.

`null` or a single mark to every question holds nothing that is forbidden, refuses nothing and costs little. What
scorers read of answers (`readings`) does not show it where a scorer reads a kind (refuses, polite) and no answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from evalkit.core.columns import Comparison
from evalkit.core.exchange import Json, Response
from evalkit.core.fingerprint import canonical
from evalkit.core.verdict import Finding
from evalkit.gates import words
from evalkit.gates.finding import with_figures
from evalkit.gates.look import look_at
from evalkit.gates.readings import BEYOND, CONSTANT, ONE_READING, commonest, quote, signature
from evalkit.gates.silence import is_silent, rows_of
from evalkit.gates.states import FINE

FEWEST = 20
"""Of fewer answers nothing is said: they may well be alike"""
_NONE = ("null", "none", "nan", "undefined", "n/a", "nil")
_KEPT = ("alarm", "ratio", "maximum", "failed_calls", "one_sided", "nothing_to_lose")


def settle_one_answer(findings: Sequence[Finding], comparison: Comparison) -> list[Finding]:
    """Return the findings, INCONCLUSIVE where they pass on one answer to everything.

    That is one text in 95% of the candidate's answers, which is not what the cases ask for: it is the target of hardly
    any, and the commonest target is rarer by 20 points or more, or the text holds no word.
    """
    return [_settle(finding, comparison) if finding.state in FINE else finding for finding in findings]


def _settle(finding: Finding, comparison: Comparison) -> Finding:
    scorer = finding.metric.partition(".")[0]
    rows = rows_of(finding, comparison, scorer)
    found = _one_answer(comparison, rows, scorer)
    if found is None:
        return finding
    look, cases = look_at(comparison, finding.metric, rows)
    text, share = found
    told = (
        f"{finding.metric}{words.where(finding.slice)}: the candidate says {quote(text)} in "
        f"{words.value(share, share=True)} of its answers, whatever is asked, so this gate proves nothing; to settle "
        f"it, {look}; as measured: {finding.because}"
    )
    return replace(
        with_figures(finding, mde=None),
        state="INCONCLUSIVE",
        n_needed=None,
        flags=(*(kept for kept in finding.flags if kept in _KEPT), ONE_READING),
        because=told,
        details={**finding.details, "look_at": cases},
    )


def _one_answer(comparison: Comparison, rows: Iterable[int], scorer: str) -> tuple[str, float] | None:
    """The text that these cases are answered with, and its share; None where there is no such text."""
    said: list[str] = []
    targets: list[Json] = []
    expected: list[str] = []
    scores = comparison.candidate_scores.get(scorer, {})
    for row in rows:
        example = comparison.examples[row]
        for answer in comparison.candidate_responses.get(example.id, ()):
            if answer.failure is None and not _has_no_text(answer):
                said.append(signature(answer))
                targets.append(example.target)
        expected += [score.expected for score in scores.get(example.id, ()) if score.expected is not None]
    if len(said) < FEWEST:
        return None
    top, share = commonest(said)
    if top is None or share < CONSTANT:
        return None
    if sum(_is(target, top) for target in targets) > (1.0 - CONSTANT) * len(targets):
        return None
    wanted = [canonical(target) for target in targets if target is not None] or expected
    one_wanted = commonest(wanted)[1] if wanted or scores else 1.0  # what costs say of answers without a target is open
    return (top, share) if share - one_wanted >= BEYOND - 1e-12 or _says_nothing(top) else None


def _says_nothing(text: str) -> bool:
    """Marks alone, or a value that stands for none."""
    return not any(letter.isalnum() for letter in text) or text.strip().casefold() in _NONE


def _has_no_text(answer: Response) -> bool:
    """Answers that are nothing but likelihoods, or scores that somebody gave, say nothing that could be alike."""
    return is_silent(answer) or bool(answer.choice_scores) or not (answer.text or answer.refusal or answer.tool_calls)


def _is(target: Json, text: str) -> bool:
    """Whether this text is the target, as text or as JSON."""
    if isinstance(target, str):
        return target.strip().casefold() == text.strip().casefold()
    try:
        return bool(canonical(json.loads(text)) == canonical(target))
    except ValueError:
        return False
