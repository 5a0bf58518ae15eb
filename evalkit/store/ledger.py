"""The ledger: one answer, one durable row, under the fingerprint of what was asked of whom.

A SQLite file in write-ahead mode, shared by as many processes as like to. `kill -9` at any instant loses nothing that
`put` returned for; what was claimed by the dead is free again for the living.
"""

from __future__ import annotations

import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from evalkit.core.errors import Problem, StoreError
from evalkit.core.exchange import ModelIdentity, Request, Response, Sampling
from evalkit.core.fingerprint import canonical
from evalkit.core.rows import row_response
from evalkit.reading.ending import is_broken
from evalkit.store import leases
from evalkit.store.answers import AnswerRow, crc, insert_rows, is_whole, key_bytes, key_text, pack, unpack_row
from evalkit.store.opening import is_writable, open_file
from evalkit.store.schema import translate_errors

LEASE_S = 900.0
_CHUNK = 500


class Ledger:
    """Answers kept in one file; a context manager.

    It is for one thread at a time; open one for each process. `refresh`: answers from before this opening count as not
    kept, and are replaced; `max_age_s`: so do those that are older. `lease_s`: seconds without a sign of life after
    which another process may ask what this one had claimed. `notes`: sentences for the reader, e.g. that the file was
    damaged and what was carried over.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        refresh: bool = False,
        max_age_s: float | None = None,
        lease_s: float = LEASE_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.path = Path(path)
        self._clock = clock
        self._lease_s = lease_s
        self._replaces = refresh or max_age_s is not None
        self._durable = True
        self._since = clock() if refresh else float("-inf") if max_age_s is None else clock() - max_age_s
        self.oldest: float | None = None
        """When the oldest answer that was looked up here was given, in seconds since 1970"""
        with translate_errors(self.path):
            self.readonly = self.path.exists() and not is_writable(self.path)
            self._db, self.notes = open_file(self.path)
            self._me = self._register(clock())
        self._beat = clock()
        self._open = True
        self._models: dict[str, int] = {}
        self._samplings: dict[str, int] = {}
        self._latest: tuple[Sampling | None, str] = (None, "")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free what this process had claimed and close the file; may be called twice."""
        if not self._open:
            return
        self._open = False
        try:
            if not self.readonly:
                with self._transaction():
                    leases.forget(self._db, self._me)
        except sqlite3.Error:
            pass  # a full disk or a damaged file has been reported where it mattered; the claims die with the process
        finally:
            self._db.close()

    def _register(self, now: float) -> int:
        """The number of this process among those that ask; 0 where nothing can be written."""
        if self.readonly:
            return 0
        with self._transaction():
            return leases.register(self._db, now)

    def lookup(self, keys: Sequence[str]) -> Mapping[str, Response]:
        """Return the kept answers among these keys.

        They have the latency, moment and tokens of the call that was paid. Two examples with one prompt share an
        answer: `example_id` is that of the first asker.
        """
        found: dict[str, Response] = {}
        spoilt: list[bytes] = []
        broken: list[bytes] = []
        with translate_errors(self.path):
            for chunk in _chunks([key_bytes(key) for key in keys]):
                marks = ", ".join("?" * len(chunk))
                query = f"SELECT key, crc, body, created FROM answer WHERE key IN ({marks}) AND created >= ?"
                for key, check, body, created in self._db.execute(query, (*chunk, self._since)):
                    response = _read(key, check, body, created)
                    if response is None:
                        spoilt.append(key)
                    elif is_broken(response):
                        broken.append(key)
                    else:
                        found[key_text(key)] = response
                        self.oldest = created if self.oldest is None else min(self.oldest, created)
            if spoilt:
                self._drop(spoilt, "damaged rows")
            if broken:
                self._drop(broken, "answers that had broken off in the server")
        return found

    def claim(self, keys: Sequence[str]) -> set[str]:
        """Claim and return the keys that this process may ask now.

        The others are kept already, or being asked by another process or by this one: look them up again later.
        A claim ends with `put`, `release`, `close`, or the death of the process.
        """
        with translate_errors(self.path), self._transaction(durable=False):
            now = self._clock()
            self._live(now)
            leases.expire(self._db, me=self._me, now=now, lease_s=self._lease_s)
            taken = leases.take(self._db, [key_bytes(key) for key in keys], owner=self._me, since=self._since)
        return {key_text(key) for key in taken}

    def release(self, keys: Iterable[str]) -> None:
        """Give claims back without an answer."""
        with translate_errors(self.path), self._transaction(durable=False):
            mine = [(key_bytes(key), self._me) for key in keys]
            self._db.executemany("DELETE FROM lease WHERE key = ? AND owner = ?", mine)

    def put(self, answers: Iterable[tuple[Request, Response]], *, model: ModelIdentity | None = None) -> None:
        """Keep answers, all of them in one transaction; returns after they are on disk.

        Failures are not kept and free their claim; a content filter's refusal is what the server answers, and is kept.
        The first answer to a key stays, unless the ledger was opened with `refresh` or `max_age_s`.
        """
        with translate_errors(self.path), self._transaction():
            now = self._clock()
            self._live(now)
            number = self._model_number(model)
            done: list[bytes] = []
            rows: list[AnswerRow] = []
            for request, response in answers:
                key = _key_of(request)
                done.append(key)
                if response.failure is None or response.failure.kind == "content_filter":
                    body = pack(response)
                    prompt = key_bytes(request.prompt_sha256) or None
                    sampling = self._sampling_number(request)
                    rows.append(AnswerRow(key, number, sampling, prompt, request.repeat, now, crc(key, body), body))
            insert_rows(self._db, rows, on_conflict="REPLACE" if self._replaces else "IGNORE")
            leases.end(self._db, done)

    @property
    def connection(self) -> sqlite3.Connection:
        """The open database, for the upkeep beside (`evalkit.store.upkeep`)."""
        return self._db

    def _drop(self, keys: Sequence[bytes], what: str) -> None:
        """Take out rows that are no answers: they will be asked again."""
        if self.readonly:
            return
        with self._transaction():
            self._db.executemany("DELETE FROM answer WHERE key = ?", [(key,) for key in keys])
        self.notes = (*self.notes, f"{len(keys)} {what} of {self.path} were taken out and will be asked again")

    def _live(self, now: float) -> None:
        if now - self._beat > self._lease_s / 10:
            self._db.execute("UPDATE owner SET beat = ? WHERE id = ?", (now, self._me))
            self._beat = now

    def _model_number(self, model: ModelIdentity | None) -> int | None:
        if model is None:
            return None
        if model.fingerprint not in self._models:
            row = (model.fingerprint, model.name, model.provider, model.model, canonical(model.details))
            self._db.execute(
                "INSERT OR IGNORE INTO model (fingerprint, name, provider, model, details) VALUES (?, ?, ?, ?, ?)", row
            )
            query = "SELECT id FROM model WHERE fingerprint = ?"
            self._models[model.fingerprint] = self._db.execute(query, (model.fingerprint,)).fetchone()[0]
        return self._models[model.fingerprint]

    def _sampling_number(self, request: Request) -> int:
        if request.sampling is not self._latest[0]:
            self._latest = (request.sampling, canonical(request.sampling))
        text = self._latest[1]
        if text not in self._samplings:
            self._db.execute("INSERT OR IGNORE INTO sampling (json) VALUES (?)", (text,))
            query = "SELECT id FROM sampling WHERE json = ?"
            self._samplings[text] = self._db.execute(query, (text,)).fetchone()[0]
        return self._samplings[text]

    @contextmanager
    def _transaction(self, *, durable: bool = True) -> Iterator[None]:
        """A transaction that writes; `durable`: on disk when it ends. Claims need not be, they die with the process."""
        if durable is not self._durable:
            self._db.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            self._durable = durable
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            # Numbers handed out inside are gone with the transaction.
            self._models, self._samplings = {}, {}
            raise
        self._db.execute("COMMIT")


def _key_of(request: Request) -> bytes:
    if not request.key:
        raise StoreError(
            Problem(
                what=f"the request of {request.example_id!r} has no key", todo="use evalkit.core.fingerprint.add_keys"
            )
        )
    return key_bytes(request.key)


def _read(key: bytes, check: int, body: bytes, created: float) -> Response | None:
    """The response of a row, with when it was given; None where the row is not what was written."""
    if not is_whole(key, check, body):
        return None
    try:
        return row_response({**unpack_row(body), "answered_at": created})
    except (ValueError, zlib.error):
        return None


def _chunks(keys: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(keys), _CHUNK):
        yield keys[start : start + _CHUNK]
