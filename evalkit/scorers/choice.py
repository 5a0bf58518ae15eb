"""Multiple choice: by log-likelihood where the model gives it, else by the letter, number or text it wrote."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.likelihoods import TIED, find_tied, likeliest_a_character
from evalkit.scorers.outcome import answer_text, score_of
from evalkit.text.choices import find_shown_labels, letter_of, read_choices


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """1 when the chosen answer is the target, else 0.

    With log-likelihoods (`Response.choice_scores`) the most likely choice is chosen, after dividing by its length in
    `tokens`, `bytes` or `characters`, or not at all (`normalize: none`); a tie goes to the first. From text it is what
    stands behind a cue (`answer:`, `正解は`), leads the answer or is the only one named, and is not denied: a letter,
    a number (2番, ②), ア・イ・ウ, what the question calls the choices, or a choice's text. An answer that names none,
    or several without deciding, is wrong and not `read`. A target of several choices takes any of them, with
    `match: all` all. `acc_norm` is lm-eval's rule beside ours: the likelihood a character, a leading space not counted.
    """

    VERSION: ClassVar[str] = "2"

    normalize: Literal["none", "tokens", "bytes", "characters"] = "none"
    """What a choice's log-likelihood is divided by"""
    match: Literal["any", "all"] = "any"
    """Of a target with several choices: one of them is right, or exactly all of them"""

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """List yes/no, whether a choice could be read, and the right one's probability.

        That is the probability given to the right choice.
        """
        return (
            Metric(about="the right choice is chosen"),
            Metric(part="read", about="exactly one choice could be read from the answer"),
            Metric(
                part="probability",
                binary=False,
                low=0.0,
                high=1.0,
                about="share of the right choice in the (length-normalised) likelihoods of all choices",
            ),
            Metric(part="acc_norm", about="the right choice is likeliest a character, as lm-eval's acc_norm counts"),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check that there are choices and the index of the right one.

        Several may be right.
        """
        if not example.choices:
            return ("it has no choices",)
        if not self._right(example):
            return (f"its target is no index of its {len(example.choices)} choices",)
        return ()

    def score(self, example: Example, response: Response) -> Score:
        """Read the choice, then compare it with the target."""
        right = self._right(example)
        near: dict[str, list[str]] = {}
        norm = None
        if response.choice_scores:
            if self.match == "all":
                raise ValueError("match: all needs answers in text: likelihoods choose one")
            likely, probability = self._by_likelihood(example, response, right)
            chosen = frozenset({likely})
            norm = float(likeliest_a_character(response.choice_scores, example.choices) in right)
            near = self._near(example, response)
        else:
            shown = find_shown_labels(_question(example), example.choices)
            chosen, probability = read_choices(answer_text(response), example.choices, shown=shown), None
            if self.match == "any" and len(chosen) > 1:
                chosen = frozenset()
        hit = chosen == right if self.match == "all" else bool(chosen) and chosen <= right
        meant = right if self.match == "all" or not hit else chosen
        evidence = {
            "expected": _name(example, meant if self.match == "all" or hit else frozenset({min(right)})),
            "chosen": _name(example, chosen),
            **near,
        }
        return score_of(
            example,
            response,
            self.version,
            hit,
            parts={"read": float(bool(chosen)), "probability": probability, "acc_norm": norm},
            reason="" if chosen else "no single choice could be read from the answer",
            evidence=evidence,
            reading=_letters(chosen) if chosen else None,
            expected=_letters(meant if self.match == "all" or hit else frozenset({min(right)})),
        )

    def _right(self, example: Example) -> frozenset[int]:
        """The indices of the right choices; empty where the target is none."""
        target = example.target
        several = target if isinstance(target, (list, tuple)) else (target,)
        if not all(isinstance(one, int) and not isinstance(one, bool) for one in several):
            return frozenset()
        return frozenset(several) if all(0 <= one < len(example.choices) for one in several) else frozenset()

    def values(self, example: Example, response: Response) -> list[float]:
        """Return the log-likelihood of each choice over its length."""
        lengths = self._lengths(example, response)
        return [score / length for score, length in zip(response.choice_scores, lengths, strict=True)]

    def _by_likelihood(self, example: Example, response: Response, right: frozenset[int]) -> tuple[int, float]:
        values = self.values(example, response)
        if any(math.isnan(value) or value == math.inf for value in values):
            raise ValueError(
                f"the likelihoods of example {example.id!r} are not numbers: {list(response.choice_scores)}"
            )
        return values.index(max(values)), sum(_share(values, index) for index in right)

    def _near(self, example: Example, response: Response) -> dict[str, list[str]]:
        """The choices between which rounding decides, for the evidence."""
        lengths = self._lengths(example, response)
        values = [score / length for score, length in zip(response.choice_scores, lengths, strict=True)]
        tied = [example.choices[i] for i in find_tied(values, lengths)]
        return {TIED: tied} if tied else {}

    def _lengths(self, example: Example, response: Response) -> Sequence[int]:
        count = len(example.choices)
        if len(response.choice_scores) != count:
            raise ValueError(f"{len(response.choice_scores)} likelihoods for {count} choices of {example.id!r}")
        if self.normalize == "tokens":
            if len(response.choice_tokens) != count:
                raise ValueError(f"normalize: tokens needs the token counts of the choices of {example.id!r}")
            return [max(1, tokens) for tokens in response.choice_tokens]
        if self.normalize == "bytes":
            return [max(1, len(choice.encode())) for choice in example.choices]
        return [max(1, len(choice)) for choice in example.choices] if self.normalize == "characters" else [1] * count


def _question(example: Example) -> str:
    """The last thing the user said, where the choices are called by their names."""
    asked = [turn.content for turn in example.messages if turn.role == "user" and isinstance(turn.content, str)]
    return asked[-1] if asked else ""


def _name(example: Example, chosen: frozenset[int]) -> str | None:
    return ", ".join(example.choices[index] for index in sorted(chosen)) if chosen else None


def _letters(chosen: frozenset[int]) -> str:
    return ",".join(letter_of(index) for index in sorted(chosen))


def _share(values: Sequence[float], index: int) -> float:
    highest = max(values)
    if highest == -math.inf:
        return 1 / len(values)
    weights = [math.exp(value - highest) for value in values]
    return weights[index] / sum(weights)
