"""What must survive a power cut is synced when its commit returns; what dies with its process need not be."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_store_ledger import MODEL, ask, reply

from evalkit.store.ledger import Ledger


class Watched:
    """The statements of a ledger's connection as SQLite runs them."""

    def __init__(self, ledger: Ledger) -> None:
        self.inside = False
        self.level = "FULL"
        self.commits: list[tuple[str, set[str]]] = []
        self._wrote: set[str] = set()
        assert ledger.connection.execute("PRAGMA synchronous").fetchone() == (2,), "FULL"
        ledger.connection.set_trace_callback(self.ran)

    def ran(self, statement: str) -> None:
        word = statement.split()[0].upper()
        if "PRAGMA synchronous=" in statement:
            assert not self.inside, "SQLite ignores or refuses the change inside a transaction"
            self.level = statement.partition("=")[2].strip()
        elif word == "BEGIN":
            self.inside, self._wrote = True, set()
        elif word in ("INSERT", "DELETE", "UPDATE"):
            text = f" {' '.join(statement.split())} "
            self._wrote |= {table for table in ("answer", "lease", "owner", "model") if f" {table} " in text}
        elif word in ("COMMIT", "ROLLBACK"):
            self.inside = False
            if word == "COMMIT":
                self.commits.append((self.level, self._wrote))


def test_every_commit_of_an_answer_is_synced_and_no_setting_changes_inside_a_transaction(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite", lease_s=1e-9) as ledger:
        watched = Watched(ledger)
        for number in range(0, 12, 3):
            requests = [ask(number + step) for step in range(3)]
            keys = [request.key for request in requests]
            assert ledger.claim(keys) == set(keys)
            ledger.release(keys[2:])
            ledger.put([(request, reply(request)) for request in requests[:2]], model=MODEL)
            assert len(ledger.lookup(keys)) == 2
            with pytest.raises(AttributeError):
                ledger.put([(requests[2], reply(requests[2])), (None, None)])
        ledger.connection.execute("UPDATE answer SET crc = crc + 1 WHERE id = 1")
        assert ledger.lookup([ask(0).key]) == {}, "a damaged row is taken out"
        ledger.connection.set_trace_callback(None)
    with_answers = [level for level, wrote in watched.commits if "answer" in wrote]
    claims_alone = [level for level, wrote in watched.commits if wrote and "answer" not in wrote]
    assert len(with_answers) >= 5
    assert set(with_answers) == {"FULL"}
    assert len(claims_alone) >= 8
    assert set(claims_alone) == {"NORMAL"}
