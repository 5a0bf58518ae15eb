"""Both arms of this machine timed side by side, where a gate compares their seconds.

The same questions are asked of both arms in turn, in rounds: base first, then candidate first, so that a drift of the
machine falls on both. A round before the first is not counted: it loads weights and fills caches. The answers are
thrown away; the seconds are kept under `.evalkit/timing/`, for the same arms on the same suite.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from evalkit.core.errors import ModelError
from evalkit.core.exchange import EMPTY, Json
from evalkit.core.fingerprint import digest
from evalkit.core.ports import facts_of
from evalkit.gates.seconds import is_local
from evalkit.pipeline.asking.run_arm import OpenArm
from evalkit.pipeline.options import Options
from evalkit.pipeline.suites.prepare import Prepared
from evalkit.pipeline.suites.prompts import requests
from evalkit.pipeline.variants.variant import vary
from evalkit.stats.stopping import stopping_order
from evalkit.suite.ask_gate import compares_seconds
from evalkit.suite.generate import arm_generate

FOLDER = Path(".evalkit") / "timing"
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
    path = None if options.root is None else options.root / FOLDER / f"{_key(base, candidate, prepared)}.json"
    kept = _read(path) if options.mode != "live" else EMPTY
    if kept or options.mode == "replay" or any(facts_of(arm.model).recorded for arm in (base, candidate)):
        return kept
    options.say(f"timing {base.arm.name} and {candidate.arm.name} side by side on {prepared.suite.spec.name}")
    try:
        rounds = _measure((base, candidate), prepared, letters=letters)
    except ModelError as error:  # the answers are there: a verdict on them is not lost for their seconds
        options.say(f"not timed: {error}")
        return EMPTY
    found: dict[str, Json] = {"rounds": [dict(zip(("base", "candidate"), pair, strict=True)) for pair in rounds]}
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found) + "\n", encoding="utf-8")
    return found


def _measure(
    arms: tuple[OpenArm, OpenArm], prepared: Prepared, *, letters: bool
) -> list[tuple[list[float], list[float]]]:
    """(base, candidate) seconds of every round; the first that is asked warms up and is left out."""
    n = len(prepared.examples)
    size = max(1, min(BLOCK, n // ROUNDS))
    order = [int(at) for at in stopping_order(n, seed=prepared.suite.spec.policy.seed)]
    rounds: list[tuple[list[float], list[float]]] = []
    for number in range(ROUNDS + 1):
        rows = list(dict.fromkeys(order[(number * size + at) % n] for at in range(size)))
        turn = arms if number % 2 == 0 else arms[::-1]
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


def _key(base: OpenArm, candidate: OpenArm, prepared: Prepared) -> str:
    spec = prepared.suite.spec
    arms = [
        [
            vary(arm.model.identity, arm.variant).fingerprint,
            arm.model.identity.details.get("device"),
            arm_generate(spec.generate, arm.arm.spec.generate).model_dump(mode="json", exclude_defaults=True),
        ]
        for arm in (base, candidate)
    ]
    asked = [digest(prepared.examples), spec.prompt.model_dump(mode="json")]
    return digest([*arms, spec.name, *asked])[:32]


def _read(path: Path | None) -> Mapping[str, Json]:
    """What is kept; a file that cannot be read is measured again."""
    if path is None or not path.is_file():
        return EMPTY
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        sound = all({*one} == {"base", "candidate"} for one in found["rounds"])
    except (OSError, ValueError, KeyError, TypeError):
        return EMPTY
    return found if sound else EMPTY
