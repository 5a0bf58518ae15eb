"""The seal of a calibration: figures that decide whether a judge may gate are those that were measured."""

from __future__ import annotations

import json
from collections.abc import Mapping

from evalkit.core.exchange import Json
from evalkit.core.fingerprint import digest
from evalkit.core.rows import dump

_SEAL = "seal"


def seal_calibration(calibration: Mapping[str, Json]) -> dict[str, Json]:
    """Return a calibration with the digest of all its figures.

    It tells a slip or an edit; it is no signature.
    """
    written: dict[str, Json] = json.loads(dump(calibration))
    return {**written, _SEAL: digest(written)}


def is_sealed(calibration: Mapping[str, Json]) -> bool:
    """Tell whether a calibration is as it was written."""
    rest = {name: value for name, value in calibration.items() if name != _SEAL}
    return calibration.get(_SEAL) == digest(rest)
