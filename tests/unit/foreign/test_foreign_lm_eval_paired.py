"""Two real models through the real lm-eval: its unpaired figures cannot tell what the paired verdict proves."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest

from evalkit.cli import main

FILES = Path(__file__).parent / "lm_eval"
GUIDES = [Path(__file__).parents[3] / "docs" / "how-to" / path for path in ("from-lm-eval.md", "ja/from-lm-eval.md")]


@pytest.fixture
def findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, float]]:
    monkeypatch.chdir(tmp_path)
    assert main(["compare", str(FILES / "base"), str(FILES / "overfit"), "--json", "v.json"]) == 0
    (suite,) = json.loads(Path("v.json").read_text(encoding="utf-8"))["suites"]
    return {one["metric"]: one for one in suite["findings"]}


def unpaired(metric: str) -> tuple[float, float, float]:
    """The difference and its 95 % interval by lm-eval's own two standard errors."""
    arms = []
    for arm in ("base", "overfit"):
        (path,) = (FILES / arm).glob("results_*.json")
        arms.append(json.loads(path.read_text(encoding="utf-8"))["results"]["choice"])
    delta = arms[1][f"{metric},none"] - arms[0][f"{metric},none"]
    half = 1.96 * math.hypot(*(arm[f"{metric}_stderr,none"] for arm in arms))
    return delta, delta - half, delta + half


@pytest.mark.parametrize("metric", ["acc", "acc_norm"])
def test_the_paired_interval_is_narrower_around_the_same_difference(
    findings: dict[str, dict[str, float]], metric: str
) -> None:
    found, (delta, low, high) = findings[metric], unpaired(metric)
    assert found["delta"] == pytest.approx(delta)
    assert found["high"] - found["low"] < 0.65 * (high - low)
    assert found["state"] == "IMPROVED"


@pytest.mark.parametrize("guide", GUIDES, ids=["en", "ja"])
def test_the_guide_tells_these_figures(findings: dict[str, dict[str, float]], guide: Path) -> None:
    text = guide.read_text(encoding="utf-8")
    for metric in ("acc", "acc_norm"):
        found, (delta, low, high) = findings[metric], unpaired(metric)
        row = next(line for line in text.splitlines() if re.match(rf"\| `{metric}` ", line))
        for value in (delta, low, high, found["low"], found["high"]):
            assert f"{100 * value:+.1f}" in row, (metric, value)
        assert f"{found['fixed']}" in row
        assert f"{found['broken']}" in row
