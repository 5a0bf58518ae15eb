"""What is packed comes out as it went in, and takes a fraction of the room."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.core.exchange import EMPTY, Failure, Response, ToolCall, Usage
from evalkit.core.packed import PackedRows, PackedTable, number_ids
from evalkit.core.verdict import Score

NUMBERS = st.none() | st.floats(allow_nan=False) | st.integers() | st.booleans()
RESPONSES = st.builds(
    Response,
    example_id=st.text(max_size=3),
    repeat=st.integers(0, 3),
    text=st.none() | st.text(st.characters(exclude_categories=[]), max_size=5),
    tool_calls=st.just(()) | st.builds(lambda name: (ToolCall(name=name, arguments="{}"),), st.text(max_size=2)),
    usage=st.none() | st.builds(Usage, input=st.none() | st.integers(), output=st.none() | st.integers()),
    latency_s=st.none() | st.floats(allow_nan=False),
    failure=st.none() | st.builds(Failure, kind=st.just("other"), message=st.text(max_size=3)),
    scores=st.just(EMPTY) | st.dictionaries(st.text(max_size=2), st.integers()),
)
SCORES = st.builds(
    Score,
    example_id=st.just("a"),
    scorer=st.just("s"),
    version=st.just("1"),
    value=NUMBERS,
    reason=st.text(max_size=2),
    evidence=st.just(EMPTY) | st.fixed_dictionaries({"expected": NUMBERS, "got": st.text(max_size=2) | st.just([])}),
    reading=st.none() | st.text(max_size=2),
    code=NUMBERS | st.tuples(st.floats(allow_nan=False)),
)


def packed(rows: Iterable[Any], kind: Any) -> PackedRows[Any]:
    found = PackedRows(kind)
    for row in rows:
        found.append(row)
    return found


@given(st.lists(RESPONSES, max_size=40))
def test_every_response_comes_out_as_it_went_in(rows: list[Response]) -> None:
    found = packed(rows, Response)
    assert [*found] == rows
    assert [*map(repr, found)] == [*map(repr, rows)], "1, 1.0 and True are three values, and -0.0 is not 0.0"
    assert [repr(found[at]) for at in range(len(rows))] == [*map(repr, rows)]


@given(st.lists(SCORES, max_size=40))
def test_every_score_comes_out_as_it_went_in(rows: list[Score]) -> None:
    assert [*map(repr, packed(rows, Score))] == [*map(repr, rows)]


def test_more_values_than_a_byte_names_and_others_than_before_are_held() -> None:
    values: list[Any] = [*range(300), None, 2**70, "x", 0.5, True]
    rows = [Response(example_id=str(at), request_id=value) for at, value in enumerate(values)]
    assert [*map(repr, packed(rows, Response))] == [*map(repr, rows)]
    late = [Response(example_id="a")] * 3 + [Response(example_id="a", usage=Usage(input=1)), Response(example_id="a")]
    assert [*packed(late, Response)] == late


def test_rows_by_id_are_the_same_in_any_order() -> None:
    ids = [f"q{at}" for at in range(400)]
    table = PackedTable(Response, number_ids(ids))
    for at, key in enumerate(ids):
        table.add(key, [Response(example_id=key, repeat=turn, latency_s=at / 7) for turn in range(1 + at % 3 // 2)])
    known = dict(table.items())
    asked = [*ids, *ids[::-1], *ids[::3], *ids[100:300], *ids[:5]]
    assert [table[key] for key in asked] == [known[key] for key in asked]


def test_a_table_is_a_mapping_in_the_order_of_its_ids() -> None:
    places = number_ids(["a", "b", "c", "d"])
    table = PackedTable(Response, places)
    rows = {
        "a": tuple(Response(example_id="a", repeat=at) for at in range(2)),
        "c": (Response(example_id="c"),),
        "d": (),
    }
    for key, some in rows.items():
        table.add(key, some)
    assert table == rows
    assert [*table] == ["a", "c", "d"]
    assert len(table) == 3
    assert not {"b", "e"} & {*table}
    assert [key in table for key in ("a", "b", "e")] == [True, False, False]
    assert table.get("b", ()) == ()
    assert [*table.items()] == [*rows.items()]
    assert [*table.values()] == [*rows.values()]
    with pytest.raises(KeyError):
        table["b"]
    with pytest.raises(ValueError, match="b"):
        table.add("b", ())


def test_an_answer_and_its_score_take_a_fraction_of_their_objects() -> None:
    def answers() -> Iterator[Response]:
        for at in range(2_000):
            usage = Usage(input=20 + at % 7, output=at)
            sha = format(at, "064x")
            yield Response(example_id=f"q{at}", text=f"answer {at}", usage=usage, latency_s=at / 7, prompt_sha256=sha)

    def held(make: Any) -> int:
        tracemalloc.start()
        found = make()
        size = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert len(found) == 2_000
        return size

    as_objects, as_columns = held(lambda: [*answers()]), held(lambda: packed(answers(), Response))
    assert as_columns < 0.6 * as_objects

    def scores() -> Iterator[Score]:
        return (Score(example_id=f"q{at}", scorer="s", version="1", value=at % 2) for at in range(2_000))

    assert held(lambda: packed(scores(), Score)) < 0.6 * held(lambda: [*scores()])
