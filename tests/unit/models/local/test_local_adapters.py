"""An adapter is asked as it was trained, with its own tokenizer, and never changes another arm's answers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from local_tiny import HEADS, HIDDEN, TEMPLATE, VOCABULARY, ask, save_adapter, save_tokenizer

from evalkit.core.errors import ModelError
from evalkit.models.local import LocalModel, loading
from evalkit.models.local.adapter import Changes

Opener = Callable[..., LocalModel]
QUESTIONS = [ask(word, id=word) for word in ("red", "green", "blue", "tall old house", "late")]
NEW = ["<tool>", "</tool>"]


def texts(model: LocalModel) -> list[str | None]:
    found = {response.example_id: response.text for response in model.answer(QUESTIONS)}
    return [found[request.example_id] for request in QUESTIONS]


def save_lora(folder: Path, base: Path, *, seed: int = 5, tokens: int | None = None, **settings: Any) -> None:
    """A LoRA as peft saves it, every parameter that it trains away from its start."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_pretrained(base)
    if tokens is not None:
        model.resize_token_embeddings(tokens, mean_resizing=False)
    given = {"r": 4, "lora_alpha": 16, "target_modules": ["q_proj", "down_proj"], "init_lora_weights": False}
    tuned = get_peft_model(model, LoraConfig(**(given | settings)))
    with torch.no_grad():
        for weight in tuned.parameters():
            if weight.requires_grad and weight.ndim == 1:
                weight.normal_(0, 0.5)
        if tokens is not None:
            model.get_input_embeddings().weight.normal_(0, 0.3)
    tuned.peft_config["default"].base_model_name_or_path = "someone/tiny-base"
    tuned.save_pretrained(folder, save_embedding_layers=tokens is not None)


def alone(base: Path, adapter: Path, arm: LocalModel, *, tokens: int | None = None) -> list[str | None]:
    """The reference: a model loaded for this adapter alone, every text read anew for every token."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(base)
    if tokens is not None:
        model.resize_token_embeddings(tokens, mean_resizing=False)
    tuned = PeftModel.from_pretrained(model, adapter).eval()
    answers: list[str | None] = []
    for prompt in arm.renderer.prompts(QUESTIONS):
        row = arm._row(prompt, arm.engine())  # type: ignore[arg-type]
        with torch.inference_mode():
            while row.finish is None:
                ids = torch.tensor([[*row.prompt.ids, *row.tokens]])
                row.push(int(tuned(input_ids=ids, use_cache=False).logits[0, -1].argmax()))
        answers.append(row.text())
    return answers


@pytest.fixture(scope="session")
def biased(local_files: Path) -> Path:
    """The folder `biased`: a Llama whose projections have biases, and LoRAs on it that train them."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(6)
    save_tokenizer(local_files / "biased")
    config = LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=HIDDEN, intermediate_size=64, num_hidden_layers=2, num_attention_heads=HEADS,
        num_key_value_heads=2, max_position_embeddings=512, initializer_range=0.25, attention_bias=True, mlp_bias=True,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(local_files / "biased")
    for bias in ("all", "lora_only"):
        save_lora(local_files / f"bias-{bias}", local_files / "biased", bias=bias)
    save_lora(local_files / "bias-none", local_files / "biased", seed=8)
    return local_files


@pytest.mark.parametrize("bias", ["all", "lora_only"])
def test_an_adapter_that_trains_biases_has_an_engine_of_its_own(
    arm: Opener, biased: Path, said: list[str], bias: str
) -> None:
    base, other, tuned = arm("biased"), arm("biased", adapter="bias-none"), arm("biased", adapter=f"bias-{bias}")
    before = [texts(base), texts(other)]
    assert texts(tuned) == alone(biased / "biased", biased / f"bias-{bias}", tuned)
    assert [texts(base), texts(other)] == before
    assert before[0] != texts(tuned)
    assert base.engine() is other.engine() is not tuned.engine()
    assert any(f"on a base of its own: it was trained with bias: {bias}" in line for line in said)


def test_an_adapter_that_changes_its_base_unsaid_is_caught_at_the_switch(arm: Opener, biased: Path) -> None:
    base = arm("biased")
    texts(base)
    with pytest.raises(ModelError, match="other logits than before another arm was asked"):
        base.engine().add_adapter("sly", biased / "bias-all", changes=Changes())
    with pytest.raises(ModelError, match="other logits than before another arm was asked"):
        texts(base)


def test_a_weight_that_changes_while_another_arm_is_asked_is_caught(arm: Opener) -> None:
    import torch

    base, tuned = arm("tiny"), arm("tiny", adapter="tuned")
    assert texts(base) != texts(tuned)
    with torch.no_grad():
        base.engine().model.lm_head.weight.mul_(-1)
    with pytest.raises(ModelError, match="the base computes other logits"):
        texts(base)


def test_switching_between_many_arms_sings_the_same_song(arm: Opener) -> None:
    arms = [arm("tiny"), arm("tiny", adapter="tuned"), arm("tiny", adapter="other")]
    first = [texts(model) for model in arms]
    for order in ((2, 1, 0), (0, 2, 1), (1, 1, 2)):
        assert [texts(arms[i]) for i in order] == [first[i] for i in order]
    assert set(arms[0].engine().canary) == {None, arms[1].arm.adapter_key, arms[2].arm.adapter_key}


def test_an_adapter_that_fits_in_part_is_refused_by_name(arm: Opener, local_files: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = local_files / "partly"
    shutil.copytree(local_files / "tuned", folder)
    weights = load_file(folder / "adapter_model.safetensors")
    gone = next(name for name in sorted(weights) if "lora_B" in name)
    save_file({k: v for k, v in weights.items() if k != gone}, folder / "adapter_model.safetensors")
    with pytest.raises(ModelError, match=r"partly has no weights for .*lora_B"):
        texts(arm("tiny", adapter="partly"))


def test_nobody_is_answered_by_a_base_with_half_an_adapter(arm: Opener, local_files: Path) -> None:
    save_adapter(local_files / "wider-net", base=local_files / "tiny", seed=1)
    config = json.loads((local_files / "wider-net" / "adapter_config.json").read_text())
    (local_files / "wider-net" / "adapter_config.json").write_text(json.dumps(config | {"target_modules": ["q_proj"]}))
    wider = arm("tiny", adapter="wider-net")
    for model in (wider, wider, arm("tiny")):
        with pytest.raises(ModelError, match=r"wider-net has weights that fit nowhere on this base: .*down_proj"):
            texts(model)


def test_a_lora_on_gpt2_fits_though_its_matrices_lie_the_other_way(arm: Opener, local_files: Path) -> None:
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(2)
    save_tokenizer(local_files / "gpt2")
    config = GPT2Config(vocab_size=VOCABULARY, n_embd=HIDDEN, n_layer=1, n_head=HEADS, n_positions=256,
                        initializer_range=0.25, eos_token_id=1, bos_token_id=0)  # fmt: skip
    GPT2LMHeadModel(config).save_pretrained(local_files / "gpt2")
    save_lora(local_files / "on-gpt2", local_files / "gpt2", target_modules=["c_attn"], fan_in_fan_out=True)
    tuned = arm("gpt2", adapter="on-gpt2")
    assert texts(tuned) == alone(local_files / "gpt2", local_files / "on-gpt2", tuned)


@pytest.fixture
def brought(local_files: Path) -> Path:
    """An adapter as trl leaves it: two tokens added, embeddings resized, tokenizer and template beside the weights."""
    from transformers import AutoTokenizer

    folder = local_files / "trl"
    if not folder.is_dir():
        save_lora(folder, local_files / "tiny", tokens=VOCABULARY + 2)
        tokenizer = AutoTokenizer.from_pretrained(local_files / "tiny")
        tokenizer.add_special_tokens({"additional_special_tokens": NEW})
        tokenizer.chat_template = TEMPLATE.replace("[", "<tool>", 1)
        tokenizer.save_pretrained(folder)
    return folder


def test_an_adapters_own_tokenizer_template_and_embeddings_are_used_together(
    arm: Opener, brought: Path, local_files: Path
) -> None:
    base, tuned = arm("tiny"), arm("tiny", adapter="trl")
    before = texts(base)
    (prompt,) = tuned.renderer.prompts(QUESTIONS[:1])
    assert VOCABULARY in prompt.ids  # type: ignore[union-attr]
    assert texts(tuned) == alone(local_files / "tiny", brought, tuned, tokens=VOCABULARY + 2)
    assert texts(base) == before
    assert tuned.engine().vocabulary == VOCABULARY + 2
    assert base.engine().vocabulary == VOCABULARY


def test_what_an_adapter_brings_is_told_and_is_part_of_its_identity(
    arm: Opener, brought: Path, local_files: Path
) -> None:
    tuned = arm("tiny", adapter="trl")
    assert tuned.notes == (
        "trl is asked with what its adapter brings: its tokenizer adds 2 tokens (</tool>, <tool>); "
        "its chat template is its own",
    )
    assert arm("tiny", adapter="tuned").notes == ()
    fingerprints = {tuned.identity.fingerprint}
    for number, (name, old, new) in enumerate(
        [("tokenizer.json", "<tool>", "<call>"), ("chat_template.jinja", "<tool>", "<t>")]
    ):
        copy = local_files / f"trl-{number}"
        shutil.copytree(brought, copy)
        (copy / name).write_text((copy / name).read_text("utf-8").replace(old, new), "utf-8")
        fingerprints.add(arm("tiny", adapter=copy.name).identity.fingerprint)
    assert len(fingerprints) == 3


def test_a_template_in_the_tokenizer_config_counts_too(arm: Opener, brought: Path, local_files: Path) -> None:
    copy = local_files / "trl-older"
    shutil.copytree(brought, copy)
    (copy / "chat_template.jinja").unlink()
    path = copy / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"chat_template": "!{{ messages[-1].content }}"}))
    (prompt,) = arm("tiny", adapter=copy.name).renderer.prompts(QUESTIONS[:1])
    assert arm("tiny", adapter=copy.name).renderer.tokenizer.decode(list(prompt.ids)) == "!red"  # type: ignore[union-attr]


def test_a_tokenizer_with_more_tokens_than_the_model_is_refused(arm: Opener, brought: Path, local_files: Path) -> None:
    copy = local_files / "tokenizer-alone"
    shutil.copytree(brought, copy)
    for name in ("adapter_model.safetensors", "adapter_config.json"):
        shutil.copy(local_files / "tuned" / name, copy / name)
    with pytest.raises(ModelError, match=r"writes token 260, and the model knows 260 tokens"):
        texts(arm("tiny", adapter=copy.name))


def test_engines_of_changing_adapters_leave_memory_with_their_arm(arm: Opener, biased: Path) -> None:
    tuned = arm("biased", adapter="bias-all")
    tuned.engine()
    key = tuned.arm.key
    tuned.close()
    assert key not in loading._ENGINES


def test_arms_samplings_and_choices_in_any_order_answer_as_if_alone(arm: Opener, biased: Path) -> None:
    import random

    asked = [
        *(ask(word, id=f"g{word}") for word in ("red", "tall old house")),
        *(ask(word, id=f"s{word}", temperature=1.0, top_p=0.9, seed=3) for word in ("red", "late")),
        *(ask(word, id=f"n{word}", temperature=None) for word in ("red", "blue")),
        *(ask(word, id=f"c{word}", choices=("yes", "no, never")) for word in ("red", "green")),
    ]
    names = (None, "bias-none", "bias-all", "bias-lora_only")
    arms = [arm("biased", **({"adapter": name} if name else {})) for name in names]
    expected: list[dict[str, object]] = []
    for model in arms:
        expected.append({r.example_id: (r.text, r.choice_scores) for r in model.answer(asked)})
    assert len({str(sorted(one.items())) for one in expected}) == len(arms)
    rng = random.Random(9)
    for _ in range(12):
        number, request = rng.randrange(len(arms)), rng.choice(asked)
        (response,) = arms[number].answer([request])
        text, scores = expected[number][request.example_id]  # type: ignore[misc]
        assert response.text == text
        assert response.choice_scores == pytest.approx(scores, abs=1e-4)
