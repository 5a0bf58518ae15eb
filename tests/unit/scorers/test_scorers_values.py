"""Typed matchers: each accepts what is the same and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.scorers.schemas.equal import is_same_json
from evalkit.scorers.values.compare import matches, similarity
from evalkit.scorers.values.expected import read_expected
from evalkit.scorers.values.how import read_how
from evalkit.scorers.values.pairing import best_pairs

SAME = [
    (5, 5.0, {"type": "integer"}),
    (0.3, 0.1 + 0.2, {"type": "number"}),
    ("2024-05-01", "令和6年5月1日", {"type": "string", "format": "date"}),
    ("15:30", "午後3時半", {"type": "string"}),
    ("東京都", "東京", {}),
    ("Hello  World", "ｈｅｌｌｏ world", {}),
    ({"exact": "Ab"}, "Ab", {}),
    ({"number": 10, "tolerance": 0.5}, 10.4, {}),
    ({"number": 100, "relative": 0.01}, 99.5, {}),
    ({"number": "１２"}, "12", {}),
    ({"fuzzy": "東京駅八重洲口", "at_least": 0.8}, "東京駅 八重洲口", {}),
    ({"set": ["b", "a"]}, ["A", "b"], {}),
    ({"regex": "[A-Z]{2}\\d+"}, "AB12", {}),
    ({"contains": "会議"}, "明日の会議の件", {}),
    ({"person": "田中"}, "田中様", {}),
    ({"person": "佐藤部長"}, "佐藤部長さん", {}),
    ("トヨタ", "ﾄﾖﾀ", {}),
    ("ガソリン", "ｶﾞｿﾘﾝ", {}),
    ("2024-05-01T12:00", "令和6年5月1日 正午", {}),
    ({"prefecture": "大阪"}, "大阪府", {}),
    ({"datetime": "2024-05-01T15:00:00+09:00"}, "2024-05-01T06:00:00Z", {}),
    ({"any_of": [1, {"regex": "x+"}]}, "xx", {}),
    ({"any": True}, None, {}),
    ({"a": {"any_of": [1, 2]}, "b": {"optional": True}}, {"a": 2}, {}),
    ({"a": 1, "b": 3}, {"a": 1}, {"properties": {"b": {"type": "integer", "default": 3}}}),
    ({"a": 1}, {"a": 1, "b": 3}, {"properties": {"b": {"type": "integer", "default": 3}}}),
    ([1.5, 2], [1.5, 2.0], {"items": {"type": "number"}}),
    ({}, {}, {}),
    (None, None, {}),
]
OTHER = [
    (5, "5", {"type": "integer"}),
    (3, 3.000000000003, {"type": "integer"}),
    (1, True, {}),
    (True, 1, {}),
    ("red", "RED", {"enum": ["red", "blue"]}),
    ("AB-1", "ab-1", {"type": "string", "pattern": "^AB"}),
    ({"exact": "Ab"}, "ab", {}),
    ({"text": "Ab", "case": "keep"}, "ab", {}),
    ({"number": 10, "tolerance": 0.5}, 10.6, {}),
    ({"set": ["a", "a"]}, ["a"], {}),
    ({"set": ["a"]}, ["a", "b"], {}),
    ({"regex": "x"}, "xx", {}),
    (["a", "b"], ["b", "a"], {}),
    ("", None, {}),
    (None, 0, {}),
    ({"a": 1}, {"a": 1, "b": 2}, {}),
    ({"a": 1}, [1], {}),
    ("2024-05-01", "2024-05-02", {"format": "date"}),
    ("東京都", "京都府", {}),
    ("大阪府", "大阪市", {}),
    ("2024-05-01", "平成6年5月1日", {}),
    ("2024-05-01", "5月1日", {}),
    ("15:00", "3:00", {}),
    ("15:00", "午前3時", {}),
    ("ハハ", "パパ", {}),
    ("あいう", "アイウ", {}),
    ({"person": "田中太郎"}, "田中", {}),
    ({"person": "田中"}, "田村さん", {}),
    ("2024-05-01T15:00:00+09:00", "2024-05-01T15:00:00Z", {}),
]


@pytest.mark.parametrize(("want", "got", "schema"), SAME)
def test_the_same_value_in_another_dress_matches(want, got, schema):
    assert matches(want, got, schema)


@pytest.mark.parametrize(("want", "got", "schema"), OTHER)
def test_another_value_does_not_match(want, got, schema):
    assert not matches(want, got, schema)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"number": 1, "tolerence": 2}, None),
        ({"exact": 1, "text": 2}, "one matcher"),
        ({"any_of": []}, "at least one"),
        ({"regex": "("}, "no regular expression"),
        ({"optional": "yes"}, "true or false"),
        ({"set": 1}, "needs a list"),
        ({"number": 1, "tolerance": -1}, "at least 0"),
        ({"fuzzy": "a", "at_least": 90}, "at most 1"),
    ],
)
def test_a_matcher_that_contradicts_itself_is_told(raw, says):
    if says is None:  # an unknown word beside a matcher makes the mapping a plain value
        assert read_expected(raw).value == raw
    else:
        with pytest.raises(ValueError, match=says):
            read_expected(raw)


def test_a_suite_names_matchers_and_a_wrong_name_is_told():
    assert read_how({"number": 0.5}).expect(10).options == {"tolerance": 0.5}
    assert read_how("date").expect({"any_of": ["a"]}).kind == "any_of"
    for raw in ("exat", {"fuzy": 1}, {"list": "sorted"}, {"exact": 3}, 7):
        with pytest.raises(ValueError, match=r"allowed|matcher|list is|takes no option"):
            read_how(raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-2, 2) | st.text("aB-１", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(JSON)
def test_every_value_matches_itself(value):
    assert is_same_json(value, value)
    assert matches({"exact": value}, value, {})
    assert matches(value, value, {})


@settings(max_examples=150, deadline=None)
@given(JSON, JSON)
def test_a_similarity_is_a_share_and_equality_is_symmetric(left, right):
    assert 0.0 <= similarity(read_expected({"equals": left}), right, {}) <= 1.0
    assert is_same_json(left, right) == is_same_json(right, left)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.data())
def test_small_middling_and_large_pairings_agree(rows, columns, data):
    """The search by hand, our augmenting paths and scipy maximise the same: perfect pairs first, then the sum."""
    from unittest.mock import patch

    from evalkit.scorers.values import pairing

    cell = st.sampled_from([0.0, 0.25, 0.5, 0.99, 1.0])
    grid = [[data.draw(cell) for _ in range(columns)] for _ in range(rows)]
    padded = [[*row, *[0.0] * (5 - columns)] for row in grid] + [[0.0] * 5 for _ in range(5 - rows)]

    def worth(pairs):
        values = [padded[i][j] for i, j in pairs]
        return values.count(1.0), round(sum(values), 9)

    best = worth(pairing._try_all(grid, rows, columns))
    assert best == worth(pairing._augment(grid, rows, columns))
    with patch.object(pairing, "_IN_PYTHON", 0):
        assert best == worth(best_pairs(padded))
