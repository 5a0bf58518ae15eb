"""Noise floors: measured when an arm is compared with itself, remembered for the comparisons after it.

A floor belongs to a base (its fingerprint), a suite's data and prompts, and how answers are drawn: where anything else
changed it is not used.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit.core.columns import Comparison
from evalkit.core.errors import Problem, StoreError
from evalkit.core.fingerprint import digest, plain
from evalkit.gates.noise import NoiseFloor, noise_floors
from evalkit.suite.spec import PolicySpec

FOLDER = Path(".evalkit") / "noise"


def is_noise_run(comparison: Comparison) -> bool:
    """Tell whether both arms are the same model."""
    return comparison.base.fingerprint == comparison.candidate.fingerprint


def is_one_recording(comparison: Comparison) -> bool:
    """Tell whether both sides are the very same recorded answers.

    They show no noise: another draw must be recorded for that.
    """
    one, two = (arm.details.get("recording_sha256") for arm in (comparison.base, comparison.candidate))
    return one is not None and one == two


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptNoise:
    """What one noise run found, and of whom.

    `path` is the file that holds it.
    """

    path: Path
    suite: str = ""
    base: str = ""
    created: str = ""
    floors: tuple[NoiseFloor, ...] = ()

    @property
    def id(self) -> str:
        """What it is called by."""
        return self.path.stem


def keep_noise(root: Path, comparison: Comparison, policy: PolicySpec, *, now: dt.datetime) -> tuple[NoiseFloor, ...]:
    """Measure the floors of an A/A comparison and remember them."""
    floors = noise_floors(comparison, policy)
    target = root / FOLDER / f"{_key(comparison)}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    about = {"suite": comparison.suite, "base": comparison.base.name, "created": f"{now:%Y-%m-%dT%H:%M:%S}"}
    target.write_text(json.dumps({**about, "floors": plain(floors)}, indent=2) + "\n", encoding="utf-8")
    return floors


def read_noise_floors(root: Path | None, comparison: Comparison) -> tuple[NoiseFloor, ...]:
    """Read the noise floors measured earlier for this base and suite.

    Empty when none were, or for an A/A run itself.
    """
    if root is None or is_noise_run(comparison):
        return ()
    path = root / FOLDER / f"{_key(comparison)}.json"
    return _read(path).floors if path.is_file() else ()


def list_noise(root: Path) -> tuple[KeptNoise, ...]:
    """List every noise run that is kept, the oldest first.

    StoreError where a file cannot be read.
    """
    found = [_read(path) for path in sorted((root / FOLDER).glob("*.json"))]
    return tuple(sorted(found, key=lambda kept: (kept.created, kept.id)))


def clear_noise(root: Path, named: Sequence[str] = ()) -> tuple[str, ...]:
    """Forget noise runs by how their ids begin; return those gone.

    All of them are forgotten where no beginning is given. Needs no file to be readable. StoreError, and nothing is
    forgotten, where a name fits none or several.
    """
    files = {path.stem: path for path in sorted((root / FOLDER).glob("*.json"))}
    chosen, problems = dict(files if not named else {}), []
    for name in named:
        fits = [one for one in files if one.startswith(name)]
        if len(fits) == 1:
            chosen[fits[0]] = files[fits[0]]
            continue
        what = f"{len(fits)} noise runs begin with {name!r}" if fits else f"no noise run {name!r} is kept"
        problems.append(Problem(what=what, allowed=", ".join(fits or files)))
    if problems:
        raise StoreError(problems)
    for path in chosen.values():
        path.unlink()
    return tuple(chosen)


def _read(path: Path) -> KeptNoise:
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(data, list):  # as the first versions kept it
            data = {"floors": data}
        floors = tuple(NoiseFloor(**row) for row in data["floors"])
        about = {name: str(data.get(name, "")) for name in ("suite", "base", "created")}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        todo = f"evalkit runs noise {path.stem} --clear"
        raise StoreError(Problem(what=f"cannot read the noise run {path}: {error}", todo=todo)) from error
    return KeptNoise(path=path, floors=floors, **about)


def _key(comparison: Comparison) -> str:
    manifest = comparison.manifest
    parts = [manifest.get(name) for name in ("data_sha256", "prompts_sha256", "generate", "repeats", "scorers")]
    return digest([comparison.base.fingerprint, comparison.suite, *parts])[:32]


def sentences(floors: tuple[NoiseFloor, ...], suite: str) -> list[str]:
    """Write what an A/A run found, for the reader."""
    told = [
        f"noise floor of {floor.metric} on {suite}: a margin below {floor.floor:.3g} cannot be proven "
        f"({100 * floor.flipped:.1f}% of {floor.n} examples differ between two runs of the same model)"
        if floor.floor
        else f"no noise of {floor.metric} on {suite}: not one of {floor.n} examples differs between two runs of the "
        "same model"
        for floor in floors
    ]
    return [*told, f"kept for {suite}: `evalkit runs noise` lists it, `evalkit runs noise --clear` forgets it"]
