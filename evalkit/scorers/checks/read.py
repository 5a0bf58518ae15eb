"""The checks of a row, read: one key says what is checked, the others how; every mistake is told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from evalkit.core.errors import did_you_mean
from evalkit.core.exchange import Json
from evalkit.core.strict_json import strict
from evalkit.scorers.checks.json_path import read_path, value_at
from evalkit.scorers.checks.kinds import KINDS, make_json_reader, turn_around
from evalkit.scorers.checks.nouns import BadCheck, Check, CheckedAnswer, CheckResult, Judge
from evalkit.scorers.outcome import as_text
from evalkit.scorers.schemas.equal import is_same_json

GROUPS = ("any", "all", "none")
NAMES = (*KINDS, *GROUPS, "json_path", "not")
_SHOWN = 60
_ROUNDING = 1e-9


def read_checks(raw: Json, *, place: str = "checks") -> tuple[tuple[Check, ...], tuple[str, ...]]:
    """Read the checks, with a sentence for each that cannot be read.

    A list written as JSON text (CSV) is read.
    """
    if isinstance(raw, str):
        try:
            raw = strict(raw)
        except ValueError as error:
            return (), (f"`{place}` is text that is no JSON: {error}",)
    if not isinstance(raw, (list, tuple)) or not raw:
        return (), (f"`{place}` must be a list of checks such as [{{contains: TEXT}}], not empty",)
    checks: list[Check] = []
    problems: list[str] = []
    for index, one in enumerate(raw):
        try:
            checks.append(_read_once(json.dumps(one, ensure_ascii=False)))
        except BadCheck as error:
            problems.append(f"{place}[{index}]: {error}")
    if checks and not problems and not sum(check.weight for check in checks):
        problems.append(f"`{place}`: every check has the weight 0, so nothing is checked")
    return tuple(checks), tuple(problems)


@lru_cache(maxsize=16_384)
def _read_once(text: str) -> Check:
    """By its JSON text: rows share most of their checks, and both arms all of them."""
    return read_check(json.loads(text))


def read_check(raw: Json) -> Check:
    """Read one check; raise BadCheck with one sentence."""
    if not isinstance(raw, Mapping):
        raise BadCheck(f"a check is an object such as {{contains: TEXT}}, not {json.dumps(raw)[:_SHOWN]}")
    given = {key: value for key, value in raw.items() if value is not None or (key == "equals" and "json_path" in raw)}
    weight, label = given.pop("weight", 1), given.pop("name", None)
    if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 <= weight < float("inf"):
        raise BadCheck(f"weight is a number from 0 up, not {weight!r}")
    if label is not None and (not isinstance(label, str) or not label):
        raise BadCheck("the name of a check is a text")
    name, value, options = _split(given)
    shown = json.dumps(value, ensure_ascii=False)
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]} ..."
    return Check(
        label=label or f"{name}: {shown}",
        judge=_judge(name, value, options),
        weight=float(weight),
        takes_nothing=_takes_nothing(name, value),
    )


def _split(given: Mapping[str, Json]) -> tuple[str, Json, dict[str, Json]]:
    """The key that says what is checked, its value, and the other keys."""
    named = ["json_path"] if "json_path" in given else [key for key in given if _is_name(key)]
    if len(named) != 1:
        if named:
            raise BadCheck(f"one check, one kind: {' and '.join(named)} are two checks")
        near = next((hint for key in given if (hint := did_you_mean(key, NAMES))), "")
        what = ", ".join(map(repr, given)) or "nothing"
        raise BadCheck(f"unknown check {what}{near}; allowed: {', '.join(sorted(NAMES))}, each with not_ in front")
    name = named[0]
    return name, given[name], {key: value for key, value in given.items() if key != name}


def _is_name(key: str) -> bool:
    return key in NAMES or key.removeprefix("not_") in KINDS


def _judge(name: str, value: Json, options: dict[str, Json]) -> Judge:
    if name == "json_path":
        return _json_path(value, options)
    if name == "not":
        if options:
            raise BadCheck(f"`not` takes no option {', '.join(options)}")
        return turn_around(read_check(value).judge)
    if name in GROUPS:
        return _group(name, value, options)
    if name in KINDS:
        return KINDS[name](value, options)
    return turn_around(KINDS[name.removeprefix("not_")](value, options))


def _group(name: str, value: Json, options: dict[str, Json]) -> Judge:
    """`any`, `all` or `none` of these: checks, or texts that are looked for."""
    if not isinstance(value, list) or not value:
        raise BadCheck(f"{name} is a list of texts or of checks")
    if name == "all" and "threshold" in options:
        return _together(value, options)
    checks = [read_check({"contains": one, **options} if isinstance(one, str) else one) for one in value]
    if options and any(not isinstance(one, str) for one in value):
        raise BadCheck(f"{name} of checks takes no option {', '.join(options)}: each check has its own")

    def judge(answer: CheckedAnswer) -> CheckResult:
        told = [check.judge(answer) for check in checks]
        met, unknown = (sum(one.passed is wanted for one in told) for wanted in (True, None))
        least, most = {"any": (1, len(told)), "all": (len(told), len(told)), "none": (0, 0)}[name]
        if met > most or met + unknown < least:
            return CheckResult(False, _why(checks, told, wrong=name == "none"))
        if met < least or met + unknown > most:
            return CheckResult(None, next(one.because for one in told if one.passed is None))
        return CheckResult(True)

    return judge


def _together(value: list[Json], options: dict[str, Json]) -> Judge:
    """All of these with a `threshold`: so much of their weight must pass, and that share is what they count."""
    least = options.pop("threshold")
    if options or isinstance(least, bool) or not isinstance(least, (int, float)) or not 0 < least <= 1:
        raise BadCheck("all takes a threshold above 0 and at most 1, and no other option beside it")
    checks = [read_check({"contains": one} if isinstance(one, str) else one) for one in value]
    total = sum(check.weight for check in checks)
    if not total:
        raise BadCheck("all: every check has the weight 0, so nothing is checked")

    def judge(answer: CheckedAnswer) -> CheckResult:
        told = [check.judge(answer) for check in checks]
        unknown = next((one.because for one in told if one.passed is None), None)
        if unknown is not None:
            return CheckResult(None, unknown)
        share = sum(check.weight * one.worth for check, one in zip(checks, told, strict=True)) / total
        every = all(one.passed for check, one in zip(checks, told, strict=True) if check.weight)
        passed = every if least == 1 else share >= least - _ROUNDING
        return CheckResult(passed, "" if passed else _why(checks, told, wrong=False), share)

    return judge


def _why(checks: Sequence[Check], told: Sequence[CheckResult], *, wrong: bool) -> str:
    return "; ".join(
        f"{check.label}{f' ({one.because})' if one.because else ''}"
        for check, one in zip(checks, told, strict=True)
        if one.passed is wrong
    )


def _json_path(path: Json, options: dict[str, Json]) -> Judge:
    """The place must be there; with `equals` it must hold that JSON value, with another check pass that as text."""
    steps = read_path(path)
    read = make_json_reader({"parse": options.pop("parse")} if "parse" in options else {})
    exactly, wanted = "equals" in options, options.pop("equals", None)
    inner = read_check(options) if options else None
    if exactly and inner is not None:
        raise BadCheck("json_path takes `equals` or one other check, not both")

    def judge(answer: CheckedAnswer) -> CheckResult:
        readable, value = read(answer)
        if not readable:
            return CheckResult(False, "the answer is no JSON")
        there, value = value_at(value, steps)
        if not there:
            return CheckResult(False, f"there is no {path}")
        if exactly:
            passed = is_same_json(value, wanted)
            return CheckResult(passed, "" if passed else f"it is {as_text(value)[:_SHOWN]} at {path}")
        if inner is None:
            return CheckResult(True)
        part = replace(answer.response, text=as_text(value), tool_calls=(), refusal=None)
        return inner.judge(replace(answer, response=part))

    return judge


def _takes_nothing(name: str, value: Json) -> bool:
    """Whether the check itself says that an empty answer is right."""
    if name == "equals":
        return value == "" or (isinstance(value, list) and "" in value)
    return name.startswith("max_") and value == 0
