"""Whether scorers, gates and slices find in the rows what they name; every problem is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalkit.core.errors import EvalkitError, Location, Problem, did_you_mean, join_allowed
from evalkit.core.exchange import Example
from evalkit.data.read import place_of
from evalkit.data.source import is_url
from evalkit.pipeline.suites.consistency import is_consistency
from evalkit.pipeline.suites.named_scorer import NamedScorer
from evalkit.slices.values import read_number
from evalkit.suite.load import Suite
from evalkit.suite.measured import MEASURED
from evalkit.suite.spec import SliceSpec


def rows_fit(
    suite: Suite, examples: Sequence[Example], scorers: Sequence[NamedScorer], problems: list[Problem]
) -> None:
    """Check that every scorer finds what it needs in its rows.

    Its rows are those it looks at.
    """
    for named in scorers:
        mine = [example for example in examples if named.applies(example)]
        where = suite.locate("scorers", named.name)
        if not mine:
            tags = sorted({f"{tag}={example.tags.get(tag)}" for example in examples for tag in named.when})
            problems.append(
                Problem(
                    what=f"scorer {named.name!r} looks at no example: none has {dict(named.when)}",
                    where=where,
                    allowed=join_allowed(tags[:20]),
                )
            )
        bad = [(example, sentence) for example in mine for sentence in named.scorer.check(example)]
        places = find_places(suite, [example.row_id for example, _ in bad[:5]])
        at = f" ({where.file}:{where.line})" if where.line else ""
        todo = f"mend the row, or give the scorer{at} the rows it is for: `when: {{tag: value}}`"
        for example, sentence in bad[:5]:
            what = f"scorer {named.name!r}, example {example.id!r}: {sentence}"
            problems.append(Problem(what=what, where=places.get(example.row_id, where), todo=todo))
        if len(bad) > 5:
            problems.append(
                Problem(what=f"scorer {named.name!r}: {len(bad) - 5} more examples like these", where=where)
            )


def find_places(suite: Suite, ids: Sequence[str]) -> Mapping[str, Location]:
    """Find where rows stand in their files.

    Those that cannot be found again are left out.
    """
    spec = suite.spec.dataset
    path = spec.path if is_url(spec.path) else suite.root / spec.path
    try:
        return place_of(ids, path, format=spec.format, columns=spec.columns, encoding=spec.encoding) if ids else {}
    except EvalkitError:
        return {}


def all_slices(suite: Suite) -> list[SliceSpec]:
    """List the declared slices and those that gates name undeclared."""
    declared = {spec.name: spec for spec in suite.spec.slices}
    for gate in suite.spec.gates:
        for by in gate.cut_by():
            if by not in declared:
                declared[by] = SliceSpec(by=by.split("*") if "*" in by else by)
    return list(declared.values())


def names_exist(
    suite: Suite, examples: Sequence[Example], scorers: Sequence[NamedScorer], problems: list[Problem]
) -> None:
    """Check that every gate names metrics and tags that exist."""
    metrics = {named.metric_name(metric) for named in scorers for metric in named.metrics} | {*MEASURED}
    tags = {tag for example in examples for tag in example.tags}
    for place, tag in enumerate(suite.spec.groups.control):
        if examples and tag not in tags:
            what = f"groups: no row has the control tag {tag!r}{did_you_mean(tag, tags)}"
            where = suite.locate("groups", "control", place)
            problems.append(Problem(what=what, where=where, allowed=join_allowed([*tags]) or "the data has no tags"))
    broken = {*suite.spec.scorers} - {named.name for named in scorers}
    for index, gate in enumerate(suite.spec.gates):
        for metric, keys in gate.metric_names() if gate.scored else ():
            scorer = metric.partition(".")[0]
            # a scorer that is not in the suite was told when the suite was read; of a broken one nothing is known
            if metric not in metrics and scorer in suite.spec.scorers and scorer not in broken:
                problems.append(
                    Problem(
                        what=f"gate {gate.type}: no metric {metric!r}{did_you_mean(metric, metrics)}",
                        where=suite.locate("gates", index, *keys),
                        allowed=join_allowed([*metrics]),
                        todo=_once(suite, metric),
                    )
                )
    for spec in all_slices(suite):
        for tag in spec.name.split("*") if spec.name else ():  # one without a tag was told when the suite was read
            if examples and tag not in tags:
                problems.append(
                    Problem(
                        what=f"slice {spec.name!r}: no row has the tag {tag!r}{did_you_mean(tag, tags)}",
                        where=_slice_place(suite, spec.name),
                        allowed=join_allowed([*tags]) or "the data has no tags",
                    )
                )
        if spec.bins is not None or spec.quantiles is not None:
            held = [example.tags[spec.name] for example in examples if spec.name in example.tags]
            if held and all(read_number(value) is None for value in held):
                what = (
                    f"slice {spec.name!r}: no row has a number there (such as {held[0]!r}), so there is nothing to bin"
                )
                problems.append(Problem(what=what, where=_slice_place(suite, spec.name)))


def values_exist(suite: Suite, levels: Mapping[str, Sequence[str]], problems: list[Problem]) -> None:
    """Check that every named value of a slice is that of a row.

    It is named by a gate or by the group tables.
    """
    _groups_exist(suite, levels, problems)
    written = len(suite.spec.gates)
    for index, gate in suite.spec.all_gates():
        for what, keys in gate.unknown_values(levels):
            where = suite.locate("gates", index, *keys) if index < written else _slice_place(suite, gate.cut_by()[0])
            problems.append(Problem(what=f"gate {gate.type}: {what}", where=where))


def _groups_exist(suite: Suite, levels: Mapping[str, Sequence[str]], problems: list[Problem]) -> None:
    """Every slice and reference that the group tables name must be there."""
    for by, reference in suite.spec.groups.reference.items():
        where = suite.locate("groups", "reference", by)
        if by not in levels:
            what = f"groups: {by!r} is no slice of this suite{did_you_mean(by, levels)}"
            problems.append(Problem(what=what, where=where, allowed=join_allowed([*levels])))
        elif reference not in levels[by]:
            known = sorted({*levels[by]})
            what = f"groups: no row has {by}={reference}, the reference{did_you_mean(reference, known)}"
            problems.append(Problem(what=what, where=where, allowed=join_allowed(known)))


def _once(suite: Suite, metric: str) -> str:
    """What metrics of consistency need; empty for any other name."""
    if not is_consistency(metric):
        return ""
    return f"{metric} needs several answers to a question: this suite says `repeats: {suite.spec.repeats}`"


def _slice_place(suite: Suite, name: str) -> Location | None:
    for index, spec in enumerate(suite.spec.slices):
        if spec.name == name:
            return suite.locate("slices", index)
    for index, gate in enumerate(suite.spec.gates):
        if name in gate.cut_by():
            return suite.locate("gates", index, "slices")
    return suite.locate("slices")
