"""The options of a judge: what is wrong with them, and the kind of judgement they ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from evalkit.core.exchange import Json
from evalkit.scorers.judge.kinds import JudgementKind, OneLabel, Pairwise, Rubric, YesNo

_RESERVED = frozenset({"reasoning", "pass"})
_PART = re.compile(r"[^\s.{}\"']+")


class JudgeOptions(Protocol):
    """What the scorer `judge` is told."""

    @property
    def judge(self) -> str | tuple[str, ...]:
        """Who judges."""

    @property
    def kind(self) -> str:
        """What is asked for."""

    @property
    def criteria(self) -> str:
        """What is good."""

    @property
    def scale(self) -> tuple[float, float]:
        """The ends of the scale."""

    @property
    def whole(self) -> bool:
        """Whether scores are whole numbers."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels."""

    @property
    def questions(self) -> Mapping[str, str]:
        """The questions by name."""

    @property
    def passes(self) -> Any:
        """What is good enough."""

    @property
    def no_is_good(self) -> tuple[str, ...]:
        """Questions with no as the good answer."""

    @property
    def against(self) -> str:
        """What a pair's other answer is."""

    @property
    def prompt(self) -> str | None:
        """The prompt, where it is not that of the kind."""

    @property
    def pattern(self) -> str | None:
        """How a reply is read that is no JSON."""


def build_kind(options: JudgeOptions) -> JudgementKind:
    """Return the kind of judgement that the options ask for."""
    if options.kind == "label":
        return OneLabel(labels=options.labels, good=tuple(options.passes))
    if options.kind == "questions":
        return YesNo(names=tuple(options.questions), no_is_good=options.no_is_good)
    if options.kind == "pairwise":
        return Pairwise(other="the target" if options.against == "target" else "the other arm's answer")
    low, high = options.scale
    return Rubric(low=low, high=high, whole=options.whole, passes=options.passes)


def reply_schema(kind: JudgementKind) -> dict[str, Json]:
    """Return the JSON Schema of a reply.

    Its reasons stand first, so that they come before the judgement.
    """
    fields = {"reasoning": {"type": "string"}, **kind.schema}
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def option_faults(options: JudgeOptions) -> tuple[str, ...]:
    """List everything that is wrong with the options together."""
    own = {"rubric": _rubric, "label": _label, "questions": _questions}.get(options.kind, _nothing)
    return (*_who(options), *_what(options), *own(options), *_find_misplaced(options))


def _who(options: JudgeOptions) -> Iterator[str]:
    names = (options.judge,) if isinstance(options.judge, str) else options.judge
    if not names or not all(names):
        yield "judge needs the name of at least one `judge`"
    if len({*names}) != len(names):
        yield "the same judge is named twice: for several draws of one say `asks`"
    taken = {"pass", *options.questions} & {*names}
    if len(names) > 1 and taken:
        yield f"a judge cannot be called {sorted(taken)[0]!r} here: a part of the metric has that name"


def _what(options: JudgeOptions) -> Iterator[str]:
    if options.kind != "questions" and not options.criteria.strip() and options.prompt is None:
        yield "judge needs `criteria`: what is good, in words"
    if options.pattern is None:
        return
    if options.prompt is None:
        yield "`pattern` is for a prompt of your own: ours ask for JSON"
    if options.kind == "questions":
        yield "`pattern` reads one value, so not the answers to `questions`"
    try:
        groups = re.compile(options.pattern).groups
    except re.error as error:
        yield f"`pattern` is no regular expression: {error}"
    else:
        if groups != 1:
            yield f"`pattern` needs one group, the value, and has {groups}"


def _rubric(options: JudgeOptions) -> Iterator[str]:
    low, high = options.scale
    if not low < high:
        yield f"the scale's low end {low:g} must be below its high end {high:g}"
    if options.whole and (low != int(low) or high != int(high)):
        yield "the ends of a scale of whole numbers are whole; say `whole: false`"
    if isinstance(options.passes, tuple):
        yield "`passes` of a rubric is the lowest score that passes, a number"
    elif options.passes is not None and not low < options.passes <= high:
        yield f"`passes` must be above {low:g} and at most {high:g}"


def _label(options: JudgeOptions) -> Iterator[str]:
    if len({*options.labels}) < 2 or not all(options.labels) or len({*options.labels}) != len(options.labels):
        yield "a label judge needs at least two different `labels`"
    if not isinstance(options.passes, tuple) or not options.passes or not {*options.passes} <= {*options.labels}:
        yield "a label judge needs `passes`: the labels that are good, such as [good]"
    elif {*options.passes} == {*options.labels}:
        yield "`passes` holds every label, so nothing could fail"


def _questions(options: JudgeOptions) -> Iterator[str]:
    if not options.questions or not all(options.questions.values()):
        yield "a judge of questions needs `questions`: {name: the question}"
    bad = [name for name in options.questions if name in _RESERVED or not _PART.fullmatch(name)]
    if bad:
        yield f"a question cannot be called {bad[0]!r}: a name has no spaces, dots, quotes or braces"
    unknown = [name for name in options.no_is_good if name not in options.questions]
    if unknown:
        yield f"`no_is_good` names {unknown[0]!r}, which is no question"


def _nothing(options: JudgeOptions) -> Iterator[str]:
    return iter(())


_OF_KIND = {"labels": "label", "questions": "questions", "no_is_good": "questions"}


def _find_misplaced(options: JudgeOptions) -> Iterator[str]:
    for name, kind in _OF_KIND.items():
        if options.kind != kind and getattr(options, name):
            yield f"`{name}` is for `kind: {kind}`, not {options.kind}"
    if options.passes is not None and options.kind in ("questions", "pairwise"):
        yield f"`passes` is for rubric and label, not {options.kind}"
    if options.against == "target" and options.kind != "pairwise":
        yield f"`against` is for `kind: pairwise`, not {options.kind}"
