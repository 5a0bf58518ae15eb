"""What is kept comes back as it was: responses, comparisons, verdicts."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from evalkit.core.columns import Column, Comparison, Coverage, PairedColumn
from evalkit.core.exchange import Example, Failure, Message, ModelIdentity, Response, ToolCall, Usage
from evalkit.core.rows import dump, parse, response_row, row_response
from evalkit.core.verdict import Estimate, Finding, Score, SliceKey, SuiteVerdict, Verdict
from evalkit.store.answers import pack, unpack
from evalkit.store.codec import comparison_json, read_comparison
from evalkit.store.shapes import from_json, to_json

texts = st.text(max_size=12)
words = st.text(min_size=1, max_size=6)
numbers = st.floats(allow_nan=False, allow_infinity=False)
seconds = st.floats(min_value=0, max_value=1e6)
counts = st.integers(min_value=0, max_value=10**9)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(words, values, max_size=3)
calls = st.builds(
    ToolCall, name=words, arguments=texts, id=st.none() | texts, kind=st.sampled_from(["function", "text"])
)
usages = st.builds(Usage, input=st.none() | counts, output=st.none() | counts, cached_input=st.none() | counts)
failures = st.builds(Failure, kind=st.sampled_from(["timeout", "other"]), message=texts, status=st.none() | counts)


def tuples(of: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[Any]:
    return st.lists(of, max_size=most).map(tuple)


@st.composite
def responses(draw: st.DrawFn) -> Response:
    common = {
        "example_id": draw(words),
        "repeat": draw(counts),
        "usage": draw(st.none() | usages),
        "latency_s": draw(st.none() | seconds),
        "prompt_sha256": draw(st.none() | texts),
        "served_model": draw(st.none() | texts),
        "adapted": draw(objects),
        "suite": draw(st.none() | words),
    }
    if draw(st.booleans()):
        return Response(failure=draw(failures), **common)
    scores = draw(tuples(numbers))
    return Response(
        text=draw(texts),
        tool_calls=draw(tuples(calls)),
        choice_scores=scores,
        token_logprobs=draw(tuples(numbers)),
        thought=draw(st.none() | texts),
        ended=draw(st.sampled_from([None, "cut", "cut_thinking", "filtered"])),
        taken=draw(tuples(texts)),
        **common,
    )


messages = st.builds(
    Message,
    role=words,
    content=st.none() | texts | tuples(objects),
    tool_calls=tuples(calls),
    tool_call_id=st.none() | texts,
)
examples = st.builds(
    Example,
    id=words,
    messages=tuples(messages),
    target=values,
    choices=tuples(texts),
    tools=tuples(objects),
    tags=st.dictionaries(words, texts, max_size=2),
    cluster=st.none() | texts,
    extra=objects,
)
scores = st.builds(
    Score,
    example_id=words,
    scorer=words,
    version=texts,
    status=st.sampled_from(["SCORED", "ERROR"]),
    value=st.none() | numbers,
    parts=st.dictionaries(words, st.none() | numbers, max_size=2),
    reason=texts,
    evidence=objects,
    repeat=counts,
)
identities = st.builds(ModelIdentity, name=words, provider=words, model=words, fingerprint=words, details=objects)


@st.composite
def columns(draw: st.DrawFn, shape: tuple[int, int]) -> Column:
    masks = [draw(npst.arrays(np.bool_, shape)) for _ in range(3)]
    raw = draw(npst.arrays(np.float64, shape, elements=numbers))
    return Column(raw=raw, scored=masks[0], failed=masks[1], errors=masks[2])


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    held = draw(tuples(examples, 2))
    shape = (len(held), draw(st.integers(1, 2)))
    paired = {}
    for metric in draw(st.lists(words, unique=True, max_size=2)):
        arms = [draw(columns(shape)) for _ in range(2)]
        paired[metric] = PairedColumn(metric=metric, base=arms[0], candidate=arms[1], binary=draw(st.booleans()))
    answered = st.dictionaries(words, tuples(responses(), 2), max_size=2)
    scored = st.dictionaries(words, st.dictionaries(words, tuples(scores, 2), max_size=2), max_size=2)
    return Comparison(
        suite=draw(words),
        base=draw(identities),
        candidate=draw(identities),
        examples=held,
        clusters=tuple(example.unit for example in held),
        columns=paired,
        levels={"intent": tuple("x" for _ in held)},
        coverage=Coverage(examples=len(held), asked=len(held), base_failures={"timeout": 1}),
        unsound=draw(tuples(texts)),
        notes=draw(tuples(texts)),
        base_responses=draw(answered),
        candidate_responses=draw(answered),
        base_scores=draw(scored),
        candidate_scores=draw(scored),
        manifest=draw(objects),
    )


@given(responses())
def test_a_response_survives_its_row_and_its_packed_body(response: Response) -> None:
    assert row_response(parse(dump(response_row(response)))) == response
    assert unpack(pack(response)) == response


@settings(max_examples=60, deadline=None)
@given(comparisons())
def test_a_comparison_survives_json(comparison: Comparison) -> None:
    back = read_comparison(json.loads(dump(comparison_json(comparison))))
    for metric, paired in comparison.columns.items():
        for arm in ("base", "candidate"):
            for name in ("raw", "scored", "failed", "errors"):
                kept = getattr(getattr(paired, arm), name)
                found = getattr(getattr(back.columns[metric], arm), name)
                assert found.dtype == kept.dtype
                np.testing.assert_array_equal(found, kept)
    without = {name: getattr(comparison, name) for name in Comparison.__slots__ if name != "columns"}
    assert {name: getattr(back, name) for name in without} == without
    assert back.columns.keys() == comparison.columns.keys()


slices = st.none() | st.builds(SliceKey, by=words, value=texts)
figures = {
    name: st.none() | numbers for name in ("base", "candidate", "delta", "low", "high", "p", "p_adjusted", "mde")
}
estimates = st.builds(
    Estimate,
    metric=words,
    slice=slices,
    n=counts,
    n_clusters=counts,
    confidence=numbers,
    higher_is_better=st.booleans(),
    binary=st.booleans(),
    fixed=st.none() | counts,
    broken=st.none() | counts,
    method=words,
    because=texts,
    **figures,
)
findings = st.builds(
    Finding,
    gate=words,
    estimate=estimates,
    state=st.sampled_from(["PASS", "REGRESSION"]),
    flags=tuples(words),
    examples=tuples(words),
    details=objects,
    because=texts,
)


@settings(max_examples=60)
@given(tuples(findings), tuples(estimates), objects)
def test_a_verdict_survives_json(found: Any, metrics: Any, models: Any) -> None:
    suite = SuiteVerdict(name="s", outcome="FAIL", findings=found, metrics=metrics, notes=("n",), examples=3)
    verdict = Verdict(version="1", outcome="FAIL", base="b", candidate="c", suites=(suite,), models=models)
    assert from_json(Verdict, json.loads(dump(to_json(verdict)))) == verdict
