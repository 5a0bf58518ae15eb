"""Suites held against themselves: shapes, data, gold answers, training data, baselines that need no model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from evalkit.core.errors import EvalkitError, Problem, SuiteError
from evalkit.core.notes import kind_of
from evalkit.data.problems import shorten_problems
from evalkit.pipeline.arms.roster import Arm, Roster, models_path, roster
from evalkit.pipeline.forecasting.beforehand import describe_beforehand, unseen_findings
from evalkit.pipeline.judging.judges import find_judges
from evalkit.pipeline.options import Options
from evalkit.pipeline.suites.consistency import unguarded_consistency
from evalkit.pipeline.suites.find import suite_paths
from evalkit.pipeline.suites.fit import all_slices, find_places
from evalkit.pipeline.suites.held_out import unproven_notes
from evalkit.pipeline.suites.prepare import Prepared, prepare_file
from evalkit.pipeline.suites.prompts import prompt_problems
from evalkit.pipeline.suites.turns import find_several_turns
from evalkit.pipeline.variants.own_prompts import Found, find_misfits, problems_by_arm
from evalkit.scorers.gold import gold_problems
from evalkit.scorers.schemas.response_format import response_format_faults
from evalkit.slices.levels import twins
from evalkit.suite.load import Suite

FINE_TUNED = ("ft:", "ftjob-")
"""How the ids of OpenAI's fine-tuned models and of their jobs begin: strict tools work less far with them"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteReport:
    """What is wrong in one suite, or in models.yaml.

    Problems are wrong; warnings should be looked at.
    """

    path: Path
    suite: bool = True
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    """What answers at hand show: gates that could not tell on them; no fault of the suite"""
    own_prompts: Found = field(default_factory=dict)
    """What is wrong with prompts of arms on this suite"""
    examples: int = 0
    scorers: int = 0
    gates: int = 0


def validate(named: Sequence[str | Path], *, models: str | Path | None = None) -> tuple[SuiteReport, ...]:
    """Check every suite and models.yaml.

    models.yaml has a report of its own, the first, where there is anything to say.
    """
    suites = suite_paths(named)
    wrong: tuple[SuiteReport, ...] = ()
    tuned = False
    base: Arm | None = None
    known: Roster | None = None
    arms: tuple[Arm, ...] = ()
    try:
        known = roster(models)
    except SuiteError as error:
        path = models_path(models)
        assert path is not None
        wrong = (SuiteReport(path=path, suite=False, problems=error.problems),)
        suites = [suite for suite in suites if suite.resolve() != path.resolve()]  # told once, as models.yaml
    else:
        tuned = any((spec.model or "").startswith(FINE_TUNED) for spec in known.specs.values())
        problems, warnings = known.problems(), known.warnings()
        base, arms = _base(known), tuple(known.arm(name) for name in known.specs)
        if (problems or warnings) and known.path is not None:
            wrong = (SuiteReport(path=known.path, suite=False, problems=problems, warnings=warnings),)
    reports = [_one(path, fine_tuned=tuned, base=base, arms=arms, known=known) for path in suites]
    return _add_own_prompts(wrong, reports, path=known.path if known is not None else None)


def _add_own_prompts(
    wrong: Sequence[SuiteReport], reports: Sequence[SuiteReport], *, path: Path | None
) -> tuple[SuiteReport, ...]:
    """A prompt that fits no suite is wrong; one that fits another may not be for this suite, and is a warning."""
    read = [report for report in reports if report.examples]
    nowhere = find_misfits([report.own_prompts for report in read])
    told = [
        problem
        for report in read
        for name, problems in report.own_prompts.items()
        if name in nowhere
        for problem in problems
    ]
    reports = [
        replace(
            report,
            warnings=(
                *report.warnings,
                *(
                    problem
                    for name, problems in report.own_prompts.items()
                    if name not in nowhere
                    for problem in problems
                ),
            ),
        )
        for report in reports
    ]
    if not told or path is None:
        return (*wrong, *reports)
    models = wrong[0] if wrong else SuiteReport(path=path, suite=False)
    return (replace(models, problems=(*models.problems, *shorten_problems(told))), *reports)


def _base(known: Roster) -> Arm | None:
    """The arm whose answers are looked at: the one called base, else the first; none where it cannot be used."""
    names = [name for name in ("base", *known.specs) if name in known.specs]
    try:
        return known.arm(names[0]) if names else None
    except EvalkitError:
        return None


def _beforehand(base: Arm | None, prepared: Prepared) -> list[Problem]:
    """What the answers of the base that are there already say of the gates."""
    if base is None:
        return []
    found = unseen_findings([base], prepared, options=Options())
    suite = prepared.suite
    return [
        Problem(what=told, where=suite.locate("gates", index) if index < len(suite.spec.gates) else None)
        for index, told in describe_beforehand(base.name, found)
    ]


def _one(path: Path, *, fine_tuned: bool, base: Arm | None, arms: Sequence[Arm], known: Roster | None) -> SuiteReport:
    try:
        prepared = prepare_file(path)
    except EvalkitError as error:
        return SuiteReport(path=path, problems=error.problems)
    suite = prepared.suite
    trained_on = suite.locate("dataset", "trained_on")
    unproven = [Problem(what=note, where=trained_on) for note in unproven_notes(suite, prepared.held_out)]
    gold = gold_problems(
        prepared.examples,
        {named.name: (named.scorer, named.applies) for named in prepared.scorers},
        max_mindless=suite.spec.policy.max_mindless,
        fine_tuned=fine_tuned,
        parallel_tool_calls=suite.spec.generate.parallel_tool_calls,
    )
    return SuiteReport(
        path=path,
        problems=(*prompt_problems(suite, prepared.examples), *_judges(prepared, known), *prepared.leaks),
        warnings=(
            *gold,
            *_asked_form(suite, fine_tuned=fine_tuned),
            *_small(prepared),
            *_twins(prepared),
            *_steady(prepared),
            *_turns(prepared),
            *_not_taken(prepared),
            *unproven,
        ),
        notes=(*_left_out(prepared), *_beforehand(base, prepared)),
        own_prompts=problems_by_arm(arms, prepared),
        examples=len(prepared.examples),
        scorers=len(prepared.scorers),
        gates=len(suite.spec.gates),
    )


def _judges(prepared: Prepared, known: Roster | None) -> tuple[Problem, ...]:
    """Judges that mean nothing, or cannot be opened; a models.yaml that is wrong tells itself."""
    if known is None or known.wrong:
        return ()
    try:
        find_judges([prepared], options=Options(), known=known)
    except SuiteError as error:
        return error.problems
    return ()


def _left_out(prepared: Prepared) -> list[Problem]:
    """Rows in which group words could not be swapped."""
    where = prepared.suite.locate("families")
    return [Problem(what=note, where=where) for note in prepared.notes if kind_of(note) == "left_out"]


def _not_taken(prepared: Prepared) -> list[Problem]:
    """Rows and files of the data that are not asked."""
    where = prepared.suite.locate("dataset")
    return [Problem(what=note, where=where) for note in prepared.notes if kind_of(note) == "not_taken"]


def _steady(prepared: Prepared) -> list[Problem]:
    """Where answers are asked for more than once and only their mean is gated."""
    yes_no = {named.name for named in prepared.scorers if any(m.binary and not m.part for m in named.metrics)}
    return unguarded_consistency(prepared.suite, yes_no)


def _turns(prepared: Prepared) -> list[Problem]:
    """What is to be known of rows of several turns, at the first row that ends with several."""
    several = find_several_turns(prepared.examples)[:1]
    places = find_places(prepared.suite, several)
    data = prepared.suite.locate("dataset")
    told = [note for note in prepared.notes if kind_of(note) == "turns"]
    at = [places.get(several[0], data), data] if several else [data]
    return [Problem(what=note, where=where) for note, where in zip(told, at, strict=False)]


def _asked_form(suite: Suite, *, fine_tuned: bool) -> list[Problem]:
    """What an API would refuse of `generate.response_format`."""
    asked = suite.spec.generate.response_format
    faults = response_format_faults(asked, fine_tuned=fine_tuned) if asked is not None else ()
    where = suite.locate("generate", "response_format")
    return [Problem(what=f"generate.response_format: {fault}", where=where) for fault in faults]


def _twins(prepared: Prepared) -> list[Problem]:
    """Values of slices that differ in spelling only and are judged apart."""
    slices = all_slices(prepared.suite)
    told = twins(prepared.examples, [spec for spec in slices if not spec.fold])
    places = {spec.name: index for index, spec in enumerate(prepared.suite.spec.slices)}
    return [
        Problem(what=sentence, where=prepared.suite.locate("slices", places[name]) if name in places else None)
        for name, sentence in told.items()
    ]


def _small(prepared: Prepared) -> list[Problem]:
    """Slice values that will be reported as TOO_SMALL, among the rows that what is cut by the slice looks at."""
    sizes = []
    for index, spec in enumerate(prepared.suite.spec.slices):
        counts = [Counter(levels) for levels in _levels_looked_at(prepared, spec.name)]
        few = sorted({level for count in counts for level, n in count.items() if n < spec.min_n})
        if few:
            sizes.append(
                Problem(
                    what=f"slice {spec.name!r}: fewer than {spec.min_n} rows in {', '.join(few)}: TOO_SMALL",
                    where=prepared.suite.locate("slices", index),
                )
            )
    return sizes


def _levels_looked_at(prepared: Prepared, by: str) -> list[list[str]]:
    """The levels of a slice on the rows of every scorer that a gate cuts by it; on all rows where no gate does."""
    levels, cut = prepared.levels[by], _cut(prepared, by)
    seen = [
        [level for level, example in zip(levels, prepared.examples, strict=True) if scorer.applies(example)]
        for scorer in prepared.scorers
        if scorer.name in cut
    ]
    every = not cut <= {scorer.name for scorer in prepared.scorers}  # such as latency: all rows have it
    return [*seen, list(levels)] if every or not seen else seen


def _cut(prepared: Prepared, by: str) -> set[str]:
    """The scorers whose metrics some gate cuts by this slice."""
    spec = prepared.suite.spec
    metrics: set[str] = set()
    for _, gate in spec.all_gates():
        if by in gate.cut_by():
            metrics |= {name for name, _ in gate.metric_names()} or {*spec.scorers}
    return {metric.partition(".")[0] for metric in metrics}
