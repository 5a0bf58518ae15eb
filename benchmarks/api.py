"""What asking costs: calls a second beside a bare aiohttp loop and the bare official client, on one loopback server.

python benchmarks/api.py                       three rounds, medians; some minutes
python benchmarks/api.py --rounds 1 --quick    one round of the small settings

Every client asks the same short questions, reads the answer and its usage, and keeps them in a list. `window` is from
the first request to the last answer as the server saw it; `cpu` is the client's own CPU a call, imports left out. The
clients take turns within each round, so that a busy machine is busy for all of them; read the ratios. The server is the
one in ../shared/bench (or --server FILE). Prints its table; docs/benchmarks/api.md holds one run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import resource
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("EVALKIT_SHARED_DATA", ROOT.parent / "shared" / "data"))
SERVER = SHARED.parent / "bench" / "mock_openai.py"


@dataclass(frozen=True, kw_only=True)
class Setting:
    """So many calls, the server's latency, and the most in flight."""

    calls: int
    latency_ms: int
    in_flight: int


SETTINGS = (
    Setting(calls=2000, latency_ms=0, in_flight=32),
    Setting(calls=2000, latency_ms=50, in_flight=32),
    Setting(calls=2000, latency_ms=50, in_flight=256),
    Setting(calls=10_000, latency_ms=50, in_flight=256),
)


def question(number: int) -> str:
    return f"What is the answer to item {number:06d}?"


def body(number: int) -> dict[str, Any]:
    return {
        "model": "mock",
        "messages": [{"role": "user", "content": question(number)}],
        "temperature": 0.0,
        "max_tokens": 32,
    }


async def workers(setting: Setting, ask: Callable[[int], Any]) -> list[Any]:
    """The plainest loop: so many workers, each asking one after the other."""
    numbers, kept = iter(range(setting.calls)), []

    async def work() -> None:
        for number in numbers:
            kept.append(await ask(number))

    await asyncio.gather(*(work() for _ in range(setting.in_flight)))
    return kept


def bare_aiohttp(url: str, setting: Setting) -> int:
    import aiohttp

    async def run() -> int:
        connector = aiohttp.TCPConnector(limit=setting.in_flight)
        async with aiohttp.ClientSession(connector=connector) as session:

            async def ask(number: int) -> Any:
                headers = {"authorization": "Bearer x"}
                async with session.post(f"{url}/v1/chat/completions", json=body(number), headers=headers) as reply:
                    found = json.loads(await reply.read())
                    return found["choices"][0]["message"]["content"], found["usage"]

            return len(await workers(setting, ask))

    return asyncio.run(run())


def bare_client(url: str, setting: Setting) -> int:
    import openai

    async def run() -> int:
        http = openai.DefaultAioHttpClient()
        async with openai.AsyncOpenAI(api_key="x", base_url=f"{url}/v1", http_client=http, max_retries=0) as client:

            async def ask(number: int) -> Any:
                reply = await client.chat.completions.create(**body(number))
                return reply.choices[0].message.content, reply.usage

            return len(await workers(setting, ask))

    return asyncio.run(run())


def evalkit(url: str, setting: Setting) -> int:
    from evalkit.core.exchange import Message, Request, Sampling
    from evalkit.models.context import Context
    from evalkit.models.open import open_model
    from evalkit.suite.spec import Limits, ModelSpec

    limits = Limits(concurrency=setting.in_flight)
    spec = ModelSpec(provider="openai", model="mock", base_url=f"{url}/v1", limits=limits)
    model = open_model("m", spec, Context(root=ROOT, environ={"OPENAI_API_KEY": "x"}))
    requests = (
        Request(
            example_id=str(number),
            messages=(Message(role="user", content=question(number)),),
            sampling=Sampling(max_tokens=32),
        )
        for number in range(setting.calls)
    )
    answers = list(model.answer(requests))
    assert all(answer.failure is None for answer in answers)
    return len(answers)


CLIENTS = {"bare aiohttp": bare_aiohttp, "evalkit": evalkit, "bare openai client": bare_client}


def one_run(client: str, url: str, setting: Setting) -> None:
    """In a process of its own: ask, then print calls, CPU seconds a call and peak memory as JSON."""
    if client != "bare aiohttp":
        import_module("openai.resources.chat")  # what the first call would import
    if client == "evalkit":
        import_module("evalkit.models.open")
        import_module("evalkit.models.openai")
    before = time.process_time()
    count = CLIENTS[client](url, setting)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"calls": count, "cpu_ms": (time.process_time() - before) / count * 1000, "peak_mb": peak}))


@contextmanager
def server(path: Path) -> Iterator[str]:
    """The loopback server, for as long as the measurement lasts."""
    if not path.is_file():
        raise SystemExit(
            f"the loopback server is not here: {path} (name it with --server, or its data folder in "
            "EVALKIT_SHARED_DATA)"
        )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, str(path), "--port", str(port)], stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                call(f"{url}/health")
                break
            except OSError:
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def call(url: str, content: dict[str, Any] | None = None) -> Any:
    data = None if content is None else json.dumps(content).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=10) as reply:
        return json.load(reply)


def measured(client: str, url: str, setting: Setting) -> dict[str, float]:
    call(f"{url}/config", {"latency_ms": setting.latency_ms})
    words = [sys.executable, __file__, "--one", client, "--url", url]
    words += [str(setting.calls), str(setting.latency_ms), str(setting.in_flight)]
    started = time.perf_counter()
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=600)
    wall = time.perf_counter() - started
    window = call(f"{url}/stats")["window_s"]
    return {**json.loads(done.stdout.splitlines()[-1]), "window_s": window, "wall_s": wall}


def table(results: dict[tuple[Setting, str], list[dict[str, float]]], *, rounds: int, load: float) -> str:
    """The page: one line a setting and client, medians, and the rate as a share of the bare loop's."""
    lines = [
        "# Asking an API: what it costs",
        "",
        f"`python benchmarks/api.py`: medians of {rounds} rounds in one run, {platform.python_implementation()} "
        f"{platform.python_version()}, {os.cpu_count()} cores with {load:.1f} programs wanting one on average, "
        "a loopback server. The clients take turns; where more programs want a core than there are cores, windows are "
        "long and only CPU a call says something.",
        "",
        "| calls, latency, in flight | client | window s | calls a second | of bare loop | CPU ms a call | peak MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for (setting, client), runs in results.items():

        def median(key: str, runs: list[dict[str, float]] = runs) -> float:
            return statistics.median(run[key] for run in runs)

        bare = statistics.median(run["window_s"] for run in results[setting, "bare aiohttp"])
        name = f"{setting.calls:,} at {setting.latency_ms} ms, {setting.in_flight}"
        rate = setting.calls / median("window_s")
        lines.append(
            f"| {name} | {client} | {median('window_s'):.2f} | {rate:,.0f} | {bare / median('window_s'):.0%} "
            f"| {median('cpu_ms'):.2f} | {median('peak_mb'):.0f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--quick", action="store_true", help="leave out the 10,000 calls")
    options.add_argument("--server", type=Path, default=SERVER)
    options.add_argument("--page", type=Path, help="write the table there, too")
    options.add_argument("--one", choices=sorted(CLIENTS), help=argparse.SUPPRESS)
    options.add_argument("--url", help=argparse.SUPPRESS)
    options.add_argument("numbers", nargs="*", type=int, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.one:
        calls, latency_ms, in_flight = chosen.numbers
        one_run(chosen.one, chosen.url, Setting(calls=calls, latency_ms=latency_ms, in_flight=in_flight))
        return
    results: dict[tuple[Setting, str], list[dict[str, float]]] = {}
    load = os.getloadavg()[0]
    with server(chosen.server) as url:
        for setting in SETTINGS[: 3 if chosen.quick else None]:
            for _ in range(chosen.rounds):
                for client in CLIENTS:
                    results.setdefault((setting, client), []).append(measured(client, url, setting))
            for client in CLIENTS:
                print(setting, client, results[setting, client][-1], flush=True)
    text = table(results, rounds=chosen.rounds, load=load)
    if chosen.page:
        chosen.page.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
