"""Quantised weights: what each method needs, whether the files fit it, and what transformers is given."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from evalkit.core.errors import ModelError, Problem
from evalkit.core.exchange import Json
from evalkit.models.local.source import Source

PACKAGES: Mapping[str, tuple[str, ...]] = {
    "bnb-4bit": ("bitsandbytes", "accelerate"),
    "bnb-8bit": ("bitsandbytes", "accelerate"),
    "gptq": ("gptqmodel", "optimum"),
    "awq": ("gptqmodel", "accelerate"),
    "torchao": ("torchao", "accelerate"),
}
"""What has to be installed, beside torch and transformers"""
SETTINGS: Mapping[str, Mapping[str, Json]] = {
    "bnb-4bit": {"type": "nf4", "double": True},
    "bnb-8bit": {"threshold": 6.0},
    "gptq": {},
    "awq": {},
    "torchao": {"weights": "int8"},
}
"""What decides the numbers: the usual settings of QLoRA, LLM.int8() and int8 weight-only"""
DEPENDENT = ("bnb-8bit",)
"""What computes large columns of a pass in another precision: every token depends on what is read with it, so no other
way gives the same logits, and requests are asked one at a time as `generate` asks them"""
_METHOD = {"bnb-4bit": "bitsandbytes", "bnb-8bit": "bitsandbytes", "gptq": "gptq", "awq": "awq", "torchao": "torchao"}
_WHILE_LOADING = ("bnb-4bit", "bnb-8bit", "torchao")


def check_quantization(wanted: str | None, source: Source) -> None:
    """Raise ModelError where a model is not quantised as its spec says.

    Nothing is loaded. Files that are quantised already need no `quantization`: their config says how.
    """
    if wanted is None:
        return
    kept = source.read_json("config.json").get("quantization_config")
    found = kept.get("quant_method") if isinstance(kept, Mapping) else None
    if wanted not in _WHILE_LOADING and found != _METHOD[wanted]:
        says = f"its config.json says {found}" if found else "its weights are not quantised"
        raise ModelError(
            Problem(
                what=f"quantization: {wanted} reads weights that were quantised so, and of {source.label} {says}",
                allowed=f"a model quantised with {wanted}; or {', '.join(_WHILE_LOADING)}: they quantise while loading",
            )
        )
    if wanted in _WHILE_LOADING and found is not None:
        raise ModelError(
            Problem(
                what=f"quantization: {wanted}, but {source.label} is quantised already: its config.json says {found}",
                todo="take `quantization` out (the config says how to read it), or give the weights in full precision",
            )
        )


def need_packages(wanted: str | None) -> None:
    """Raise ModelError that names the packages which a method lacks.

    It comes before any weights are read.
    """
    missing = [package for package in PACKAGES.get(wanted or "", ()) if find_spec(package) is None]
    if missing:
        raise ModelError(
            Problem(
                what=f"quantization: {wanted} needs the package {' and '.join(missing)}, which is not installed",
                todo=f"pip install {' '.join(missing)}",
            )
        )


def describe_quantization(wanted: str, *, device: str, device_map: Json) -> dict[str, Json]:
    """Return what of a quantised model decides its answers.

    Kernels of CPUs and GPUs round differently, and what a device map leaves out stays in full precision.
    """
    told: dict[str, Json] = {"method": wanted, **SETTINGS[wanted], "device": device.partition(":")[0]}
    return told if device_map is None else {**told, "device_map": device_map}


def config_for(wanted: str | None, dtype: Any) -> Any:
    """Return the config that transformers is given; None where the files themselves say how."""
    if wanted not in _WHILE_LOADING:
        return None
    settings = SETTINGS[wanted]
    if wanted == "torchao":
        from torchao.quantization import Int8WeightOnlyConfig
        from transformers import TorchAoConfig

        return TorchAoConfig(Int8WeightOnlyConfig())
    from transformers import BitsAndBytesConfig

    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # it says of every layer how it casts
    if wanted == "bnb-8bit":
        return BitsAndBytesConfig(load_in_8bit=True, llm_int8_threshold=settings["threshold"])
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type=settings["type"],
        bnb_4bit_use_double_quant=settings["double"],
        bnb_4bit_compute_dtype=dtype,
    )
