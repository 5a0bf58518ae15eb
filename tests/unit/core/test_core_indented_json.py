"""Indented JSON is what the standard library writes, letter by letter."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.core.exchange import EMPTY
from evalkit.core.indented_json import indent_json

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)


@given(VALUES)
def test_it_writes_what_the_standard_library_writes(value: object) -> None:
    assert indent_json(value) == json.dumps(value, ensure_ascii=False, indent=1)


def test_keys_that_are_no_text_and_mappings_that_are_no_dict() -> None:
    odd = {1: (True, None), None: 0.5, False: [], 2.5: {}}
    assert indent_json(odd) == json.dumps(odd, indent=1)
    assert indent_json({"a": EMPTY}) == '{\n "a": {}\n}'


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError):
        indent_json({"a": object()})
