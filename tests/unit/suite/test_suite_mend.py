"""A file that breaks its shape is read as far as it goes, and what is left leads back to where it was written."""

from __future__ import annotations

from pathlib import Path

from evalkit.suite.load import draft_suite
from evalkit.suite.mend import mended
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
    rest = mended(source, SuiteSpec, {})
    assert rest is not None
    assert [gate.type for gate in rest.spec.gates] == ["floor", "must_improve"]
    assert [rest.source.locate("gates", index).line for index in (0, 1)] == [8, 10]
    assert rest.lost == {("gates", 0), ("gates", 1, "min"), ("gates", 2), ("gates", 3, "extra")}
    assert {("gates", 0), ("gates", 1)} <= rest.torn
    assert len(source.data["gates"]) == 4, "the file that was read is left as it is"


def test_a_key_that_must_be_there_ends_it_unless_something_stands_in(tmp_path: Path) -> None:
    source = read_yaml(write(tmp_path, TEXT.replace("name: support\n", "")))
    assert mended(source, SuiteSpec, {}) is None
    rest = mended(source, SuiteSpec, {"name": "?"})
    assert rest is not None
    assert ("name",) in rest.lost


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
