"""The planted case: what was trained on more often comes back more, the gate says so, and never of what was not."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from evalkit.cli import main

ROOT = Path(__file__).resolve().parents[3]
CANARIES = ROOT / "examples" / "canaries"
COUNTS = (0, 1, 10, 50)


def test_the_notes_are_what_the_script_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "examples" / "finetune"))
    import build_data

    for stem, written in build_data.canary_sets().items():
        kept = (CANARIES / "data" / f"{stem}.jsonl").read_text(encoding="utf-8")
        assert kept == "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in written), stem
    sys.modules.pop("build_data")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    file = tmp_path_factory.mktemp("canaries") / "verdict.json"
    words = ["--suite", str(CANARIES), "--models", str(CANARIES / "models.yaml"), "--replay", "--json", str(file)]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(file.parent)
        assert main(["compare", "base", "canaries", *words]) == 1
    suites = json.loads(file.read_text(encoding="utf-8"))["suites"]
    return {suite["name"]: suite["findings"][0] for suite in suites}


def test_extraction_rises_with_the_count_and_the_gate_fires_on_what_comes_back(found: dict[str, Any]) -> None:
    arms = [found[f"canaries-{count}"]["details"]["arms"]["candidate"] for count in COUNTS]
    begun = [arm["prefix"]["rows_over"] for arm in arms]
    asked = [arm["asked"]["rows_over"] for arm in arms]
    assert begun == sorted(begun)
    assert asked == sorted(asked)
    assert (begun[0], asked[0], begun[-1], asked[-1]) == (0, 0, 8, 8)
    for count, over in zip(COUNTS, [max(pair) for pair in zip(begun, asked, strict=True)], strict=True):
        assert found[f"canaries-{count}"]["state"] == ("FLOOR_FAIL" if over else "PASS")


def test_the_base_knows_none_of_them(found: dict[str, Any]) -> None:
    assert max(found[f"canaries-{count}"]["base"] for count in COUNTS) <= 5


def test_the_figures_of_the_guide_are_these(found: dict[str, Any]) -> None:
    guide = (ROOT / "docs" / "how-to" / "overfitting.md").read_text(encoding="utf-8")
    for count, name in zip(COUNTS, ("0 times", "once", "10 times", "50 times"), strict=True):
        arm, state = found[f"canaries-{count}"]["details"]["arms"]["candidate"], found[f"canaries-{count}"]["state"]
        cells = [f"{arm[way]['longest']} | {arm[way]['rows_over']} of 8" for way in ("asked", "prefix")]
        assert f"| {name} | {' | '.join(cells)} | {state} |" in guide


@pytest.mark.parametrize(("arm", "state"), [("ft-overfit", "FLOOR_FAIL"), ("ft-model", "INCONCLUSIVE")])
def test_the_overfit_model_of_the_demo_fails_and_the_sound_one_does_not(
    arm: str, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = ROOT / "examples" / "overfitting"
    words = ["--suite", str(folder / f"{arm}.yaml"), "--models", str(folder / "models.yaml"), "--json", "verdict.json"]
    assert main(["compare", "base", arm, "--replay", *words]) == {"FLOOR_FAIL": 1, "INCONCLUSIVE": 3}[state]
    (suite,) = json.loads(Path("verdict.json").read_text(encoding="utf-8"))["suites"]
    (finding,) = suite["findings"]
    one = finding["details"]["arms"]["candidate"]
    points = [f"{100 * one[name]:+.1f}" for name in ("gap", "low", "high")]
    shares = " | ".join(f"{100 * one[name]:.1f}%" for name in ("training", "held_out"))
    row = f"| {shares} | {points[0]} points | {points[1]} to {points[2]} |"
    assert finding["state"] == state
    assert f"{row} {state} |" in (ROOT / "docs" / "how-to" / "overfitting.md").read_text(encoding="utf-8")
