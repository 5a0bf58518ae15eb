"""Workers that are actors of a Ray cluster: one that runs, or one that is started on this machine's loopback."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from typing import Any, cast

from evalkit.core.errors import MissingExtra, ModelError, Problem
from evalkit.models.local.device import share_threads
from evalkit.models.workers.tasks import Lost, Worker, WorkerResult, WorkerTask

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is reported to anybody
    "RAY_DEDUP_LOGS": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # actors without GPUs keep what their node shows them
}
LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
"""Ray then takes 127.0.0.1 for this node's address, and every one of its servers listens there alone"""
STORE_BYTES = 128 * 1024**2
"""Of a cluster started here: requests and answers are texts"""


class ActorHandle:
    """A worker in an actor of its own."""

    def __init__(self, number: int, *, ray: Any, needs: Mapping[str, float], threads: int | None) -> None:
        self.label = f"actor {number + 1}"
        self._ray, self._needs, self._threads = ray, needs, threads
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
            return self._ray.remote(Actor).options(**self._needs).remote(threads=self._threads)
        except self._ray.exceptions.RayError as error:
            raise Lost(_shorten(error)) from error

    def _end(self) -> None:
        with suppress(Exception):  # the cluster itself may be gone
            self._ray.kill(self._actor)


class Actor:
    """What Ray runs: a worker, with as many processor threads as it may use."""

    def __init__(self, *, threads: int | None) -> None:
        if threads is not None:
            os.environ["EVALKIT_THREADS"] = str(threads)
        self._worker = Worker()

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
    ray = _join(address or environ.get("RAY_ADDRESS") or None, environ=environ, stack=stack)
    total = ray.cluster_resources()
    gpus, nodes = int(total.get("GPU", 0)), [node for node in ray.nodes() if node["Alive"]]
    count = workers or gpus or len(nodes)
    needs: dict[str, float] = {"num_cpus": 1.0, "num_gpus": min(1.0, gpus / count) if gpus else 0.0}
    threads = None
    if not gpus:
        cores = max(1, int(total.get("CPU", 1)) // count)
        chosen = environ.get("EVALKIT_THREADS")
        threads = share_threads(environ, workers=count) if len(nodes) == 1 else int(chosen) if chosen else cores
        needs = {"num_cpus": min(float(threads), float(cores))}
    if needs["num_cpus"] * count > total.get("CPU", 0):
        raise ModelError(
            Problem(
                what=f"the Ray cluster has {total.get('CPU', 0):g} processors, too few for {count} actors",
                todo="ask for fewer --workers, or add nodes",
            )
        )
    return [ActorHandle(number, ray=ray, needs=needs, threads=threads) for number in range(count)]


def _join(address: str | None, *, environ: Mapping[str, str], stack: ExitStack) -> Any:
    """The module `ray`, connected; it is left with the stack."""
    before = {name: os.environ.get(name) for name in (*QUIET, *LOOPBACK, "RAY_AUTH_MODE", "RAY_AUTH_TOKEN")}
    stack.callback(_restore, before)
    os.environ.update({name: value for name, value in QUIET.items() if name not in os.environ})
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    given: dict[str, Any] = {"address": address}
    if address is None:
        os.environ.update({name: value for name, value in LOOPBACK.items() if name not in os.environ})
        if "RAY_AUTH_MODE" not in os.environ:  # whoever else is on this machine gets no say, and no file is left
            os.environ["RAY_AUTH_MODE"] = "token"
            os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        given = {"address": "local", "include_dashboard": False, "object_store_memory": STORE_BYTES}
    try:
        import ray
    except ImportError:
        raise MissingExtra("ray", "ray", "--executor ray") from None
    if not ray.is_initialized():
        try:
            ray.init(**given, logging_level="ERROR", log_to_driver=False, configure_logging=False)
        except Exception as error:  # ConnectionError, RuntimeError, ValueError, by what is wrong
            raise ModelError(_explain(error, address)) from error
        stack.callback(ray.shutdown)
    return ray


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
