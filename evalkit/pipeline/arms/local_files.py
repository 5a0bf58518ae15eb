"""What a local model names that is not there, told from the spec alone: nothing is opened, no network is asked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from evalkit.core.errors import Problem, did_you_mean
from evalkit.models.open import reads_folders
from evalkit.suite.spec import ModelSpec


def is_path(label: str, folder: Path) -> bool:
    """Tell whether an `adapter:` is plainly a path.

    Relative ones start at `folder`. Two names and a slash are a hub id where no folder has the first name.
    """
    return _is_written_as_path(label) or "/" not in label or (folder / label).parent.is_dir()


def absent(name: str, spec: ModelSpec, *, folder: Path, root: Path) -> Iterator[tuple[str, Problem]]:
    """List what is not there, each with its key in the spec.

    What may be the hub's is not looked for. Relative paths start at `folder`, that of models.yaml, or else (but for the
    adapter's) at `root`.
    """
    if not reads_folders(spec):
        return
    from evalkit.models.local.embedded import NAME, PREFIX
    from evalkit.models.local.prompt import PLAIN

    model, adapter, template = spec.model, spec.adapter, spec.chat_template or PLAIN
    if model is not None and model.startswith(PREFIX):
        if model != PREFIX + NAME:
            what = f"model {name!r}: there is no embedded model {model!r}{did_you_mean(model, [PREFIX + NAME])}"
            yield "model", Problem(what=what, allowed=PREFIX + NAME)
    elif model is not None and _is_written_as_path(model) and not _is_there(model, folder, root):
        allowed = f"a folder, a .gguf file, a hub id such as HuggingFaceTB/{NAME}, or {PREFIX}{NAME}"
        yield "model", Problem(what=f"model {name!r}: there is no folder {_resolve(model, folder)}", allowed=allowed)
    if adapter is not None and is_path(adapter, folder) and not _is_there(adapter, folder):
        what = f"model {name!r}: there is no folder {_resolve(adapter, folder)} with its adapter"
        todo = f"check the path (from {folder.absolute()}), or train the adapter first"
        yield "adapter", Problem(what=what, todo=todo)
    in_a_file = template != PLAIN and "{%" not in template and "{{" not in template
    if in_a_file and not any(os.path.isfile(place / Path(template).expanduser()) for place in (folder, root)):
        what = f"model {name!r}: there is no chat template {_resolve(template, folder)}"
        yield "chat_template", Problem(what=what, allowed=f"a jinja file, or {PLAIN!r}")


def _is_written_as_path(label: str) -> bool:
    from evalkit.models.local.source import HUB_ID

    return label.startswith((".", "/", "~")) or HUB_ID.fullmatch(label) is None


def _is_there(label: str, *places: Path) -> bool:
    found = [place / Path(label).expanduser() for place in places]
    return any(one.is_dir() or is_weight_file(one) for one in found)


def is_weight_file(path: Path) -> bool:
    """Tell whether a path is one file that holds a whole model."""
    from evalkit.models.local.gguf_file import GGUF

    return path.suffix.lower() == GGUF and path.is_file()


def _resolve(label: str, folder: Path) -> Path:
    return (folder / Path(label).expanduser()).resolve()
