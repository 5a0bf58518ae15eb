"""What a reader is shown as an answer: the text, and what a scorer read where there was none to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalkit.core.exchange import Response
from evalkit.core.verdict import Score

Scores = Mapping[str, Mapping[str, Sequence[Score]]]
"""scorer -> example id -> one score a repeat"""


def answer_text(response: Response | None, scores: Scores) -> str:
    """Return the text or the refusal of a response.

    Of scored choices it is the one that a scorer chose, for none was written. The response itself can only guess how
    the suite weighs the likelihoods of choices of different length.
    """
    if response is None:
        return ""
    if response.choice_scores:
        for rows in scores.values():
            for score in rows.get(response.example_id, ()):
                chosen = score.evidence.get("chosen")
                if score.repeat == response.repeat and isinstance(chosen, str):
                    return chosen
    return response.text or response.refusal or ""
