"""Who judges: found in models.yaml, opened beside the arms, never one of them unless the suite says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import cast

from evalkit.core.errors import EvalkitError, Location, ModelError, Problem, SuiteError
from evalkit.core.exchange import ModelIdentity
from evalkit.core.judging import Judging
from evalkit.core.ports import JudgingScorer
from evalkit.pipeline.arms.roster import Arm, Roster, roster
from evalkit.pipeline.asking.run_arm import OpenArm
from evalkit.pipeline.asking.run_arms import open_arms
from evalkit.pipeline.options import Options
from evalkit.pipeline.suites.named_scorer import NamedScorer
from evalkit.pipeline.suites.prepare import Prepared

Judges = Mapping[str, OpenArm]
"""Judges by the name that suites give them"""


def judging_of(named: NamedScorer) -> Judging:
    """Return whom a scorer asks, and how."""
    return cast(JudgingScorer, named.scorer).judging


def find_judges(suites: Sequence[Prepared], *, options: Options, known: Roster | None = None) -> tuple[Arm, ...]:
    """Find the judges that the suites name; none where no scorer asks one.

    Raises SuiteError for all that mean nothing or cannot be opened, each with its place in the suite.
    """
    wanted: dict[str, Location | None] = {}
    for suite in suites:
        for named in suite.judging_scorers:
            for name in judging_of(named).judges:
                wanted.setdefault(name, suite.suite.locate("scorers", named.name, "judge"))
    if not wanted:
        return ()
    known = known or replace(roster(options.models), given=options.given_models)
    found: list[Arm] = []
    problems: list[Problem] = []
    for name, where in wanted.items():
        try:
            (arm,) = known.arms([name], mode=options.mode, root=options.root)
        except EvalkitError as error:
            problems += [replace(one, what=f"judge {name!r}: {one.what}", where=where) for one in error.problems]
            continue
        problems += _own_parts(arm, where)
        found.append(replace(arm, name=name))
    if problems:
        raise SuiteError(problems)
    return tuple(found)


def _own_parts(arm: Arm, where: Location | None) -> Iterator[Problem]:
    """A judge is asked what the suite's prompt says, and its reply is read as it is."""
    for part in ("prompt", "transform"):
        if getattr(arm.spec, part) is not None:
            what = f"judge {arm.name!r}: models.yaml gives it a `{part}` of its own, which no judge has"
            yield Problem(what=what, where=where, todo="name the judge's prompt in the scorer: `prompt: FILE`")


def open_judges(suites: Sequence[Prepared], *, options: Options, stack: ExitStack) -> dict[str, OpenArm]:
    """Open the judges of the suites; weights are loaded when they are first asked."""
    found = find_judges(suites, options=options)
    opened = open_arms(found, options=options, stack=stack) if found else ()
    return {arm.name: judge for arm, judge in zip(found, opened, strict=True)}


def refuse_self_judging(arms: Sequence[OpenArm], judges: Judges, suites: Sequence[Prepared]) -> None:
    """Raise ModelError where a judge is one of the arms.

    It is allowed where the suite says so.
    """
    problems: dict[Problem, None] = {}
    for suite in suites:
        for named in suite.judging_scorers:
            if judging_of(named).self_judging:
                continue
            for name in judging_of(named).judges:
                for arm in arms:
                    if _is_same(judges[name].model.identity, arm.model.identity):
                        what = f"scorer {named.name!r}: the judge {name!r} is the arm {arm.arm.name!r}"
                        where = suite.suite.locate("scorers", named.name, "judge")
                        todo = "name another judge; `self_judging: allowed` lets a model judge its own answers"
                        problems[Problem(what=f"{what}: a model does not judge itself", where=where, todo=todo)] = None
    if problems:
        raise ModelError(problems)


def _is_same(judge: ModelIdentity, arm: ModelIdentity) -> bool:
    """Whether two identities are one model: the same content, or the same name of a model, recorded or not."""
    return judge.fingerprint == arm.fingerprint or (bool(judge.model) and _model(judge) == _model(arm))


def _model(identity: ModelIdentity) -> tuple[str, str]:
    recorded = str(identity.details.get("recorded_from", f"{identity.provider}:{identity.model}"))
    provider, _, model = recorded.partition(":")
    return provider, model
