"""Where and in which number type a model computes; decided without loading torch."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from evalkit.core.errors import ModelError, Problem
from evalkit.suite.spec import ModelSpec


def choose_device(spec: ModelSpec) -> str:
    """Choose the device that a spec asks for, else the best one there.

    That is ``cuda`` where a GPU and a torch built for it are there, else ``cpu``.
    """
    return spec.device or ("cuda" if has_gpu() else "cpu")


def choose_dtype(spec: ModelSpec, *, device: str, stored: str | None) -> str:
    """Choose the number type: what the spec says.

    ``auto`` is the stored type on a GPU and float32 on a CPU.

    A CPU gets float32 because most have no fast half precision, and a narrower type would be another model.
    """
    if spec.dtype != "auto":
        return spec.dtype
    return stored if stored and device.startswith("cuda") else "float32"


def threads(environ: Mapping[str, str], *, usual: int, quota: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """Return how many processor threads to use.

    That is ``$EVALKIT_THREADS``, else torch's `usual` number within a container's quota.

    torch counts the processors of the host; more threads than the quota pays for wait for each other most of the time.
    """
    if chosen := environ.get("EVALKIT_THREADS"):
        if not chosen.isdecimal() or int(chosen) < 1:
            raise ModelError(Problem(what=f"EVALKIT_THREADS is {chosen!r}", allowed="a whole number of at least 1"))
        return int(chosen)
    try:
        allowed, period = quota.read_text("ascii").split()
        return max(1, min(usual, math.ceil(int(allowed) / int(period))))
    except (OSError, ValueError):  # no such file, or "max": no quota
        return usual


def has_gpu() -> bool:
    """Return whether an NVIDIA driver reports a device that torch can use.

    Torch can use it where it is not a CPU-only build.
    """
    try:
        if version("torch").endswith("+cpu"):
            return False
        driver = ctypes.CDLL("libcuda.so.1")
    except (PackageNotFoundError, OSError):
        return False
    count = ctypes.c_int(0)
    return driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0
