"""JSON text to a value, strictly or with named allowances: no answer counts as better JSON than it is.

Three stages, each kept apart: *strict* (the whole text is JSON as RFC 8259 has it), *extracted* (the only JSON value in
a fence or between prose is), *repaired* (it is after repairs that can be named: see `repair`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from evalkit.core.exchange import Json
from evalkit.core.strict_json import strict
from evalkit.reading.response import answer_of
from evalkit.scorers.json_schema.repair import repair_json

Stage = Literal["strict", "extracted", "repaired", "unparsed"]
STAGES: tuple[Stage, ...] = ("strict", "extracted", "repaired", "unparsed")

_JSON_SPACE = " \t\r\n"
_NEAR = 200
_BRACKET = re.compile(r"[{}\[\]｛｝［］]")
_FOOTNOTE = re.compile(r"\[[0-9]{1,3}\]")
_KEY_BEFORE = re.compile(r"[\"'“”＂＇][^\"']*[\"'“”＂＇]\s*[:：]\s*$")
_KEY_AFTER = re.compile(r"\s*[,，、]\s*[\"'“”＂＇][^\"']*[\"'“”＂＇]\s*[:：]")
_FENCE = re.compile(r"```[ \t]*(?:json[c5]?|JSON)?[ \t]*\r?\n(.*?)```", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What was read: the value, the stage it took, and the repairs.

    Repairs are fence, prose, trailing comma, ...
    """

    stage: Stage
    value: Json = None
    repairs: tuple[str, ...] = ()
    reason: str = ""

    def within(self, allowed: Stage) -> bool:
        """Return whether the value counts under what a suite forgives.

        `allowed` is the most that it forgives.
        """
        return self.stage != "unparsed" and STAGES.index(self.stage) <= STAGES.index(allowed)


def read_json(text: str | None, *, cut: bool = False) -> Parsed:
    """Read a model's answer, strictly first; never raise.

    `cut`: it ended at its limit, so that more may be lost.

    >>> read_json('Sure: {"a": 1}').stage, read_json('{"a": 1,}').repairs
    ('extracted', ('trailing comma',))
    """
    if text is None or not text.strip():
        return Parsed(stage="unparsed", reason="empty answer")
    try:
        return Parsed(stage="strict", value=strict(text.lstrip(_JSON_SPACE)))
    except ValueError as error:
        reason = str(error)
    answer = answer_of(text)
    if answer != text:  # for texts that come as they were written: a thought is not the answer
        found = read_json(answer, cut=cut)
        stage: Stage = "extracted" if found.stage == "strict" else found.stage
        return replace(found, stage=stage, repairs=("thought", *found.repairs) if stage != "unparsed" else ())
    inner, repairs = _candidates(text)
    values = _distinct(inner)
    if len(values) == 1:
        return Parsed(stage="extracted", value=values[0], repairs=(repairs,), reason=reason)
    if len(values) > 1:
        return Parsed(stage="unparsed", reason="several JSON values, none of them the answer")
    mended = repair_json(text, cut=cut)
    if mended is not None and _is_strict_json(mended[0]):
        return Parsed(stage="repaired", value=mended[0], repairs=mended[1], reason=reason)
    return Parsed(stage="unparsed", reason=reason)


def _is_strict_json(value: Json) -> bool:
    """A repair must not bring in what strict parsing refuses."""
    try:
        strict(json.dumps(value))
    except (ValueError, RecursionError):
        return False
    return True


def _candidates(text: str) -> tuple[Sequence[str], str]:
    """Texts that may be the answer, and what stood around them."""
    fenced = _FENCE.findall(text)
    if fenced:
        return fenced, "fence"
    spans = [span for span in (_span(text, "{", "}"), _span(text, "[", "]")) if span]
    spans.sort(key=len, reverse=True)
    for span in spans:  # the widest that is JSON holds the others
        value = _container(span) if _stands_in_prose(text, span) else None
        if isinstance(value, dict) or (value and isinstance(value[0], dict)):
            return [span], "prose"  # but a lone [1] in prose is a footnote, not an answer
    return [], ""


def _span(text: str, opening: str, closing: str) -> str:
    start, end = text.find(opening), text.rfind(closing)
    return text[start : end + 1] if 0 <= start < end else ""


def _stands_in_prose(text: str, span: str) -> bool:
    """Whether what is around a value is no JSON of which it is a part: no bracket, no key before it, none behind."""
    before, _, after = text.partition(span)
    if _BRACKET.search(_FOOTNOTE.sub("", before)) or _BRACKET.search(_FOOTNOTE.sub("", after)):
        return False
    return not _KEY_BEFORE.search(before[-_NEAR:]) and not _KEY_AFTER.match(after[:_NEAR])


def _distinct(texts: Sequence[str]) -> list[Json]:
    values: list[Json] = []
    for text in texts:
        value = _container(text)
        if value is not None and value not in values:
            values.append(value)
    return values


def _container(text: str) -> Json:
    """The object or array that a text is, or None: a lone scalar in prose is no answer."""
    try:
        value = strict(text)
    except ValueError:
        return None
    return value if isinstance(value, (dict, list)) else None
