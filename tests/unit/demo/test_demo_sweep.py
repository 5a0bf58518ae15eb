"""The checkpoints of ft-overfit, replayed from the repository: where it forgets is told, and none may be deployed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evalkit.cli import main

ROOT = Path(__file__).parents[3]
CHECKPOINTS = ROOT / "examples" / "finetune" / "ft-overfit-checkpoints"


def test_every_recording_is_small_and_says_nothing_of_the_machine() -> None:
    from evalkit.core.recording import Recording

    files = sorted(CHECKPOINTS.glob("*.jsonl.gz"))
    assert [path.name for path in files] == [f"checkpoint-{step}.jsonl.gz" for step in (16, 163, 32, 64)]
    assert all(path.stat().st_size <= 300_000 for path in files)
    found = [Recording.read(path) for path in files]
    assert all(one.checked for one in found)
    assert not any("/tmp" in str(one.model.details) for one in found)
    assert len({one.model.fingerprint for one in found}) == 4


def test_the_demo_forgets_between_step_16_and_step_32(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    suite = ["--suite", "suites/general.yaml", "--root", str(tmp_path), "--report", str(tmp_path / "page")]
    words = ["sweep", "base", str(CHECKPOINTS.relative_to(ROOT)), "--replay", "--json", str(tmp_path / "v.json")]
    assert main([*words, *suite]) == 3  # of step 16 nothing is proven, neither harm nor its absence
    found: dict[str, Any] = json.loads((tmp_path / "v.json").read_text(encoding="utf-8"))
    assert found["best"] is None
    curves = {curve["metric"]: curve for curve in found["sweep"]["curves"]}
    fall = curves["answer"]["fall"]
    assert (fall["best"], fall["since"], fall["overfits"]) == ("checkpoint-16", "checkpoint-32", True)
    assert fall["high"] < -0.3
    assert [point["state"] for point in curves["answer"]["points"]][1:] == ["REGRESSION"] * 3
    losses = [one["train_loss"] for one in found["sweep"]["checkpoints"]]
    assert losses[0] > losses[1] > losses[2]
    assert losses[3] is None
