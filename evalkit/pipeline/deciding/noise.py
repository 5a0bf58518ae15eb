"""Noise floors: measured when an arm is compared with itself, remembered for the comparisons after it.

A floor belongs to a base (its fingerprint), a suite's data and prompts, and how answers are drawn: where anything else
changed it is not used.
"""

from __future__ import annotations

import json
from pathlib import Path

from evalkit.core.columns import Comparison
from evalkit.core.exchange import Json
from evalkit.core.fingerprint import digest, plain
from evalkit.gates.noise import NoiseFloor, noise_floors
from evalkit.suite.spec import PolicySpec

FOLDER = Path(".evalkit") / "noise"


def is_noise_run(comparison: Comparison) -> bool:
    """The same model twice."""
    return comparison.base.fingerprint == comparison.candidate.fingerprint


def is_one_recording(comparison: Comparison) -> bool:
    """The very same recorded answers on both sides, which show no noise: another draw must be recorded for that."""
    one, two = (arm.details.get("recording_sha256") for arm in (comparison.base, comparison.candidate))
    return one is not None and one == two


def keep_noise(root: Path, comparison: Comparison, policy: PolicySpec) -> tuple[NoiseFloor, ...]:
    """Measure the floors of an A/A comparison and remember them."""
    floors = noise_floors(comparison, policy)
    target = root / FOLDER / f"{_key(comparison)}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(plain(floors), indent=2) + "\n", encoding="utf-8")
    return floors


def read_noise_floors(root: Path | None, comparison: Comparison) -> tuple[NoiseFloor, ...]:
    """The floors measured earlier for this base on this suite; empty when none were, or for an A/A run itself."""
    if root is None or is_noise_run(comparison):
        return ()
    path = root / FOLDER / f"{_key(comparison)}.json"
    if not path.is_file():
        return ()
    rows: list[dict[str, Json]] = json.loads(path.read_text(encoding="utf-8"))
    return tuple(NoiseFloor(**row) for row in rows)


def _key(comparison: Comparison) -> str:
    manifest = comparison.manifest
    parts = [manifest.get(name) for name in ("data_sha256", "prompts_sha256", "generate", "repeats", "scorers")]
    return digest([comparison.base.fingerprint, comparison.suite, *parts])[:32]


def sentences(floors: tuple[NoiseFloor, ...], suite: str) -> list[str]:
    """What an A/A run found, for the reader."""
    return [
        f"noise floor of {floor.metric} on {suite}: a margin below {floor.floor:.3g} cannot be proven "
        f"({100 * floor.flipped:.1f}% of {floor.n} examples differ between two runs of the same model)"
        for floor in floors
    ]
