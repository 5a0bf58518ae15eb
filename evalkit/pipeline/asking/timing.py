"""Both arms of this machine timed side by side, where a gate compares their seconds.

The same questions are asked of both arms in turn, in rounds: base first or candidate first, as drawn, so that a drift
of the machine falls on both. A round before the first is not counted: it loads weights and fills caches. The answers
are thrown away; the seconds are kept under `.evalkit/timing/`, for the same arms on the same suite.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalkit.core.errors import ModelError
from evalkit.core.exchange import EMPTY, Json
from evalkit.core.ports import facts_of
from evalkit.gates.seconds import is_local
from evalkit.pipeline.asking.run_arm import OpenArm
from evalkit.pipeline.asking.timing_files import keep_timing, read_timing, timing_path
from evalkit.pipeline.options import Options
from evalkit.pipeline.suites.prepare import Prepared
from evalkit.pipeline.suites.prompts import requests
from evalkit.stats.rounds import draw_first
from evalkit.stats.stopping import stopping_order
from evalkit.suite.ask_gate import compares_seconds

ROUNDS = 10
BLOCK = 16
"""Questions a round, at most; a suite of fewer than ROUNDS x BLOCK has its n / ROUNDS"""


def time_side_by_side(
    base: OpenArm, candidate: OpenArm, prepared: Prepared, *, letters: bool, options: Options
) -> Mapping[str, Json]:
    """Return the seconds by round, measured now or kept.

    Empty where no gate compares them, or they cannot be taken. `--live` measures anew, `--replay` only reads what is
    kept.
    """
    wanted = any(compares_seconds(gate) for _, gate in prepared.suite.spec.all_gates())
    if (
        not wanted
        or not prepared.examples
        or not (is_local(base.model.identity) and is_local(candidate.model.identity))
    ):
        return EMPTY
    path = timing_path(options.root, base, candidate, prepared)
    kept = read_timing(path) if options.mode != "live" else EMPTY
    if kept or options.mode == "replay" or any(facts_of(arm.model).recorded for arm in (base, candidate)):
        return kept
    options.say(f"timing {base.arm.name} and {candidate.arm.name} side by side on {prepared.suite.spec.name}")
    try:
        rounds = _measure((base, candidate), prepared, letters=letters)
    except ModelError as error:  # the answers are there: a verdict on them is not lost for their seconds
        options.say(f"not timed: {error}")
        return EMPTY
    found: dict[str, Json] = {"rounds": [dict(zip(("base", "candidate"), pair, strict=True)) for pair in rounds]}
    keep_timing(path, found)
    return found


def _measure(
    arms: tuple[OpenArm, OpenArm], prepared: Prepared, *, letters: bool
) -> list[tuple[list[float], list[float]]]:
    """(base, candidate) seconds of every round; the first that is asked warms up and is left out."""
    n = len(prepared.examples)
    size = max(1, min(BLOCK, n // ROUNDS))
    order = [int(at) for at in stopping_order(n, seed=prepared.suite.spec.policy.seed)]
    rounds: list[tuple[list[float], list[float]]] = []
    orders = [True, *draw_first(ROUNDS, seed=prepared.suite.spec.policy.seed)]
    for number, base_first in enumerate(orders):
        rows = list(dict.fromkeys(order[(number * size + at) % n] for at in range(size)))
        turn = arms if base_first else arms[::-1]
        taken = {id(arm): _seconds(arm, prepared, rows, letters=letters) for arm in turn}
        rounds.append((taken[id(arms[0])], taken[id(arms[1])]))
    return rounds[1:]


def _seconds(arm: OpenArm, prepared: Prepared, rows: Sequence[int], *, letters: bool) -> list[float]:
    """How long one arm takes for each of these questions, asked once."""
    chosen = [prepared.examples[row] for row in rows]
    asked = [
        request
        for request in requests(
            prepared.suite, chosen, letters=letters, own=arm.arm.spec.generate, prompt=arm.variant.prompt
        )
        if request.repeat == 0
    ]
    return [
        round(response.latency_s, 9)
        for response in arm.model.answer(asked)
        if response.failure is None and response.latency_s is not None
    ]
