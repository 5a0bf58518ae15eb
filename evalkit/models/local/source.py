"""Where the files of a model are: the embedded one, a folder, or the hub."""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit.core.errors import ModelError, Problem
from evalkit.models.context import Context
from evalkit.models.local.cache import cache_root
from evalkit.models.local.embedded import NAME, PREFIX, ensure_embedded
from evalkit.models.local.gguf_file import GGUF, ensure_converted
from evalkit.models.local.need import need
from evalkit.models.local.weights import PICKLED

HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")
COMMIT = re.compile(r"[0-9a-f]{40}")
TEXT_FILES = ("*.json", "*.txt", "*.model", "*.jinja", "*.tiktoken")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A model or adapter as files.

    It holds the name the user gave, the folder, and the hub's commit where there is one.
    """

    label: str
    folder: Path
    commit: str | None = None
    pickle: bool = False
    """Whether weights may be read from .bin files"""

    def read_json(self, name: str) -> dict[str, Any]:
        """Read a JSON file of the folder; empty when it is not there.

        Raises ModelError when it is broken.
        """
        path = self.folder / name
        if not path.is_file():
            return {}
        try:
            read = json.loads(path.read_text("utf-8"))
        except ValueError as error:
            raise ModelError(Problem(what=f"{path} is not valid JSON: {error}")) from error
        return read if isinstance(read, dict) else {}


def locate(
    label: str, context: Context, *, revision: str | None = None, code: bool = False, pickle: bool = False
) -> Source:
    """Find the files behind a `model:` or `adapter:`.

    Converts the embedded model and GGUF files, and downloads from the hub, when needed.

    `code` also brings the Python files of a hub model, which must then be pinned to a commit; `pickle` weights that
    are kept as .bin alone.
    """
    if label.startswith(PREFIX):
        require_embedded(label)
        return Source(label=label, folder=ensure_embedded(cache_root(context.environ), progress=context.progress))
    folder = context.path(label)
    if folder.is_dir():
        return Source(label=label, folder=folder, pickle=pickle)
    if folder.suffix.lower() == GGUF and folder.is_file():
        made = ensure_converted(folder, cache_root(context.environ), progress=context.progress)
        return Source(label=label, folder=made)
    if label.startswith((".", "/", "~")) or not HUB_ID.fullmatch(label):
        raise ModelError(
            Problem(
                what=f"there is no folder {folder}",
                allowed=f"a folder, a {GGUF} file, a hub id such as HuggingFaceTB/{NAME}, or {PREFIX}{NAME}",
            )
        )
    if code and not COMMIT.fullmatch(revision or ""):
        raise ModelError(
            Problem(
                what=f"{label} is to run code of its own (trust_remote_code), and its revision is "
                f"{revision or 'not pinned'}: tomorrow the code may be another",
                allowed="revision: the commit that you read, 40 hexadecimal digits",
            )
        )
    return _download(label, context, revision=revision, code=code, pickle=pickle)


def require_embedded(label: str) -> None:
    """Raise ModelError unless `label` names the one embedded model."""
    if label != PREFIX + NAME:
        raise ModelError(Problem(what=f"there is no embedded model {label!r}", allowed=PREFIX + NAME))


def _download(repo: str, context: Context, *, revision: str | None, code: bool, pickle: bool) -> Source:
    """A snapshot through transformers' own hub cache: what is there already is used without a network."""
    need("huggingface_hub", purpose=f"getting {repo} from the hub")
    from huggingface_hub import snapshot_download

    kept = ("*.safetensors", *(PICKLED if pickle else ()))
    patterns = [*TEXT_FILES, *kept, *(["*.py"] if code else [])]
    options: Mapping[str, Any] = {"revision": revision, "allow_patterns": patterns}
    try:
        folder = Path(snapshot_download(repo, local_files_only=True, **options))
        if not _has_any(folder, kept):
            raise FileNotFoundError
    except Exception:  # not there yet, whatever the library calls that
        context.progress(f"Downloading {repo} from the hub")
        try:
            folder = Path(snapshot_download(repo, **options))
        except Exception as error:
            raise _unreachable(repo, error) from error
    if not _has_any(folder, kept):
        todo = "convert it, and give the folder; weights kept as .bin are read with `allow_pickle: true`"
        raise ModelError(Problem(what=f"{repo} on the hub holds no .safetensors weights", todo=todo))
    return Source(label=repo, folder=folder, commit=folder.name, pickle=pickle)


def _has_any(folder: Path, patterns: Sequence[str]) -> bool:
    return any(True for pattern in patterns for _ in folder.glob(pattern))


def _unreachable(repo: str, error: Exception) -> ModelError:
    first = str(error).strip().splitlines()
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        what = f"{repo} cannot be kept: the disk is full: {error}"
        return ModelError(Problem(what=what, todo="free space, or set HF_HOME to another disk"))
    return ModelError(
        Problem(
            what=f"{repo} is neither a folder here nor to be had from the hub: "
            f"{type(error).__name__}: {first[0] if first else 'no reason given'}",
            todo="check the name and the network (a gated model also needs HF_TOKEN); or download it elsewhere and "
            f"give its folder as model:; or use {PREFIX}{NAME}, which needs no hub",
        )
    )
