"""A function as a scorer: what its arguments are, what it may return, how its version changes."""

from __future__ import annotations

import subprocess
import sys

import pytest

import evalkit
from evalkit.core.exchange import Example, Message, Response
from evalkit.scorers.function import scorer
from evalkit.testing import check_scorer

EXAMPLE = Example(id="a", messages=(Message(role="user", content="?"),), target="yes", tags={"kind": "x"})
ANSWER = Response(example_id="a", text="yes, sir", repeat=0)


def test_arguments_are_given_by_their_names() -> None:
    seen = []

    @scorer
    def all_of_it(example, response, text, target, messages, tags):  # type: ignore[no-untyped-def]
        seen.append((example.id, response.example_id, text, target, messages[0].role, tags["kind"]))
        return 0.25

    assert all_of_it.score(EXAMPLE, ANSWER).value == 0.25
    assert seen == [("a", "a", "yes, sir", "yes", "user", "x")]


@pytest.mark.parametrize(
    ("said", "value", "status"),
    [(True, 1.0, "SCORED"), (0, 0.0, "SCORED"), (0.5, 0.5, "SCORED"), (None, None, "NOT_APPLICABLE")],
)
def test_a_number_a_bool_or_nothing(said: float | None, value: float | None, status: str) -> None:
    score = scorer(lambda text: said).score(EXAMPLE, ANSWER)
    assert (score.value, score.status) == (value, status)


def test_a_whole_score_is_passed_on() -> None:
    mine = evalkit.Score(example_id="a", scorer="", version="9", value=0.5, reason="half")
    assert scorer(lambda text: mine).score(EXAMPLE, ANSWER) is mine


def test_what_a_function_says_of_itself() -> None:
    @scorer(higher_is_better=False)
    def lines(text: str) -> int:
        """How many lines an answer has.

        More words.
        """
        return text.count("\n") + 1

    (metric,) = lines.metrics()
    assert (metric.higher_is_better, metric.binary, metric.about) == (False, False, "How many lines an answer has.")
    assert lines("a\nb") == 2
    check_scorer(lines, [(EXAMPLE, ANSWER)])


def test_a_row_without_a_target_is_told_where_it_is_asked_for() -> None:
    bare = Example(id="b", messages=EXAMPLE.messages)
    assert scorer(lambda text, target: text == target).check(bare) == (
        "the row has no target, and the scorer asks for it",
    )
    assert scorer(lambda text: True).check(bare) == ()


def test_another_meaning_is_another_version_and_the_same_code_the_same() -> None:
    assert scorer(lambda text: len(text) > 3).version != scorer(lambda text: len(text) > 4).version
    code = (
        "from evalkit.scorers.function import scorer\n"
        "print(scorer(lambda text: text in {'ja', 'nein', 'doch', 'mag sein'}).version)"
    )
    said = {subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout for _ in range(3)}
    assert len(said) == 1
