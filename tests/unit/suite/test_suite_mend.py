"""A file that breaks its shape is read as far as it goes, and what is left leads back to where it was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalkit.core.errors import SuiteError
from evalkit.suite.load import draft_suite, load_models
from evalkit.suite.mend import recover
from evalkit.suite.spec import SuiteSpec
from evalkit.suite.yaml_file import read_yaml

TEXT = """\
evalkit: 1
name: support
dataset: {path: rows.jsonl}
scorers:
  answer: {type: exact}
gates:
  - {type: flor, metric: answer}
  - {type: floor, metric: answer, min: high, max: 0.9}
  - {type: bugdet, metric: latency_p50}
  - {type: must_improve, metric: answer, extra: 1}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "suite.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_left_keeps_its_places_and_what_is_lost_is_named_as_written(tmp_path: Path) -> None:
    source = read_yaml(write(tmp_path, TEXT))
    rest = recover(source, SuiteSpec, {})
    assert rest is not None
    assert [gate.type for gate in rest.spec.gates] == ["floor", "must_improve"]
    assert [rest.source.locate("gates", index).line for index in (0, 1)] == [8, 10]
    assert rest.dropped == {("gates", 0), ("gates", 1, "min"), ("gates", 2), ("gates", 3, "extra")}
    assert {("gates", 0), ("gates", 1)} <= rest.incomplete
    assert len(source.data["gates"]) == 4, "the file that was read is left as it is"


def test_a_key_that_must_be_there_ends_it_unless_something_stands_in(tmp_path: Path) -> None:
    source = read_yaml(write(tmp_path, TEXT.replace("name: support\n", "")))
    assert recover(source, SuiteSpec, {}) is None
    rest = recover(source, SuiteSpec, {"name": "?"})
    assert rest is not None
    assert ("name",) in rest.dropped


def test_a_suite_of_another_version_is_taken_no_further(tmp_path: Path) -> None:
    draft = draft_suite(write(tmp_path, TEXT.replace("evalkit: 1", "evalkit: 2")))
    assert draft.suite is None
    assert draft.problems[0].what.startswith("evalkit cannot be")


def test_aliases_and_merges_are_no_trap(tmp_path: Path) -> None:
    text = TEXT.replace("{type: must_improve, metric: answer, extra: 1}", "{<<: *it, metric: anwser}").replace(
        "{type: floor", "&it {type: floor"
    )
    draft = draft_suite(write(tmp_path, text))
    assert draft.suite is not None
    assert any("'anwser'" in problem.what for problem in draft.problems)


def sentences(folder: Path, text: str) -> list[str]:
    """What is told of a suite, each with its line."""
    problems = draft_suite(write(folder, text)).problems
    return [f"{problem.where.line}: {problem.what}" for problem in problems if problem.where is not None]


def test_a_mistake_in_a_gate_that_stands_twice_by_an_alias_is_told_for_both(tmp_path: Path) -> None:
    head = TEXT[: TEXT.index("gates:")]
    gates = "gates:\n  - &g {type: floor, metric: answer, min: 0.5, mn: 0.5}\n  - *g\n"
    assert sentences(tmp_path, head + gates + "  - {type: must_improve, metric: anwser}\n") == [
        "7: unknown key 'mn' in gates[0] (did you mean 'min'?)",
        "7: unknown key 'mn' in gates[1] (did you mean 'min'?)",
        "9: no scorer produces the metric 'anwser' (did you mean 'answer'?)",
    ]


@pytest.mark.parametrize("torn", [0, 1])
def test_what_is_left_of_a_slice_is_not_the_name_of_another(tmp_path: Path, torn: int) -> None:
    slices = ["  - {by: kind}\n", "  - {by: shop}\n", "  - {by: shop}\n"]
    slices.insert(torn, "  - {by: [kind, 3, 4]}\n")
    text = TEXT.replace("gates:\n", f"slices:\n{''.join(slices)}gates:\n")
    assert [sentence for sentence in sentences(tmp_path, text) if "slice" in sentence] == [
        f"{7 + torn}: slices[{torn}].by[1] must be text, not a whole number (3)",
        f"{7 + torn}: slices[{torn}].by[2] must be text, not a whole number (4)",
        "10: the slice 'shop' is declared twice",
    ]


def test_a_list_with_an_alias_loses_what_is_wrong_and_nothing_else(tmp_path: Path) -> None:
    slices = "slices:\n  - {by: &tags [kind, 3, more]}\n"
    gates = "gates:\n  - {type: no_regression, metric: answer, margin: 0.1, slices: *tags}\n"
    source = read_yaml(write(tmp_path, TEXT[: TEXT.index("gates:")] + slices + gates))
    rest = recover(source, SuiteSpec, {})
    assert rest is not None
    assert rest.spec.slices[0].by == ["kind", "more"]
    assert rest.spec.model_dump()["gates"][0]["slices"] == ["kind", "more"]
    assert rest.dropped == {("slices", 0, "by", 1), ("gates", 0, "slices", 1)}


def test_a_model_that_stands_twice_by_an_alias_is_told_for_both(tmp_path: Path) -> None:
    path = tmp_path / "models.yaml"
    path.write_text("models:\n  a: &m {provider: openai, model: x, bogus: 1}\n  b: *m\n", encoding="utf-8")
    with pytest.raises(SuiteError) as caught:
        load_models(path)
    assert [problem.what for problem in caught.value.problems] == [
        "unknown key 'bogus' in models.a",
        "unknown key 'bogus' in models.b",
    ]


@pytest.mark.parametrize("gate", ["{type: floor, metric: answer, mn: 0.5}", "{type: must_improve, metric: answer}"])
def test_an_alias_inside_of_its_own_anchor_is_told_with_its_place(tmp_path: Path, gate: str) -> None:
    text = TEXT[: TEXT.index("scorers:")] + "scorers: &a\n  answer: {type: exact, opt: *a}\ngates:\n  - " + gate + "\n"
    path = write(tmp_path, text)
    assert recover(read_yaml(path), SuiteSpec, {}) is None
    wrong = ["7: unknown key 'mn' in gates[0] (did you mean 'min'?)"] if "mn" in gate else []
    assert sentences(tmp_path, text) == ["5: the alias *a stands inside what it names: it would have no end", *wrong]


def test_aliases_of_aliases_without_number_end_the_mending(tmp_path: Path) -> None:
    lists = "&l0 [1, 1]" + "".join(f", &l{i} [{', '.join([f'*l{i - 1}'] * 10)}]" for i in range(1, 9))
    text = TEXT.replace("{type: exact}", f"{{type: exact, opt: [{lists}]}}")
    path = write(tmp_path, text)
    assert recover(read_yaml(path), SuiteSpec, {}) is None
    assert len(sentences(tmp_path, text)) == 4
