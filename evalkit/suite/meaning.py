"""What the shape of a suite cannot say: names that must exist, keys that need each other. Needs no data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

from evalkit.core.errors import Location, Problem, UsageError, did_you_mean, join_allowed
from evalkit.suite.ask_gate import problems_in
from evalkit.suite.explain import Loc, in_file_order
from evalkit.suite.gate_spec import GateSpec, gate_kind
from evalkit.suite.group_meaning import group_problems
from evalkit.suite.local_keys import foreign_keys, loading_problems
from evalkit.suite.measured import MEASURED
from evalkit.suite.open_parameters import open_parameter_problems
from evalkit.suite.prompt_spec import TransformSpec
from evalkit.suite.spec import ModelSpec, SliceSpec, SuiteSpec, Waiver

Locate = Callable[..., Location]

BARE = ("openai", "replay", "scripted")
"""Providers that take no adapter; a package's own may, and one that nobody knows is told by its name"""
WITHOUT_CALLS = ("local", "replay", "scripted")
"""Providers that post nothing, so that a header or a body has no place"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """What was left out of a suite whose shape is wrong.

    That it is not there is no problem of its own.
    """

    incomplete: frozenset[Loc] = frozenset()
    """Mappings that lost a key"""
    scorers: frozenset[str] | None = frozenset()
    """Names of scorers that were left out; None when it may be any"""
    gates: bool = False
    """Whether gates were left out"""


WHOLE = Gaps()


def meaning_problems(spec: SuiteSpec, locate: Locate, gaps: Gaps = WHOLE) -> tuple[Problem, ...]:
    """List every problem of what a suite says, in file order."""
    return in_file_order(
        [
            *_scorers(spec, locate),
            *_slices(spec, locate, gaps),
            *group_problems(spec, locate, scorers=None if gaps.scorers is None else [*spec.scorers, *gaps.scorers]),
            *_gates(spec, locate, gaps),
            *_training(spec, locate, gaps),
            *_waivers(spec, locate, gaps),
        ]
    )


def model_problems(
    specs: Mapping[str, ModelSpec], locate: Locate, incomplete: frozenset[Loc] = frozenset()
) -> tuple[Problem, ...]:
    """List models that could never be opened.

    `incomplete` are mappings that lost a key, so may lack others.
    """
    return tuple(_models(specs, locate, incomplete))


def _scorers(spec: SuiteSpec, locate: Locate) -> Iterator[Problem]:
    for name in spec.scorers:
        if "." in name or name in MEASURED:
            yield Problem(
                what=f"a scorer cannot be called {name!r}",
                where=locate("scorers", name),
                todo="use a name without a dot (SCORER.PART names a part) that is not one of " + join_allowed(MEASURED),
            )


def _bins(item: SliceSpec, locate: Locate) -> Iterator[Problem]:
    """Bins are of one tag, ascend, and are told in one way."""
    ways = [name for name in ("bins", "quantiles", "fold") if getattr(item, name)]
    if not {"bins", "quantiles"} & set(ways):
        return
    if len(ways) > 1:
        yield Problem(what=f"a slice has either {' or '.join(ways)}, not both", where=locate(ways[1]))
    if "*" in item.name:
        yield Problem(what="bins cut one tag, not a combination of several", where=locate(ways[0]))
    if item.bins is not None and any(low >= high for low, high in pairwise(item.bins)):
        yield Problem(
            what=f"the bins of {item.name!r} do not ascend", where=locate("bins"), allowed="edges such as [18, 30, 50]"
        )


def _slices(spec: SuiteSpec, locate: Locate, gaps: Gaps) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, item in enumerate(spec.slices):
        if ("slices", index, "by") not in gaps.incomplete:  # what is left of a incomplete one may be another's name
            if item.name in seen:
                yield Problem(what=f"the slice {item.name!r} is declared twice", where=locate("slices", index, "by"))
            seen.add(item.name)
            if not item.by:
                yield Problem(what="a slice needs at least one tag", where=locate("slices", index, "by"))
            yield from _bins(item, partial(locate, "slices", index))
        if item.fairness:
            if not item.fairness.metrics and ("slices", index, "fairness", "metrics") not in gaps.incomplete:
                yield Problem(what="fairness of a slice needs metrics", where=locate("slices", index, "fairness"))
            for position, metric in enumerate(item.fairness.metrics):
                yield from _metric(spec, gaps, metric, locate("slices", index, "fairness", "metrics", position))


def _gates(spec: SuiteSpec, locate: Locate, gaps: Gaps) -> Iterator[Problem]:
    for index, gate in enumerate(spec.gates):
        if gate.scored:
            for metric, keys in gate.metric_names():
                yield from _metric(spec, gaps, metric, locate("gates", index, *keys))
        for what, keys in problems_in(gate):
            if (
                "gates",
                index,
                *keys,
            ) not in gaps.incomplete:  # what is left of a incomplete one may lack what was misspelt
                yield Problem(what=what, where=locate("gates", index, *keys))


def _training(spec: SuiteSpec, locate: Locate, gaps: Gaps) -> Iterator[Problem]:
    """Gates on training rows need some, and rows that no gate looks at would be asked for nothing."""
    looking = [index for index, gate in enumerate(spec.gates) if gate.on_training]
    todo = "write `training: {files: [train.jsonl], sample: 100}`, or `dataset.trained_on` and `training: {}`"
    if spec.training is None:
        for index in looking:
            what = f"the gate {spec.gates[index].type} looks at training rows, and the suite names none"
            yield Problem(what=what, where=locate("gates", index), todo=todo)
    elif not (spec.training.files or spec.dataset.trained_on):
        yield Problem(
            what="training names no file, and dataset.trained_on is empty", where=locate("training"), todo=todo
        )
    elif not looking and not gaps.gates:
        yield Problem(
            what="training rows would be asked, and no gate looks at them",
            where=locate("training"),
            todo="add {type: memorisation, max_run: 50} or {type: generalisation, max_gap: 0.15}, or drop `training`",
        )


def _metric(spec: SuiteSpec, gaps: Gaps, metric: str, where: Location) -> Iterator[Problem]:
    scorer = metric.partition(".")[0]
    if gaps.scorers is None:
        return
    known = [*spec.scorers, *gaps.scorers]
    if scorer not in known and metric not in MEASURED:
        yield Problem(
            what=f"no scorer produces the metric {metric!r}{did_you_mean(scorer, known)}",
            where=where,
            allowed=f"{join_allowed(known)} (or SCORER.PART), and {join_allowed(MEASURED)}",
        )


def _waivers(spec: SuiteSpec, locate: Locate, gaps: Gaps) -> Iterator[Problem]:
    kinds = [gate.type for gate in spec.gates]
    for index, waiver in enumerate(spec.waivers):
        if waiver.gate not in kinds and not gaps.gates:
            yield Problem(
                what=f"no gate of this suite is a {waiver.gate!r}{did_you_mean(waiver.gate, kinds)}",
                where=locate("waivers", index, "gate"),
                allowed=join_allowed(sorted(set(kinds))),
            )
        if _is_scored(waiver.gate):
            yield from _metric(spec, gaps, waiver.metric, locate("waivers", index, "metric"))
        if waiver.slice is not None and len(waiver.slice) != 1 and ("waivers", index, "slice") not in gaps.incomplete:
            yield Problem(
                what="a waiver's slice is one tag and its value, e.g. {intent: refund}",
                where=locate("waivers", index, "slice"),
            )
        yield from _exactly(spec, index, waiver, locate, gaps)


def _exactly(spec: SuiteSpec, index: int, waiver: Waiver, locate: Locate, gaps: Gaps) -> Iterator[Problem]:
    """A waiver must name one gate, and its limit must be a drop (or, under `up_to`, a rise)."""
    for key, sign in (("down_to", -1.0), ("up_to", 1.0)):
        limit = getattr(waiver, key)
        if limit is not None and limit * sign <= 0:
            yield Problem(
                what=f"a waiver's {key} is a change of the metric (candidate less base), and {limit:g} is none for it",
                where=locate("waivers", index, key),
                allowed="a number below 0 (down_to), or above 0 where lower is better (up_to)",
            )
    places = [place for place, gate in spec.all_gates() if _may_cover(waiver, gate)]
    if gaps.gates or waiver.gate not in {gate.type for gate in spec.gates}:
        return
    if waiver.index is not None and waiver.index not in places:
        yield Problem(
            what=f"the waiver's index {waiver.index} is no {waiver.gate} of {waiver.metric} there",
            where=locate("waivers", index, "index"),
            allowed=join_allowed([str(place) for place in places]) or "no gate fits",
        )
    if waiver.index is None and waiver.margin is None and len(places) > 1:
        yield Problem(
            what=f"the waiver fits {len(places)} gates, and may cover one only",
            where=locate("waivers", index),
            todo=f"say which: `index: N` (one of {join_allowed([str(place) for place in places])}) or its `margin`",
        )


def _may_cover(waiver: Waiver, gate: GateSpec) -> bool:
    """Whether a gate could have the finding that a waiver names; one that names no metric may have any."""
    names = [name for name, _ in gate.metric_names()]
    cut = gate.cut_by()
    anywhere = waiver.judge is not None or not cut
    fits = anywhere if waiver.slice is None else any(by in cut for by in waiver.slice)
    return gate.type == waiver.gate and (not names or waiver.metric in names) and fits


def _is_scored(gate: str) -> bool:
    """Whether gates of this type name metrics of scorers; what cannot be loaded was told where it is written."""
    try:
        kind = gate_kind(gate)
    except UsageError:
        return True
    return kind is None or kind.scored


def _models(specs: Mapping[str, ModelSpec], locate: Locate, incomplete: frozenset[Loc]) -> Iterator[Problem]:
    for name, spec in specs.items():
        whole = ("models", name) not in incomplete
        if whole and spec.provider == "replay" and spec.recording is None:
            yield Problem(what=f"model {name!r} replays, so it needs `recording`", where=locate("models", name))
        if whole and spec.provider == "local" and spec.model is None:
            yield Problem(what=f"model {name!r} needs `model`: a hub id or a folder", where=locate("models", name))
        yield from _own_words(name, spec, locate)
        if spec.adapter is not None and spec.provider in BARE:
            yield Problem(
                what=f"model {name!r}: an adapter is for provider local, not {spec.provider}",
                where=locate("models", name, "adapter"),
            )
        if spec.provider in BARE:
            for key in foreign_keys(spec):
                what = f"model {name!r}: {key} is for provider local, not {spec.provider}"
                yield Problem(what=what, where=locate("models", name, key))
        else:
            for key, problem in loading_problems(spec):
                yield replace(problem, what=f"model {name!r}: {problem.what}", where=locate("models", name, key))
        if spec.provider in WITHOUT_CALLS:
            for key in ("headers", "extra_body"):
                if getattr(spec, key):
                    what = f"model {name!r}: {key} is for models behind an API, not provider {spec.provider}"
                    yield Problem(what=what, where=locate("models", name, key))
        yield from open_parameter_problems(spec, partial(locate, "models", name))
        if spec.api_key_env.startswith(("sk-", "sk_")) or not spec.api_key_env.replace("_", "a").isalnum():
            yield Problem(
                what=f"model {name!r}: api_key_env is the name of an environment variable, never a key",
                where=locate("models", name, "api_key_env"),
                todo="put the key into the environment, take it out of the file, and revoke it if it was ever shared",
            )


def _own_words(name: str, spec: ModelSpec, locate: Locate) -> Iterator[Problem]:
    """A transform that does nothing, and a system message that is written twice."""
    if isinstance(spec.transform, TransformSpec) and not spec.transform.model_dump(exclude_none=True):
        yield Problem(
            what=f"model {name!r}: the transform does nothing",
            where=locate("models", name, "transform"),
            allowed="strip_before, json_path, function",
        )
    if spec.system is not None and spec.prompt is not None and spec.prompt.system is not None:
        yield Problem(
            what=f"model {name!r} has two system messages: `system` and `prompt.system`",
            where=locate("models", name, "system"),
            todo="keep prompt.system, which is said to be an arm's own in the report",
        )
