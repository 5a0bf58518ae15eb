"""A project whose two arms are API models at one loopback server, and ways to run the whole program on it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "models" / "openai"))

from openai_loopback import Call, Loopback, Reply, Script, chat_body, error_body

from evalkit.cli import main

CANARY = "sk-canary-7d1f0b6e92c84a35-never-written"

SUITE = """\
evalkit: 1
name: wire
dataset: {path: data.jsonl}
generate: {max_tokens: 8}
scorers:
  answer: {type: exact}
gates:
  - {type: no_regression, metric: answer, margin: 0.05}
"""

MEASURED = ("latency", "first_token", "tokens_per_s")
"""Metrics that a clock decides: no two live runs share them"""


def answers(call: Call) -> Reply:
    """`base` knows 4 of 5 answers, `tuned` 9 of 10; the models endpoint knows no date."""
    if call.method == "GET":
        return Reply(status=404, body=error_body("no such endpoint"))
    number = int(question_of(call).split()[2])
    right = number % 5 != 0 if model_of(call) == "base" else number % 10 != 0
    return Reply(body=chat_body(str(number + 1) if right else "no", model=model_of(call)))


def question_of(call: Call) -> str:
    """The last message of a chat call."""
    return str(call.body["messages"][-1]["content"])


def model_of(call: Call) -> str:
    """The model a chat call names."""
    return str(call.body["model"])


@dataclass
class World:
    """Paths are relative to `folder`. `script` may be changed while the server runs."""

    folder: Path
    n: int = 100
    script: Script = answers
    limits: Mapping[str, Any] = field(default_factory=lambda: {"concurrency": 8})
    price: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        self.server = Loopback(lambda call: self.script(call))
        self.write("suites/wire.yaml", SUITE)
        self.data()
        self.models()

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def suite(self, text: str) -> None:
        self.write("suites/wire.yaml", text)

    def data(self, n: int | None = None) -> None:
        self.n = n or self.n
        rows = [{"id": f"q{i}", "input": f"What is {i} + 1?", "target": str(i + 1)} for i in range(self.n)]
        self.write("suites/data.jsonl", "".join(json.dumps(row) + "\n" for row in rows))

    def models(self, *, base: Mapping[str, Any] | None = None, tuned: Mapping[str, Any] | None = None) -> None:
        """Write models.yaml: both arms with the limits and the price of this world, changed by `base` and `tuned`."""
        both: dict[str, Any] = {"provider": "openai", "base_url": self.server.url, "limits": dict(self.limits)}
        if self.price is not None:
            both["price"] = dict(self.price)
        arms = {"base": {**both, "model": "base", **(base or {})}, "tuned": {**both, "model": "tuned", **(tuned or {})}}
        self.write("suites/models.yaml", json.dumps({"models": arms}))

    def run(self, *words: str, root: str = ".") -> int:
        """`evalkit WORDS` in this process; its exit code."""
        return main([*words, "--root", root])

    def compare(self, *words: str, root: str = ".") -> tuple[int, dict[str, Any]]:
        """`evalkit compare base tuned`: its exit code and its verdict."""
        target = f"{root}/verdict.json"
        code = self.run("compare", "base", "tuned", "--json", target, "--report", f"{root}/page", *words, root=root)
        path = self.folder / target
        return code, json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}

    def start(self, *words: str, root: str = ".") -> subprocess.Popen[str]:
        """`evalkit WORDS` as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "evalkit", *words, "--root", root],
            cwd=self.folder,
            env={**os.environ, "OPENAI_API_KEY": CANARY},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # whoever starts the tests may ignore SIGINT (a job in the background); a terminal does not
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def start_compare(self, *, root: str = ".", name: str = "verdict") -> subprocess.Popen[str]:
        """`evalkit compare base tuned` as a process of its own; the verdict in ROOT/NAME.json."""
        words = ["--json", f"{root}/{name}.json", "--report", f"{root}/{name}"]
        return self.start("compare", "base", "tuned", *words, root=root)

    def verdict(self, root: str = ".", name: str = "verdict") -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / root / f"{name}.json").read_text(encoding="utf-8"))
        return found

    @property
    def chats(self) -> list[Call]:
        """Every chat call the server saw."""
        return self.server.asked("/chat/completions")

    def asked(self) -> Counter[tuple[str, str]]:
        """How often the server was asked what of whom."""
        return Counter((model_of(call), question_of(call)) for call in self.chats)

    def written(self) -> Iterator[tuple[Path, bytes]]:
        """Every file under the project folder."""
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                yield path, path.read_bytes()


def timeless(verdict: Mapping[str, Any]) -> str:
    """A verdict as text, without the metrics that a clock decides."""
    suites = [
        {**suite, "metrics": [row for row in suite["metrics"] if not row["metric"].startswith(MEASURED)]}
        for suite in verdict["suites"]
    ]
    return json.dumps({**verdict, "suites": suites}, indent=1)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A fresh project with 100 questions in an empty folder, which is the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    made = World(tmp_path)
    yield made
    made.server.stop()
