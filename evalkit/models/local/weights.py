"""What weight files hold, read from their headers alone; and whether they are whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from evalkit.core.errors import ModelError, Problem

Shapes = dict[str, tuple[int, ...]]
POINTER = b"version https://git-lfs.github.com/spec/"
INDEX = "*.safetensors.index.json"
PICKLED = ("pytorch_model*.bin", "adapter_model*.bin")
"""Weights as Python's pickle; a trainer's own .bin files (optimizer, training_args) are none"""


def shapes(folder: Path) -> Shapes:
    """Read the shape of each tensor in a folder's .safetensors files.

    Nothing but the headers is read.
    """
    found: Shapes = {}
    for path in sorted(folder.glob("*.safetensors")):
        header = _header(path)
        found |= {name: tuple(entry["shape"]) for name, entry in header.items() if name != "__metadata__"}
    return found


def check_whole(folder: Path) -> None:
    """Raise ModelError for weight files that are not whole.

    It names all problems at once: files that are pointers, cut off, or missing.
    """
    problems = [*_find_damaged(folder), *_find_missing(folder)]
    if problems:
        raise ModelError(problems)


def list_pickled(folder: Path) -> list[Path]:
    """List the weights that are kept as .bin, where there are no others."""
    if any(folder.glob("*.safetensors")):
        return []
    return sorted({path for pattern in PICKLED for path in folder.glob(pattern)})


def _find_damaged(folder: Path) -> Iterator[Problem]:
    for path in list_pickled(folder):
        with path.open("rb") as file:
            if file.read(len(POINTER)) == POINTER:
                yield _pointer(path)
    for path in sorted(folder.glob("*.safetensors")):
        try:
            _header(path)
        except ModelError as error:
            yield from error.problems


def _find_missing(folder: Path) -> Iterator[Problem]:
    """Shards that an index names and that are not there."""
    indices = [*folder.glob(INDEX), *(folder.glob("pytorch_model.bin.index.json") if list_pickled(folder) else ())]
    for index in sorted(indices):
        try:
            named = set(json.loads(index.read_text("utf-8"))["weight_map"].values())
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            yield Problem(
                what=f"{index} is not an index of weights: {error!r}", todo="download or save the model again"
            )
            continue
        absent = sorted(name for name in named if not (folder / str(name)).is_file())
        if absent:
            yield Problem(
                what=f"{len(absent)} of {len(named)} files of weights are missing in {folder}: {', '.join(absent[:5])}",
                todo="download or save the model again",
            )


def _header(path: Path) -> dict[str, dict[str, list[int]]]:
    """The header of a .safetensors file whose length is the one that the header promises."""
    with path.open("rb") as file:
        start = file.read(len(POINTER))
        if start == POINTER:
            raise ModelError(_pointer(path))
        try:
            file.seek(0)
            size = int.from_bytes(file.read(8), "little")
            header: dict[str, dict[str, list[int]]] = json.loads(file.read(size))
            end = max((v["data_offsets"][1] for k, v in header.items() if k != "__metadata__"), default=0)
        except (ValueError, OverflowError, MemoryError, AttributeError, KeyError, TypeError, IndexError) as error:
            raise ModelError(
                Problem(
                    what=f"{path} is not a whole safetensors file: {error}", todo="download or save the model again"
                )
            ) from error
    found = path.stat().st_size
    if found != 8 + size + end:
        raise ModelError(
            Problem(
                what=f"{path} is not a whole safetensors file: it has {found:,} bytes, its header promises "
                f"{8 + size + end:,}",
                todo="download or save the model again",
            )
        )
    return header


def _pointer(path: Path) -> Problem:
    return Problem(
        what=f"{path} is a pointer of Git LFS, not the file it stands for",
        todo="fetch the files themselves: `git lfs pull` in that folder",
    )
