"""Whatever a file holds, reading it ends in what it means or in problems with places, never in a trace."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import cache, reduce
from io import StringIO
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from evalkit.core.errors import EvalkitError, Location, Problem
from evalkit.core.exchange import Example, Message, Response
from evalkit.data.formats import FORMATS
from evalkit.data.held_out.search import find_leaks
from evalkit.data.integrity import near_twins
from evalkit.data.read import read_examples, sample
from evalkit.data.training import TrainingRow
from evalkit.scorers import TABLE, build_scorer
from evalkit.suite.load import load_models, load_suite
from evalkit.text.normalize import normalize
from evalkit.text.sentences import sentences

SLOW_START = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

SUITE = """\
evalkit: 1
name: support
dataset: {path: rows.jsonl, limit: 20}
scorers:
  answer: {type: exact, normalize: [nfkc]}
slices: [{by: intent, fairness: {metrics: [answer]}}]
gates:
  - {type: must_improve, metric: answer}
  - {type: floor, metric: answer, min: 0.9}
  - {type: critical, tag: critical}
waivers:
  - {gate: floor, metric: answer, reason: r, owner: o, expires: 2027-01-31}
"""

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
KEYS = sorted(
    {key for format in FORMATS.values() for key in format.keys} | {"tools", "choices", "tags", "id", "cluster"}
)
TURN = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "system", "tool", "x"]), "content": st.text(max_size=5) | JSON},
    optional={"weight": JSON, "tool_calls": JSON, "function_call": JSON, "from": JSON, "value": JSON},
)
ROW = st.dictionaries(st.sampled_from(KEYS), JSON | st.lists(TURN, max_size=3), max_size=5)


PLACES: list[tuple[int | str, ...]] = [
    ("dataset",),
    ("scorers",),
    ("scorers", "answer"),
    ("scorers", "answer", "normalize"),
    ("slices", 0),
    ("slices", 0, "by"),
    ("slices", 0, "fairness"),
    ("slices", 0, "fairness", "metrics"),
    ("gates",),
    ("gates", 0),
    ("gates", 1),
    ("waivers", 0),
    ("waivers", 0, "slice"),
]


def outcome(call: Callable[[], Any]) -> tuple[Any, tuple[Problem, ...]]:
    """What a call returns and no problem, or None and the problems it tells. Any other exception is a failure."""
    try:
        return call(), ()
    except EvalkitError as error:
        return None, error.problems


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("property")


def written(path: Path, raw: bytes) -> Path:
    path.write_bytes(raw)
    return path


@SLOW_START
@given(start=st.integers(0, len(SUITE)), length=st.integers(0, 12), patch=st.text(max_size=6))
def test_a_suite_cut_and_patched_anywhere_is_read_or_explained(
    folder: Path, start: int, length: int, patch: str
) -> None:
    text = SUITE[:start] + patch + SUITE[start + length :]
    path = written(folder / "suite.yaml", text.encode("utf-8", "surrogatepass"))
    suite, problems = outcome(lambda: load_suite(path))
    assert all(problem.what for problem in problems)
    assert problems or suite.locate("gates", 0).line


@settings(SLOW_START, max_examples=30)
@given(alias=st.sampled_from(PLACES), anchor=st.sampled_from(PLACES[:-1]), wrong=st.sampled_from(PLACES[:-1]))
def test_an_alias_anywhere_beside_a_mistake_is_read_or_explained(
    folder: Path, alias: tuple[int | str, ...], anchor: tuple[int | str, ...], wrong: tuple[int | str, ...]
) -> None:
    yaml = YAML(typ="safe", pure=True)
    document = yaml.load(SUITE)
    shared, torn = (reduce(getitem, place, document) for place in (anchor, wrong))
    reduce(getitem, alias[:-1], document)[alias[-1]] = shared
    if isinstance(torn, dict):
        torn["mistake"] = 3
    elif isinstance(torn, list):
        torn.append(3)
    stream = StringIO()
    yaml.dump({"models": document, **document}, stream)
    path = written(folder / "suite.yaml", stream.getvalue().encode())
    for load in (load_suite, load_models):
        _, problems = outcome(lambda load=load: load(path))
        assert all(problem.what and problem.where is not None for problem in problems)


@SLOW_START
@given(
    document=st.dictionaries(
        st.sampled_from(["evalkit", "name", "dataset", "scorers", "gates", "slices", "models"]), JSON
    )
)
def test_any_value_under_a_known_key_is_read_or_explained(folder: Path, document: dict[str, object]) -> None:
    path = written(folder / "suite.yaml", json.dumps(document).encode())
    for load in (load_suite, load_models):
        _, problems = outcome(lambda load=load: load(path))
        assert all(problem.where is not None for problem in problems)


@SLOW_START
@given(raw=st.binary(max_size=300), format=st.sampled_from(sorted(FORMATS)))
def test_any_bytes_are_read_or_explained(folder: Path, raw: bytes, format: str) -> None:
    examples, problems = outcome(lambda: read_examples(written(folder / "rows.jsonl", raw), format=format))
    assert problems or examples


NO_ROWS = {"csv", "crows-pairs", "stereoset", "winobias", "winogender"}
"""Not a JSON object a line, but tables, sentences or one document"""


@SLOW_START
@given(rows=st.lists(ROW, min_size=1, max_size=4), format=st.sampled_from(sorted(set(FORMATS) - NO_ROWS)))
def test_any_row_becomes_an_example_or_a_problem_with_its_line(
    folder: Path, rows: list[dict[str, object]], format: str
) -> None:
    raw = "".join(json.dumps(row) + "\n" for row in rows).encode()
    examples, problems = outcome(lambda: read_examples(written(folder / "rows.jsonl", raw), format=format))
    assert all(problem.where is not None and problem.where.line for problem in problems)
    assert problems or len(examples) == len(rows)
    assert all(example.messages and example.id for example in examples or ())


@SLOW_START
@given(st.lists(st.text(max_size=30), max_size=12), st.integers(0, 5), st.integers(1, 5))
def test_samples_double_nothing(texts: list[str], seed: int, clusters: int) -> None:
    examples = [
        Example(id=f"e{i}", messages=(Message(role="user", content=text),), cluster=f"c{i % clusters}")
        for i, text in enumerate(texts)
    ]
    drawn = [example.id for example in sample(examples, limit=5, seed=seed)]
    assert len(set(drawn)) == len(drawn) == min(5, len(examples))


@SLOW_START
@given(st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=8))
def test_every_question_is_a_copy_of_itself(texts: list[str]) -> None:
    examples = [Example(id=f"e{i}", messages=(Message(role="user", content=t),)) for i, t in enumerate(texts)]
    rows = [TrainingRow(Location(file="t"), (text,), frozenset({0})) for text in texts if text and not text.isspace()]
    found = {leak.example_id for leak in find_leaks(examples, rows) if leak.tier in ("exact", "normalised")}
    assert found == {
        f"e{i}" for i, text in enumerate(texts) if any(mark.isalnum() for mark in normalize(text, ("nfkc",)))
    }
    assert all(first != second for first, second, _ in near_twins(examples))


@given(st.text(max_size=120))
def test_sentences_lose_no_character(text: str) -> None:
    found = sentences(text)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(sentence.strip() == sentence and sentence for sentence in found)


OPTIONS: dict[str, dict[str, object]] = {
    "regex": {"pattern": r"(\w+)", "group": 1},
    "length": {"unit": "words", "max": 10},
    "register": {"expect": "polite"},
    "format": {"max_chars": 400},
    "honorifics": {"expect": ["尊敬"]},
    "style_like": {"pairs": str(Path(__file__).parents[2] / "examples" / "style_pairs.jsonl")},
    "tone": {"avoid": ["emoji"]},
    "persona": {"first_person": ["わし"], "endings": ["ぜよ"]},
    "language": {"expect": "ja"},
    "refusal": {"expect_refusal": False},
    "rating": {"scale": [0, 10]},
    "checks": {"checks": [{"max_chars": 40}]},
}
NOT_SIMPLE = {
    "code_tests",
    "embedding",
    "given",
    "honorifics",
    "instructions",
    "json_schema",
    "judge",
    "likelihood",
    "readability",
    "representation",
    "tool_calls",
}
"""They need rows, a model or a language of their own, or do not apply to every answer"""
SIMPLE = sorted(set(TABLE) - NOT_SIMPLE)


@cache
def simple(name: str) -> Any:
    """One scorer for all answers: a style is learned once."""
    return build_scorer(name, OPTIONS.get(name, {}), root=Path())


@pytest.mark.parametrize("name", SIMPLE)
@SLOW_START
@given(text=st.none() | st.text(max_size=60), target=st.integers(0, 1))
def test_any_answer_gets_a_finite_score(name: str, text: str | None, target: int) -> None:
    scorer = simple(name)
    example = Example(id="a", messages=(Message(role="user", content="q"),), choices=("no", "yes"), target=target)
    response = Response(example_id="a", text=text, refusal="no" if text is None else None)
    if name in ("numeric", "rating"):
        example = Example(id="a", messages=example.messages, target=target)
    score = scorer.score(example, response)
    assert score == scorer.score(example, response)
    assert score.value is not None
    assert all(math.isfinite(part) for part in (score.value, *score.parts.values()) if part is not None)


@SLOW_START
@given(
    st.sampled_from(SIMPLE),
    st.dictionaries(st.sampled_from(["expect", "min", "max", "pattern", "normalize", "x"]), JSON),
)
def test_any_options_build_a_scorer_or_are_explained(name: str, options: dict[str, object]) -> None:
    scorer, problems = outcome(lambda: build_scorer(name, options, root=Path()))
    assert (scorer is None) == bool(problems)
