"""What weight files hold, read from their headers alone."""

from __future__ import annotations

import json
from pathlib import Path

from evalkit.core.errors import ModelError, Problem

Shapes = dict[str, tuple[int, ...]]


def shapes(folder: Path) -> Shapes:
    """Tensor name to shape, over all .safetensors files of a folder; nothing but the headers is read."""
    found: Shapes = {}
    for path in sorted(folder.glob("*.safetensors")):
        try:
            with path.open("rb") as file:
                header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        except (ValueError, OverflowError, MemoryError) as error:
            raise ModelError(Problem(what=f"{path} is not a whole safetensors file: {error}")) from error
        found |= {name: tuple(entry["shape"]) for name, entry in header.items() if name != "__metadata__"}
    return found
