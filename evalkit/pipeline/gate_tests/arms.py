"""Whether the arms of suites that are collected as tests mean something, before the first test runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from evalkit.core.errors import EvalkitError
from evalkit.pipeline.arms.roster import MODELS_FILES, UnknownArm, roster

_NAMING = (
    "name the arms with --evalkit-base ARM and --evalkit-candidate ARM, or with evalkit_base and evalkit_candidate "
    "among pytest's ini options"
)


def models_file(suite: Path, root: Path) -> str | None:
    """Find the models.yaml beside a suite, else the one of the root.

    None where there is none.
    """
    beside = suite.parent / "models.yaml"
    places = [beside, *(root / name for name in MODELS_FILES)]
    return next((str(place) for place in places if place.is_file()), None)


def arm_problems(
    suites: Iterable[Path], *, root: Path, base: str, candidate: str, models: str | None, live: bool
) -> str:
    """Write what is wrong with the models.yaml files or their arms.

    Every models.yaml that the suites use is looked at; an empty string if nothing is wrong.
    """
    told: dict[str, None] = {}
    for path in dict.fromkeys(models or models_file(suite, root) for suite in suites):
        try:
            roster(path).arms([base, candidate], mode="reuse" if live else "replay")
        except UnknownArm as error:
            told[f"{error}\n    to do: {_NAMING}"] = None
        except EvalkitError as error:
            told[str(error)] = None
    return "\n".join(told)
