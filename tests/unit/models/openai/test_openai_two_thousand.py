"""The fault run at full size, against the loopback server that the measurements use."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from pathlib import Path

import pytest

from evalkit.core.exchange import Message, Request, Sampling
from evalkit.models.context import Context
from evalkit.models.open import open_model
from evalkit.suite.spec import Limits, ModelSpec

SHARED = Path(os.environ.get("EVALKIT_SHARED_DATA", Path(__file__).parents[4].parent / "shared" / "data"))
MOCK = SHARED.parent / "bench" / "mock_openai.py"
FAULTS = {"429": 0.05, "500": 0.05, "reset": 0.02, "badjson": 0.02, "trunc": 0.02, "slow": 0.01}
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not MOCK.is_file(), reason="the loopback server of ../shared/bench is not here"),
]


@pytest.fixture
def mock():
    """Starts the server with options; yields `start(**options) -> url` and ends every server it started."""
    pytest.importorskip("httptools", reason="the loopback server needs httptools and orjson")
    pytest.importorskip("orjson", reason="the loopback server needs httptools and orjson")
    running = []

    def start(**options):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        flags = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        command = [sys.executable, str(MOCK), "--port", str(port), *flags]
        running.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1).close()
                return f"http://127.0.0.1:{port}"
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the loopback server did not start")

    yield start
    for process in running:
        process.terminate()
        process.wait(10)


def answers_of(url, tmp_path):
    limits = Limits(concurrency=32, first_byte_timeout_s=1.0)
    spec = ModelSpec(provider="openai", model="mock", base_url=f"{url}/v1", limits=limits)
    model = open_model("m", spec, Context(root=tmp_path, environ={}))
    requests = (
        Request(
            example_id=f"{n:06d}",
            messages=(Message(role="user", content=f"What is item {n:06d}?"),),
            sampling=Sampling(max_tokens=16),
        )
        for n in range(2000)
    )
    return list(model.answer(requests))


def test_two_thousand_calls_under_faults_say_what_they_say_without(mock, tmp_path):
    clean = answers_of(mock(), tmp_path)
    url = mock(slow_s=3.0, retry_after=0.05, **{f"p_{fault}": share for fault, share in FAULTS.items()})
    faulty = answers_of(url, tmp_path)
    with urllib.request.urlopen(f"{url}/stats", timeout=5) as reply:
        stats = json.load(reply)
    assert set(stats["faults"]) == set(FAULTS), "a fault was never met"
    assert sum(stats["faults"].values()) > 250
    assert Counter(a.example_id for a in faulty) == Counter(f"{n:06d}" for n in range(2000))
    assert [a.failure for a in faulty if a.failure] == []
    assert {(a.example_id, a.text) for a in faulty} == {(a.example_id, a.text) for a in clean}
