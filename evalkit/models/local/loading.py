"""Engines of this process: one for each base, loaded when first needed, dropped when nobody uses it any more."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from evalkit.core.errors import ModelError, Problem
from evalkit.models.local.device import read_count, threads
from evalkit.models.local.engine import Engine, Room
from evalkit.models.local.failures import cause, require_all_weights
from evalkit.models.local.need import need
from evalkit.models.local.quantize import DEPENDENT, config_for, need_packages
from evalkit.models.local.quiet import quiet
from evalkit.models.local.ways import Ways


class Key(NamedTuple):
    """What engines are told apart by."""

    weights: str
    """Fingerprint of the base weights, and of an adapter that changes them"""
    dtype: str
    device: str
    quantization: str | None = None
    device_map: str | None = None
    """As JSON"""


DeviceMap = str | Mapping[str, int | str]
ONE_BY_ONE = Ways(reach=0, batches=False, caches=True)
_ENGINES: dict[Key, tuple[Engine, int]] = {}
_LOCK = threading.Lock()


def borrow(key: Key, folder: Path, *, pad: int, code: bool = False, loads: Callable[[], None] = lambda: None) -> Engine:
    """Return the engine of a base; every `borrow` wants one `give_back`.

    `loads` hears before weights are loaded for it.
    """
    with _LOCK:
        if key not in _ENGINES:
            for resting in [other for other, (_, users) in _ENGINES.items() if users == 0]:
                del _ENGINES[resting]
            loads()
            _ENGINES[key] = (_load_for(key, folder, pad=pad, code=code), 0)
        engine, users = _ENGINES[key]
        _ENGINES[key] = (engine, users + 1)
        return engine


def _load_for(key: Key, folder: Path, *, pad: int, code: bool) -> Engine:
    plan = None if key.device_map is None else json.loads(key.device_map)
    more = {} if key.quantization is None and plan is None else {"quantization": key.quantization, "device_map": plan}
    return load(folder, dtype=key.dtype, device=key.device, pad=pad, code=code, **more)


def _room(device: str) -> Room:
    """What a pass may take on a device; ``$EVALKIT_ROWS`` trades time for memory."""
    usual = Room.for_device(device)
    return replace(usual, rows=read_count(os.environ, "EVALKIT_ROWS") or usual.rows)


def give_back(key: Key) -> None:
    """Stop using an engine; the last user's leave frees the weights."""
    with _LOCK:
        engine, users = _ENGINES.pop(key)
        if users > 1:
            _ENGINES[key] = (engine, users - 1)


def rest(key: Key) -> None:
    """Stop using an engine for now.

    Its weights stay until another base is loaded; `forget` frees them where nobody uses them again.
    """
    with _LOCK:
        engine, users = _ENGINES[key]
        _ENGINES[key] = (engine, users - 1)


def forget(key: Key) -> None:
    """Free an engine that rests.

    One in use, or gone already, is left as it is.
    """
    with _LOCK:
        if _ENGINES.get(key, (None, 1))[1] == 0:
            del _ENGINES[key]


def load(
    folder: Path,
    *,
    dtype: str,
    device: str,
    pad: int,
    code: bool = False,
    quantization: str | None = None,
    device_map: DeviceMap | None = None,
) -> Engine:
    """Load a base and prove which ways of computing it allows.

    Raises ModelError when it cannot be loaded.
    """
    need()
    need_packages(quantization)
    import torch

    from evalkit.models.local.probe import probe_ways

    if device_map is None:
        check_device(device)
    torch.set_num_threads(threads(os.environ, usual=torch.get_num_threads()))
    try:
        placed = device_map if device_map is not None or quantization is None else {"": device}
        model, report = _read(folder, dtype=dtype, code=code, quantization=quantization, device_map=placed)
        require_all_weights(report, folder)
        if placed is None:
            model = model.to(device)
        else:
            device = str(model.device)  # that of its embeddings: where a prompt goes in
        engine = Engine(model=model.eval(), device=device, pad=pad, room=_room(device))
    except ModelError:
        raise
    except Exception as error:  # each library behind it raises its own
        raise ModelError(cause(error, folder, dtype=dtype, device=device)) from error
    engine.ways = ONE_BY_ONE if quantization in DEPENDENT else probe_ways(engine)
    engine.sing()
    return engine


def _read(
    folder: Path, *, dtype: str, code: bool, quantization: str | None, device_map: DeviceMap | None
) -> tuple[Any, Mapping[str, Any]]:
    """The model, and which weights were missing, of another shape, or not used. Its own code runs only with `code`."""
    import torch
    from transformers import AutoModelForCausalLM

    more: dict[str, Any] = {} if device_map is None else {"device_map": device_map}
    if (settings := config_for(quantization, getattr(torch, dtype))) is not None:
        more["quantization_config"] = settings
    with quiet():
        model, report = AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=getattr(torch, dtype),
            local_files_only=True,
            trust_remote_code=code,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # told by name, with all the others
            **more,
        )
    return model, report


def check_device(device: str) -> None:
    """Raise ModelError where torch cannot compute on a device.

    It does so before any weights are loaded for it.
    """
    import torch

    gpus = [f"cuda:{i}" for i in range(torch.cuda.device_count())]
    try:
        wanted = torch.device(device)
        if wanted.type == "cuda" and not torch.cuda.is_available():
            raise ModelError(
                Problem(
                    what="there is a GPU, or one was asked for, but this torch cannot use it",
                    todo="install a torch built for CUDA, or write `device: cpu` in models.yaml",
                )
            )
        torch.zeros(1, device=wanted)
    except (RuntimeError, AssertionError) as error:  # what torch raises for names and for devices
        known = ", ".join([*(["cuda"] if gpus else []), *gpus, "cpu"])
        raise ModelError(
            Problem(what=f"there is no device {device!r} here", allowed=known, todo="change `device:` in models.yaml")
        ) from error
