"""Rows whose log-likelihood is measured, and which therefore are not answered."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

from evalkit.core.errors import Problem
from evalkit.core.exchange import Example, Json, Message, Stretch, ToolCall
from evalkit.core.ports import StretchScorer
from evalkit.data.conversations import is_run
from evalkit.pipeline.suites.named_scorer import NamedScorer
from evalkit.suite.load import Suite

KEY = "measured"
"""Key of `Example.extra`: what is measured of a row, [over, window]"""


def mark_stretches(
    suite: Suite, scorers: Sequence[NamedScorer], examples: tuple[Example, ...], problems: list[Problem]
) -> tuple[Example, ...]:
    """Return the examples, marked with what is measured of them.

    A row that a scorer of likelihoods looks at is asked for nothing else: another scorer on it is a problem, and so is
    a second stretch.
    """
    measuring = [(named, named.scorer.stretch()) for named in scorers if isinstance(named.scorer, StretchScorer)]
    if not measuring:
        return examples
    others = [named for named in scorers if not isinstance(named.scorer, StretchScorer)]
    out, clashes = [], dict[tuple[str, str], str]()
    for example in examples:
        mine = [(named, stretch) for named, stretch in measuring if named.applies(example)]
        if mine:
            named, stretch = mine[0]
            second = [other.name for other, another in mine[1:] if another != stretch]
            answered = [other.name for other in others if other.applies(example)]
            for name in (*second, *answered, *(["turns or tool_results"] if is_run(example) else [])):
                clashes.setdefault((named.name, name), example.id)
            extra = {**example.extra, KEY: [stretch.over, stretch.window]}
            example = dataclasses.replace(example, extra=extra)
        out.append(example)
    for (name, other), first in clashes.items():
        problems.append(
            Problem(
                what=f"scorer {name!r} has the likelihood of a row measured, and {other!r} wants something else of the "
                f"same row (example {first!r})",
                where=suite.locate("scorers", name),
                todo="give each its own rows (`when: {tag: value}`), or put one of them into a suite of its own",
            )
        )
    return tuple(out)


def stretch_of(example: Example) -> Stretch | None:
    """Return what is measured of an example; None where it is answered."""
    said = example.extra.get(KEY) if example.extra else None
    return None if said is None else Stretch(over=said[0], window=said[1])


def lay_out(
    stretch: Stretch, example: Example, messages: tuple[Message, ...]
) -> tuple[tuple[Message, ...], tuple[str, ...]]:
    """Return the messages and the choices of a request that has a stretch measured.

    A target behind them is the one choice; where the assistant's turns are measured it is the last one of them.
    """
    if stretch.over == "target":
        return messages, (str(example.target),)
    if stretch.over == "document" or example.target is None:
        return messages, ()
    return (*messages, _as_turn(example.target)), ()


def _as_turn(target: Json) -> Message:
    if isinstance(target, dict) and isinstance(target.get("tool_calls"), list):
        calls = tuple(
            ToolCall(name=str(call.get("name")), arguments=_text(call.get("arguments", {})))
            for call in target["tool_calls"]
        )
        return Message(role="assistant", tool_calls=calls)
    return Message(role="assistant", content=_text(target))


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
