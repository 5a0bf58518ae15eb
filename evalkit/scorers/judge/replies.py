"""Replies of judges to numbers: read strictly, drawn together by judge, then over the judges."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median

from evalkit.core.exchange import Json, Response
from evalkit.core.judging import Reply
from evalkit.reading.response import read_response
from evalkit.scorers.json_schema.parse import read_json
from evalkit.scorers.judge.kinds import Judgement, JudgementKind, UnreadableReply

_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSays:
    """What one judge says of an answer, or why it says nothing."""

    values: Mapping[str, float] = field(default_factory=dict)
    readings: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    consistent: tuple[bool, ...] = ()


def read_payload(response: Response, *, pattern: str | None, name: str) -> Mapping[str, Json]:
    """Read a judge's reply as the JSON object it was asked for.

    Thoughts are left out; a fence and prose around the only object are passed over; nothing is repaired. With `pattern`
    the last match of it is the field `name`, as a number where it is one. Raises UnreadableReply.
    """
    if response.failure is not None:
        raise UnreadableReply(f"the judge's call failed: {response.failure.kind}: {response.failure.message}")
    read = read_response(response)
    text = read.text if read.text is not None else read.refusal or ""
    if read.ended in ("cut", "cut_thinking"):
        raise UnreadableReply("the judge's reply was cut at its token limit")
    if pattern is not None:
        return {name: _match(pattern, text)}
    found = read_json(text)
    if not found.within("extracted"):
        raise UnreadableReply(f"the reply is no JSON object ({found.reason}): {text.strip()[:_SHOWN]}")
    if not isinstance(found.value, dict):
        raise UnreadableReply(f"the reply is JSON, but no object: {text.strip()[:_SHOWN]}")
    return found.value


def _match(pattern: str, text: str) -> Json:
    found = re.findall(pattern, text)
    if not found:
        raise UnreadableReply(f"the reply has nothing that the pattern finds: {text.strip()[:_SHOWN]}")
    word = str(found[-1]).strip()
    try:
        return int(word) if re.fullmatch(r"[+-]?[0-9]+", word) else float(word)
    except ValueError:
        return word


def read_draws(
    kind: JudgementKind, replies: Sequence[Reply], *, pattern: str | None
) -> tuple[dict[str, list[Judgement]], dict[str, list[str]]]:
    """Read every draw of every judge.

    What cannot be read is kept as a sentence.
    """
    name = next(iter(kind.schema))
    drawn: dict[tuple[str, int], dict[str, Response]] = {}
    for reply in replies:
        drawn.setdefault((reply.question.judge, reply.question.draw), {})[reply.question.order] = reply.response
    read: dict[str, list[Judgement]] = {judge: [] for judge, _ in drawn}
    unread: dict[str, list[str]] = {judge: [] for judge, _ in drawn}
    for (judge, _), by_order in drawn.items():
        try:
            payloads = {order: read_payload(one, pattern=pattern, name=name) for order, one in by_order.items()}
            read[judge].append(kind.read(payloads))
        except UnreadableReply as error:
            unread[judge].append(str(error))
    return read, unread


def sum_up_judges(
    kind: JudgementKind, replies: Sequence[Reply], *, pattern: str | None
) -> tuple[dict[str, JudgeSays], dict[str, float]]:
    """Return what each judge says, and what they say together.

    The latter is empty where most say nothing.
    Of several draws a judge says the mean, or yes where more than half do; several judges say the median, or yes where
    more than half of them do.
    """
    binary = {metric.part: metric.binary for metric in kind.metrics()}
    read, unread = read_draws(kind, replies, pattern=pattern)
    says: dict[str, JudgeSays] = {}
    for judge, draws in read.items():
        enough = len(draws) > len(unread[judge])
        values = {part: _one(yes, [draw.values[part] for draw in draws], fmean) for part, yes in binary.items()}
        says[judge] = JudgeSays(
            values=values if enough else {},
            readings=tuple(draw.reading for draw in draws),
            unread=tuple(unread[judge]),
            consistent=tuple(draw.consistent for draw in draws if draw.consistent is not None),
        )
    heard = [one.values for one in says.values() if one.values]
    if 2 * len(heard) <= len(says):
        return says, {}
    return says, {part: _one(yes, [values[part] for values in heard], median) for part, yes in binary.items()}


def _one(binary: bool, values: Sequence[float], middle: object) -> float:
    if not values:
        return 0.0
    if binary:
        return float(2 * sum(values) > len(values))
    return float(fmean(values) if middle is fmean else median(values))
