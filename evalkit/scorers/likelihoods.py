"""What the log-likelihoods of choices say beside which is highest: lm-eval's rule, and how close the best ones are."""

from __future__ import annotations

import math
from collections.abc import Sequence

TIED = "tied"
"""The key of a score's evidence that names the choices between which rounding decides"""
TIE_NATS = 1e-4
"""How far the likelihoods of one text differ between machines, batches and orders of adding up"""


def likeliest_a_character(likelihoods: Sequence[float], choices: Sequence[str]) -> int:
    """Return the index of the choice that lm-eval's acc_norm takes.

    Its delimiter, a leading space, is not counted.

    >>> likeliest_a_character((-6.0, -5.5), (" ab", " a"))
    0
    """
    values = [score / max(1, len(choice.removeprefix(" "))) for score, choice in zip(likelihoods, choices, strict=True)]
    return values.index(max(values))


def find_tied(values: Sequence[float], lengths: Sequence[int]) -> list[int]:
    """Find the choices that a tiny change of log-likelihood would make the best.

    `TIE_NATS` more or less of it; none where one stands alone.

    `values` are log-likelihoods over `lengths`.

    >>> find_tied((-2.0, -2.00005, -3.0), (1, 1, 1)), find_tied((-2.0, -2.5), (1, 1))
    ([0, 1], [])
    """
    best = max(values)
    if best == -math.inf:
        return []
    shortest = lengths[values.index(best)]
    near = [
        i
        for i, (value, length) in enumerate(zip(values, lengths, strict=True))
        if best - value <= TIE_NATS / min(length, shortest)
    ]
    return near if len(near) > 1 else []
