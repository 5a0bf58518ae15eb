"""The whole program on API arms: `evalkit compare` from its start to verdict and report, beside a bare client.

python benchmarks/api_whole.py                       2,000 and 10,000 calls at 0 and 50 ms
python benchmarks/api_whole.py --calls 400 --rounds 1
python benchmarks/api_whole.py --only 50,256 --lm-eval ENV/bin/python --inspect-ai ENV/bin/python --promptfoo PROGRAM

`calls` are the calls of both arms together (half of them cases). `window` is from the first request to the last answer
as the server saw it, `rate` calls over window; `wall`, `cpu` and `peak` are the whole process, imports, scoring,
statistics and report included; `ledger` is bytes a kept answer. The bare loop (`bare_clients.py aiohttp`) asks the same
number of questions, compares the text and writes a line each; so do the other tools, where they are named
(`api_peers.py`). Programs take turns within a round; medians. Server and
bare loop are those in ../shared/bench. Prints its table; docs/benchmarks/api.md holds one run.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api import SERVER, call, server
from api_peers import PEERS, QUIET, Words, rows

BARE = SERVER.with_name("bare_clients.py")
PORT_OF_BARE = "http://127.0.0.1:8123/v1"

SUITE = """\
evalkit: 1
name: whole
dataset: {path: data.jsonl}
generate: {max_tokens: 32}
scorers: {answer: {type: exact}}
gates: [{type: no_regression, metric: answer, margin: 0.05}]
"""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """So many calls of both arms together, the server's latency, and the most in flight."""

    calls: int
    latency_ms: int
    in_flight: int


Program = Callable[[str, Setting], dict[str, float]]
"""Asks a server as a setting says, in a process of its own; what it took"""


def settings(calls: list[int]) -> list[Setting]:
    return [
        Setting(calls=count, latency_ms=latency, in_flight=in_flight)
        for count in calls
        for latency, in_flight in ((0, 64), (50, 32), (50, 256))
    ]


def project(folder: Path, url: str, setting: Setting) -> None:
    """A suite with half as many cases as calls, and two arms that are two models of the server."""
    rows = (
        {"id": f"q{i}", "input": f"What is the answer to item {i:06d}?", "target": "x"}
        for i in range(setting.calls // 2)
    )
    (folder / "data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (folder / "suite.yaml").write_text(SUITE, encoding="utf-8")
    arm = {"provider": "openai", "base_url": f"{url}/v1", "limits": {"concurrency": setting.in_flight}}
    arms = {"base": {**arm, "model": "mock-base"}, "tuned": {**arm, "model": "mock-tuned"}}
    (folder / "models.yaml").write_text(json.dumps({"models": arms}), encoding="utf-8")


def run(words: list[str], folder: Path) -> dict[str, float]:
    """A process from start to end: wall and CPU seconds, peak MB of it alone."""
    started = time.perf_counter()
    with (folder / "said.log").open("w") as said:
        environ = {**os.environ, **QUIET, "OPENAI_API_KEY": "x"}
        process = subprocess.Popen(words, cwd=folder, stdout=said, stderr=said, env=environ)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1, 3):
        raise SystemExit(f"{words[:6]} ended with {process.returncode}: {(folder / 'said.log').read_text()[-2000:]}")
    return {
        "wall_s": time.perf_counter() - started,
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / 1024,
    }


def whole(url: str, setting: Setting) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project(folder, url, setting)
        words = ["compare", "base", "tuned", "--suite", "suite.yaml", "--json", "v.json", "--report", "page"]
        found = run([sys.executable, "-m", "evalkit", *words], folder)
        kept = sum(path.stat().st_size for path in (folder / ".evalkit").glob("ledger.sqlite*"))
        asked = json.loads((folder / "v.json").read_text(encoding="utf-8"))["suites"][0]["examples"]
        assert asked == setting.calls // 2
    return {**found, "ledger_bytes": kept / setting.calls}


def bare(url: str, setting: Setting) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows(folder, setting.calls)
        source = BARE.read_text(encoding="utf-8").replace(PORT_OF_BARE, f"{url}/v1")
        (folder / "bare.py").write_text(source, encoding="utf-8")
        return run([sys.executable, "bare.py", "aiohttp", "data.jsonl", str(setting.in_flight)], folder)


def peer(words: Words) -> Program:
    """Another tool, started in a folder of its own with the same questions."""

    def started(url: str, setting: Setting) -> dict[str, float]:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            rows(folder, setting.calls)
            return run(words(folder, f"{url}/v1", setting.in_flight), folder)

    return started


def measured(program: Program, url: str, setting: Setting) -> dict[str, float]:
    call(f"{url}/reset", {})
    call(f"{url}/config", {"latency_ms": setting.latency_ms})
    found = program(url, setting)
    stats: dict[str, Any] = call(f"{url}/stats")
    if stats["ok"] < setting.calls:
        raise SystemExit(f"only {stats['ok']} of {setting.calls} calls were made: {stats}")
    return {**found, "rate": setting.calls / stats["window_s"]}


def table(results: dict[tuple[Setting, str], list[dict[str, float]]], *, rounds: int, load: float) -> str:
    lines = [
        "# The whole program on API arms: what it costs",
        "",
        f"`python benchmarks/api_whole.py`: medians of {rounds} rounds in one run, {os.cpu_count()} cores with "
        f"{load:.1f} programs wanting one on average, a loopback server on the same cores.",
        "",
        "| calls, latency, in flight | program | wall s | CPU s | calls a second | peak MB | ledger bytes a call |",
        "|---|---|---|---|---|---|---|",
    ]
    peaks: dict[Setting, float] = {}
    for (setting, program), runs in results.items():
        middle = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        kept = f"{middle['ledger_bytes']:,.0f}" if "ledger_bytes" in middle else ""
        if program == "evalkit compare":
            peaks[setting] = middle["peak_mb"]
        lines.append(
            f"| {setting.calls:,} at {setting.latency_ms} ms, {setting.in_flight} | {program} | {middle['wall_s']:.2f} "
            f"| {middle['cpu_s']:.2f} | {middle['rate']:,.0f} | {middle['peak_mb']:.0f} | {kept} |"
        )
    return "\n".join([*lines, "", *growth(peaks)]) + "\n"


def growth(peaks: dict[Setting, float]) -> list[str]:
    """Peak memory a case more, between the smallest and the largest setting that are otherwise alike."""
    lines = []
    for latency, in_flight in sorted({(s.latency_ms, s.in_flight) for s in peaks}):
        alike = sorted((s.calls, mb) for s, mb in peaks.items() if (s.latency_ms, s.in_flight) == (latency, in_flight))
        (few, low), (many, high) = alike[0], alike[-1]
        if many > few:
            grown = (high - low) * 1024 / ((many - few) / 2)
            lines.append(f"- {latency} ms, {in_flight} in flight: {grown:.2f} kB of peak memory a case (two answers)")
    return lines


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--calls", type=int, action="append", help="default: 2000 and 10000")
    options.add_argument("--only", action="append", help="LATENCY_MS,IN_FLIGHT of the settings to run")
    options.add_argument("--page", type=Path, help="write the table there, too")
    for tool in PEERS:
        options.add_argument(f"--{tool}", metavar="PROGRAM", help="run it beside")
    chosen = options.parse_args()
    named = {tool: getattr(chosen, tool.replace("-", "_")) for tool in PEERS}
    peers = {tool: peer(PEERS[tool](path)) for tool, path in named.items() if path}
    programs = {"bare aiohttp loop": bare, "evalkit compare": whole, **peers}
    load = os.getloadavg()[0]
    results: dict[tuple[Setting, str], list[dict[str, float]]] = {}
    with server(SERVER) as url:
        for setting in settings(chosen.calls or [2000, 10_000]):
            if chosen.only and f"{setting.latency_ms},{setting.in_flight}" not in chosen.only:
                continue
            for _ in range(chosen.rounds):
                for name, program in programs.items():
                    results.setdefault((setting, name), []).append(measured(program, url, setting))
                    print(setting, name, results[setting, name][-1], flush=True)
    text = table(results, rounds=chosen.rounds, load=load)
    if chosen.page:
        chosen.page.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    main()
