"""Several processes on one ledger, and the sudden death of one."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from evalkit.core.exchange import Message, Request
from evalkit.core.fingerprint import add_keys
from evalkit.store import upkeep
from evalkit.store.ledger import Ledger

WORKER = """
import pathlib, random, sys, time
from evalkit.core.fingerprint import add_keys
from evalkit.core.exchange import Message, Request, Response
from evalkit.store.ledger import Ledger

path, calls, count, batch, pause = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
workers = int(sys.argv[6])
asks = [add_keys(Request(example_id=f"e{n}", messages=(Message(role="user", content=str(n)),)), model_fingerprint="f")
        for n in range(count)]
log = open(calls, "a")
while len(list(pathlib.Path(calls).parent.glob("calls-*"))) < workers:
    time.sleep(0.01)
with Ledger(path) as ledger:
    open_ = {r.key: r for r in asks}
    while open_:
        for key in ledger.lookup(list(open_)):
            del open_[key]
        mine = ledger.claim(random.sample(list(open_), min(batch, len(open_))))
        answers = []
        for key in mine:
            log.write(open_[key].example_id + "\\n")
            log.flush()
            answers.append((open_[key], Response(example_id=open_[key].example_id, text="answer " + key)))
            time.sleep(pause)
        ledger.put(answers)
        if open_ and not mine:
            time.sleep(0.01)
"""


def start(
    tmp_path: Path, name: str, *, count: int, batch: int, pause: float, workers: int = 1
) -> subprocess.Popen[bytes]:
    arguments = [str(tmp_path / "ledger.sqlite"), str(tmp_path / f"calls-{name}"), str(count), str(batch), str(pause)]
    arguments.append(str(workers))
    return subprocess.Popen([sys.executable, "-c", WORKER, *arguments])


def keys(count: int) -> list[str]:
    return [
        add_keys(Request(example_id="", messages=(Message(role="user", content=str(n)),)), model_fingerprint="f").key
        for n in range(count)
    ]


def calls(tmp_path: Path) -> Counter[str]:
    return Counter(line for log in tmp_path.glob("calls-*") for line in log.read_text().split())


@pytest.mark.slow
def test_two_processes_at_once_ask_nothing_twice_and_miss_nothing(tmp_path: Path) -> None:
    workers = [start(tmp_path, name, count=300, batch=7, pause=0.001, workers=2) for name in ("a", "b")]
    assert [worker.wait(timeout=60) for worker in workers] == [0, 0]
    asked = calls(tmp_path)
    assert len(asked) == 300
    assert max(asked.values()) == 1
    assert all(log.stat().st_size for log in tmp_path.glob("calls-*")), "both took part"


@pytest.mark.slow
def test_30_kills_at_random_instants_lose_no_row_and_repeat_only_what_was_in_flight(tmp_path: Path) -> None:
    dice = random.Random(11)
    count, batch = 2000, 5
    kept: set[str] = set()
    for number in range(30):
        worker = start(tmp_path, str(number), count=count, batch=batch, pause=0.002)
        # Python itself takes about 0.2 s to start; kills fall before, during and after the first commits.
        time.sleep(dice.uniform(0.1, 0.6))
        worker.kill()
        worker.wait()
        if (tmp_path / "ledger.sqlite").exists():
            with Ledger(tmp_path / "ledger.sqlite") as ledger:
                assert ledger.notes == ()
                now = set(ledger.lookup(keys(count)))
            assert kept <= now, "an answer that was kept is gone"
            kept = now
    assert start(tmp_path, "last", count=count, batch=50, pause=0).wait(timeout=60) == 0
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert len(ledger.lookup(keys(count))) == count
        assert upkeep.verify(ledger) == ()
        assert upkeep.stats(ledger).claims == 0
    asked = calls(tmp_path)
    assert len(asked) == count
    assert sum(asked.values()) - count <= 30 * batch


def test_the_claims_of_a_dead_process_are_free_at_once(tmp_path: Path) -> None:
    worker = start(tmp_path, "a", count=3, batch=3, pause=60)
    log = tmp_path / "calls-a"
    deadline = time.monotonic() + 30
    while not (log.exists() and log.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert ledger.claim(keys(3)) == set(), "it is alive and asking"
        worker.kill()
        worker.wait()
        assert ledger.claim(keys(3)) == set(keys(3))
