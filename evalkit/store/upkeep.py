"""Looking after a ledger: what is in it, whether it is whole, taking rows out of it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from evalkit.core.errors import Problem
from evalkit.core.exchange import Json
from evalkit.store.answers import is_whole, key_text, unpack, unpack_row
from evalkit.store.ledger import Ledger
from evalkit.store.schema import translate_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelShare:
    """What one model has in a ledger.

    Times are seconds since 1970; "" and None where the writer did not say.
    """

    name: str
    provider: str
    model: str
    fingerprint: str
    answers: int
    oldest: float | None
    newest: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerStats:
    """How much a ledger holds.

    That is answers, bytes on disk, claims held right now, and each model's share.
    """

    path: Path
    answers: int
    bytes: int
    claims: int
    models: tuple[ModelShare, ...]


def stats(ledger: Ledger) -> LedgerStats:
    """Count a ledger."""
    with translate_errors(ledger.path):
        db = ledger.connection
        shares = db.execute(
            "SELECT coalesce(name, ''), coalesce(provider, ''), coalesce(m.model, ''), coalesce(fingerprint, ''), "
            "count(*), min(created), max(created) FROM answer a LEFT JOIN model m ON m.id = a.model "
            "GROUP BY m.id ORDER BY name, fingerprint"
        ).fetchall()
        names = ("name", "provider", "model", "fingerprint", "answers", "oldest", "newest")
        return LedgerStats(
            path=ledger.path,
            answers=db.execute("SELECT count(*) FROM answer").fetchone()[0],
            bytes=sum(file.stat().st_size for file in _files(ledger.path)),
            claims=db.execute("SELECT count(*) FROM lease").fetchone()[0],
            models=tuple(ModelShare(**dict(zip(names, share, strict=True))) for share in shares),
        )


def verify(ledger: Ledger) -> tuple[Problem, ...]:
    """List everything wrong with the file.

    SQLite's own check comes first, then every row's checksum and body.
    """
    problems: list[Problem] = []
    with translate_errors(ledger.path):
        db = ledger.connection
        for (line,) in db.execute("PRAGMA integrity_check"):
            if line != "ok":
                todo = "open it again: it is set aside and every readable answer carried over"
                problems.append(Problem(what=f"{ledger.path}: {line}", todo=todo))
        for key, check, body in db.execute("SELECT key, crc, body FROM answer"):
            reason = _why_spoilt(key, check, body)
            if reason:
                problems.append(Problem(what=f"{ledger.path}: answer {key_text(key)[:16]}: {reason}"))
    return tuple(problems)


def export(
    ledger: Ledger, *, model: str | None = None, damaged: Callable[[Problem], None] = lambda _: None
) -> Iterator[dict[str, Json]]:
    """Yield every whole answer as JSON, oldest first; `damaged` hears of every other.

    Only those of a model where a name or a fingerprint is given.
    """
    query = (
        "SELECT a.key, a.crc, m.name, m.fingerprint, a.prompt, s.json, a.repeat, a.created, a.body FROM answer a "
        "LEFT JOIN model m ON m.id = a.model LEFT JOIN sampling s ON s.id = a.sampling "
        "WHERE ?1 IS NULL OR m.name = ?1 OR m.fingerprint = ?1 ORDER BY a.created, a.key"
    )
    with translate_errors(ledger.path):
        for key, check, name, fingerprint, prompt, sampling, repeat, created, body in ledger.connection.execute(
            query, (model,)
        ):
            reason = _why_spoilt(key, check, body)
            if reason:
                damaged(Problem(what=f"{ledger.path}: answer {key_text(key)[:16]}: {reason}"))
                continue
            yield {
                "key": key_text(key),
                "model": {"name": name, "fingerprint": fingerprint},
                "prompt_sha256": key_text(prompt) if prompt else None,
                "sampling": json.loads(sampling) if sampling else None,
                "repeat": repeat,
                "created": created,
                "response": unpack_row(body),
            }


def known_models(ledger: Ledger) -> tuple[str, ...]:
    """List the names and fingerprints that answers are kept of."""
    with translate_errors(ledger.path):
        rows = ledger.connection.execute("SELECT name, fingerprint FROM model ORDER BY name, fingerprint").fetchall()
    return tuple(dict.fromkeys(word for row in rows for word in row if word))


def prune(ledger: Ledger, *, before: float | None = None, model: str | None = None) -> int:
    """Remove answers from before a time or of a model; count them.

    The time is in seconds since 1970, the model a name or fingerprint. Both given: what is both. None given: nothing,
    because "everything" is a file to delete by hand.
    """
    if before is None and model is None:
        return 0
    with translate_errors(ledger.path):
        db = ledger.connection
        cursor = db.execute(
            "DELETE FROM answer WHERE (?1 IS NULL OR created < ?1) AND "
            "(?2 IS NULL OR model IN (SELECT id FROM model WHERE name = ?2 OR fingerprint = ?2))",
            (before, model),
        )
        removed = cursor.rowcount
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return removed


def _why_spoilt(key: bytes, check: int, body: bytes) -> str:
    if not is_whole(key, check, body):
        return "the checksum is wrong; it will be asked again"
    try:
        unpack(body)
    except (ValueError, zlib.error) as error:
        return f"not a response: {error}"
    return ""


def _files(path: Path) -> Iterator[Path]:
    for suffix in ("", "-wal"):
        file = path.with_name(path.name + suffix)
        if file.exists():
            yield file
