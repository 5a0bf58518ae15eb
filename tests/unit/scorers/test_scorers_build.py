"""Options from YAML to scorers."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from evalkit.core.errors import Location, SuiteError
from evalkit.core.ports import Scorer
from evalkit.scorers import TABLE, build_scorer
from evalkit.scorers.build import option_shape
from evalkit.scorers.options import SuiteFile
from evalkit.scorers.table import SCORERS


def sentences(type: str, options: dict[str, object], root: Path = Path()) -> list[str]:
    with pytest.raises(SuiteError) as caught:
        build_scorer(type, options, root=root)
    return [problem.what for problem in caught.value.problems]


def test_options_become_the_fields_of_the_scorer() -> None:
    scorer = build_scorer("fuzzy", {"threshold": 0.5, "normalize": ["strip"]}, root=Path())
    assert scorer == type(scorer)(threshold=0.5, normalize=("strip",))  # type: ignore[call-arg]


def test_an_unknown_scorer_is_told_with_the_nearest_name() -> None:
    assert sentences("exat", {}) == ["unknown scorer 'exat' (did you mean 'exact'?)"]


def test_every_bad_option_is_told_by_name() -> None:
    assert sorted(sentences("length", {"maxx": 3, "min": "a", "unit": "word"})) == [
        "min must be a whole number, not the text 'a'",
        "unit cannot be the text 'word' (did you mean 'words'?)",
        "unknown key 'maxx' (did you mean 'max'?)",
    ]


def test_a_missing_option_and_one_out_of_range_are_told() -> None:
    assert sentences("regex", {}) == ["the key 'pattern' is missing"]
    assert sentences("regex", {"pattern": "("}) == [
        "scorer 'regex': pattern '(' is no regular expression: missing ), unterminated subpattern at position 0"
    ]
    assert sentences("fuzzy", {"threshold": 90}) == [
        "scorer 'fuzzy': threshold must be above 0 and at most 1, not 90.0"
    ]


def test_problems_carry_the_place_of_the_option() -> None:
    with pytest.raises(SuiteError) as caught:
        build_scorer("exact", {"normalise": []}, root=Path(), locate=lambda loc: Location(file="s.yaml", line=len(loc)))
    assert str(caught.value).startswith("s.yaml:1: unknown key 'normalise'")


@dataclasses.dataclass(frozen=True, kw_only=True)
class _WithFile:
    words: SuiteFile


def test_a_file_is_found_beside_the_suite_and_must_exist(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("x")
    adapter, names = option_shape(_WithFile)
    assert names == ("words",)
    assert (
        adapter.validate_json('{"words": "words.txt"}', context={"root": tmp_path})["words"] == tmp_path / "words.txt"
    )
    with pytest.raises(ValueError, match=r"there is no file .*none.txt"):
        adapter.validate_json('{"words": "none.txt"}', context={"root": tmp_path})


NEEDED: dict[str, dict[str, object]] = {
    "regex": {"pattern": "a"},
    "length": {"max": 10},
    "given": {"score": "judge"},
    "register": {"expect": "polite"},
    "representation": {"groups": {"women": ["she"], "men": ["he"]}},
    "embedding": {"model": "none"},
    "format": {"max_chars": 400},
    "honorifics": {"expect": ["尊敬"]},
    "style_like": {"pairs": str(Path(__file__).parents[3] / "examples" / "style_pairs.jsonl")},
    "tone": {"avoid": ["emoji"]},
    "persona": {"first_person": ["わし"], "endings": ["ぜよ"]},
    "judge": {"judge": "someone", "criteria": "Is it right?"},
    "language": {"expect": "ja"},
    "rating": {"scale": [1, 5]},
    "json_schema": {"schema": {"type": "object"}},
}


@pytest.mark.parametrize("name", sorted(TABLE))
def test_every_registered_scorer_is_a_frozen_dataclass_with_a_version_and_a_main_metric_first(name: str) -> None:
    kind = SCORERS.load(name)
    assert dataclasses.is_dataclass(kind)
    scorer = build_scorer(name, NEEDED.get(name, {}), root=Path())
    assert isinstance(scorer, Scorer)
    assert scorer.version
    parts = [metric.part for metric in scorer.metrics()]
    assert parts[0] == ""
    assert len(set(parts)) == len(parts)
    assert all(metric.about for metric in scorer.metrics())
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
