"""What a floor will be able to tell: to prove it takes as many cases as would do without a failure."""

from __future__ import annotations

from dataclasses import replace

from evalkit.gates import words
from evalkit.gates.expected import Forecast, Outlook
from evalkit.stats.planning import zero_failure_examples


def forecast_floor(ask: Outlook, draft: Forecast, *, least: float | None, most: float | None) -> Forecast:
    """Return the draft with the cases a proven floor needs.

    `least` and `most` are its `min` and `max`, shares of 1.
    """
    limit = least if least is not None or most is None else 1.0 - most
    if limit is None or not 0.0 < limit < 1.0:
        return draft
    needed = zero_failure_examples(limit, confidence=ask.confidence)
    warning = ""
    if draft.n < needed:
        warning = f"cannot be proven: even without a failure {needed:,} cases are needed, and there are {draft.n:,}"
    elif draft.n_clusters < needed:
        has = words.count(draft.n_clusters, "cluster")
        warning = (
            f"cannot be proven without a failure: {needed:,} cases are needed, and there are {has}; only where single "
            "failures show that the cases of a cluster do not fail together do they count for more"
        )
    return replace(draft, n_needed=needed, warning=warning)
