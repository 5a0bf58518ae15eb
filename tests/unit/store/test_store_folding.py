"""What is folded for a page comes back as it was, whatever it is."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.store.folding import Folder, Unfolder

TEXTS = [f"a text that the page has, number {number}" for number in range(12)]
KEYS = st.sampled_from(["id", "text", "$", "~", "#", "@", "%", "=", "?", "!", "v", "of", "long key"])
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(-1, 1), st.text(max_size=3), st.sampled_from(TEXTS)
)
ROWS = st.lists(st.dictionaries(KEYS, SCALARS, max_size=4), min_size=6, max_size=14)
VALUES = st.recursive(
    st.one_of(SCALARS, ROWS, st.lists(SCALARS, min_size=7, max_size=12)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=10),
        st.dictionaries(KEYS, inner, max_size=4),
        st.lists(st.lists(inner, max_size=3), min_size=8, max_size=10),
        st.dictionaries(st.text(max_size=4), st.lists(inner, max_size=2), min_size=8, max_size=10),
    ),
    max_leaves=8,
)


def there_and_back(values: list[Any]) -> list[Any]:
    folder = Folder({text: at for at, text in enumerate(TEXTS)})
    folded = json.loads(json.dumps([folder.fold(value) for value in values]))
    unfolder = Unfolder(TEXTS)
    return [unfolder.unfold(value) for value in folded]


@settings(max_examples=60, deadline=None)
@given(st.lists(VALUES, max_size=3))
def test_any_json_comes_back(values: list[Any]) -> None:
    assert json.dumps(there_and_back(values), sort_keys=True) == json.dumps(values, sort_keys=True)


def test_rows_of_known_texts_take_little_room() -> None:
    rows = [{"id": f"case-{at}", "text": TEXTS[at % 12], "value": 1.0, "n": at} for at in range(600)]
    folder = Folder({text: at for at, text in enumerate(TEXTS)})
    folded = json.dumps([folder.fold(rows), folder.fold({row["id"]: [row] for row in rows})])
    assert len(folded) < len(json.dumps(rows)) / 3
    assert there_and_back([rows]) == [rows]
