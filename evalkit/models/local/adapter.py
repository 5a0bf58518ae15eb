"""Whether an adapter belongs to the base it is put on; read from files, without torch."""

from __future__ import annotations

import re

from evalkit.core.errors import ModelError, Problem
from evalkit.models.local.source import HUB_ID, Source
from evalkit.models.local.weights import Shapes, shapes

LOW_RANK = re.compile(r"base_model\.model\.(?P<module>.+)\.lora_(?P<side>[AB])\.weight")


def check_adapter(adapter: Source, base: Source) -> None:
    """Raise ModelError, naming the base the adapter was trained on and the one given, when they do not fit.

    The shapes of the low-rank matrices decide. The name `base_model_name_or_path` counts only where both sides are
    names (hub ids or the embedded model): a folder may lie under any name. A base whose files are not there yet is
    held against its name alone.
    """
    config = adapter.read_json("adapter_config.json")
    if not config:
        raise ModelError(
            Problem(what=f"{adapter.folder} is no PEFT adapter: it has no adapter_config.json", todo="give its folder")
        )
    named = str(config.get("base_model_name_or_path") or "")
    reason = _name_clash(named, base.label) or _shape_clash(shapes(adapter.folder), shapes(base.folder))
    if reason:
        raise ModelError(
            Problem(
                what=f"the adapter {adapter.label} was trained on {named or 'a base it does not name'}, "
                f"but is put on {base.label}: {reason}",
                todo="set model: to the base that the adapter names, or choose another adapter",
            )
        )
    kind = str(config.get("peft_type") or "LORA")
    if kind in {"PROMPT_TUNING", "PREFIX_TUNING", "P_TUNING", "MULTITASK_PROMPT_TUNING", "ADAPTION_PROMPT"}:
        raise ModelError(
            Problem(what=f"the adapter {adapter.label} is of type {kind}, which changes prompts, not weights",
                    allowed="LoRA and other adapters that change weights")
        )  # fmt: skip


def _name_clash(named: str, given: str) -> str:
    """A sentence when both are names of models and not of the same one."""
    if not (_is_name(named) and _is_name(given)) or _short(named) == _short(given):
        return ""
    return "another model by name"


def _is_name(label: str) -> bool:
    return label.startswith("embedded:") or ("/" in label and HUB_ID.fullmatch(label) is not None)


def _short(label: str) -> str:
    return label.removeprefix("embedded:").rsplit("/", 1)[-1].casefold()


def _shape_clash(adapter: Shapes, base: Shapes) -> str:
    """A sentence about the first low-rank matrix that does not fit; empty when all fit, or nothing can be told."""
    if not base:
        return ""
    for name, shape in sorted(adapter.items()):
        match = LOW_RANK.fullmatch(name)
        if match is None or len(shape) != 2:
            continue
        target = base.get(f"{match['module']}.weight")
        if target is None:
            return f"the base has no {match['module']}"
        side = 1 if match["side"] == "A" else 0
        if len(target) == 2 and shape[side] != target[side]:
            return f"{match['module']} is {target[0]} x {target[1]} there, the adapter's matrix {shape[0]} x {shape[1]}"
    return ""
