"""The ledger as one process sees it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from evalkit.core.errors import StoreError
from evalkit.core.exchange import Failure, Message, ModelIdentity, Request, Response, Sampling, ToolCall, Usage
from evalkit.core.fingerprint import add_keys
from evalkit.core.ports import Store
from evalkit.store import upkeep
from evalkit.store.ledger import Ledger

MODEL = ModelIdentity(name="base", provider="scripted", model="m", fingerprint="f1")


def ask(number: int, *, model: str = "f1", repeat: int = 0) -> Request:
    message = Message(role="user", content=f"question {number}")
    request = Request(example_id=f"e{number}", messages=(message,), repeat=repeat, sampling=Sampling(max_tokens=8))
    return add_keys(request, model_fingerprint=model)


def reply(request: Request, text: str = "答え") -> Response:
    return Response(
        example_id=request.example_id,
        repeat=request.repeat,
        text=text,
        tool_calls=(ToolCall(name="f", arguments='{"a": 1'),),
        finish="stop",
        usage=Usage(input=3, output=4, cached_input=1),
        latency_s=0.25,
        served_model="m-2026",
        prompt_sha256=request.prompt_sha256,
    )


def test_the_ledger_is_a_store(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert isinstance(ledger, Store)


def test_a_kept_answer_comes_back_whole_with_its_latency_and_tokens(tmp_path: Path) -> None:
    request = ask(1)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.put([(request, reply(request))])
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert ledger.lookup([request.key, ask(2).key]) == {request.key: reply(request)}


def test_two_models_and_two_repeats_never_share_an_answer(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.put([(ask(1), reply(ask(1)))])
        assert not ledger.lookup([ask(1, model="f2").key, ask(1, repeat=1).key])


def test_a_key_is_claimed_once_until_it_is_answered_or_released(tmp_path: Path) -> None:
    keys = [ask(1).key, ask(2).key]
    with Ledger(tmp_path / "ledger.sqlite") as one, Ledger(tmp_path / "ledger.sqlite") as two:
        assert one.claim(keys) == set(keys)
        assert two.claim(keys) == set()
        assert one.claim(keys) == set()
        one.put([(ask(1), reply(ask(1)))])
        one.release([keys[1]])
        assert two.claim(keys) == {keys[1]}


def test_closing_gives_the_claims_back(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as two:
        with Ledger(tmp_path / "ledger.sqlite") as one:
            one.claim([ask(1).key])
        assert two.claim([ask(1).key]) == {ask(1).key}


def test_a_silent_owner_loses_its_claims_after_the_lease_and_a_lively_one_does_not(tmp_path: Path) -> None:
    now = [1000.0]
    with (
        Ledger(tmp_path / "ledger.sqlite", lease_s=60, clock=lambda: now[0]) as one,
        Ledger(tmp_path / "ledger.sqlite", lease_s=60, clock=lambda: now[0]) as two,
    ):
        one.claim([ask(1).key])
        now[0] += 50
        one.put([(ask(2), reply(ask(2)))])
        now[0] += 50
        assert two.claim([ask(1).key]) == set()
        now[0] += 11
        assert two.claim([ask(1).key]) == {ask(1).key}


def test_failures_are_not_kept_and_free_their_claim(tmp_path: Path) -> None:
    request = ask(1)
    failed = Response(example_id="e1", failure=Failure(kind="timeout", message="60 s"))
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.claim([request.key])
        ledger.put([(request, failed)])
        assert ledger.lookup([request.key]) == {}
        assert ledger.claim([request.key]) == {request.key}


def test_a_content_filter_is_an_answer_of_the_server_and_is_kept(tmp_path: Path) -> None:
    request = ask(1)
    filtered = Response(example_id="e1", failure=Failure(kind="content_filter", message="violence", status=400))
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.put([(request, filtered)])
        assert ledger.lookup([request.key]) == {request.key: filtered}


def test_the_first_answer_stays(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.put([(ask(1), reply(ask(1), "first"))])
        ledger.put([(ask(1), reply(ask(1), "second"))])
        assert ledger.lookup([ask(1).key])[ask(1).key].text == "first"


def test_refresh_asks_again_and_replaces(tmp_path: Path) -> None:
    now = [1000.0]
    path = tmp_path / "ledger.sqlite"
    with Ledger(path, clock=lambda: now[0]) as ledger:
        ledger.put([(ask(1), reply(ask(1), "old"))])
    now[0] += 1
    with Ledger(path, refresh=True, clock=lambda: now[0]) as ledger:
        assert ledger.lookup([ask(1).key]) == {}
        assert ledger.claim([ask(1).key]) == {ask(1).key}
        ledger.put([(ask(1), reply(ask(1), "new"))])
        assert ledger.lookup([ask(1).key])[ask(1).key].text == "new"
        assert ledger.claim([ask(1).key]) == set()


def test_a_batch_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        with pytest.raises(StoreError, match="no key"):
            ledger.put([(ask(1), reply(ask(1))), (Request(example_id="x", messages=()), reply(ask(1)))])
        assert ledger.lookup([ask(1).key]) == {}


def test_more_keys_than_sqlite_takes_in_one_question(tmp_path: Path) -> None:
    requests = [ask(n) for n in range(1300)]
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.put((r, reply(r)) for r in requests)
        assert len(ledger.lookup([r.key for r in requests])) == 1300


def test_many_keys_are_claimed_at_once_each_by_one_and_never_what_is_kept_or_held(tmp_path: Path) -> None:
    requests = [ask(n) for n in range(1300)]
    keys = [r.key for r in requests]
    with Ledger(tmp_path / "ledger.sqlite") as one, Ledger(tmp_path / "ledger.sqlite") as two:
        one.put((r, reply(r)) for r in requests[:250])
        assert two.claim(keys[200:900:2]) == set(keys[250:900:2])
        assert one.claim([*keys, *keys]) == set(keys[250:900]) - set(keys[250:900:2]) | set(keys[900:])
        one.put((r, reply(r)) for r in [*requests[900:], *requests[900:]])
        assert len(one.lookup(keys)) == 650
        one.release(keys)
        assert two.claim(keys) == set(keys[251:900:2]), "what was answered is claimed by nobody"


def test_a_row_costs_at_most_1500_bytes_a_case(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as ledger:
        for arm in ("f1", "f2"):
            ledger.put((r, reply(r, f"an answer of a usual length, number {r.example_id} " * 3)) for r in map_asks(arm))
    assert path.stat().st_size < 1500 * 1000


def map_asks(arm: str) -> list[Request]:
    return [ask(n, model=arm) for n in range(1000)]


def test_a_lone_surrogate_is_kept(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.put([(ask(1), reply(ask(1), "\ud83d!"))])
        assert ledger.lookup([ask(1).key])[ask(1).key].text == "\ud83d!"


def test_stats_count_by_model_and_prune_takes_out_by_model_and_age(tmp_path: Path) -> None:
    now = [1000.0]
    with Ledger(tmp_path / "ledger.sqlite", clock=lambda: now[0]) as ledger:
        ledger.put([(ask(1), reply(ask(1)))], model=MODEL)
        now[0] = 2000.0
        ledger.put([(ask(2), reply(ask(2)))], model=MODEL)
        ledger.put([(ask(3), reply(ask(3)))])
        ledger.claim([ask(4).key])
        seen = upkeep.stats(ledger)
        assert (seen.answers, seen.claims) == (3, 1)
        assert seen.bytes > 0
        assert [(s.name, s.answers, s.oldest, s.newest) for s in seen.models] == [
            ("", 1, 2000.0, 2000.0),
            ("base", 2, 1000.0, 2000.0),
        ]
        assert upkeep.prune(ledger) == 0
        assert upkeep.prune(ledger, before=1500.0, model="base") == 1
        assert ledger.lookup([ask(1).key, ask(2).key]).keys() == {ask(2).key}
        assert upkeep.prune(ledger, model="f1") == 1
        assert upkeep.stats(ledger).answers == 1


def test_export_gives_every_answer_with_what_is_known_of_the_asking(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite", clock=lambda: 7.0) as ledger:
        ledger.put([(ask(1), reply(ask(1)))], model=MODEL)
        ledger.put([(ask(2), reply(ask(2)))])
        (row,) = upkeep.export(ledger, model="base")
        assert row["key"] == ask(1).key
        assert row["prompt_sha256"] == ask(1).prompt_sha256
        assert row["model"] == {"name": "base", "fingerprint": "f1"}
        assert row["sampling"]["max_tokens"] == 8
        assert row["response"]["text"] == "答え"
        assert len(list(upkeep.export(ledger))) == 2


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE t (x)")
    db.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="no ledger of evalkit"):
        Ledger(path)
    assert path.read_bytes() == before


def test_a_newer_ledger_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    Ledger(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version=99")
    db.close()
    with pytest.raises(StoreError, match="newer evalkit"):
        Ledger(path)


def test_a_path_that_cannot_be_written_names_the_path_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match=r"(?s)file/ledger\.sqlite.*to do: check that you may write"):
        Ledger(tmp_path / "file" / "ledger.sqlite")


def test_a_full_disk_names_the_path_and_keeps_what_was_kept(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as ledger:
        ledger.put([(ask(1), reply(ask(1)))])
        pages = ledger.connection.execute("PRAGMA page_count").fetchone()[0]
        ledger.connection.execute(f"PRAGMA max_page_count={pages}")
        with pytest.raises(StoreError, match=r"(?s)ledger\.sqlite.*full.*to do: free space"):
            ledger.put((r, reply(r, "x" * 3000 + r.key)) for r in map_asks("f9"))
        assert ledger.lookup([ask(1).key])


def test_answers_older_than_wished_for_are_asked_again_and_replaced(tmp_path: Path) -> None:
    now = 1_000_000.0
    with Ledger(tmp_path / "l.sqlite", clock=lambda: now) as ledger:
        ledger.put([(ask(1), reply(ask(1), "old"))], model=MODEL)
    now += 8 * 86_400
    with Ledger(tmp_path / "l.sqlite", clock=lambda: now) as ledger:
        assert ledger.lookup([ask(1).key])[ask(1).key].text == "old"
        assert ledger.oldest == 1_000_000.0
    with Ledger(tmp_path / "l.sqlite", max_age_s=7 * 86_400, clock=lambda: now) as ledger:
        assert ledger.lookup([ask(1).key]) == {}
        assert ledger.claim([ask(1).key]) == {ask(1).key}
        ledger.put([(ask(1), reply(ask(1), "new"))], model=MODEL)
        assert ledger.lookup([ask(1).key])[ask(1).key].text == "new"
        assert ledger.oldest == now
