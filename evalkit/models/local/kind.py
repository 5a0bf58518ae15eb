"""Whether a folder holds a model that writes text, told from its config alone; no torch."""

from __future__ import annotations

import re
from typing import Any

from evalkit.core.errors import ModelError, Problem
from evalkit.models.local.source import Source

OTHERS = (
    (re.compile(r"SequenceClassification|RewardModel|ForScore"), "a classifier or reward model: it gives a number"),
    (
        re.compile(r"MaskedLM|PreTraining|TokenClassification|QuestionAnswering|NextSentence|MultipleChoice"),
        "an encoder: it fills gaps or labels text",
    ),
    (
        re.compile(r"Image|Vision|ViT|Object|Segmentation|Depth|Audio|Speech|CTC|Video|CLIP(?!.*Causal)|Keypoint"),
        "a model of images or sounds",
    ),
)
WRITES = re.compile(r"CausalLM|LMHead|ConditionalGeneration|ForGeneration|ForTextGeneration")


def require_writer(source: Source) -> dict[str, Any]:
    """Return the config of a model that writes text.

    Raises ModelError, naming what it is instead, for any other.
    """
    config = source.read_json("config.json")
    if not config:
        raise ModelError(
            Problem(
                what=f"{source.folder} holds no model: it has no config.json",
                allowed="a folder written by save_pretrained, or an adapter's folder as `adapter:`",
            )
        )
    classes = [str(name) for name in config.get("architectures") or []]
    named = f"{source.label} ({', '.join(classes) or config.get('model_type')})"
    if config.get("is_encoder_decoder"):
        raise ModelError(
            Problem(
                what=f"{named} is an encoder-decoder model, which provider local does not ask",
                allowed="a causal language model (architectures: ...ForCausalLM)",
                todo="serve it with an OpenAI-compatible server and ask it with provider openai",
            )
        )
    if classes and not any(WRITES.search(name) for name in classes):
        for pattern, sentence in OTHERS:
            if any(pattern.search(name) for name in classes):
                raise ModelError(
                    Problem(
                        what=f"{named} is {sentence}, and cannot write answers",
                        allowed="a causal language model (architectures: ...ForCausalLM)",
                    )
                )
    return config
