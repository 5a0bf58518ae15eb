"""A GGUF file of one's own becomes an ordinary model folder once: dequantised, in the cache, known by content."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from evalkit.core.errors import ModelError, Problem
from evalkit.core.exchange import Json
from evalkit.core.fingerprint import digest, file_digest
from evalkit.models.local.cache import remembered_digest
from evalkit.models.local.need import need

GGUF = ".gguf"
BESIDE = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja")
"""Files of a tokenizer that go before what the GGUF says, where the first of them is there"""
SIDECAR = "evalkit_converted.json"
LAYOUT = 1
"""Raised when the conversion itself changes, so that folders made by an older evalkit are made again"""
_PARTS = re.compile(r"-\d{5}-of-\d{5}$")
_NO_LETTER = re.compile(r"[^\w.-]+")


def ensure_converted(path: Path, cache: Path, *, progress: Callable[[str], None]) -> Path:
    """Return the folder of a GGUF file, made where it is missing or damaged.

    A tokenizer.json beside the file is its tokenizer; else it is made of what the file says. Raises ModelError for a
    file that transformers cannot read, and for one of several parts.
    """
    if _PARTS.search(path.stem):
        todo = "join the parts first: llama-gguf-split --merge FIRST_PART WHOLE.gguf"
        raise ModelError(Problem(what=f"{path} is one part of a model", todo=todo))
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise ModelError(Problem(what=f"{path} is no GGUF file", todo="download it again"))
    folder = folder_of(path, cache)
    if is_sound(folder, cache, SIDECAR):
        return folder
    need("torch", "transformers", "safetensors", "gguf", "accelerate", purpose=f"converting {path.name}")
    progress(f"Converting {path.name} to an ordinary model folder; this happens once")
    build_folder(path, folder, sidecar=SIDECAR, note={"source": path.name, "layout": LAYOUT})
    return folder


def folder_of(path: Path, cache: Path) -> Path:
    """Return where a GGUF file's folder lies, or will lie."""
    beside = [path.parent / name for name in BESIDE]
    sums = [remembered_digest(file, cache) for file in beside if file.is_file()] if beside[0].is_file() else []
    own = f"-{digest(sums)[:8]}" if sums else ""
    name = _NO_LETTER.sub("_", path.stem)[:60]
    return cache / "models" / f"{name}-{remembered_digest(path, cache)[:12]}{own}-g{LAYOUT}"


def build_folder(source: Path, folder: Path, *, sidecar: str, note: Mapping[str, Json]) -> None:
    """Convert a GGUF beside the final place, then rename.

    Nobody ever sees half a model.

    Raises ModelError where it cannot be read, or cannot be kept.
    """
    from evalkit.models.local.convert import convert

    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        outer = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".draft-"))
    except OSError as error:
        raise _no_room(folder, error, source) from error
    draft = outer / folder.name
    try:
        draft.mkdir()  # unlike the folder around it, readable to whom the user's umask allows
        convert(source, draft)
        _settle(draft, folder, sidecar=sidecar, note=note)
    except OSError as error:
        raise _no_room(folder, error, source) from error
    finally:
        shutil.rmtree(outer, ignore_errors=True)


def _settle(draft: Path, folder: Path, *, sidecar: str, note: Mapping[str, Json]) -> None:
    sums = {file.name: file_digest(file) for file in sorted(draft.iterdir())}
    (draft / sidecar).write_text(json.dumps({**note, "files": sums}, indent=2, sort_keys=True) + "\n", "utf-8")
    if folder.exists():
        shutil.rmtree(folder)
    try:
        os.replace(draft, folder)
    except OSError:
        if not (folder / sidecar).is_file():  # else another process finished first, with the same bytes
            raise


def _no_room(folder: Path, error: OSError, source: Path) -> ModelError:
    size = 8 * source.stat().st_size / 1e6  # four bytes a weight, of half a byte
    return ModelError(
        Problem(
            what=f"cannot keep the converted model in {folder.parent}: {error}",
            todo=f"free about {max(600, round(size, -2)):,.0f} MB there, or set EVALKIT_CACHE to a folder that can be "
            "written",
        )
    )


def is_sound(folder: Path, cache: Path, sidecar: str) -> bool:
    """Tell whether a converted folder is complete and holds the bytes its sidecar promises."""
    try:
        files: dict[str, str] = json.loads((folder / sidecar).read_text("utf-8"))["files"]
        return bool(files) and all(remembered_digest(folder / name, cache) == sha for name, sha in files.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
