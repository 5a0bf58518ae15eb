"""Whether an adapter belongs to the base it is put on, and what it changes there; read from files, without torch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evalkit.core.errors import ModelError, Problem
from evalkit.models.local.source import HUB_ID, Source
from evalkit.models.local.weights import Shapes, check_whole, shapes

LOW_RANK = re.compile(r"base_model\.model\.(?P<module>.+)\.lora_(?P<side>[AB])\.weight")
ADDED = re.compile(r"(^|[._])(lora|ia3|hada|lokr|oft|vera|boft|fourierft|hra|vblora|randlora|c3a|delora|ln_tuning)")
"""Names of what an adapter adds; every other weight in its file takes the place of one of the base"""
VOCABULARY = re.compile(r"(embed|wte|lm_head|word_embeddings|output_layer)[\w.]*\.weight$")
CONV1D = frozenset({"c_attn", "c_proj", "c_fc", "q_attn"})
PROMPTS = frozenset({"PROMPT_TUNING", "PREFIX_TUNING", "P_TUNING", "MULTITASK_PROMPT_TUNING", "ADAPTION_PROMPT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What an adapter changes of its base for good.

    `why` is empty for one that can be switched off again.
    """

    why: str = ""
    tokens: int | None = None
    """How many tokens its embeddings have, where that is not the base's number"""


def check_adapter(adapter: Source, base: Source) -> Changes:
    """Check that an adapter fits, and return what it changes of its base.

    Raises ModelError, naming both bases, when they do not fit.

    The shapes of the low-rank matrices decide. The name `base_model_name_or_path` counts only where both sides are
    names (hub ids or the embedded model): a folder may lie under any name. A base whose files are not there yet is
    held against its name alone.
    """
    config = adapter.read_json("adapter_config.json")
    if not config:
        raise ModelError(
            Problem(what=f"{adapter.folder} is no PEFT adapter: it has no adapter_config.json", todo="give its folder")
        )
    check_whole(adapter.folder)
    named = str(config.get("base_model_name_or_path") or "")
    own, below = shapes(adapter.folder), shapes(base.folder)
    tokens = _tokens(own, below)
    reason = _name_clash(named, base.label) or _shape_clash(own, below, tokens=tokens)
    if reason:
        raise ModelError(
            Problem(
                what=f"the adapter {adapter.label} was trained on {named or 'a base it does not name'}, "
                f"but is put on {base.label}: {reason}",
                todo="set model: to the base that the adapter names, or choose another adapter",
            )
        )
    kind = str(config.get("peft_type") or "LORA")
    if kind in PROMPTS:
        raise ModelError(
            Problem(what=f"the adapter {adapter.label} is of type {kind}, which changes prompts, not weights",
                    allowed="LoRA and other adapters that change weights")
        )  # fmt: skip
    return Changes(why=_why(config, own, tokens), tokens=tokens)


def _why(config: Mapping[str, Any], own: Shapes, tokens: int | None) -> str:
    """A sentence about what stays changed when the adapter is switched off; empty when nothing does."""
    if tokens is not None:
        return f"its embeddings have {tokens} tokens"
    if config.get("bias") not in (None, "none"):
        return f"it was trained with bias: {config['bias']}"
    apart = [str(name) for name in config.get("modules_to_save") or ()]
    apart += [str(config["trainable_token_indices"])] if config.get("trainable_token_indices") else []
    for name in sorted(own):
        place = name.removeprefix("base_model.model.")
        kept_apart = "trainable_tokens" in place or any(f".{module}." in f".{place}." for module in apart)
        if not kept_apart and not ADDED.search(place):
            return f"it brings {place} whole"
    return ""


def _tokens(adapter: Shapes, base: Shapes) -> int | None:
    """How many tokens the adapter's embeddings have, where the base has another number."""
    for name, shape in sorted(adapter.items()):
        place = name.removeprefix("base_model.model.")
        target = base.get(place)
        if target and len(shape) == 2 and VOCABULARY.search(place) and shape[1] == target[1] and shape[0] != target[0]:
            return shape[0]
    return None


def _name_clash(named: str, given: str) -> str:
    """A sentence when both are names of models and not of the same one."""
    if not (_is_name(named) and _is_name(given)) or _short(named) == _short(given):
        return ""
    return "another model by name"


def _is_name(label: str) -> bool:
    return label.startswith("embedded:") or ("/" in label and HUB_ID.fullmatch(label) is not None)


def _short(label: str) -> str:
    return label.removeprefix("embedded:").rsplit("/", 1)[-1].casefold()


def _shape_clash(adapter: Shapes, base: Shapes, *, tokens: int | None) -> str:
    """A sentence about the first low-rank matrix that does not fit; empty when all fit, or nothing can be told."""
    if not base:
        return ""
    for name, shape in sorted(adapter.items()):
        match = LOW_RANK.fullmatch(name)
        if match is None or len(shape) != 2:
            continue
        target = base.get(f"{match['module']}.weight")
        if target is None and match["module"] == "lm_head":
            continue  # tied to the embeddings, and so not written twice
        if target is None:
            return f"the base has no {match['module']}"
        side = 1 if match["side"] == "A" else 0
        turned = match["module"].rsplit(".", 1)[-1] in CONV1D  # kept as input x output there
        if len(target) == 2 and shape[side] not in (target[1 - side if turned else side], tokens):
            return f"{match['module']} is {target[0]} x {target[1]} there, the adapter's matrix {shape[0]} x {shape[1]}"
    return ""
