"""Names of test items are kept, and never outlive the files that they come from."""

import json
from pathlib import Path
from typing import Any

import pytest

from evalkit.core.errors import SuiteError
from evalkit.pipeline.gate_tests.kept_items import find_cases

SUITE = """\
evalkit: 1
name: small
dataset: {path: data.jsonl}
scorers: {answer: {type: exact}}
slices: [{by: kind, min_n: 1}]
gates: [{type: no_regression, metric: answer, margin: 0.5, slices: [kind]}]
"""


class Kept(dict[str, Any]):
    """What pytest keeps between sessions, through JSON as pytest does it."""

    def set(self, key: str, value: object) -> None:
        self[key] = json.loads(json.dumps(value))


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "suite.yaml").write_text(SUITE, encoding="utf-8")
    write_rows(tmp_path, "even", "odd")
    return tmp_path / "suite.yaml"


def write_rows(folder: Path, *kinds: str) -> None:
    rows = [{"id": f"r{at}", "input": "?", "target": "x", "tags": {"kind": kind}} for at, kind in enumerate(kinds)]
    (folder / "data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def names(suite: Path, kept: Kept | None) -> list[str]:
    return [case.name for case in find_cases(suite, kept)]


def test_what_is_kept_is_what_would_be_named(suite: Path) -> None:
    kept = Kept()
    first = find_cases(suite, kept)
    assert [case.value for case in first] == ["even", "odd"]
    assert find_cases(suite, kept) == first == find_cases(suite, None)
    (entry,) = kept.values()
    entry["cases"] = entry["cases"][:1]
    assert find_cases(suite, kept) == first[:1], "the files are the same, so the kept names are taken"


@pytest.mark.parametrize("change", ["data", "suite"])
def test_a_file_that_changed_is_read_again(suite: Path, change: str) -> None:
    kept = Kept()
    before = names(suite, kept)
    if change == "data":
        write_rows(suite.parent, "even", "odd", "prime")
    else:
        suite.write_text(SUITE.replace("answer", "reply"), encoding="utf-8")
    after = names(suite, kept)
    assert after != before
    assert after == names(suite, None)


def test_another_program_names_them_anew(suite: Path) -> None:
    kept = Kept()
    before = names(suite, kept)
    (entry,) = kept.values()
    entry |= {"program": "older", "cases": []}
    assert names(suite, kept) == before


@pytest.mark.parametrize("broken", [None, [], {}, {"program": 1}, "text"])
def test_what_is_no_kept_item_is_passed_over(suite: Path, broken: object) -> None:
    kept = Kept()
    before = names(suite, kept)
    kept[next(iter(kept))] = broken
    assert names(suite, kept) == before


def test_a_suite_that_became_wrong_is_told_and_not_kept(suite: Path) -> None:
    kept = Kept()
    names(suite, kept)
    suite.write_text(SUITE.replace("metric: answer", "metric: anser"), encoding="utf-8")
    for _ in range(2):
        with pytest.raises(SuiteError, match="anser"):
            names(suite, kept)


def test_a_folder_of_data_is_read_every_time(suite: Path) -> None:
    (suite.parent / "rows").mkdir()
    (suite.parent / "data.jsonl").rename(suite.parent / "rows" / "data.jsonl")
    suite.write_text(SUITE.replace("data.jsonl", "rows"), encoding="utf-8")
    kept = Kept()
    before = names(suite, kept)
    row = {"id": "more", "input": "?", "target": "x", "tags": {"kind": "prime"}}
    (suite.parent / "rows" / "more.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    assert len(names(suite, kept)) == len(before) + 1
