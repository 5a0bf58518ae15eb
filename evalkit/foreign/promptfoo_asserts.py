"""Asserts of promptfoo as checks of a row: the same answers pass; what cannot be said so is named, with the reason."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit.core.exchange import Json
from evalkit.foreign.js import js_text, js_value, python_pattern
from evalkit.foreign.nouns import as_list

Check = dict[str, Json]
_JUDGES = (
    "llm-rubric", "model-graded-closedqa", "model-graded-factuality", "factuality", "g-eval", "answer-relevance",
    "context-faithfulness", "context-recall", "context-relevance", "conversation-relevance", "agent-rubric",
    "search-rubric", "select-best", "pi", "classifier", "moderation", "similar", "similar:cosine", "similar:dot",
    "similar:euclidean", "guardrails",
)  # fmt: skip
_CODE = ("javascript", "python", "ruby", "webhook", "is-valid-function-call", "is-valid-openai-function-call",
         "is-valid-openai-tools-call")  # fmt: skip
_JUDGED = "a model judges: bring its scores as `given`"
_OVERLAP = "its tokens are promptfoo's own: use a scorer of the suite (`evalkit validate` names them)"
_MARKUP = "promptfoo's own parser judges: say what must be there with `regex` or `contains`"
NOT_CARRIED: Mapping[str, str] = {
    **dict.fromkeys(_JUDGES, _JUDGED),
    **dict.fromkeys(_CODE, "it is code: write it as a scorer of your own, or bring its scores as `given`"),
    **dict.fromkeys(("rouge-n", "bleu", "gleu", "meteor"), _OVERLAP),
    **dict.fromkeys(("is-xml", "contains-xml", "is-html", "contains-html", "is-sql", "contains-sql"), _MARKUP),
    "tool-call-f1": "use the checks `tool_called` and `tool_not_called`, or the scorer `tool_calls`",
    "perplexity": "it needs log-probabilities",
    "perplexity-score": "it needs log-probabilities",
    "max-score": "it compares the outputs of several providers: that is what `evalkit compare` does",
    "skill-used": "traces are not read",
}
"""Types that are not carried over, and why"""
ANOTHER_MEANING = ("is-refusal", "contains-json")
"""Types that are carried over and mean what evalkit means by them"""


class NotCarried(Exception):
    """An assert that cannot be said as a check; its text is the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an assert stands.

    How its templates are rendered, and the folder that its files are in.
    """

    render: Callable[[str], str]
    folder: Path


def checks_of(asserts: Sequence[Json], place: Place, left_out: list[tuple[str, str]]) -> list[Check]:
    """Return the checks of a test's asserts.

    What is not carried over is added to `left_out`, as (type, reason).
    """
    checks: list[Check] = []
    for one in asserts:
        if not isinstance(one, dict):
            left_out.append(("an assert", f"it is no object: {str(one)[:40]}"))
            continue
        try:
            checks.append(_check_set(one, place, left_out) if one.get("type") == "assert-set" else _check(one, place))
        except NotCarried as reason:
            left_out.append((str(one.get("type") or "an assert"), str(reason)))
    return checks


def _check_set(one: Mapping[str, Json], place: Place, left_out: list[tuple[str, str]]) -> Check:
    """An assert-set: its asserts together, with its own threshold and weight."""
    inner = checks_of(as_list(one.get("assert")), place, left_out)
    if not inner:
        raise NotCarried("none of its asserts could be carried over")
    least = one.get("threshold", 1)
    if isinstance(least, bool) or not isinstance(least, (int, float)) or not 0 < least <= 1:
        raise NotCarried(f"its threshold is {least}")
    return {"all": list(inner), "threshold": least, **_about(one, place)}


def _check(one: Mapping[str, Json], place: Place) -> Check:
    name = str(one.get("type") or "")
    base = name.removeprefix("not-")
    if base.startswith(("trace-", "trajectory:", "promptfoo:redteam:")):
        raise NotCarried("traces and red-teaming are not read")
    if base in NOT_CARRIED:
        raise NotCarried(NOT_CARRIED[base])
    if base not in KINDS:
        raise NotCarried("it is not known here")
    if one.get("transform"):
        raise NotCarried(f"it has a transform ({str(one['transform'])[:40]}), which is code")
    check = KINDS[base](_value(one.get("value"), place), one)
    return {**(_turn_around(check) if name != base else check), **_about(one, place)}


def _about(one: Mapping[str, Json], place: Place) -> Check:
    """The weight, and the metric as the name of the check."""
    weight, metric = one.get("weight"), one.get("metric")
    about: Check = {}
    if isinstance(weight, (int, float)) and not isinstance(weight, bool) and weight != 1:
        about["weight"] = weight
    if isinstance(metric, str) and metric:
        about["name"] = f"{_render_text(metric, place)} ({one.get('type')})"
    return about


def _render_text(text: str, place: Place) -> str:
    try:
        return place.render(text)
    except ValueError as error:
        raise NotCarried(str(error)) from None


def _value(value: Json, place: Place) -> Json:
    """The value with its templates rendered and its files read."""
    if isinstance(value, str):
        return _from_file(value[7:], place) if value.startswith("file://") else _render_text(value, place)
    if isinstance(value, list):
        return [_value(one, place) if isinstance(one, str) else one for one in value]
    return value


def _from_file(name: str, place: Place) -> Json:
    path = place.folder / name
    if path.suffix not in (".json", ".yaml", ".yml", ".txt"):
        raise NotCarried(f"its value is code: {name}")
    try:
        text = path.read_text(encoding="utf-8-sig")
        return text.strip() if path.suffix == ".txt" else _yaml(text)
    except (OSError, UnicodeDecodeError) as error:
        raise NotCarried(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _yaml(text: str) -> Json:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return js_value(YAML(typ="safe", pure=True).load(text))
    except YAMLError as error:
        raise NotCarried(f"its value is no YAML: {str(error).splitlines()[0]}") from None


def _turn_around(check: Check) -> Check:
    name, value = next(iter(check.items()))
    rest = {key: one for key, one in check.items() if key != name}
    if name in ("json_path", "all", "contains_any") or (name == "contains" and isinstance(value, list)):
        return {"not": check}
    if name in ("json_valid", "refusal"):
        return {name: not value, **rest}
    return {f"not_{name}": value, **rest}


def _text(value: Json, name: str) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)) or value == "":
        raise NotCarried(f"{name} needs a text: promptfoo itself refuses it")
    return js_text(value)


def _one(folded: bool) -> Callable[[Json, Mapping[str, Json]], Check]:
    steps: Json = ["lowercase"] if folded else []
    return lambda value, _: {"contains": _text(value, "contains"), "normalize": steps}


def _several(name: str, folded: bool) -> Callable[[Json, Mapping[str, Json]], Check]:
    def build(value: Json, _: Mapping[str, Json]) -> Check:
        texts = split_commas(value) if isinstance(value, str) else [js_text(one) for one in as_list(value)]
        if not texts or not all(texts):
            raise NotCarried("an empty text is in every answer" if texts else "it names no text")
        return {name: list(texts), "normalize": ["lowercase"] if folded else []}

    return build


def split_commas(value: str) -> list[str]:
    """Split a text at its commas.

    Quotes keep a comma, and empty fields are none.
    """
    fields, at = list[str](), 0
    while at < len(value):
        if value[at].isspace() or value[at] == ",":
            at += 1
            continue
        if value[at] != '"':
            end = value.find(",", at)
            end = len(value) if end < 0 else end
            fields.append(value[at:end].strip())
            at = end
            continue
        field, at = _read_quoted(value, at + 1)
        fields.append(field)
    return fields


def _read_quoted(value: str, at: int) -> tuple[str, int]:
    r"""A quoted field and where it ends; `\"`, `\\` and `""` are one letter."""
    field = ""
    while at < len(value):
        pair = value[at : at + 2]
        if pair in ('\\"', "\\\\", '""'):
            field, at = field + pair[1], at + 2
        elif value[at] == '"':
            return field, at + 1
        else:
            field, at = field + value[at], at + 1
    raise NotCarried("a quote is not closed: promptfoo itself refuses it")


def _equals(value: Json, one: Mapping[str, Json]) -> Check:
    if isinstance(value, (dict, list)) or ("value" in one and value is None):
        return {"json_path": "$", "equals": value}
    return {"equals": "undefined" if value is None else js_text(value), "normalize": []}


def _starts_with(value: Json, _: Mapping[str, Json]) -> Check:
    if not isinstance(value, str):
        raise NotCarried("starts-with needs a text: promptfoo itself refuses it")
    return {"starts_with": _text(value, "starts-with"), "normalize": []}


def _regex(value: Json, _: Mapping[str, Json]) -> Check:
    if not isinstance(value, str) or not value:
        raise NotCarried("regex needs a text: promptfoo itself refuses it")
    try:
        return {"regex": python_pattern(value), "leading_space": "kept"}
    except ValueError as error:
        raise NotCarried(f"the pattern {value!r}: {error}") from None


def _json(parse: str) -> Callable[[Json, Mapping[str, Json]], Check]:
    def build(value: Json, _: Mapping[str, Json]) -> Check:
        more: Check = {} if parse == "strict" else {"parse": parse}
        if value is None or value == "":
            return {"json_valid": True, **more}
        schema = _yaml(value) if isinstance(value, str) else value
        if not isinstance(schema, dict):
            raise NotCarried(f"its schema is no object: {json.dumps(schema)[:40]}")
        return {"schema": schema, **more}

    return build


def _limit(name: str, per: int) -> Callable[[Json, Mapping[str, Json]], Check]:
    def build(_: Json, one: Mapping[str, Json]) -> Check:
        most = one.get("threshold")
        if isinstance(most, bool) or not isinstance(most, (int, float)) or most <= 0:
            raise NotCarried("it has no threshold above 0")
        return {name: most / per}

    return build


def _levenshtein(value: Json, one: Mapping[str, Json]) -> Check:
    most = one.get("threshold", 5)
    if not isinstance(value, str) or isinstance(most, bool) or not isinstance(most, (int, float)) or most < 0:
        raise NotCarried("levenshtein needs a text and a threshold from 0 up")
    return {"edits": value, "at_most": most}


def _word_count(value: Json, _: Mapping[str, Json]) -> Check:
    if isinstance(value, dict):
        ends = {end: value[end] for end in ("min", "max") if value.get(end) is not None}
        if not ends or ends.get("min", 0) > ends.get("max", float("inf")):
            raise NotCarried("word-count needs min or max: promptfoo itself refuses it")
        return {"spaced_words": ends}
    try:
        number = float(js_text(value) or "nan")
    except ValueError:
        raise NotCarried("word-count needs a number: promptfoo itself refuses it") from None
    return {"spaced_words": int(number) if number.is_integer() else number}


def _finish(value: Json, _: Mapping[str, Json]) -> Check:
    return {"finish": _text(value, "finish-reason")}


KINDS: Mapping[str, Callable[[Any, Mapping[str, Json]], Check]] = {
    "equals": _equals,
    "contains": _one(folded=False),
    "icontains": _one(folded=True),
    "contains-any": _several("contains_any", folded=False),
    "icontains-any": _several("contains_any", folded=True),
    "contains-all": _several("contains", folded=False),
    "icontains-all": _several("contains", folded=True),
    "starts-with": _starts_with,
    "regex": _regex,
    "is-json": _json("strict"),
    "contains-json": _json("extracted"),
    "levenshtein": _levenshtein,
    "word-count": _word_count,
    "latency": _limit("latency_at_most", per=1000),
    "cost": _limit("cost_at_most", per=1),
    "finish-reason": _finish,
    "is-refusal": lambda value, one: {"refusal": True},
}
"""Types of asserts that are carried over; each with its `not-` twin"""
