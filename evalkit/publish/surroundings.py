"""Surroundings of a tracker's package: its telemetry off, its words on standard error, and all as before afterwards."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout

ALWAYS: Mapping[str, str] = {
    "DO_NOT_TRACK": "1",
    "WANDB_ERROR_REPORTING": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
}
"""What a user's environment cannot change: nothing is sent but what was asked for"""

UNLESS_SET: Mapping[str, str] = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING": "false",
    "WANDB_SILENT": "true",
    "HF_HUB_DOWNLOAD_TIMEOUT": "30",
}
"""Waits that end: a tracker that cannot be reached must not keep a deployment waiting"""


@contextmanager
def quiet_surroundings() -> Iterator[None]:
    """Run the block with a tracker's telemetry off, and nothing of its own on standard output."""
    wanted = {**{name: os.environ.get(name, value) for name, value in UNLESS_SET.items()}, **ALWAYS}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
