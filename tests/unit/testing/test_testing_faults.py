"""Planted faults damage what they say, where the seed says, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from evalkit.core.exchange import Example, Message, Response, ToolCall
from evalkit.scorers import build_scorer
from evalkit.testing import faults

MESSAGE = (Message(role="user", content="q"),)
EXAMPLES = tuple(Example(id=f"e{i}", messages=MESSAGE, target=f"answer {i % 7}") for i in range(400))
RESPONSES = tuple(Response(example_id=e.id, text=str(e.target), latency_s=1.0) for e in EXAMPLES)
EXACT = build_scorer("exact", {}, root=Path())

FAULTS: dict[str, Callable[..., tuple[Response, ...]]] = {
    "drop": faults.drop,
    "garble": faults.garble,
    "over_refuse": faults.over_refuse,
    "flip": lambda responses, **rest: faults.flip(responses, EXAMPLES, **rest),
}


def right(responses: tuple[Response, ...]) -> float:
    scores = [EXACT.score(e, r).value for e, r in zip(EXAMPLES, responses, strict=True) if r.failure is None]
    return sum(score or 0.0 for score in scores) / len(EXAMPLES)


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_fault_costs_about_its_share_of_right_answers(name: str) -> None:
    assert right(RESPONSES) == 1
    assert right(FAULTS[name](RESPONSES, share=0.25, seed=1)) == pytest.approx(0.75, abs=0.06)


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_fault_is_seeded_and_a_larger_share_holds_the_smaller(name: str) -> None:
    def hit(share: float, seed: int) -> set[str]:
        after = FAULTS[name](RESPONSES, share=share, seed=seed)
        return {a.example_id for a, b in zip(after, RESPONSES, strict=True) if a != b}

    assert hit(0.2, 1) == hit(0.2, 1)
    assert hit(0.2, 1) < hit(0.4, 1)
    assert hit(0.2, 1) != hit(0.2, 2)
    assert hit(0.0, 1) == set()
    assert len(hit(1.0, 1)) == len(EXAMPLES)


def test_a_share_beyond_one_is_refused() -> None:
    with pytest.raises(ValueError, match="share must be between 0 and 1"):
        faults.garble(RESPONSES, share=1.5)


def test_flipped_likelihoods_favour_a_wrong_choice() -> None:
    examples = tuple(Example(id=f"c{i}", messages=MESSAGE, choices=("a", "b", "c"), target=i % 3) for i in range(30))
    scores = [(-1.0, -1.0, -1.0), (-1.0, -2.0, -3.0), (-3.0, -1.0, -2.0)]
    responses = tuple(
        Response(example_id=e.id, choice_scores=scores[i % 2 + i % 3 % 2]) for i, e in enumerate(examples)
    )
    choice = build_scorer("choice", {}, root=Path())
    after = faults.flip(responses, examples, share=1.0)
    assert [choice.score(e, r).value for e, r in zip(examples, after, strict=True)] == [0.0] * 30
    written = tuple(Response(example_id=e.id, text=e.choices[int(e.target)]) for e in examples)
    after = faults.flip(written, examples, share=1.0)
    assert [choice.score(e, r).value for e, r in zip(examples, after, strict=True)] == [0.0] * 30


def test_garbled_json_and_arguments_do_not_parse() -> None:
    call = ToolCall(name="f", arguments='{"city": "Kyoto", "days": [1, 2]}')
    (after,) = faults.garble([Response(example_id="x", text='{"a": [1, 2, 3]}', tool_calls=(call,))], share=1.0)
    for text in (after.text or "", after.tool_calls[0].arguments):
        with pytest.raises(json.JSONDecodeError):
            json.loads(text)


def test_refusals_are_seen_as_such_and_muted_tools_leave_words() -> None:
    refusal = build_scorer("refusal", {"expect_refusal": True}, root=Path())
    for language in ("en", "ja"):
        (after,) = faults.over_refuse(RESPONSES[:1], share=1.0, language=language)
        assert refusal.score(EXAMPLES[0], after).value == 1
    (quiet,) = faults.mute_tools(
        [Response(example_id="x", tool_calls=(ToolCall(name="f", arguments="{}"),))], share=1.0
    )
    assert (quiet.tool_calls, quiet.text) == ((), "Let me look into that.")


def test_harmless_changes_change_no_score() -> None:
    assert right(faults.respace(RESPONSES)) == 1
    moved = faults.reorder(RESPONSES, seed=3)
    assert moved != RESPONSES
    assert sorted(moved, key=lambda r: r.example_id) == sorted(RESPONSES, key=lambda r: r.example_id)


def test_slow_answers_are_slower() -> None:
    assert [r.latency_s for r in faults.slow_down(RESPONSES[:2], factor=1.5)] == [1.5, 1.5]
