"""Who is asking what right now: claims that die with their process.

An owner is one open ledger. It is gone when its process on this machine is gone (by pid and start time, so that a
reused pid does not keep a dead claim alive), or when it gave no sign of life for `lease_s` seconds.
"""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Sequence
from pathlib import Path

_CHUNK = 400
"""Keys a statement: two marks each stay below the 999 that older SQLite allows"""
_FREE = """
WITH wanted (key) AS (VALUES {marks})
SELECT group_concat(hex(key)) FROM wanted
WHERE NOT EXISTS (SELECT 1 FROM lease WHERE lease.key = wanted.key)
AND NOT EXISTS (SELECT 1 FROM answer WHERE answer.key = wanted.key AND created >= ?)
"""


def host() -> str:
    """Name this machine and its process namespace.

    Pids can be looked up within it, and only there.
    """
    try:
        return f"{platform.node()} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return platform.node()


def start_mark(pid: int) -> str | None:
    """Mark when a process started, so that a reused pid differs.

    No later process with this pid bears the mark; "" where the system does not say. None where there is no such
    process.
    """
    try:
        # Behind the last ")" the fields of proc(5) begin with number 3; the start time is number 22.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except (OSError, SystemError, ValueError):
        return ""
    return ""


def register(db: sqlite3.Connection, now: float) -> int:
    """Enter this process as an owner; its number."""
    mark = start_mark(os.getpid()) or ""
    cursor = db.execute(
        "INSERT INTO owner (host, pid, started, beat) VALUES (?, ?, ?, ?)", (host(), os.getpid(), mark, now)
    )
    return int(cursor.lastrowid or 0)


def expire(db: sqlite3.Connection, *, me: int, now: float, lease_s: float) -> None:
    """Forget the owners that are gone, and what they had claimed."""
    here = host()
    for owner, where, pid, mark, beat in db.execute("SELECT id, host, pid, started, beat FROM owner").fetchall():
        if owner == me:
            continue
        silent = beat + lease_s < now
        dead = where == here and start_mark(pid) not in ("", mark)
        if silent or dead:
            forget(db, owner)


def forget(db: sqlite3.Connection, owner: int) -> None:
    """Remove an owner and its claims."""
    db.execute("DELETE FROM lease WHERE owner = ?", (owner,))
    db.execute("DELETE FROM owner WHERE id = ?", (owner,))


def take(db: sqlite3.Connection, keys: Sequence[bytes], *, owner: int, since: float) -> set[bytes]:
    """Claim the free keys without an answer; return those newly held.

    Free are those that nobody holds; an answer counts from `since` on. Inside a transaction that writes. Few statements
    for many keys, and one row of answer each: at every step of a statement the thread gives way to the one that asks,
    and waits for its turn.
    """
    taken: set[bytes] = set()
    unique = list(dict.fromkeys(keys))
    for start in range(0, len(unique), _CHUNK):
        chunk = unique[start : start + _CHUNK]
        query = _FREE.format(marks=", ".join(["(?)"] * len(chunk)))
        (found,) = db.execute(query, (*chunk, since)).fetchone()
        free = [bytes.fromhex(key) for key in (found or "").split(",") if key]
        if free:
            rows = ", ".join(["(?, ?)"] * len(free))
            db.execute(f"INSERT INTO lease (key, owner) VALUES {rows}", [part for key in free for part in (key, owner)])
        taken.update(free)
    return taken


def end(db: sqlite3.Connection, keys: Sequence[bytes]) -> None:
    """Remove the claims on these keys, whoever holds them."""
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        db.execute(f"DELETE FROM lease WHERE key IN ({', '.join('?' * len(chunk))})", chunk)
