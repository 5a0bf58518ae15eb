"""Where and in which number type a model computes; decided without loading torch."""

from __future__ import annotations

import ctypes
import math
import os
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from evalkit.core.errors import ModelError, Problem
from evalkit.core.exchange import Json
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
    if (chosen := read_count(environ, "EVALKIT_THREADS")) is not None:
        return chosen
    try:
        allowed, period = quota.read_text("ascii").split()
        return max(1, min(usual, math.ceil(int(allowed) / int(period))))
    except (OSError, ValueError):  # no such file, or "max": no quota
        return usual


def read_count(environ: Mapping[str, str], name: str) -> int | None:
    """Read a whole number of at least 1 from the environment.

    None where it is not set. Raises ModelError for anything else.
    """
    chosen = environ.get(name)
    if not chosen:
        return None
    if not chosen.isdecimal() or int(chosen) < 1:
        raise ModelError(Problem(what=f"{name} is {chosen!r}", allowed="a whole number of at least 1"))
    return int(chosen)


def has_gpu() -> bool:
    """Return whether an NVIDIA driver reports a device that torch can use.

    Torch can use it where it is not a CPU-only build.
    """
    return count_gpus() > 0


def count_gpus() -> int:
    """Count the devices that an NVIDIA driver reports and torch can use."""
    try:
        if version("torch").endswith("+cpu"):
            return 0
        driver = ctypes.CDLL("libcuda.so.1")
    except (PackageNotFoundError, OSError):
        return 0
    count = ctypes.c_int(0)
    found = driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0
    return count.value if found else 0


def share_threads(environ: Mapping[str, str], *, workers: int) -> int:
    """Return how many processor threads each of several workers uses.

    That is ``$EVALKIT_THREADS`` for each, else an equal part of the processors that this process may use.
    """
    usual = int(environ["OMP_NUM_THREADS"]) if environ.get("OMP_NUM_THREADS", "").isdecimal() else _processors()
    found = threads(environ, usual=usual)
    return found if environ.get("EVALKIT_THREADS") else max(1, found // workers)


def describe_place(device: str) -> dict[str, Json]:
    """Return where and with what a process computes, without loading torch."""
    return {
        "host": platform.node(),
        "device": device,
        "threads": threads(os.environ, usual=_processors()) if device == "cpu" else None,
        "torch": version("torch"),
    }


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
