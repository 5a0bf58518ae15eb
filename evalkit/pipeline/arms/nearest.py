"""The file that a path which leads nowhere was meant to name."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

PLACES = ("suites", "recordings", "suites/recordings")
"""Where `evalkit init` puts such files"""


def nearest_file(path: Path, *, root: Path = Path()) -> str:
    """Suggest a file of like kind and name: `` (did you mean 'x'?)``.

    It has its kind and (nearly) its name, and is in its folder, `root` or what `root` holds. An empty string where
    there is none; the path is shown as it would be written in `root`.
    """
    places = (path.parent, root, *(root / name for name in PLACES))
    folders = dict.fromkeys(folder for folder in places if folder.is_dir())
    files = [file for folder in folders for file in sorted(folder.iterdir()) if file.suffix == path.suffix]
    stems = {_stem(file): file for file in reversed(files) if file.is_file()}
    near = difflib.get_close_matches(_stem(path), stems, n=1, cutoff=0.6)
    return f" (did you mean {os.path.relpath(stems[near[0]], root)!r}?)" if near else ""


def _stem(path: Path) -> str:
    """The name without its endings: alike endings make no names alike."""
    return path.name.partition(".")[0].casefold()
