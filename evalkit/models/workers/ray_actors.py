"""Workers that are actors of a Ray cluster: one that runs, or one that is started on this machine's loopback."""

from __future__ import annotations

import os
import secrets
import socket
import sys
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from functools import cache
from typing import Any, cast

from evalkit.core.errors import MissingExtra, ModelError, Problem
from evalkit.models.local.device import share_threads
from evalkit.models.workers.tasks import Lost, Worker, WorkerResult, WorkerTask

USAGE = "RAY_USAGE_STATS_ENABLED"
CLUSTERS = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
"""With "0" Ray takes 127.0.0.1 for this node's address, and every one of its servers listens there alone"""
MODE, TOKEN = "RAY_AUTH_MODE", "RAY_AUTH_TOKEN"
PATIENCE = "RAY_py_gcs_connect_timeout_s"
REACH_S = 10.0
"""How long a cluster's address may take to be reached: Ray itself would try for minutes"""
STORE_BYTES = 128 * 1024**2
"""Of a cluster started here: requests and answers are texts"""


class ActorHandle:
    """A worker in an actor of its own."""

    def __init__(
        self, number: int, *, ray: Any, needs: Mapping[str, float], settings: Mapping[str, str], device: str | None
    ) -> None:
        self.label = f"actor {number + 1}"
        self._ray, self._needs, self._settings, self._device = ray, needs, settings, device
        self._closed = False
        self._actor = self._start()

    @property
    def pid(self) -> int:
        """The process that computes now, on whatever node."""
        return int(self._ray.get(self._actor.pid.remote()))

    def run(self, task: WorkerTask) -> WorkerResult:
        """Have a task done; raises Lost when the actor is gone."""
        try:
            return cast(WorkerResult, self._ray.get(self._actor.run.remote(task)))
        except self._ray.exceptions.RayError as error:
            raise Lost(_shorten(error)) from error

    def restart(self) -> None:
        """Start another actor in place of the one that was lost."""
        if self._closed:
            raise Lost("the run is over")
        self._end()
        self._actor = self._start()

    def close(self) -> None:
        """Kill the actor; what it computes is not wanted any more."""
        self._closed = True
        self._end()

    def _start(self) -> Any:
        try:
            return self._ray.remote(Actor).options(**self._needs).remote(dict(self._settings), self._device)
        except self._ray.exceptions.RayError as error:
            raise Lost(_shorten(error)) from error

    def _end(self) -> None:
        with suppress(Exception):  # the cluster itself may be gone
            self._ray.kill(self._actor)


class Actor:
    """What Ray runs: a worker, with the settings of the driver."""

    def __init__(self, settings: Mapping[str, str], device: str | None) -> None:
        os.environ.update(settings)
        self._worker = Worker(device=device)

    def run(self, task: WorkerTask) -> WorkerResult:
        """Do a task; what goes wrong is in the result."""
        return self._worker.run(task)

    def pid(self) -> int:
        """Return the actor's process."""
        return os.getpid()


def open_actors(
    workers: int | None, *, address: str | None, environ: Mapping[str, str], stack: ExitStack
) -> list[ActorHandle]:
    """Start actors, with a GPU each where the cluster has some.

    Without `workers` it is one for each GPU, or for each node. Raises MissingExtra without Ray, ModelError where no
    cluster can be reached or it has another version.
    """
    ray = join_cluster(address or environ.get("RAY_ADDRESS") or None, workers=workers, stack=stack)
    total, nodes = ray.cluster_resources(), sum(node["Alive"] for node in ray.nodes())
    gpus, cores = int(total.get("GPU", 0)), float(total.get("CPU", 0))
    count = workers or gpus or nodes
    needs: dict[str, float] = {"num_cpus": min(1.0, cores / count)}
    settings = {name: value for name in ("EVALKIT_THREADS", "EVALKIT_ROWS") if (value := environ.get(name))}
    if gpus:
        needs["num_gpus"] = min(1.0, gpus / count)
    else:
        threads = share_threads({**environ, "OMP_NUM_THREADS": f"{int(cores)}"}, workers=count)
        settings["EVALKIT_THREADS"] = str(threads)
        needs["num_cpus"] = min(float(threads), cores / count)
    if needs["num_cpus"] <= 0:
        raise ModelError(Problem(what="the Ray cluster has no processors", todo="`ray status` there says what it has"))
    device = "cuda" if gpus else None
    return [ActorHandle(number, ray=ray, needs=needs, settings=settings, device=device) for number in range(count)]


def join_cluster(address: str | None, *, workers: int | None, stack: ExitStack) -> Any:
    """Return the module `ray`, connected; the cluster is left with the stack.

    Without an address one is started here, unless this process is in one already. Raises MissingExtra or ModelError.
    """
    before = {name: os.environ.get(name) for name in (USAGE, CLUSTERS, MODE, TOKEN, PATIENCE)}
    stack.callback(_restore, before)
    os.environ[USAGE] = "0"
    os.environ.setdefault(PATIENCE, f"{REACH_S:.0f}")
    given: dict[str, Any] = {"address": address}
    if address is None:
        os.environ.setdefault(CLUSTERS, "0")
        if MODE not in os.environ:  # whoever else is on this machine gets no say, and no token is left in a file
            os.environ.setdefault(TOKEN, _make_token())
            if "ray" not in sys.modules:  # else Ray has read its settings, and turns tokens on by itself
                os.environ[MODE] = "token"
        cores = max(workers or 1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
        given = {
            "address": "local", "num_cpus": cores, "include_dashboard": False, "object_store_memory": STORE_BYTES,
        }  # fmt: skip
    try:
        import ray
    except ImportError:
        raise MissingExtra("ray", "ray", "--executor ray") from None
    _require_reachable(address)
    if ray.is_initialized():
        here = ray.get_runtime_context().gcs_address
        if address not in (None, "auto", here):
            raise ModelError(f"this process is in the Ray cluster at {here} already, and cannot join {address}")
    else:
        try:
            ray.init(**given, logging_level="ERROR", log_to_driver=False, configure_logging=False)
        except Exception as error:  # ConnectionError, RuntimeError, ValueError, by what is wrong
            raise ModelError(_explain(error, address)) from error
        stack.callback(ray.shutdown)
    return ray


def _require_reachable(address: str | None) -> None:
    """ModelError where nobody listens at HOST:PORT."""
    if address in (None, "auto", "local"):
        return
    host, _, port = str(address).rpartition(":")
    if not host or not port.isdecimal() or "/" in host:
        raise ModelError(
            Problem(
                what=f"{address!r} is no address of a Ray cluster",
                allowed="HOST:PORT of its head node (6379 by default), or auto",
            )
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=REACH_S).close()
    except (OSError, OverflowError) as error:
        raise ModelError(_explain(error, address)) from error


@cache
def _make_token() -> str:
    """One for all clusters that this process starts: Ray reads it once."""
    return secrets.token_hex(32)


def _restore(before: Mapping[str, str | None]) -> None:
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _explain(error: Exception, address: str | None) -> Problem:
    """Why no cluster could be joined."""
    what = _shorten(error)
    if address is None:
        return Problem(what=f"Ray cannot be started here: {what}", todo="look into /tmp/ray/session_latest/logs")
    if "ersion mismatch" in str(error):
        return Problem(
            what=f"the Ray cluster at {address} has another version: {what}",
            todo="install the same versions of Python and Ray here as there",
        )
    return Problem(
        what=f"no Ray cluster can be joined at {address}: {what}",
        todo="check the address (`ray status` there), RAY_AUTH_MODE and RAY_AUTH_TOKEN; or leave it out to start one",
    )


def _shorten(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {' '.join(lines)[:300]}"
