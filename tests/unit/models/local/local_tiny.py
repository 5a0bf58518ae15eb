"""Models small enough to compute in a blink: random weights, a byte tokenizer, a chat template that writes BOS."""

from __future__ import annotations

from pathlib import Path

from evalkit.core.exchange import Message, Request, Sampling
from evalkit.core.fingerprint import add_keys

TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}[{{ message['role'] }}]{{ message['content'] }}{% endfor %}"
    "{% if add_generation_prompt %}[assistant]{% endif %}"
)
HIDDEN, HEADS, VOCABULARY = 32, 4, 260


def save_tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    special = ["<s>", "</s>", "<pad>", "<unk>"]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={t: i for i, t in enumerate([*special, *letters])}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(special)
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>"
    )
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)


def save_model(folder: Path, *, seed: int, hidden: int = HIDDEN) -> None:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=hidden, intermediate_size=2 * hidden, num_hidden_layers=2,
        num_attention_heads=HEADS, num_key_value_heads=2, max_position_embeddings=512, initializer_range=0.25,
        bos_token_id=0, eos_token_id=1, pad_token_id=2,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)


def save_windowed(folder: Path) -> None:
    import torch
    from transformers import MistralConfig, MistralForCausalLM

    torch.manual_seed(4)
    config = MistralConfig(
        vocab_size=VOCABULARY, hidden_size=HIDDEN, intermediate_size=64, num_hidden_layers=2, sliding_window=4,
        num_attention_heads=HEADS, num_key_value_heads=2, max_position_embeddings=512, initializer_range=0.25,
        bos_token_id=0, eos_token_id=1, pad_token_id=2,
    )  # fmt: skip
    MistralForCausalLM(config).save_pretrained(folder)


def save_adapter(folder: Path, *, base: Path, seed: int, named: str | None = None) -> None:
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(seed)
    config = LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "down_proj"], init_lora_weights=False)
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), config)
    model.peft_config["default"].base_model_name_or_path = named or "someone/tiny-base"
    model.save_pretrained(folder, save_embedding_layers=False)


def ask(
    text: str, *, id: str | None = None, repeat: int = 0, choices: tuple[str, ...] = (), **sampling: object
) -> Request:
    """A request behind a system prompt that all share."""
    made = Sampling(**{"max_tokens": 12, **sampling})  # type: ignore[arg-type]
    messages = (
        Message(role="system", content="Be a good clerk, and answer in one word."),
        Message(role="user", content=text),
    )
    request = Request(example_id=id or text, messages=messages, sampling=made, choices=choices, repeat=repeat)
    return add_keys(request, model_fingerprint="any")
