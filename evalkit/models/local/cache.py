"""Where evalkit keeps what it can make again: converted models and the digests of large files."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from evalkit.core.fingerprint import digest, file_digest


def cache_root(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the user's cache folder for evalkit; ``$EVALKIT_CACHE`` overrides the platform's own place."""
    if chosen := environ.get("EVALKIT_CACHE"):
        return Path(chosen).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "evalkit"
    if sys.platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "evalkit" / "Cache"
    return Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "evalkit"


def remembered_digest(path: Path, cache: Path) -> str:
    """Return a file's SHA-256 (hex), computed once.

    It is computed anew for another path, size or modification time.

    A cache that cannot be written costs time, never correctness: the digest is then computed again.
    """
    path = path.resolve()
    stat = path.stat()
    state = [str(path), stat.st_size, stat.st_mtime_ns]
    memo = cache / "digests" / f"{digest(str(path))[:32]}.json"
    try:
        kept = json.loads(memo.read_text("utf-8"))
        if kept["state"] == state:
            return str(kept["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    sha256 = file_digest(path)
    with contextlib.suppress(OSError):
        write_whole(memo, json.dumps({"state": state, "sha256": sha256}))
    return sha256


def write_whole(path: Path, text: str) -> None:
    """Write a file so that no reader ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(name, path)
