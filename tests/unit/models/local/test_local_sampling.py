"""Draws follow the distribution they are given; an answer ends where it should."""

from __future__ import annotations

import random

import pytest
from local_tiny import ask

from evalkit.models.local.prompt import Prompt
from evalkit.models.local.sampling import Draw, Row

SHARES = (0.15, 0.5, 0.05, 0.3)


@pytest.mark.parametrize(
    ("temperature", "top_p", "expected"),
    [
        (1.0, 1.0, (0.15, 0.5, 0.05, 0.3)),
        (1.0, 0.9, (0.15 / 0.95, 0.5 / 0.95, 0.0, 0.3 / 0.95)),
        (1.0, 0.5, (0.0, 1.0, 0.0, 0.0)),
        (1.0, 0.0001, (0.0, 1.0, 0.0, 0.0)),
        (0.5, 1.0, (0.0616, 0.6849, 0.0068, 0.2466)),
    ],
)
def test_draws_have_the_shares_of_the_nucleus(temperature: float, top_p: float, expected: tuple[float, ...]) -> None:
    torch = pytest.importorskip("torch")
    draw = Draw(temperature=temperature, top_p=top_p, uniform=random.Random(1).random)
    logits = torch.tensor(SHARES).log()
    counts = torch.bincount(torch.tensor([draw.pick(logits) for _ in range(4000)]), minlength=4) / 4000
    for count, share in zip(counts.tolist(), expected, strict=True):
        assert count == pytest.approx(share, abs=4 * (share * (1 - share) / 4000) ** 0.5)


def row(*, stops: tuple[str, ...] = (), limit: int = 10) -> Row:
    letters = "abcdefgh"
    return Row(
        prompt=Prompt(request=ask("x"), ids=(1,)),
        draw=Draw(temperature=0, top_p=1, uniform=random.random),
        limit=limit,
        ends=frozenset({99}),
        stops=stops,
        decode=lambda ids: "".join(letters[i] for i in ids if i < len(letters)),
    )


def pushed(answer: Row, tokens: list[int]) -> int:
    """How many tokens it takes until the answer is over."""
    return next(i for i, token in enumerate(tokens, start=1) if answer.push(token))


def test_the_first_of_several_stop_strings_cuts() -> None:
    answer = row(stops=("de", "cd"))
    assert pushed(answer, [0, 1, 2, 3, 4]) == 4
    assert (answer.text(), answer.finish) == ("ab", "stop")


def test_the_end_token_is_not_part_of_the_text() -> None:
    answer = row()
    assert pushed(answer, [0, 1, 99]) == 3
    assert (answer.text(), answer.finish) == ("ab", "stop")


def test_the_limit_ends_with_length_but_an_end_token_at_the_limit_is_a_stop() -> None:
    cut, ended = row(limit=2), row(limit=2)
    assert pushed(cut, [0, 1, 2]) == pushed(ended, [0, 99]) == 2
    assert (cut.finish, ended.finish) == ("length", "stop")
