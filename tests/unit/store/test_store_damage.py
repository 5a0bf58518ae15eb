"""A damaged ledger is set aside and salvaged, never silently recreated."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from evalkit.core.exchange import Message, Request, Response
from evalkit.core.fingerprint import add_keys
from evalkit.store import upkeep
from evalkit.store.ledger import Ledger

COUNT = 400


def ask(number: int) -> Request:
    return add_keys(
        Request(example_id=f"e{number}", messages=(Message(role="user", content=str(number)),)), model_fingerprint="f"
    )


def text(number: int) -> str:
    """Short, medium and far longer than a page, hard to compress."""
    length = (20, 300, 9000)[number % 3]
    return random.Random(number).randbytes(length // 2).hex()


REQUESTS = [ask(n) for n in range(COUNT)]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "ledger.sqlite"
    with Ledger(path) as ledger:
        for n, request in enumerate(REQUESTS):
            ledger.put([(request, Response(example_id=request.example_id, text=text(n)))])
    return path


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sound, tmp_path / "ledger.sqlite"))


def kept(path: Path) -> tuple[int, tuple[str, ...]]:
    """How many of the answers are there, each of them right, and the notes of the opening."""
    with Ledger(path) as ledger:
        found = ledger.lookup([r.key for r in REQUESTS])
        for n, request in enumerate(REQUESTS):
            if request.key in found:
                assert found[request.key].text == text(n)
        return len(found), ledger.notes


def test_a_lost_header_loses_no_answer(copy: Path) -> None:
    data = bytearray(copy.read_bytes())
    data[:100] = bytes(100)
    copy.write_bytes(data)
    count, notes = kept(copy)
    assert count == COUNT
    assert "ledger.sqlite.damaged-1" in notes[0]
    assert f"{COUNT} answers were carried over" in notes[0]
    assert (copy.parent / "ledger.sqlite.damaged-1").read_bytes() == bytes(data)


def test_a_destroyed_page_loses_only_its_rows(copy: Path) -> None:
    data = bytearray(copy.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096] = b"\xff" * 4096
    copy.write_bytes(data)
    count, _ = kept(copy)
    assert COUNT - 30 <= count < COUNT + 1


def test_a_truncated_file_keeps_what_lies_before_the_cut(copy: Path) -> None:
    copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
    count, notes = kept(copy)
    assert COUNT / 3 < count < COUNT
    assert notes


def test_an_emptied_file_is_noticed(copy: Path) -> None:
    copy.write_bytes(b"")
    count, notes = kept(copy)
    assert count == 0
    assert "was damaged" in notes[0]


def test_each_damaged_file_gets_its_own_name(copy: Path) -> None:
    for number in (1, 2):
        copy.write_bytes(b"not a database, but something long enough to look at")
        kept(copy)
        assert (copy.parent / f"ledger.sqlite.damaged-{number}").exists()


def test_answers_that_are_only_in_the_log_are_salvaged(sound: Path, tmp_path: Path) -> None:
    live, copy = tmp_path / "live.sqlite", tmp_path / "ledger.sqlite"
    with Ledger(live) as ledger:
        ledger.put([(REQUESTS[2], Response(example_id="e2", text=text(2)))])
        # What a crash leaves behind: the file and its log as they are while it is open.
        shutil.copy(live, copy)
        shutil.copy(f"{live}-wal", f"{copy}-wal")
    copy.write_bytes(b"\0" * 100 + copy.read_bytes()[100:])
    assert kept(copy)[0] == 1


def test_bits_flipped_anywhere_never_give_a_wrong_answer(sound: Path, tmp_path: Path) -> None:
    """40 files with 1 to 20 flipped bytes each: what comes back is right, and most of it comes back."""
    dice = random.Random(5)
    original = sound.read_bytes()
    counts = []
    for number in range(40):
        path = tmp_path / str(number) / "ledger.sqlite"
        path.parent.mkdir()
        data = bytearray(original)
        for _ in range(dice.randint(1, 20)):
            data[dice.randrange(100, len(data))] ^= dice.randint(1, 255)
        path.write_bytes(data)
        counts.append(kept(path)[0])
    assert min(counts) >= COUNT - 60
    assert sum(counts) / len(counts) > COUNT - 20


def test_a_spoilt_row_is_asked_again_and_verify_names_it(copy: Path) -> None:
    key = REQUESTS[0].key
    with Ledger(copy) as ledger:
        ledger.connection.execute("UPDATE answer SET body = x'7b7d' WHERE key = ?", (bytes.fromhex(key),))
        (problem,) = upkeep.verify(ledger)
        assert key[:16] in problem.what
        assert ledger.lookup([key]) == {}
        assert "will be asked again" in ledger.notes[-1]
        assert ledger.claim([key]) == {key}
        assert upkeep.verify(ledger) == ()
