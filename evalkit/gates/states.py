"""Which states fail, and what holds when two ways of looking disagree."""

from __future__ import annotations

from evalkit.core.verdict import State

FAILING: frozenset[State] = frozenset({"REGRESSION", "FLOOR_FAIL", "CRITICAL_FAIL"})
BELOW_NOISE = "below_noise"
"""The flag of a finding that a noise run refused: INVALID, but behind what is proven to fail"""
FINE: frozenset[State] = frozenset({"PASS", "IMPROVED"})


def under_both(complete: State, worst: State | None) -> State:
    """Return the state that holds with and without the missing answers.

    It holds on the complete pairs, and with every missing answer counted against the candidate.

    The weaker of two good states; otherwise what they agree on; INCONCLUSIVE where they do not.

    >>> under_both("IMPROVED", "PASS"), under_both("PASS", "REGRESSION"), under_both("REGRESSION", "REGRESSION")
    ('PASS', 'INCONCLUSIVE', 'REGRESSION')
    """
    if worst is None or worst == complete:
        return complete
    if complete in FINE and worst in FINE:
        return "PASS"
    return "INCONCLUSIVE"
