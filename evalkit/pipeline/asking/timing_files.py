"""Seconds of two arms that were taken side by side, kept under `.evalkit/timing/`: for the same arms and suite."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from evalkit.core.exchange import EMPTY, Json
from evalkit.core.fingerprint import digest
from evalkit.pipeline.asking.run_arm import OpenArm
from evalkit.pipeline.suites.prepare import Prepared
from evalkit.pipeline.variants.variant import vary
from evalkit.suite.generate import arm_generate

FOLDER = Path(".evalkit") / "timing"


def timing_path(root: Path | None, base: OpenArm, candidate: OpenArm, prepared: Prepared) -> Path | None:
    """Name the file of these arms on this suite; None where nothing is kept."""
    return None if root is None else root / FOLDER / f"{_key(base, candidate, prepared)}.json"


def read_timing(path: Path | None) -> Mapping[str, Json]:
    """Read what is kept; a file that cannot be read is measured again."""
    if path is None or not path.is_file():
        return EMPTY
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        sound = all({*one} == {"base", "candidate"} for one in found["rounds"])
    except (OSError, ValueError, KeyError, TypeError):
        return EMPTY
    return found if sound else EMPTY


def keep_timing(path: Path | None, found: Mapping[str, Json]) -> None:
    """Keep seconds by round."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found) + "\n", encoding="utf-8")


def _key(base: OpenArm, candidate: OpenArm, prepared: Prepared) -> str:
    spec = prepared.suite.spec
    arms = [
        [
            vary(arm.model.identity, arm.variant).fingerprint,
            arm.model.identity.details.get("device"),
            arm_generate(spec.generate, arm.arm.spec.generate).model_dump(mode="json", exclude_defaults=True),
        ]
        for arm in (base, candidate)
    ]
    asked = [digest(prepared.examples), spec.prompt.model_dump(mode="json")]
    return digest([*arms, spec.name, *asked])[:32]
