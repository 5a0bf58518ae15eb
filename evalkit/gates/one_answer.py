"""A candidate that says one thing to everything: what is not in that, or short of it, no gate improves on.

`null` or a single mark to every question holds nothing that is forbidden, refuses nothing and costs little. What
scorers read of answers (`readings`) does not show it where a scorer reads a kind (refuses, polite) and no answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from evalkit.core.columns import Comparison
from evalkit.core.exchange import Json, Response
from evalkit.core.fingerprint import canonical
from evalkit.core.verdict import Finding
from evalkit.gates import words
from evalkit.gates.arm_read import BEYOND, CONSTANT, commonest, signature
from evalkit.gates.finding import with_figures
from evalkit.gates.look import look_at
from evalkit.gates.readings import ONE_READING, leave_undecided, quote
from evalkit.gates.silence import is_silent, rows_of
from evalkit.gates.states import FINE

FEWEST = 20
"""Of fewer answers nothing is said: they may well be alike"""
_NONE = ("null", "none", "nan", "undefined", "n/a", "nil")
_KEPT = ("alarm", "ratio", "maximum", "failed_calls", "one_sided", "nothing_to_lose")


def settle_one_answer(findings: Sequence[Finding], comparison: Comparison) -> list[Finding]:
    """Return the findings, INCONCLUSIVE where they pass on one answer to everything.

    That is one text in 95% of the candidate's answers, which is not what the cases ask for: it is the target of hardly
    any, and the commonest target is rarer by 20 points or more, or the text holds no word. Of a slice by itself only a
    text without a word counts; under alarm it is left undecided.
    """
    if not any(finding.state in FINE for finding in findings):
        return list(findings)
    said = _Said.of(comparison)
    return [_settle(finding, said) if finding.state in FINE else finding for finding in findings]


@dataclass(frozen=True, slots=True)
class _Said:
    """What the candidate says to each case (only what has words or calls), and what was found by scorer."""

    comparison: Comparison
    answers: Mapping[str, list[str]]
    wordless: int
    """Answers that say nothing"""
    whole: dict[str, tuple[str, float] | None] = field(default_factory=dict)

    @classmethod
    def of(cls, comparison: Comparison) -> _Said:
        answers = {
            example_id: [signature(one) for one in rows if one.failure is None and not _has_no_text(one)]
            for example_id, rows in comparison.candidate_responses.items()
        }
        blank = {text: says_nothing(text) for rows in answers.values() for text in rows}
        return cls(comparison, answers, sum(blank[text] for rows in answers.values() for text in rows))

    def everywhere(self, scorer: str) -> tuple[str, float] | None:
        """The one answer to all cases that a scorer looks at."""
        if scorer not in self.whole:
            applied = self.comparison.candidate_scores.get(scorer)
            every = self.comparison.examples
            rows = [row for row, example in enumerate(every) if applied is None or example.id in applied]
            self.whole[scorer] = self.one_answer(rows, scorer)
        return self.whole[scorer]

    def one_answer(self, rows: Sequence[int], scorer: str) -> tuple[str, float] | None:
        """The text that these cases are answered with, and its share; None where there is no such text."""
        said: list[str] = []
        targets: list[Json] = []
        for row in rows:
            example = self.comparison.examples[row]
            found = self.answers.get(example.id, [])
            said += found
            targets += [example.target] * len(found)
        top, share = commonest(said)
        if len(said) < FEWEST or top is None or share < CONSTANT:
            return None
        if sum(_is(target, top) for target in targets) > (1.0 - CONSTANT) * len(targets):
            return None
        if says_nothing(top):
            return top, share
        known = self._commonest_wanted(targets, scorer) > share - BEYOND + 1e-12 or self._is_base_alike(rows, top)
        return None if known else (top, share)

    def _is_base_alike(self, rows: Sequence[int], text: str) -> bool:
        """Whether the base says the same to everything, as where texts were blacked out."""
        answers, examples = self.comparison.base_responses, self.comparison.examples
        said = [signature(one) for row in rows for one in answers.get(examples[row].id, ()) if one.failure is None]
        top, share = commonest(said)
        return top == text and share >= CONSTANT

    def _commonest_wanted(self, targets: Sequence[Json], scorer: str) -> float:
        """The share of the commonest target, or else of what the scorer expects; 1 of costs, which expect nothing."""
        scores = self.comparison.candidate_scores.get(scorer)
        wanted = [canonical(target) for target in targets if target is not None]
        if not wanted and scores is None:
            return 1.0
        wanted = wanted or [one.expected for row in (scores or {}).values() for one in row if one.expected is not None]
        return commonest(wanted)[1]


def _settle(finding: Finding, said: _Said) -> Finding:
    scorer = finding.metric.partition(".")[0]
    found, rows = said.everywhere(scorer), None
    if found is None and finding.slice is not None and said.wordless >= CONSTANT * FEWEST:
        rows = rows_of(finding, said.comparison, scorer)
        found = said.one_answer(rows, scorer)
        found = found if found is not None and says_nothing(found[0]) else None
    if found is None:
        return finding
    text, share = found
    told = f"the candidate says {quote(text)} in {words.value(share, share=True)} of its answers, whatever is asked"
    if rows is not None and finding.alarm:
        return leave_undecided(finding, (ONE_READING, told)) if finding.state == "PASS" else finding
    look, cases = look_at(said.comparison, finding.metric, rows or rows_of(finding, said.comparison, scorer))
    told = f"{finding.metric}{words.where(finding.slice)}: {told}, so this gate proves nothing; to settle it, {look}"
    return replace(
        with_figures(finding, mde=None),
        state="INCONCLUSIVE",
        n_needed=None,
        flags=(*(kept for kept in finding.flags if kept in _KEPT), ONE_READING),
        because=f"{told}; as measured: {finding.because}",
        details={**finding.details, "look_at": cases},
    )


def says_nothing(text: str) -> bool:
    """Tell whether a text is marks alone, or a value that stands for none."""
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
