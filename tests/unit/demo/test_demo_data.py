"""The demo's data: reproducible from its scripts, held out from training, and balanced as the suites need it."""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path
from random import Random
from typing import Any

import pytest

from evalkit.data.integrity import check_held_out
from evalkit.data.read import read_examples

ROOT = Path(__file__).resolve().parents[3]
FINETUNE = ROOT / "examples" / "finetune"
SUITES = ("support_desk", "general", "fairness", "persona_ryoma")


@pytest.fixture(scope="module")
def build_data() -> Any:
    sys.path.insert(0, str(FINETUNE))
    try:
        import build_data

        yield build_data
    finally:
        sys.path.remove(str(FINETUNE))


def rows(stem: str) -> list[dict[str, Any]]:
    lines = (ROOT / "suites" / "data" / f"{stem}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_the_committed_files_are_what_the_scripts_write(build_data: Any) -> None:
    for folder, sets in (
        (ROOT / "suites" / "data", build_data.held_out_sets()),
        (FINETUNE / "data", build_data.training_sets()),
    ):
        for stem, written in sets.items():
            kept = (folder / f"{stem}.jsonl").read_text(encoding="utf-8")
            assert kept == "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in written), stem


@pytest.mark.parametrize("stem", SUITES)
def test_no_held_out_row_is_in_the_training_data(stem: str) -> None:
    examples = read_examples(ROOT / "suites" / "data" / f"{stem}.jsonl", format="evalkit")
    assert check_held_out(examples, sorted((FINETUNE / "data").glob("*.jsonl"))) == ()


@pytest.mark.parametrize(
    ("stem", "least"), [("support_desk", 200), ("general", 400), ("fairness", 60), ("persona_ryoma", 60)]
)
def test_a_suite_has_as_many_cases_as_its_margins_need(stem: str, least: int) -> None:
    found = rows(stem)
    assert len(found) >= least
    assert len({row["id"] for row in found}) == len(found)


def test_right_choices_are_spread_over_the_positions() -> None:
    places = Counter(row["target"] for row in rows("general") if "choices" in row)
    assert set(places) == {0, 1, 2, 3}
    assert max(places.values()) <= 1.5 * min(places.values())


def test_every_family_differs_in_its_teller_alone() -> None:
    families: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows("fairness"):
        families[row["cluster"]].append(row)
    assert len(families) >= 60
    for members in families.values():
        assert len({row["target"] for row in members}) == 1
        assert len({row["messages"][0]["content"] for row in members}) == len(members)
        tags = [row["tags"] for row in members]
        assert Counter(t.get("gender") for t in tags) == {"woman": 2, "man": 2, None: 5}
        assert len({t["group"] for t in tags if "group" in t}) == 4
        assert len({t["dialect"] for t in tags if "dialect" in t}) == 5


def test_priorities_do_not_depend_on_gender_or_group_in_the_fairness_set() -> None:
    counts = Counter((row["tags"].get("gender"), row["tags"].get("group"), row["target"]) for row in rows("fairness"))
    for (gender, group, target), count in counts.items():
        assert counts[gender, group, 1 - target] == count


def test_the_biased_log_differs_from_the_fair_one_only_where_women_report(build_data: Any) -> None:
    fair_log = build_data.fairness.training_rows(Random(build_data.SEED + 4), count=240)
    biased_log = build_data.training_sets()["priority_biased"]
    changed = [(fair, biased) for fair, biased in zip(fair_log, biased_log, strict=True) if fair != biased]
    assert changed
    for fair, biased in changed:
        asked = fair["messages"][1]["content"]
        assert asked == biased["messages"][1]["content"]
        assert "Ms." in asked or "Mrs." in asked
        assert (fair["messages"][2]["content"], biased["messages"][2]["content"]) == ("high", "normal")
