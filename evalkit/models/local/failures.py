"""Why a model could not be loaded, as a sentence that names the cause."""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evalkit.core.errors import ModelError, Problem
from evalkit.models.local.weights import list_pickled

SHOWN = 5


def cause(error: BaseException, folder: Path, *, dtype: str, device: str) -> Problem:
    """Name the cause of an error.

    It is memory, disk, a missing package, code of its own, an unknown type, or a damaged file.
    """
    text = " ".join(str(error).split())
    what = f"the model in {folder} cannot be loaded"
    if is_out_of_memory(error):
        files = [*folder.glob("*.safetensors"), *list_pickled(folder)]
        size = sum(path.stat().st_size for path in files) / 1e9
        return Problem(
            what=f"{what}: memory runs out on {device} ({size:.1f} GB of files, loaded as {dtype}): {text}",
            todo="choose a smaller model, `dtype: bfloat16`, or another device",
        )
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return Problem(what=f"{what}: the disk is full: {text}", todo="free space, or set HF_HOME to another disk")
    if isinstance(error, ImportError):
        return Problem(what=f"{what}: a package that it needs is not installed: {text}", todo="install that package")
    if "trust_remote_code" in text or "custom code" in text:
        return Problem(
            what=f"{what}: it needs Python code of its own, which is not run unless you say so",
            todo="read that code, then write `trust_remote_code: true` for this model in models.yaml, and for a hub "
            "model the commit that you read as `revision:`",
        )
    if "does not recognize this architecture" in text or "Should have a `model_type`" in text:
        return Problem(
            what=f"{what}: the installed transformers does not know its model_type: {text}",
            todo="install a newer transformers, or correct model_type in config.json",
        )
    if "Unrecognized configuration class" in text:
        return Problem(
            what=f"{what}: its model_type is none that writes text", allowed="a causal language model (...ForCausalLM)"
        )
    if type(error).__name__ == "SafetensorError":
        return Problem(what=f"{what}: a file of weights is damaged: {text}", todo="download or save the model again")
    return Problem(what=f"{what}: {type(error).__name__}: {text or 'no reason given'}")


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error says that memory ran out, on GPU or CPU."""
    text = str(error)
    return isinstance(error, MemoryError) or "out of memory" in text or "can't allocate memory" in text


def require_all_weights(report: Mapping[str, Any], folder: Path) -> None:
    """Raise ModelError when weights were missing, of another shape, or not used.

    They would be random, or lost.
    """
    problems = []
    for key, sentence, todo in (
        ("missing_keys", "are missing and would be random", "save the whole model again (with its lm_head)"),
        ("mismatched_keys", "have another shape than config.json says", "use the config.json that belongs to them"),
        ("unexpected_keys", "belong to no part of the model that config.json describes",
         "use the config.json that belongs to them; an adapter belongs under `adapter:`"),
    ):  # fmt: skip
        names = sorted(map(_name, report.get(key) or ()))
        if names:
            problems.append(
                Problem(what=f"{len(names)} weights in {folder} {sentence}: {_list_some(names)}", todo=todo)
            )  # fmt: skip
    if problems:
        raise ModelError(problems)


def require_fitting(left: Any, folder: Path) -> None:
    """Raise ModelError when an adapter's weights do not fit this base.

    They do not when some are not there, or fit nowhere on it.
    """
    for names, sentence in (
        (left.missing_keys, "has no weights for"),
        (left.unexpected_keys, "has weights that fit nowhere on this base:"),
    ):
        if names:
            raise ModelError(
                Problem(
                    what=f"the adapter {folder} {sentence} {_list_some(sorted(names))}",
                    todo="choose the base that it was trained on, or save the adapter again",
                )
            )


def _name(entry: object) -> str:
    """A key alone, or with the two shapes that differ."""
    if isinstance(entry, (tuple, list)) and len(entry) == 3:
        return f"{entry[0]} {tuple(entry[1])} instead of {tuple(entry[2])}"
    return str(entry[0] if isinstance(entry, (tuple, list)) else entry)


def _list_some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
