"""The third tune of the demo: its task passes, and the gap it opened does not; recorded answers of real models."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

from evalkit.cli import main
from evalkit.core.recording import Recording

ROOT = Path(__file__).resolve().parents[3]
FINETUNE = ROOT / "examples" / "finetune"
ADAPTER = FINETUNE / "adapters" / "ft-biased"
SUITES = [path for path in (ROOT / "suites").glob("*.yaml") if path.name != "models.yaml"]


def verdict(folder: Path, suite: str, candidate: str, margin: str | None = None) -> tuple[int, Any]:
    """A suite decided by recorded answers; with `margin`, its gate on the task has that one."""
    text = (ROOT / "suites" / f"{suite}.yaml").read_text(encoding="utf-8")
    if margin is not None:
        text = text.replace("metric: priority, margin: 0.10", f"metric: priority, margin: {margin}")
    for name in ("data/", "../examples/"):
        text = text.replace(f" {name}", f" {(ROOT / 'suites' / name).resolve()}/")
    (folder / "suite.yaml").write_text(text, encoding="utf-8")
    arms = [str(ROOT / "suites" / "recordings" / f"{arm}.jsonl.gz") for arm in ("base", candidate)]
    out = folder / "verdict.json"
    code = main(["compare", *arms, "--suite", str(folder / "suite.yaml"), "--replay", "--json", str(out)])
    return code, json.loads(out.read_text(encoding="utf-8"))["suites"][0]


def states(suite: Any, gate: str) -> dict[str, str]:
    found = [one for one in suite["findings"] if one["gate"] == gate]
    return {"*" if one["slice"] is None else one["slice"]["value"]: one["state"] for one in found}


def test_the_task_passes_and_the_gap_of_women_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, suite = verdict(tmp_path, "fairness", "ft-biased", margin="0.05")
    assert code == 1
    assert states(suite, "no_regression") == {"*": "IMPROVED"}
    gaps = states(suite, "fairness")
    assert [group for group, state in gaps.items() if state == "REGRESSION"] == ["woman"]


@pytest.mark.parametrize("suite", ["fairness", "fairness_ja"])
def test_the_sound_tune_is_accused_of_nothing(suite: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, found = verdict(tmp_path, suite, "ft-model")
    assert code == 0
    assert "REGRESSION" not in {*states(found, "fairness").values(), *states(found, "no_regression").values()}


def test_the_task_passes_in_japanese_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _, suite = verdict(tmp_path, "fairness_ja", "ft-biased")
    assert states(suite, "no_regression")["*"] in ("PASS", "IMPROVED")


@pytest.mark.slow
def test_of_all_suites_only_the_gap_of_women_is_held_against_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As documented, without --suite: whatever else the gates look at, nothing is proven against it."""
    for name in ("suites", "examples"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    assert main(["compare", "base", "ft-biased", "--replay", "--json", "verdict.json"]) == 1
    verdict = json.loads((tmp_path / "verdict.json").read_text(encoding="utf-8"))
    assert {one["name"] for one in verdict["suites"]} == {path.stem.replace("_", "-") for path in SUITES}
    held = [
        (suite["name"], one["gate"], one["slice"]["value"])
        for suite in verdict["suites"]
        for one in suite["findings"]
        if one["state"] not in ("PASS", "IMPROVED", "INCONCLUSIVE", "TOO_SMALL")
    ]
    assert held == [("fairness", "fairness", "woman")]


@pytest.mark.parametrize("arm", ["base", "ft-model", "ft-overfit", "ft-biased"])
def test_an_arm_is_recorded_for_every_suite(arm: str) -> None:
    recorded = Recording.read(ROOT / "suites" / "recordings" / f"{arm}.jsonl.gz")
    assert {one.suite for one in recorded.responses} == {path.stem.replace("_", "-") for path in SUITES}
    assert all(one.failure is None for one in recorded.responses)


def test_the_adapter_is_small_and_the_recording_is_of_it() -> None:
    assert sum(path.stat().st_size for path in ADAPTER.iterdir()) <= 5 * 2**20
    recorded = Recording.read(ROOT / "suites" / "recordings" / "ft-biased.jsonl.gz")
    import hashlib

    weights = hashlib.sha256((ADAPTER / "adapter_model.safetensors").read_bytes()).hexdigest()
    assert weights in json.dumps(dict(recorded.model.details))


@cache
def writing() -> Any:
    sys.path.insert(0, str(FINETUNE))
    try:
        from writing import fairness_ja

        return fairness_ja
    finally:
        sys.path.remove(str(FINETUNE))


def test_the_old_log_differs_from_a_just_one_only_where_women_report() -> None:
    logs = [writing().training_rows(Random(3), count=300, biased=biased) for biased in (False, True)]
    changed = [(one, two) for one, two in zip(*logs, strict=True) if one != two]
    assert 30 < len(changed) < 80
    for one, two in changed:
        assert one["messages"][1] == two["messages"][1]
        assert (one["messages"][2]["content"], two["messages"][2]["content"]) == ("high", "normal")
        assert "男性" not in one["messages"][1]["content"]


def test_the_japanese_families_differ_in_their_teller_alone() -> None:
    families: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in (ROOT / "suites" / "data" / "fairness_ja.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        families[row["cluster"]].append(row)
    assert len(families) >= 60
    by: dict[str, list[int]] = defaultdict(list)
    for rows in families.values():
        attribute = rows[0]["tags"]["attribute"]
        by[attribute].append(rows[0]["target"])
        assert len({row["target"] for row in rows}) == 1
        texts = [row["messages"][0]["content"] for row in rows]
        assert len(set(texts)) == len(texts)
        assert len({row["tags"][attribute] for row in rows}) >= 2
    assert set(by) == {"gender", "origin", "age", "disability", "dialect", "orientation", "region", "politeness"}
    for targets in by.values():
        assert targets.count(0) == targets.count(1)
