"""What a reader is shown as an answer."""

from __future__ import annotations

from evalkit.core.answers import answer_text
from evalkit.core.exchange import Example, Message, Response
from evalkit.scorers.choice import Choice

QUESTION = Example(
    id="q", messages=(Message(role="user", content="Capital?"),), target=1, choices=("Rio de Janeiro", "Rome")
)


def test_of_scored_choices_the_one_that_the_scorer_chose_is_shown() -> None:
    # a byte of the long choice is likelier, the whole of the short one is
    response = Response(example_id="q", text="Rio de Janeiro", choice_scores=(-9.0, -4.0))
    assert answer_text(response, {"choice": {"q": (Choice().score(QUESTION, response),)}}) == "Rome"
    by_bytes = Choice(normalize="bytes").score(QUESTION, response)
    assert answer_text(response, {"choice": {"q": (by_bytes,)}}) == "Rio de Janeiro"
    assert answer_text(response, {}) == "Rio de Janeiro"


def test_what_was_written_is_shown_as_it_was_written() -> None:
    written = Response(example_id="q", text="B. Rome")
    assert answer_text(written, {"choice": {"q": (Choice().score(QUESTION, written),)}}) == "B. Rome"
    assert answer_text(Response(example_id="q", refusal="I cannot."), {}) == "I cannot."
    assert answer_text(None, {}) == ""
