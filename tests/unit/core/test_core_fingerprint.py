import json
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evalkit.core.exchange import Message, Request, Sampling, ToolCall
from evalkit.core.fingerprint import add_keys, canonical, digest, plain, prompt_digest, request_key, request_keys

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VALUES)
def test_canonical_text_is_that_of_plain_values(value: object) -> None:
    wanted = json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert canonical(value) == wanted
    assert json.loads(canonical(value)) == value


def test_nouns_and_mappings_are_told_by_their_content() -> None:
    message = Message(role="user", content="あ", tool_calls=(ToolCall(name="f", arguments="{}"),))
    assert json.loads(canonical(message)) == plain(message)
    assert canonical(MappingProxyType({"a": (1, 2)})) == canonical({"a": [1, 2]})


def test_what_is_no_number_has_no_identity() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        digest({"x": float("nan")})


@pytest.mark.parametrize(
    "other",
    [
        Request(example_id="a", messages=(Message(role="user", content="hi!"),)),
        Request(example_id="a", messages=(Message(role="user", content="hi"),), repeat=1),
        Request(example_id="a", messages=(Message(role="user", content="hi"),), sampling=Sampling(temperature=1.0)),
        Request(example_id="a", messages=(Message(role="user", content="hi"),), tools=({"name": "f"},)),
        Request(example_id="a", messages=(Message(role="user", content="hi"),), choices=("x", "y")),
    ],
)
def test_whatever_may_change_the_answer_changes_the_key(other: Request) -> None:
    request = Request(example_id="a", messages=(Message(role="user", content="hi"),))
    assert add_keys(request, model_fingerprint="m").key != add_keys(other, model_fingerprint="m").key


def test_the_example_and_the_suite_do_not_change_the_key_but_the_model_does() -> None:
    messages = (Message(role="user", content="hi"),)
    one = add_keys(Request(example_id="a", messages=messages, suite="s"), model_fingerprint="m")
    two = add_keys(Request(example_id="b", messages=messages), model_fingerprint="m")
    assert one.key == two.key
    assert add_keys(one, model_fingerprint="n").key != one.key
    assert one.prompt_sha256 == prompt_digest(messages)


@given(st.lists(st.tuples(st.text(), st.integers(0, 3), st.sampled_from([0.0, 0.5])), max_size=6))
def test_keys_of_many_are_the_keys_of_each(rows: list[tuple[str, int, float]]) -> None:
    key = request_keys("mødel")
    for prompt, repeat, temperature in rows:
        sampling = Sampling(temperature=temperature)
        request = Request(example_id="x", messages=(), prompt_sha256=prompt, sampling=sampling, repeat=repeat)
        assert key(request) == request_key("mødel", prompt_sha256=prompt, sampling=sampling, repeat=repeat)
