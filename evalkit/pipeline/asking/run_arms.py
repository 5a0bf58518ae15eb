"""All arms through all suites: opened once, asked in turn, each candidate beside the base."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from evalkit.core.errors import ModelError, Problem, UsageError
from evalkit.core.exchange import EMPTY, Json
from evalkit.core.ports import Store, facts_of, rest_model
from evalkit.gates.seconds import IN_TURN
from evalkit.models.context import Context
from evalkit.models.provenance import read_training_files
from evalkit.pipeline.arms.price import price_of
from evalkit.pipeline.arms.roster import Arm, open_arm
from evalkit.pipeline.asking.age import tell_age
from evalkit.pipeline.asking.arm_result import ArmResult
from evalkit.pipeline.asking.ask import Asking
from evalkit.pipeline.asking.budget import CostCeiling
from evalkit.pipeline.asking.early_stop import Stopped, ask_with_early_stop, primary_of
from evalkit.pipeline.asking.rounds import Rounds, ask_in_rounds, asks_in_rounds, is_timed
from evalkit.pipeline.asking.run_arm import OpenArm, asks_by_letters, number_all, run_arm, start_run, with_new_tally
from evalkit.pipeline.asking.spreading import Spreading
from evalkit.pipeline.asking.timing import time_side_by_side
from evalkit.pipeline.asking.timing_files import keep_timing, read_timing, timing_path
from evalkit.pipeline.asking.unanswered import refuse_unanswered
from evalkit.pipeline.options import Options
from evalkit.pipeline.suites.prepare import Prepared
from evalkit.pipeline.variants.variant import variant_of

LEDGER = Path(".evalkit") / "ledger.sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duel:
    """Base and candidate on one suite.

    `stopped` says how an early stop ended, None where none was wished for.
    """

    prepared: Prepared
    base: ArmResult
    candidate: ArmResult
    stopped: Stopped | None = None
    timing: Mapping[str, Json] = field(default_factory=dict)
    """Seconds of both arms taken side by side, where a gate compares them; of served arms, whether they were"""
    judged: Mapping[str, Json] = field(default_factory=dict)
    """Scorer -> who judged, how often, at what price; of those that ask judges"""
    training: Mapping[str, Duel] = field(default_factory=dict)
    """Both on the training rows of the suite, by the way they are asked"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where answers of a run are kept, and what they may cost together."""

    store: Store | None
    budget: CostCeiling | None


def open_desk(arms: Sequence[OpenArm], *, options: Options, stack: ExitStack) -> Desk:
    """Open store and budget of a run: of arms and judges alike."""
    return Desk(store=open_store(options, stack), budget=open_budget(arms, options=options))


def context_of(options: Options) -> Context:
    """Return what models are opened with."""
    return Context(
        root=(options.root or Path()).absolute(),
        seed=options.seed or 0,
        progress=options.say,
        environ=os.environ if options.environ is None else options.environ,
    )


def open_arms(named: Sequence[Arm], *, options: Options, stack: ExitStack) -> tuple[OpenArm, ...]:
    """Open every arm; A/A runs, which name one twice, ask it for other repeats."""
    context, spreading = context_of(options), Spreading(options, stack)
    arms: list[OpenArm] = []
    for arm in named:
        with _name_arm_in_errors(arm):
            model = open_arm(arm, mode=options.mode, context=context)
            stack.callback(model.close)
            model = spreading.spread(model)
            identity = model.identity  # its files are found now, before another arm is asked
            recorded = facts_of(model).recorded
            training = read_training_files(arm.folder / Path(name).expanduser() for name in arm.spec.training)
        turn = 0 if recorded else named[: len(arms)].count(arm)
        arms.append(OpenArm(arm=arm, model=model, turn=turn, variant=variant_of(arm, identity), training=training))
    spreading.tell_unused()
    return tuple(arms)


@contextmanager
def _name_arm_in_errors(arm: Arm) -> Iterator[None]:
    """What keeps an arm from being opened is told with its name, and its place in models.yaml."""
    try:
        yield
    except ModelError as error:
        raise ModelError(
            replace(
                problem,
                what=problem.what if repr(arm.name) in problem.what else f"model {arm.name!r}: {problem.what}",
                where=problem.where or arm.where,
            )
            for problem in error.problems
        ) from error


def open_store(options: Options, stack: ExitStack) -> Store | None:
    """Open the ledger of this run, or return None where nothing is kept."""
    if options.root is None or _cannot_keep(options):
        return None
    from evalkit.store.ledger import Ledger

    ledger = stack.enter_context(
        Ledger(options.root / LEDGER, refresh=options.mode == "live", max_age_s=options.max_age_s)
    )
    for note in ledger.notes:
        options.say(note)
    return ledger


def _cannot_keep(options: Options) -> bool:
    """Whether a replay runs where nothing is kept and nothing can be: recordings answer."""
    root = options.root or Path()
    return options.mode == "replay" and not (root / LEDGER).exists() and not os.access(root, os.W_OK)


def open_budget(arms: Sequence[OpenArm], *, options: Options) -> CostCeiling | None:
    """Open the cost ceiling of this run, or return None.

    UsageError where an arm's price is unknown: unknown is not free.
    """
    if options.max_cost is None:
        return None
    unpriced = [
        Problem(
            what=f"--max-cost needs the price of {opened.arm.name!r} ({opened.model.identity.model}), which is unknown",
            todo="write it into models.yaml: price: {input: USD, output: USD} a million tokens",
        )
        for opened in arms
        if not price_of(opened.arm.spec, opened.model).known
    ]
    if unpriced and options.mode != "replay":
        raise UsageError(unpriced)
    return CostCeiling(options.max_cost)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    """What all arms of a run share while they are asked."""

    arms: Sequence[OpenArm]
    suites: Sequence[Prepared]
    options: Options
    store: Store | None
    budget: CostCeiling | None

    def how(self, arm: OpenArm, suite: Prepared) -> Asking:
        """How this arm is asked this suite, with a tally of its own."""
        name = suite.suite.spec.name
        fresh = Asking(
            store=self.store,
            mode=self.options.mode,
            budget=self.budget,
            tell=lambda tally: self.options.tell(arm.arm.name, name, tally),
            sleep=self.options.sleep,
        )
        places = {id(thing): place for place, thing in [*number_all(self.arms), *number_all(self.suites)]}
        return with_new_tally(fresh, total=suite.calls, arm=places[id(arm)], suite=places[id(suite)])


def ask_arms(arms: Sequence[OpenArm], suites: Sequence[Prepared], *, options: Options, desk: Desk) -> list[list[Duel]]:
    """Ask every arm every suite: duels[candidate][suite]; arms[0] is the base.

    An arm goes through all suites before the next one starts, so that its weights stay in place; served arms whose
    seconds a gate compares go first, in rounds. Raises UnsoundComparison where a replay finds not one answer of an arm.
    """
    session = _Session(arms=arms, suites=suites, options=options, store=desk.store, budget=desk.budget)
    letters = [asks_by_letters(suite, [arm.model for arm in arms]) for suite in suites]
    ahead = [_ask_ahead(suite, by, session=session) for suite, by in zip(suites, letters, strict=True)]
    base, candidates = arms[0], arms[1:]
    known = [
        found.results[0] if 0 in found.results else run_arm(base, suite, how=session.how(base, suite), letters=by)
        for suite, by, found in zip(suites, letters, ahead, strict=True)
    ]
    duels = []
    for place, arm in enumerate(candidates, start=1):
        rows = zip(suites, letters, known, ahead, strict=True)
        duels.append(
            [_make_duel(place, suite, by, result, found, session=session) for suite, by, result, found in rows]
        )
        rest_model(arm.model)
    tell_age(session.store, options)
    if options.mode == "replay":
        answered = [(base, known)]
        answered += [(arm, [duel.candidate for duel in row]) for arm, row in zip(candidates, duels, strict=True)]
        refuse_unanswered(answered, suites=[suite.suite.spec.name for suite in suites])
    return [
        [
            replace(duel, timing=_time(place, duel, by, found, session=session))
            for duel, by, found in zip(row, letters, ahead, strict=True)
        ]
        for place, row in enumerate(duels, start=1)
    ]


def _make_duel(
    place: int, suite: Prepared, letters: bool, base: ArmResult, found: Rounds, *, session: _Session
) -> Duel:
    """A candidate beside the base: as it was asked in rounds, or asked now."""
    if place in found.results:
        return Duel(prepared=suite, base=base, candidate=found.results[place])
    return _ask_beside_base(session.arms[place], suite, letters, base, session=session)


def _ask_ahead(suite: Prepared, letters: bool, *, session: _Session) -> Rounds:
    """Ask the served arms of a suite in rounds, where a gate compares their seconds and nothing may stop early."""
    options = session.options
    places = [] if options.mode == "replay" or options.early_stop else asks_in_rounds(session.arms, suite)
    runs = {
        place: start_run(arm, suite, how=session.how(arm, suite), letters=letters)
        for place, arm in enumerate(session.arms)
        if place in places
    }
    return ask_in_rounds(runs, since=options.now().timestamp()) if runs else Rounds(results={}, seconds=(), pairs=0)


def _time(place: int, duel: Duel, letters: bool, found: Rounds, *, session: _Session) -> Mapping[str, Json]:
    """The seconds of a duel side by side: of local arms measured now, of served ones as they were asked, or kept."""
    base, arm, options = session.arms[0], session.arms[place], session.options
    if not (is_timed(base) or is_timed(arm)):
        return time_side_by_side(base, arm, duel.prepared, letters=letters, options=options)
    path = timing_path(options.root, base, arm, duel.prepared)
    timing = found.timing(place) if place in found.results else EMPTY
    if timing:
        keep_timing(path, timing)
        return timing
    kept = read_timing(path) if options.mode != "live" else EMPTY
    return kept or {IN_TURN: False}


def _ask_beside_base(arm: OpenArm, suite: Prepared, letters: bool, base: ArmResult, *, session: _Session) -> Duel:
    """Ask a candidate one suite: all of it, or with an early stop until the primary metric is decided."""
    how = session.how(arm, suite)
    primary = primary_of(suite) if session.options.early_stop else None
    if primary is None:
        result = run_arm(arm, suite, how=how, letters=letters)
        return Duel(prepared=suite, base=base, candidate=result)
    family = len(session.arms) - 1
    hopeless = session.options.stop_hopeless
    stopped = ask_with_early_stop(
        arm, suite, base, primary=primary, how=how, letters=letters, family=family, hopeless=hopeless
    )
    return Duel(prepared=stopped.prepared, base=stopped.base, candidate=stopped.candidate, stopped=stopped)
