"""Makes a SQLite file whole or not at all, whoever else makes it at the same moment."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path


def make_database(path: Path, fill: Callable[[sqlite3.Connection], None]) -> None:
    """Make a file and let `fill` write its tables.

    Where another process was first, its file stays. OSError and sqlite3.Error where it cannot be made.
    """
    beside = path.with_name(f"{path.name}.new-{os.getpid()}")
    beside.unlink(missing_ok=True)
    db = sqlite3.connect(beside, isolation_level=None)
    try:
        fill(db)
    finally:
        db.close()
    try:
        os.link(beside, path)
    except FileExistsError:
        pass  # another process was first
    except OSError:
        os.replace(beside, path)  # a file system without hard links
    beside.unlink(missing_ok=True)
