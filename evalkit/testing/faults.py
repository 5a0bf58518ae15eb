"""Planted faults: damage done to a share of a model's responses, that a gate must catch; and changes it must ignore.

Every function takes the responses of one arm and returns as many, in the same order but for `reorder`. Which ones are
damaged is drawn from the seed and the example's id, so that a larger share contains the smaller one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from evalkit.core.exchange import Example, Failure, FailureKind, Response, ToolCall
from evalkit.data.sample import draw

Responses = tuple[Response, ...]

REFUSALS = {"en": "I'm sorry, but I can't help with that.", "ja": "申し訳ありませんが、お手伝いできません。"}


def drop(responses: Iterable[Response], *, share: float, seed: int = 0, kind: FailureKind = "server") -> Responses:
    """Make calls fail: named failures take the place of answers."""
    failure = Failure(kind=kind, message="planted: the call failed")
    return _damage(
        responses, share, seed, lambda r: Response(example_id=r.example_id, repeat=r.repeat, failure=failure)
    )


def garble(responses: Iterable[Response], *, share: float, seed: int = 0) -> Responses:
    """Cut answers off in the middle, as the model itself ends them.

    JSON does not parse then, and arguments lack their end.
    """
    return _damage(responses, share, seed, _cut)


def flip(responses: Iterable[Response], examples: Iterable[Example], *, share: float, seed: int = 0) -> Responses:
    """Turn right answers into wrong ones of the same shape.

    Likelihoods favour a wrong choice; text and tool calls are those of another example whose target differs.
    """
    kept = tuple(responses)
    known = {example.id: example for example in examples}
    return _damage(kept, share, seed, lambda r: _flip(r, kept, known))


def over_refuse(responses: Iterable[Response], *, share: float, seed: int = 0, language: str = "en") -> Responses:
    """Put refusals in the place of answers.

    So does a model that was tuned to be too careful.
    """
    text = REFUSALS[language]
    return _damage(
        responses,
        share,
        seed,
        lambda r: replace(r, text=text, tool_calls=(), choice_scores=(), choice_tokens=(), finish="stop"),
    )


def mute_tools(responses: Iterable[Response], *, share: float, seed: int = 0) -> Responses:
    """Put words in the place of tool calls."""
    return _damage(
        responses,
        share,
        seed,
        lambda r: replace(r, text=r.text or "Let me look into that.", tool_calls=()) if r.tool_calls else r,
    )


def slow_down(responses: Iterable[Response], *, factor: float) -> Responses:
    """Multiply every known latency by `factor`."""
    return tuple(replace(r, latency_s=r.latency_s * factor) if r.latency_s is not None else r for r in responses)


def reorder(responses: Iterable[Response], *, seed: int = 0) -> Responses:
    """Reorder the same responses; harmless."""
    return tuple(sorted(responses, key=lambda r: (draw(r.example_id, seed=seed), r.repeat)))


def respace(responses: Iterable[Response]) -> Responses:
    """Put white space around the text; harmless."""
    return tuple(replace(r, text=f"  {r.text}\n") if r.text is not None else r for r in responses)


def is_damaged(example_id: str, *, share: float, seed: int) -> bool:
    """Tell whether an example is among the `share` that is damaged."""
    return int(draw(example_id, seed=seed)[:13], 16) / 16**13 < share


def _damage(responses: Iterable[Response], share: float, seed: int, fault: Callable[[Response], Response]) -> Responses:
    if not 0 <= share <= 1:
        raise ValueError(f"share must be between 0 and 1, not {share}")
    return tuple(
        fault(r) if r.failure is None and is_damaged(r.example_id, share=share, seed=seed) else r for r in responses
    )


def _cut(response: Response) -> Response:
    calls = tuple(replace(call, arguments=_half(call.arguments)) for call in response.tool_calls)
    text = None if response.text is None else _half(response.text)
    return replace(response, text=text, tool_calls=calls, finish="stop")


def _half(text: str) -> str:
    return text[: len(text) // 2]


def _flip(response: Response, others: Sequence[Response], known: Mapping[str, Example]) -> Response:
    example = known.get(response.example_id)
    if example is not None and response.choice_scores:
        return replace(response, choice_scores=_other_choice(response.choice_scores, right=int(example.target)))
    if example is not None and example.choices and isinstance(example.target, int):
        return replace(response, text=example.choices[(example.target + 1) % len(example.choices)])
    target = example.target if example is not None else None
    start = next((i for i, other in enumerate(others) if other is response), 0)
    for step in range(1, len(others)):
        other = others[(start + step) % len(others)]
        wrong = known.get(other.example_id)
        if other.failure is None and wrong is not None and wrong.target != target:
            return replace(response, text=other.text, tool_calls=other.tool_calls)
    return replace(response, text="planted: a wrong answer", tool_calls=tuple(map(_alter, response.tool_calls)))


def _other_choice(scores: tuple[float, ...], *, right: int) -> tuple[float, ...]:
    """The likelihoods with those of the right choice and of the likeliest wrong one made to favour the wrong one."""
    wrong = max((i for i in range(len(scores)) if i != right), key=lambda i: scores[i])
    high, low = max(scores[right], scores[wrong]), min(scores[right], scores[wrong])
    out = list(scores)
    out[wrong], out[right] = high, low if low < high else high - 1.0
    return tuple(out)


def _alter(call: ToolCall) -> ToolCall:
    return replace(call, arguments=json.dumps({"planted": "a wrong argument"}))
