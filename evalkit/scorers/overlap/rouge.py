"""ROUGE: n-grams and the longest common subsequence of answer and target (rouge-score's values, by rapidfuzz)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, expected_texts, missing_target, score_of
from evalkit.scorers.overlap.cutting import Cutting, Tokenizer, tokenizer_of
from evalkit.scorers.overlap.rouge_counts import Counted, count_lcs, count_ngrams, count_summary_lcs
from evalkit.text.tokenizers import Dictionary, Mode, Spaced

Kind = Literal["rouge1", "rouge2", "rougeL", "rougeLsum"]


@dataclass(frozen=True, kw_only=True)
class Rouge:
    """ROUGE-L of answer and target, from 0 to 1.

    ROUGE-1, 2 and Lsum stand beside it.

    Of several targets the one with the best value counts, for each kind by itself. Japanese targets are cut into
    characters unless a tokenizer is named: cut at spaces, even identical Japanese texts would have 0 in common.
    Overlap is no understanding: a negated sentence overlaps almost wholly.
    """

    VERSION: ClassVar[str] = "1"

    tokenizer: Tokenizer = "auto"
    """What both texts are cut by; `auto` is `char` where the targets are Japanese, else `13a`"""
    types: tuple[Kind, ...] = ("rouge1", "rouge2", "rougeL", "rougeLsum")
    """Which kinds are counted; Lsum looks at lines one by one"""
    measure: Literal["fmeasure", "precision", "recall"] = "fmeasure"
    """Which of the three numbers is the value"""
    lowercase: bool = True
    """Whether upper and lower case are the same, as in rouge-score"""
    sudachi_mode: Mode = "C"
    """How long the words of `ja-sudachi` are: A short, B, C long"""
    sudachi_dictionary: Dictionary = "small"
    """The dictionary of `ja-sudachi`; it must be installed"""

    def __post_init__(self) -> None:
        if not self.types:
            raise ValueError("rouge needs at least one of `types`: rouge1, rouge2, rougeL, rougeLsum")
        self._cutting.load()

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def with_targets(self, examples: Sequence[Example]) -> Rouge:
        """Return the scorer with the tokenizer that fits these targets."""
        return self if self.tokenizer != "auto" else dataclasses.replace(self, tokenizer=tokenizer_of(examples))

    def metrics(self) -> Sequence[Metric]:
        """List the main kind, and every kind that is counted."""

        def metric(part: str, name: str) -> Metric:
            about = f"{name} ({self.measure}, tokenizer: {self._cutting.words})"
            return Metric(part=part, binary=False, low=0.0, high=1.0, about=about)

        return (metric("", self._main), *(metric(kind, kind) for kind in self.types))

    def check(self, example: Example) -> Sequence[str]:
        """Check that there is a target."""
        return missing_target(example)

    def score(self, example: Example, response: Response) -> Score:
        """Count what answer and target have in common."""
        expected, text = expected_texts(example), answer_text(response)
        spaced = self._cutting.load_for(expected)
        counted = [self._count(text, target, spaced) for target in expected]
        best = {kind: max((one[kind] for one in counted), key=lambda found: found.fmeasure) for kind in self.types}
        parts: dict[str, float | None] = {kind: float(getattr(found, self.measure)) for kind, found in best.items()}
        value = float(getattr(best[self._main], self.measure))
        evidence = {"tokenizer": self._cutting.name_for(expected), self._main: round(value, 4)}
        return score_of(example, response, self.version, value, parts=parts, evidence=evidence)

    @property
    def _main(self) -> Kind:
        return "rougeL" if "rougeL" in self.types else self.types[0]

    @property
    def _cutting(self) -> Cutting:
        return Cutting(self.tokenizer, self.sudachi_mode, self.sudachi_dictionary)

    def _count(self, text: str, target: str, spaced: Spaced) -> dict[Kind, Counted]:
        if self.lowercase:
            text, target = text.lower(), target.lower()
        got, wanted = spaced(text).split(), spaced(target).split()
        found: dict[Kind, Counted] = {}
        for kind in self.types:
            if kind == "rougeL":
                found[kind] = count_lcs(wanted, got)
            elif kind == "rougeLsum":
                lines = [[spaced(line).split() for line in one.split("\n") if line] for one in (target, text)]
                found[kind] = count_summary_lcs(lines[0], lines[1])
            else:
                found[kind] = count_ngrams(wanted, got, int(kind[5:]))
        return found
