"""Multiple choice: by log-likelihood where the model gives it, else by the letter or the text it wrote."""

from __future__ import annotations

import math
import re
import string
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, scored
from evalkit.text.normalize import Step, normalize, strip_quotes

TIED = "tied"
"""The key of a score's evidence that names the choices between which rounding decides"""
TIE_NATS = 1e-4
"""How far the likelihoods of one text differ between machines, batches and orders of adding up"""
_STEPS: tuple[Step, ...] = ("nfkc", "casefold", "spaces")
_LETTER_ALONE = re.compile(r"^[\s*_`\"'(\[（「【]*([A-Z])[\s*_`\"')\]）」】]*(?:[.．:：、,)]|$|\n|\s+-\s)")
_LETTER_NAMED = re.compile(
    r"(?:answer|option|choice|correct(?: answer| option| choice)?|答え|答|回答|正解|選択肢)"
    r"(?:\s+is|\s*[:：=はが]|\s+would be)*[\s*_`\"'(\[（「【:：]*([A-Z])(?![A-Za-z'])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """1 when the chosen answer is the target, else 0.

    With log-likelihoods (`Response.choice_scores`) the most likely choice is chosen, after dividing by its length in
    `tokens`, `bytes` or `characters`, or not at all (`normalize: none`); a tie goes to the first. From text, a letter
    (A, B, ...) is read, or else the text of one choice; an answer that names none, or several, is wrong and not `read`.
    `acc_norm` is lm-eval's rule beside ours: the likelihood a character, a leading space not counted.
    """

    VERSION: ClassVar[str] = "1"

    normalize: Literal["none", "tokens", "bytes", "characters"] = "none"
    """What a choice's log-likelihood is divided by"""

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """Yes/no; whether a choice could be read; the probability given to the right choice."""
        return (
            Metric(about="the right choice is chosen"),
            Metric(part="read", about="exactly one choice could be read from the answer"),
            Metric(
                part="probability",
                binary=False,
                about="share of the right choice in the (length-normalised) likelihoods of all choices",
            ),
            Metric(part="acc_norm", about="the right choice is likeliest a character, as lm-eval's acc_norm counts"),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Choices and the index of the right one are needed."""
        if not example.choices:
            return ("it has no choices",)
        target = example.target
        if not isinstance(target, int) or isinstance(target, bool) or not 0 <= target < len(example.choices):
            return (f"its target is no index of its {len(example.choices)} choices",)
        return ()

    def score(self, example: Example, response: Response) -> Score:
        """Choose, then compare with the target."""
        likelihoods = response.choice_scores
        probability, norm = None, None
        tied: list[str] = []
        if likelihoods:
            lengths = self._lengths(example, response)
            values = [score / length for score, length in zip(likelihoods, lengths, strict=True)]
            if any(math.isnan(value) or value == math.inf for value in values):
                raise ValueError(f"the likelihoods of example {example.id!r} are not numbers: {list(likelihoods)}")
            chosen: int | None = values.index(max(values))
            probability = _share(values, int(example.target))
            norm = float(_acc_norm(likelihoods, example.choices) == example.target)
            tied = [example.choices[i] for i in _tied(values, lengths)]
        else:
            chosen = read_choice(answer_text(response), example.choices)
        evidence = {
            "expected": example.choices[example.target],
            "chosen": None if chosen is None else example.choices[chosen],
            **({TIED: tied} if tied else {}),
        }
        return scored(
            example,
            response,
            self.version,
            chosen == example.target,
            parts={"read": float(chosen is not None), "probability": probability, "acc_norm": norm},
            reason="" if chosen is not None else "no single choice could be read from the answer",
            evidence=evidence,
        )

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


def read_choice(text: str, choices: Sequence[str]) -> int | None:
    """The index of the one choice that a text names, or None.

    >>> read_choice("B. Paris", ["London", "Paris"]), read_choice("The answer is (A).", ["London", "Paris"])
    (1, 0)
    >>> read_choice("It is Paris!", ["London", "Paris"]), read_choice("London or Paris", ["London", "Paris"])
    (1, None)
    """
    answer = unicodedata.normalize("NFKC", text).strip()
    plain = [normalize(choice, _STEPS) for choice in choices]
    whole = normalize(strip_quotes(answer), _STEPS).rstrip(".。")
    same = [i for i, choice in enumerate(plain) if choice.rstrip(".。") == whole]
    if len(same) == 1:
        return same[0]
    lettered = _letter(answer, len(choices))
    if lettered is not None:
        return lettered
    return _mentioned(normalize(answer, _STEPS), plain)


def _letter(answer: str, count: int) -> int | None:
    letters = string.ascii_uppercase[:count]
    alone = _LETTER_ALONE.match(answer)
    named = [found.group(1) for found in _LETTER_NAMED.finditer(_capital_cue(answer))]
    letter = alone.group(1) if alone else (named[-1] if named else None)
    if letter is None and re.fullmatch(r"\(?[a-z][).]?", answer):
        letter = answer.strip("().").upper()
    return letters.index(letter) if letter is not None and letter in letters else None


def _capital_cue(answer: str) -> str:
    """The cue words in lower case, letters left as they are."""
    return re.sub(r"(?i)\b(?:answer|option|choice|correct|is|would be)\b", lambda cue: cue.group().lower(), answer)


def _mentioned(answer: str, plain: Sequence[str]) -> int | None:
    """The one choice whose text occurs; one that is part of another that occurs does not count."""
    found = [i for i, choice in enumerate(plain) if choice and _occurs(choice, answer)]
    found = [i for i in found if not any(i != j and plain[i] in plain[j] for j in found)]
    return found[0] if len(found) == 1 else None


def _occurs(choice: str, answer: str) -> bool:
    if choice.isascii():
        return re.search(rf"(?<!\w){re.escape(choice)}(?!\w)", answer) is not None
    return choice in answer


def _acc_norm(likelihoods: Sequence[float], choices: Sequence[str]) -> int:
    """The index of the choice that lm-eval's acc_norm takes: most likely a character, its delimiter not counted.

    >>> _acc_norm((-6.0, -5.5), (" ab", " a"))
    0
    """
    values = [score / max(1, len(choice.removeprefix(" "))) for score, choice in zip(likelihoods, choices, strict=True)]
    return values.index(max(values))


def _tied(values: Sequence[float], lengths: Sequence[int]) -> list[int]:
    """The choices that `TIE_NATS` more or less of log-likelihood would make the best; none where there is one alone."""
    best = max(values)
    if best == -math.inf:
        return []
    near = [
        i
        for i, (value, length) in enumerate(zip(values, lengths, strict=True))
        if best - value <= TIE_NATS / min(length, lengths[values.index(best)])
    ]
    return near if len(near) > 1 else []


def _share(values: Sequence[float], index: int) -> float:
    highest = max(values)
    if highest == -math.inf:
        return 1 / len(values)
    weights = [math.exp(value - highest) for value in values]
    return weights[index] / sum(weights)
