"""The kinds of judgement: what a reply holds, how it is read, and the numbers that come of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from evalkit.core.exchange import Json
from evalkit.core.verdict import Metric

FIRST, SECOND = "first", "second"
"""The two orders in which a pair is shown: the judged answer as A, then as B"""
TIE = "tie"
_WHOLE_UP_TO = 100
_WORDS = {"yes": True, "no": False}


class UnreadableReply(ValueError):
    """Why a reply makes no judgement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What one draw of one judge says: numbers, and a word."""

    values: Mapping[str, float]
    reading: str
    consistent: bool | None = None
    """Of pairs: whether both orders name the same answer; None elsewhere"""


class JudgementKind(Protocol):
    """One kind of judgement."""

    @property
    def orders(self) -> tuple[str, ...]:
        """The questions that are asked of one answer, by name."""

    @property
    def schema(self) -> Mapping[str, Json]:
        """The JSON Schema of a reply, without its reasoning."""

    def metrics(self) -> Sequence[Metric]:
        """List the numbers, the main one first."""

    def read(self, payloads: Mapping[str, Mapping[str, Json]]) -> Judgement:
        """Read the replies to all questions; raise UnreadableReply where one says nothing that counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric:
    """A score on a scale; with `passes` also whether it is good enough."""

    low: float
    high: float
    whole: bool
    passes: float | None
    orders: tuple[str, ...] = ("",)

    @property
    def schema(self) -> Mapping[str, Json]:
        """A number on the scale, as a list where it is short."""
        if self.whole and self.high - self.low <= _WHOLE_UP_TO:
            return {"score": {"type": "integer", "enum": list(range(int(self.low), int(self.high) + 1))}}
        return {"score": {"type": "integer" if self.whole else "number"}}

    def metrics(self) -> Sequence[Metric]:
        """List the score, and whether it passes."""
        found = [Metric(binary=False, low=self.low, high=self.high, about="the judge's score")]
        if self.passes is not None:
            found.append(Metric(part="pass", about=f"the judge's score is at least {self.passes:g}"))
        return found

    def read(self, payloads: Mapping[str, Mapping[str, Json]]) -> Judgement:
        """Read a number on the scale.

        A text, an object, null or a number off the scale is none.
        """
        value = _field(payloads[""], "score")
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise UnreadableReply(f"the score is {_kind_of(value)}, not a number: {str(value)[:60]}")
        if not math.isfinite(value) or not self.low <= value <= self.high:
            raise UnreadableReply(f"the score {value:g} is off the scale from {self.low:g} to {self.high:g}")
        if self.whole and value != int(value):
            raise UnreadableReply(f"the score {value:g} is no whole number")
        values = {"": float(value)}
        if self.passes is not None:
            values["pass"] = float(value >= self.passes)
        return Judgement(values=values, reading=f"{value:g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OneLabel:
    """One of several labels, some of which are good."""

    labels: tuple[str, ...]
    good: tuple[str, ...]
    orders: tuple[str, ...] = ("",)

    @property
    def schema(self) -> Mapping[str, Json]:
        """One of the labels."""
        return {"label": {"type": "string", "enum": list(self.labels)}}

    def metrics(self) -> Sequence[Metric]:
        """List whether the label is a good one."""
        return (Metric(about=f"the judge's label is {' or '.join(self.good)}"),)

    def read(self, payloads: Mapping[str, Mapping[str, Json]]) -> Judgement:
        """Read a label as it is written in the suite."""
        value = _field(payloads[""], "label")
        if not isinstance(value, str) or value not in self.labels:
            raise UnreadableReply(f"the label is {str(value)[:60]!r}, none of {', '.join(self.labels)}")
        return Judgement(values={"": float(value in self.good)}, reading=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class YesNo:
    """Several yes/no questions about one answer; each says which word is good."""

    names: tuple[str, ...]
    no_is_good: tuple[str, ...]
    orders: tuple[str, ...] = ("",)

    @property
    def schema(self) -> Mapping[str, Json]:
        """A yes or a no for each question."""
        return {name: {"type": "string", "enum": list(_WORDS)} for name in self.names}

    def metrics(self) -> Sequence[Metric]:
        """List whether all answers are the good ones, and each question."""
        every = Metric(about="the judge answers every question with the good word")
        return (every, *(Metric(part=name, about=f"the judge says {self._good(name)}: {name}") for name in self.names))

    def read(self, payloads: Mapping[str, Mapping[str, Json]]) -> Judgement:
        """Read a yes or a no for every question."""
        said: dict[str, bool] = {}
        for name in self.names:
            value = _field(payloads[""], name)
            word = _WORDS.get(value) if isinstance(value, str) else value if isinstance(value, bool) else None
            if word is None:
                raise UnreadableReply(f"the answer to {name!r} is {str(value)[:60]!r}, neither yes nor no")
            said[name] = word
        values = {name: float(word == (self._good(name) == "yes")) for name, word in said.items()}
        reading = ", ".join(f"{name}: {'yes' if word else 'no'}" for name, word in said.items())
        return Judgement(values={"": min(values.values()), **values}, reading=reading)

    def _good(self, name: str) -> str:
        return "no" if name in self.no_is_good else "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairwise:
    """Which of two answers is better, asked in both orders.

    Only what both say counts, all else is a tie.
    """

    other: str
    """What the answer is compared with, in words"""
    orders: tuple[str, ...] = (FIRST, SECOND)

    @property
    def schema(self) -> Mapping[str, Json]:
        """A, B or tie."""
        return {"better": {"type": "string", "enum": ["A", "B", TIE]}}

    def metrics(self) -> Sequence[Metric]:
        """List the share of wins, a tie being half of one."""
        about = f"preferred to {self.other} in both orders; 0.5 where neither is"
        return (Metric(binary=False, low=0.0, high=1.0, about=about),)

    def read(self, payloads: Mapping[str, Mapping[str, Json]]) -> Judgement:
        """Read both orders.

        1 where both prefer this answer, 0 where both prefer the other, else 0.5.
        """
        said = {order: _field(payloads[order], "better") for order in self.orders}
        for value in said.values():
            if value not in ("A", "B", TIE):
                raise UnreadableReply(f"the better one is {str(value)[:60]!r}, none of A, B, {TIE}")
        preferred = {
            order: TIE if value == TIE else "this" if (value == "A") == (order == FIRST) else "other"
            for order, value in said.items()
        }
        same = len({*preferred.values()}) == 1
        both = preferred[FIRST] if same else TIE
        reading = both if same else f"{said[FIRST]} then {said[SECOND]}"
        return Judgement(values={"": {"this": 1.0, "other": 0.0, TIE: 0.5}[both]}, reading=reading, consistent=same)


def _field(payload: Mapping[str, Json], name: str) -> Json:
    if name not in payload:
        raise UnreadableReply(f"the reply has no {name!r}")
    if payload[name] is None:
        raise UnreadableReply(f"{name!r} is null")
    return payload[name]


def _kind_of(value: Json) -> str:
    kinds = {bool: "true or false", str: "a text", dict: "an object", list: "a list"}
    return kinds.get(type(value), type(value).__name__)
