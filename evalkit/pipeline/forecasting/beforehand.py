"""What recordings and kept answers say before anything is asked: gates that could not fail on them, nor pass."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import replace

from evalkit.core.columns import Comparison
from evalkit.core.errors import EvalkitError
from evalkit.core.exchange import EMPTY, Json
from evalkit.core.ports import facts_of
from evalkit.core.verdict import Finding
from evalkit.gates.decide import decide
from evalkit.gates.forecast import Forecast
from evalkit.gates.nothing_to_lose import NOTHING_TO_LOSE
from evalkit.gates.readings import ONE_READING, UNREAD
from evalkit.gates.seconds import IN_TURN, NOT_SIDE_BY_SIDE, TIMING
from evalkit.gates.unsteady import UNSTEADY
from evalkit.pipeline.arms.roster import Arm, open_arm
from evalkit.pipeline.asking.arm_result import ArmResult
from evalkit.pipeline.asking.ask import Asking
from evalkit.pipeline.asking.rounds import is_timed
from evalkit.pipeline.asking.run_arm import asks_by_letters, run_arm
from evalkit.pipeline.asking.run_arms import LEDGER, Desk, Duel, context_of, open_arms, open_store
from evalkit.pipeline.judging.judges import open_judges
from evalkit.pipeline.judging.stage import judge_duels
from evalkit.pipeline.options import Options
from evalkit.pipeline.pairing.moments import find_apart
from evalkit.pipeline.pairing.pair import pair
from evalkit.pipeline.suites.prepare import Prepared

UNSEEN = (NOTHING_TO_LOSE, ONE_READING, UNREAD, UNSTEADY)


def known_answers(arm: Arm, suite: Prepared, *, options: Options) -> ArmResult | None:
    """Score what an arm has answered already; None where nothing is.

    No model is asked: what is not in a recording or the ledger is missing.
    """
    quiet = replace(options, mode="replay", say=lambda _: None)
    try:
        with ExitStack() as stack:
            (opened,) = open_arms([arm], options=quiet, stack=stack)
            how = Asking(store=open_store(quiet, stack), mode="replay")
            result = run_arm(opened, suite, how=how, letters=asks_by_letters(suite, [opened.model]))
    except EvalkitError:  # whatever is wrong with an arm is told where it is asked
        return None
    limit = suite.suite.spec.policy.max_error_rate
    asked = sum(len(rows) for rows in result.answers.values())
    missing = sum(response.failure is not None for rows in result.answers.values() for response in rows)
    return result if asked and missing <= limit * asked else None


def unseen_findings(arms: Sequence[Arm], suite: Prepared, *, options: Options) -> list[Finding]:
    """Find what gates would leave open on a comparison of these answers.

    Those findings are left open for want of anything seen. Where the candidate has not answered yet the base stands for
    it: so an unchanged model would fare.
    """
    if not any(_may_be_known(arm, options) for arm in arms[:1]):
        return []
    base = known_answers(arms[0], suite, options=options)
    if base is None:
        return []
    other = known_answers(arms[-1], suite, options=options) if len(arms) > 1 else None
    duel = _judge_known(Duel(prepared=suite, base=base, candidate=other or base), options=options)
    if duel is None:
        return []
    comparison = pair(suite, duel.base, duel.candidate)
    apart = find_apart(base, other or _asked_now(base), now=options.now())
    if other is None and any(one.answered_at for rows in base.answers.values() for one in rows):
        apart = apart or _asked_one_after_other(arms, options)
    comparison = replace(comparison, manifest={**comparison.manifest, **apart})
    unseen = {*UNSEEN, NOT_SIDE_BY_SIDE} if apart else {*UNSEEN}
    return [found for found in judge_beforehand(comparison, suite) if unseen & set(found.flags)]


def _asked_one_after_other(arms: Sequence[Arm], options: Options) -> Mapping[str, Json]:
    """What the manifest says of served arms of which one has answered already and the other has not."""
    if len(arms) < 2 or options.mode == "live":
        return EMPTY
    with suppress(EvalkitError), ExitStack() as stack:
        opened = open_arms([arms[0], arms[-1]], options=replace(options, mode="replay"), stack=stack)
        return {TIMING: {IN_TURN: False}} if all(map(is_timed, opened)) else EMPTY
    return EMPTY


def _asked_now(arm: ArmResult) -> ArmResult:
    """The arm as one that will be asked: its answers have no moment yet."""
    answers = {key: tuple(replace(one, answered_at=None) for one in rows) for key, rows in arm.answers.items()}
    return replace(arm, answers=answers, identity=replace(arm.identity, details={}))


def _judge_known(duel: Duel, *, options: Options) -> Duel | None:
    """The duel with what judges have said of these answers already; no judge is asked."""
    quiet = replace(options, mode="replay", say=lambda _: None, tell=lambda arm, suite, tally: None)
    try:
        with ExitStack() as stack:
            judges = open_judges([duel.prepared], options=quiet, stack=stack)
            desk = Desk(store=open_store(quiet, stack) if judges else None, budget=None)
            return judge_duels([[duel]], judges, options=quiet, desk=desk)[0][0]
    except EvalkitError:  # whatever is wrong with a judge is told where it is asked
        return None


def judge_beforehand(comparison: Comparison, suite: Prepared) -> Sequence[Finding]:
    """Return what the gates would say, waivers aside."""
    if comparison.unsound:
        return ()
    spec = suite.suite.spec.model_copy(update={"waivers": []})
    return decide(comparison, spec, today=dt.date.min)


def _may_be_known(arm: Arm, options: Options) -> bool:
    """Whether there may be answers, without hashing weights to find out that there are none."""
    if arm.spec.recording is not None or (options.root is not None and (options.root / LEDGER).exists()):
        return True
    with suppress(EvalkitError), closing(open_arm(arm, mode="replay", context=context_of(options))) as model:
        return not facts_of(model).kept  # it answers from a file or a table
    return False


def add_warnings(forecasts: Sequence[Forecast], findings: Sequence[Finding]) -> tuple[Forecast, ...]:
    """Return the forecasts, with a warning where a gate stays open.

    It stays open on the answers at hand.
    """
    told = {(f.gate_index, f.metric, f.slice): f for f in findings}
    return tuple(_warn(item, told.get((item.gate_index, item.metric, item.slice))) for item in forecasts)


def _warn(item: Forecast, found: Finding | None) -> Forecast:
    if found is None:
        return item
    return replace(item, warning=f"cannot pass on the answers at hand unless something is proven: {found.because}")


def describe_beforehand(name: str, findings: Sequence[Finding]) -> list[tuple[int, str]]:
    """Index of the gate and a sentence, once a gate and metric."""
    found: dict[tuple[int, str], Finding] = {}
    for one in findings:
        found.setdefault((one.gate_index, one.metric), one)
    return [
        (index, f"as {name} answers now, {one.gate} of {metric} could not tell: {one.because}")
        for (index, metric), one in found.items()
    ]
