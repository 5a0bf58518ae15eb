"""Exact agreement with the target, after the normalisation the suite asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, expected_texts, missing_target, score_of
from evalkit.text.labels import split_labels
from evalkit.text.normalize import Step, normalize

_SHOWN = 200
"""Characters of an answer from which it is no reading any more"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """1 when the answer equals the target, else 0.

    Where the target is a list, the answer must equal one of its members.

    With `match: all` a list is a set of labels: the answer, split at commas and lines or read as a JSON list, must name
    exactly these, in any order.
    """

    VERSION: ClassVar[str] = "2"

    normalize: tuple[Step, ...] = ("nfkc", "invisible", "typographic", "casefold", "strip")
    """Applied to both sides, in this order"""
    match: Literal["any", "all"] = "any"
    """Of a target that is a list: one of them is right, or exactly all of them"""

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """List the one yes/no metric."""
        return (Metric(about="the answer equals the target"),)

    def check(self, example: Example) -> Sequence[str]:
        """Check that there is a target."""
        return missing_target(example)

    def score(self, example: Example, response: Response) -> Score:
        """Compare the whole answer."""
        expected = expected_texts(example)
        wanted = [normalize(one, self.normalize) for one in expected]
        if self.match == "all":
            return self._score_as_set(example, response, wanted)
        got = normalize(answer_text(response), self.normalize)
        hit = got in wanted
        meant = wanted.index(got) if hit else 0
        return score_of(
            example,
            response,
            self.version,
            hit,
            evidence={"expected": expected[meant], "got": got},
            reading=got if got and len(got) <= _SHOWN else None,
            expected=wanted[meant] if len(wanted[meant]) <= _SHOWN else None,
        )

    def _score_as_set(self, example: Example, response: Response, wanted: Sequence[str]) -> Score:
        named = {normalize(one, self.normalize) for one in split_labels(answer_text(response))} - {""}
        got, expected = ", ".join(sorted(named)), ", ".join(sorted(set(wanted)))
        return score_of(
            example,
            response,
            self.version,
            named == set(wanted),
            evidence={"expected": expected, "got": got},
            reading=got if got and len(got) <= _SHOWN else None,
            expected=expected if len(expected) <= _SHOWN else None,
        )
