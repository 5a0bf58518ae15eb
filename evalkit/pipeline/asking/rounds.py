"""Served arms asked in rounds, where a gate compares their seconds: some questions of one, the same of the next.

A server is now busy and now idle. Arms that are asked one after the other meet it at different times, and seem slower
or faster for it. So each round asks the same questions of all arms, base first or last as drawn, and the round is the
unit of what is claimed (`evalkit.stats.rounds`). No call is made that would not be made anyway.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evalkit.core.exchange import EMPTY, Json, Response
from evalkit.core.ports import facts_of
from evalkit.pipeline.asking.arm_result import ArmResult
from evalkit.pipeline.asking.run_arm import ArmRun, OpenArm, ask_next, finish_run
from evalkit.pipeline.suites.prepare import Prepared
from evalkit.stats.rounds import draw_first
from evalkit.suite.ask_gate import compares_seconds

ROUNDS, MOST_ROUNDS, LARGE = 10, 40, 250
"""Rounds a suite: 10, and one for every 250 calls, but no more than 40: at the end of each the arm waits for its last
answer"""
MOST_EARLIER = 0.05
"""Of more pairs than this with an answer from an earlier run, rounds do not speak for the whole"""

Times = tuple[float | None, float | None]
"""Seconds of an answer, and to its first token"""
Seconds = Mapping[tuple[str, int], Times]
"""By (example, repeat)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """What arms answered in rounds, by their place, and the seconds of every round."""

    results: Mapping[int, ArmResult]
    seconds: Sequence[Mapping[int, Seconds]]
    pairs: int
    """Answers of each arm"""

    def timing(self, candidate: int) -> Mapping[str, Json]:
        """Return base's and candidate's seconds by round, of the questions that both answered now."""
        pairs = [
            [(of[0][key], of[candidate][key]) for key in sorted(of[0].keys() & of[candidate].keys())]
            for of in self.seconds
        ]
        if sum(map(len, pairs)) < (1.0 - MOST_EARLIER) * max(1, self.pairs):
            return EMPTY
        return {"rounds": _split(pairs, 0), "first_token": _split(pairs, 1)}


def _split(rounds: Sequence[Sequence[tuple[Times, Times]]], part: int) -> Json:
    """Both arms' seconds by round, of the pairs that have them in both."""
    known = [
        [(one[part], other[part]) for one, other in pairs if one[part] is not None and other[part] is not None]
        for pairs in rounds
    ]
    return [{"base": [one for one, _ in pairs], "candidate": [other for _, other in pairs]} for pairs in known]


def asks_in_rounds(arms: Sequence[OpenArm], prepared: Prepared) -> list[int]:
    """Return the places of the arms that are asked in rounds.

    They are the base and all that are timed as it is; none where no gate compares seconds.
    """
    if not any(compares_seconds(gate) for _, gate in prepared.suite.spec.all_gates()):
        return []
    places = [place for place, arm in enumerate(arms) if is_timed(arm)]
    return places if 0 in places and len(places) > 1 else []


def is_timed(arm: OpenArm) -> bool:
    """Return whether an arm's seconds are those of calls to a server."""
    facts = facts_of(arm.model)
    return facts.timed and not facts.recorded


def ask_in_rounds(runs: Mapping[int, ArmRun], *, since: float) -> Rounds:
    """Ask all that waits of these runs, by place, in rounds.

    Answers given before `since` (seconds since 1970) are of an earlier run and have no part in the seconds.
    """
    prepared = runs[0].prepared
    calls = len(prepared.examples) * prepared.suite.spec.repeats
    count = min(MOST_ROUNDS, max(ROUNDS, calls // LARGE))
    size = max(1, math.ceil(calls / count))
    seconds: list[Mapping[int, Seconds]] = []
    for base_first in draw_first(math.ceil(calls / size), seed=prepared.suite.spec.policy.seed):
        turn = [*runs] if base_first else [*runs][::-1]
        taken = {place: _seconds(runs[place], ask_next(runs[place], size), since) for place in turn}
        seconds.append(taken)
    results = {}
    for place, run in runs.items():
        ask_next(run)
        results[place] = finish_run(run)
    answered = min(
        sum(one.failure is None for rows in result.answers.values() for one in rows) for result in results.values()
    )
    return Rounds(results=results, seconds=seconds, pairs=answered)


def _seconds(run: ArmRun, said: Iterable[Response], since: float) -> Seconds:
    """The seconds of what was answered now; repeats count from an arm's first."""
    first = run.opened.turn * run.prepared.suite.spec.repeats
    return {
        (one.example_id, one.repeat - first): (one.latency_s, one.first_token_s)
        for one in said
        if one.failure is None and (one.answered_at is None or one.answered_at >= since)
    }
