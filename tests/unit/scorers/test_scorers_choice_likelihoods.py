"""lm-eval's acc_norm stands beside ours; choices that only rounding tells apart are counted and told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.core.exchange import Example, Message, ModelIdentity, Response
from evalkit.core.rows import response_row, row_response
from evalkit.core.verdict import Score
from evalkit.pipeline.asking.arm_result import ArmResult
from evalkit.pipeline.asking.measure import ArmScores
from evalkit.pipeline.pairing.tied_choices import tied_choices
from evalkit.scorers.build import build_scorer
from evalkit.scorers.likelihoods import TIE_NATS, TIED

ASK = (Message(role="user", content="?"),)


def score(choices: tuple[str, ...], likelihoods: tuple[float, ...], *, target: int = 0, **options: Any) -> Score:
    example = Example(id="a", messages=ASK, choices=choices, target=target)
    return build_scorer("choice", options, root=Path()).score(
        example, Response(example_id="a", text=choices[0], choice_scores=likelihoods)
    )


def lm_eval(choices: tuple[str, ...], likelihoods: tuple[float, ...]) -> int:
    """lm-eval 0.4: its choices stand without the delimiter that goes before them, and their characters count."""
    values = [value / float(len(choice)) for choice, value in zip(choices, likelihoods, strict=True)]
    return values.index(max(values))


WORDS = st.lists(st.text("abcé日 ", min_size=1, max_size=9).map(lambda text: "x" + text), min_size=2, max_size=4)


@settings(max_examples=60)
@given(WORDS, st.data())
def test_acc_norm_is_lm_evals_with_the_delimiter_and_without(words: list[str], data: st.DataObject) -> None:
    choices = tuple(words)
    likelihoods = tuple(data.draw(st.floats(-50, -0.1)) for _ in choices)
    target = lm_eval(choices, likelihoods)
    delimited = tuple(" " + choice for choice in choices)
    assert score(choices, likelihoods, target=target).parts["acc_norm"] == 1
    assert score(delimited, likelihoods, target=target).parts["acc_norm"] == 1
    other = (target + 1) % len(choices)
    assert score(choices, likelihoods, target=other).parts["acc_norm"] == 0


def test_a_leading_space_is_no_character_of_acc_norm_but_one_of_ours() -> None:
    choices, likelihoods = (" a", " bbb"), (-2.0, -5.0)
    found = score(choices, likelihoods, normalize="characters", target=1)
    assert (found.value, found.parts["acc_norm"]) == (0, 1)
    assert -2.0 / 2 > -5.0 / 4 > -2.0 / 1


def test_an_answer_in_words_has_no_acc_norm() -> None:
    example = Example(id="a", messages=ASK, choices=("a", "b"), target=0)
    found = build_scorer("choice", {}, root=Path()).score(example, Response(example_id="a", text="A"))
    assert found.parts["acc_norm"] is None


@pytest.mark.parametrize(
    ("likelihoods", "options", "tied"),
    [
        ((-1.0, -1.0 - 0.9 * TIE_NATS, -3.0), {}, ["one", "two"]),
        ((-1.0, -1.0 - 1.1 * TIE_NATS, -3.0), {}, None),
        ((-3.0, -1.0, -1.0), {}, ["two", "three"]),
        ((-2.0, -2.0, -3.5), {"normalize": "characters"}, ["one", "two"]),
        ((-3.0, -4.0, -5.1), {"normalize": "characters"}, None),
        ((-3.0, -4.0, -5.0001), {"normalize": "characters"}, ["one", "three"]),
        ((float("-inf"),) * 3, {}, None),
    ],
)
def test_choices_between_which_rounding_decides_are_named(
    likelihoods: tuple[float, ...], options: dict[str, str], tied: list[str] | None
) -> None:
    found = score(("one", "two", "three"), likelihoods, **options)
    assert found.evidence.get(TIED) == tied


def test_ties_are_counted_and_told_beside_the_verdict() -> None:
    names = ("one", "two", "three")
    rows = {
        str(i): (score(names, (-1.0, -1.0 if i < 3 else -2.0, -9.0)),) for i in range(5)
    }  # fmt: skip
    arm = ArmResult(
        identity=ModelIdentity(name="ft", provider="local", model="m", fingerprint="f"),
        answers={},
        measured=ArmScores(columns={}, scores={"answer": rows, "other": {}}, failed=0, errors=0),
    )
    assert tied_choices(arm) == [
        "ft: in 3 of 5 answers the best choices of 'answer' lie within 0.0001 nats of each other: which one is taken "
        "may differ between machines"
    ]


@settings(max_examples=60)
@given(st.lists(st.floats(-1e4, 0), min_size=1, max_size=4))
def test_likelihoods_are_kept_as_computed(values: list[float]) -> None:
    response = Response(example_id="a", text="x", choice_scores=tuple(values))
    row = json.loads(json.dumps(response_row(response)))
    assert row_response(row).choice_scores == response.choice_scores
