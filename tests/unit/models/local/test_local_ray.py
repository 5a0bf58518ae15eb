"""Actors of a real Ray cluster compute what one process would; a cluster that cannot serve is told before any call."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from local_shared import compared, kept, without_time

from evalkit.core.errors import MissingExtra, ModelError
from evalkit.models.workers import ray_actors
from evalkit.models.workers.ray_actors import join_cluster

JOIN = """
import sys
from contextlib import ExitStack
if sys.argv[2:]:
    import ray
    ray.__version__ = sys.argv[2]
from evalkit.core.errors import ModelError
from evalkit.models.workers.ray_actors import join_cluster
with ExitStack() as stack:
    try:
        print("nodes", len(join_cluster(sys.argv[1], workers=2, stack=stack).nodes()))
    except ModelError as error:
        print(error)
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A Ray cluster as `--executor ray` starts it, one for all tests here."""
    if find_spec("ray") is None:  # and is not imported here: it reads its settings once
        pytest.skip("actors need the extra `ray`")
    with ExitStack() as stack:
        yield join_cluster(None, workers=2, stack=stack)


def join_as_another(*words: str, **environ: str) -> subprocess.Popen[str]:
    given = {**os.environ, "RAY_AUTH_MODE": "token", "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **environ}
    return subprocess.Popen([sys.executable, "-c", JOIN, *words], env=given, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_a_cluster_started_here_listens_on_this_machine_alone_and_lets_in_who_has_its_token(cluster: Any) -> None:
    address = cluster.get_runtime_context().gcs_address
    assert address.startswith("127.0.0.1:")
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
    port = f"{int(address.rpartition(':')[2]):04X}"
    assert port in {local.rpartition(":")[2] for local in listening()}
    ours = {local for local in listening() if local.rpartition(":")[2] == port}
    assert ours <= {f"0100007F:{port}", f"0000000000000000FFFF00000100007F:{port}"}
    friend, older = join_as_another(address), join_as_another(address, "2.0.0")
    stranger = join_as_another(address, RAY_AUTH_TOKEN="another")
    assert friend.communicate()[0].strip() == "nodes 1"
    assert "has another version" in older.communicate()[0]
    refused = stranger.communicate()[0]
    assert "no Ray cluster can be joined" in refused
    assert "RAY_AUTH_TOKEN" in refused


def listening() -> set[str]:
    """Address and port, in hexadecimal, of every TCP socket of this machine that listens."""
    lines = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()]
    return {fields[1] for fields in lines if fields[3] == "0A"}


@pytest.mark.slow
def test_two_actors_of_which_one_is_killed_give_the_verdict_of_one_process(
    cluster: Any, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = compared("alone")
    actors: list[ray_actors.ActorHandle] = []
    killed: list[int] = []
    heard: list[str] = []
    opened = ray_actors.open_actors

    def open_two(*args: Any, **kwargs: Any) -> list[ray_actors.ActorHandle]:
        actors.extend(opened(*args, **kwargs))
        return actors

    def kill_one(*_: object) -> None:
        if not killed:
            killed.append(actors[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    monkeypatch.setattr(ray_actors, "open_actors", open_two)
    shared = compared("shared", executor="ray", workers=2, tell=kill_one, say=heard.append)
    assert [sentence for sentence in heard if sentence.startswith("actor 1 was lost (ActorDiedError")]
    assert without_time(shared) == without_time(alone)
    assert kept("shared") == kept("alone")


def test_without_ray_the_extra_is_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtra, match=r"evalkit-gate\[ray\]"):
        compared("here", executor="ray")
    assert not (Path("here") / ".evalkit").exists()


@pytest.mark.parametrize("address", ["nowhere", "ray://127.0.0.1:10001", ":6379", "host:port", "closed"])
def test_a_cluster_that_cannot_be_reached_is_told_before_any_call(project: Path, address: str) -> None:
    if find_spec("ray") is None:
        pytest.skip("actors need the extra `ray`")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        named = f"127.0.0.1:{nobody.getsockname()[1]}" if address == "closed" else address
        with pytest.raises(ModelError, match=r"no address of a Ray cluster|no Ray cluster can be joined"):
            compared("here", executor="ray", ray_address=named)
    assert not (Path("here") / ".evalkit").exists()
