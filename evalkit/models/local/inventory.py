"""What lies on disk because of local models: converted folders, digests, and the files that a spec names."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from evalkit.core.errors import Problem, UsageError, did_you_mean
from evalkit.models.local import embedded, gguf_file
from evalkit.models.local.cache import cache_root
from evalkit.suite.spec import ModelSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertedModel:
    """A model folder that evalkit made and can make again.

    `sound` is False for one that is damaged, or was made by an older evalkit.
    """

    name: str
    folder: Path
    source: str
    bytes: int
    sound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFiles:
    """Where the files of a spec are.

    It is a folder, the hub's cache, or a folder that was converted; or they are not here.
    """

    where: str
    bytes: int | None = None
    here: bool = True


def list_converted(environ: Mapping[str, str]) -> tuple[ConvertedModel, ...]:
    """List the converted models in evalkit's cache by name, half-made ones left out."""
    cache = cache_root(environ)
    return tuple(_converted_in(cache))


def _converted_in(cache: Path) -> Iterator[ConvertedModel]:
    place = cache / "models"
    for folder in sorted(place.iterdir()) if place.is_dir() else ():
        sidecar = next((one for one in (embedded.SIDECAR, gguf_file.SIDECAR) if (folder / one).is_file()), None)
        if sidecar is None or folder.name.startswith("."):
            continue
        yield ConvertedModel(
            name=folder.name,
            folder=folder,
            source=_source(folder / sidecar),
            bytes=folder_bytes(folder),
            sound=gguf_file.is_sound(folder, cache, sidecar),
        )


def _source(sidecar: Path) -> str:
    try:
        return str(json.loads(sidecar.read_text("utf-8"))["source"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def remove_converted(names: list[str], environ: Mapping[str, str]) -> tuple[ConvertedModel, ...]:
    """Remove converted models by name, or by the start of one.

    Raises UsageError, and removes nothing, for a name that is none or could be several.
    """
    known = list_converted(environ)
    chosen: dict[str, ConvertedModel] = {}
    problems = []
    for name in names:
        found = [one for one in known if one.name == name] or [one for one in known if one.name.startswith(name)]
        if len(found) == 1:
            chosen[found[0].name] = found[0]
            continue
        all_names = [one.name for one in known]
        what = f"{name!r} is the start of {len(found)} names" if found else f"no converted model {name!r}"
        near = "" if found else did_you_mean(name, all_names)
        allowed = ", ".join(one.name for one in found) or ", ".join(all_names) or "none is here"
        problems.append(Problem(what=what + near, allowed=allowed))
    if problems:
        raise UsageError(problems)
    for one in chosen.values():
        shutil.rmtree(one.folder)
    return tuple(chosen.values())


def digest_bytes(environ: Mapping[str, str]) -> int:
    """Return the bytes of the digests that are remembered."""
    return folder_bytes(cache_root(environ) / "digests")


def folder_bytes(folder: Path) -> int:
    """Return the bytes of all files of a folder.

    Links count as what they lead to, once each.
    """
    seen: dict[Path, int] = {}
    for path in folder.rglob("*") if folder.is_dir() else ():
        if path.is_file():
            seen[path.resolve()] = path.stat().st_size
    return sum(seen.values())


def find_files(label: str, spec: ModelSpec, environ: Mapping[str, str]) -> ModelFiles:
    """Find the files that a `model:` or `adapter:` names, without fetching or converting any.

    `label` is a folder, a GGUF file, a hub id or the embedded model; paths are absolute.
    """
    cache = cache_root(environ)
    if label.startswith(embedded.PREFIX):
        return _files_made(embedded.embedded_folder(cache), "embedded")
    path = Path(label).expanduser()
    if path.is_file() and path.suffix.lower() == gguf_file.GGUF:
        return _files_made(gguf_file.folder_of(path, cache), "GGUF", more=path.stat().st_size)
    if path.is_dir():
        return ModelFiles(where=str(path), bytes=folder_bytes(path))
    return _in_hub_cache(label, spec)


def _files_made(folder: Path, kind: str, *, more: int = 0) -> ModelFiles:
    if folder.is_dir():
        return ModelFiles(where=str(folder), bytes=folder_bytes(folder) + more)
    return ModelFiles(where=f"{kind}, converted when first asked", bytes=more or None)


def _in_hub_cache(label: str, spec: ModelSpec) -> ModelFiles:
    try:
        from huggingface_hub import snapshot_download

        folder = Path(snapshot_download(label, revision=spec.revision, local_files_only=True))
    except Exception:  # not there, whatever the library calls that
        return ModelFiles(where="not here", here=False)
    return ModelFiles(where=str(folder), bytes=folder_bytes(folder))
