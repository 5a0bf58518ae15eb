"""The results file of a fine-tuning job: losses and accuracies by step, as CSV, often in base64.

They are shown as context and gate nothing: they are means over tokens that hold two hidden ones an example.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import math
import re
from collections.abc import Mapping, Sequence

_NAMES: Mapping[str, str] = {
    "training_loss": "train_loss",
    "train_accuracy": "train_mean_token_accuracy",
    "training_token_accuracy": "train_mean_token_accuracy",
    "validation_loss": "valid_loss",
    "valid_accuracy": "valid_mean_token_accuracy",
    "validation_mean_token_accuracy": "valid_mean_token_accuracy",
    "validation_token_accuracy": "valid_mean_token_accuracy",
}
"""Names of older files -> today's"""
_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]+")
_MOST_ROWS = 100_000
_MOST_POINTS = 200

Row = Mapping[str, float]


def read_results_file(content: bytes) -> tuple[Row, ...]:
    """Read the rows of a results file, by step.

    Columns without a number are left out of a row; those that evalkit does not know are kept. Empty where it is no
    table with steps.

    >>> read_results_file(b"step,train_loss,train_accuracy,valid_loss\\n1,0.5,0.8,\\n2,0.4,0.9,0.45\\n")[-1]
    {'step': 2.0, 'train_loss': 0.4, 'train_mean_token_accuracy': 0.9, 'valid_loss': 0.45}
    """
    text = _plain(content).decode("utf-8-sig", "replace")
    found: list[Row] = []
    try:
        for row in csv.DictReader(io.StringIO(text)):
            named = {
                _NAMES.get(str(key).strip(), str(key).strip()): _number(value) for key, value in row.items() if key
            }
            numbers = {key: value for key, value in named.items() if value is not None}
            if "step" not in numbers or len(found) >= _MOST_ROWS:
                continue
            found.append(numbers)
    except csv.Error:
        return ()
    return tuple(sorted(found, key=lambda row: row["step"]))


def last_values(rows: Sequence[Row]) -> dict[str, float]:
    """Return the last value of every column: validation is measured at some steps alone."""
    found: dict[str, float] = {}
    for row in rows:
        found.update(row)
    return found


def loss_curves(rows: Sequence[Row]) -> dict[str, tuple[tuple[float, float], ...]]:
    """Return `train_losses` and `eval_losses` as (step, loss), thinned evenly where there are many."""
    return {
        name: _thin([(row["step"], row[column]) for row in rows if column in row])
        for name, column in (("train_losses", "train_loss"), ("eval_losses", "valid_loss"))
    }


def _thin(points: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """At most so many, the first and the last among them."""
    if len(points) <= _MOST_POINTS:
        return tuple(points)
    each = (len(points) - 1) / (_MOST_POINTS - 1)
    return tuple(points[round(place * each)] for place in range(_MOST_POINTS))


def _plain(content: bytes) -> bytes:
    """The file's own bytes: many are handed out in base64, which no table looks like."""
    stripped = content.strip()
    if not stripped or b"," in stripped or _BASE64.fullmatch(stripped) is None:
        return content
    try:
        return base64.b64decode(stripped)
    except (binascii.Error, ValueError):
        return content


def _number(text: object) -> float | None:
    if not isinstance(text, str) or not text.strip():
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
