"""Choices packed behind shared questions have the log-likelihoods of choices read one at a time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from local_tiny import ask

from evalkit.core.exchange import Request, Response
from evalkit.models.local import LocalModel
from evalkit.models.local.choices import plain_choices
from evalkit.models.local.engine import Room
from evalkit.models.local.prompt import Prompt

Opener = Callable[..., LocalModel]
SETS = [("yes", "no"), ("a", "b", "c", "d"), ("red", "a very long answer indeed", "r"), ("same", "same", "the same")]


def asked(count: int) -> list[Request]:
    return [ask("why " * (1 + i % 7) + str(i), id=f"c{i}", choices=SETS[i % len(SETS)]) for i in range(count)]


def reference(model: LocalModel, requests: list[Request]) -> dict[str, tuple[float, ...]]:
    prompts = [p for p in model.renderer.prompts(requests) if isinstance(p, Prompt)]
    scored = plain_choices(model.engine(), model.arm.adapter_key, prompts)
    return {s.prompt.request.example_id: s.scores for s in scored}


@pytest.mark.parametrize("spec", [{"model": "tiny"}, {"model": "tiny", "adapter": "tuned"}, {"model": "windowed"}])
@pytest.mark.parametrize("tokens", [1024, 30])
def test_packed_choices_equal_one_at_a_time(arm: Opener, spec: dict[str, str], tokens: int) -> None:
    model, requests = arm(**spec), asked(24)
    model.engine().room = Room(rows=64, tokens=tokens, cache_bytes=10**9)
    expected = reference(model, requests)
    for response in model.answer(requests):
        scores = expected[response.example_id]
        assert response.choice_scores == pytest.approx(scores, abs=1e-4)
        assert best(response.choice_scores) == best(scores)


def test_equal_choices_have_equal_scores(arm: Opener) -> None:
    response = only(arm("tiny"), ask("why", choices=("same", "another", "same")))
    assert response.choice_scores[0] == response.choice_scores[2] != response.choice_scores[1]


def best(scores: tuple[float, ...]) -> int:
    return scores.index(max(scores))


def test_the_reference_is_the_log_softmax_of_the_whole_text(arm: Opener) -> None:
    import torch

    model, request = arm("tiny"), ask("why", choices=("yes", "no"))
    (prompt,) = model.renderer.prompts([request])
    assert isinstance(prompt, Prompt)
    whole = torch.tensor([[*prompt.ids, *prompt.choices[0]]])
    with torch.inference_mode():
        chances = model.engine().model(whole).logits[0].log_softmax(-1)
    at = range(len(prompt.ids) - 1, whole.shape[1] - 1)
    expected = sum(float(chances[i, whole[0, i + 1]]) for i in at)
    assert only(model, request).choice_scores[0] == pytest.approx(expected, abs=1e-4)


def test_text_is_the_choice_with_the_highest_likelihood_a_byte(arm: Opener) -> None:
    model = arm("tiny")
    for request in asked(12):
        response = only(model, request)
        sizes = [len(choice.encode()) for choice in request.choices]
        weighed = [score / size for score, size in zip(response.choice_scores, sizes, strict=True)]
        assert response.text == request.choices[weighed.index(max(weighed))]
        assert response.choice_tokens == tuple(sizes)  # one token a byte with this tokenizer
        assert response.usage is not None
        assert response.usage.output == 0


def test_choices_and_questions_can_be_asked_together(arm: Opener) -> None:
    model = arm("tiny")
    mixed = [*asked(5), ask("red", id="free")]
    answers = {r.example_id: r for r in model.answer(mixed)}
    assert len(answers) == 6
    assert answers["free"].choice_scores == ()
    assert answers["c0"].choice_scores


def test_an_empty_choice_is_a_bad_request(arm: Opener) -> None:
    response = only(arm("tiny"), ask("why", choices=("yes", "")))
    assert response.failure is not None
    assert response.failure.kind == "bad_request"


def only(model: LocalModel, request: Request) -> Response:
    (response,) = model.answer([request])
    return response
