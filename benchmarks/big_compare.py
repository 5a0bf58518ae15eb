"""A big comparison as a command: `evalkit compare` of two recordings, from its start to the written page.

python benchmarks/big_compare.py [CASES ...]        default: 10000 100000

Answers are JSON tickets of about 500 characters; 40 % of the candidate's are other than the base's, one in fifty is no
JSON. Scorers: exact, json_schema with fields, length; two slices of 20 values. CPU is user and system seconds of the
process, peak its largest resident set; files are written into a folder that is removed.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from report import WORDS, text, vocabulary

SUITE = """\
evalkit: 1
name: tickets
dataset: {path: data.jsonl}
prompt: {system: "Write the ticket as JSON."}
scorers:
  answer: {type: exact}
  ticket: {type: json_schema, schema: ticket.json, fields: {priority: exact, product: exact, summary: exact}}
  size: {type: length, max: 600}
slices: [{by: intent, min_n: 10}, {by: shop, min_n: 10}]
gates:
  - {type: no_regression, metric: ticket, margin: 0.05}
  - {type: no_regression, metric: answer, margin: 0.05, slices: [intent]}
"""
SCHEMA = {
    "type": "object",
    "required": ["priority", "product", "summary"],
    "properties": {
        "priority": {"enum": ["low", "normal", "high"]},
        "product": {"type": "string"},
        "summary": {"type": "string"},
    },
}


def ticket(dice: random.Random, said: str) -> dict[str, str]:
    """Make a ticket about what was said."""
    return {
        "priority": dice.choice(["low", "normal", "high"]),
        "product": f"product-{dice.randrange(40)}",
        "summary": said,
    }


def project(folder: Path, cases: int, *, seed: int = 1) -> None:
    """Write a suite with its rows, and the recording of two arms."""
    import numpy as np

    dice = random.Random(seed)
    words = vocabulary(dice)
    weights = np.cumsum(1.0 / np.arange(1, WORDS + 1)).tolist()
    (folder / "suite.yaml").write_text(SUITE, encoding="utf-8")
    (folder / "ticket.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    names = ("data.jsonl", "base.jsonl", "tuned.jsonl")
    data, base, tuned = ((folder / name).open("w", encoding="utf-8") for name in names)
    for name, file in (("base", base), ("tuned", tuned)):
        _line(file, {"evalkit_recording": 1, "model": {"name": name, "provider": "openai", "model": name}})
    for at in range(cases):
        key = f"case-{at:06}"
        asked, said = (text(dice, words, weights, 440) for _ in range(2))
        target = ticket(dice, said)
        right = json.dumps(target)
        other = ticket(dice, text(dice, words, weights, 440) if dice.random() < 0.5 else said)
        answers = [right if dice.random() < 0.8 else json.dumps(other)]
        answers.append(json.dumps({**other, "summary": said}) if dice.random() < 0.4 else answers[0])
        tags = {"intent": f"intent-{at % 20}", "shop": f"shop-{at // 7 % 20}"}
        _line(data, {"id": key, "input": asked, "target": target, "tags": tags})
        for file, answer in zip((base, tuned), answers, strict=True):
            said_so = answer if dice.random() < 0.98 else answer[:-2]
            usage = {"input": 120, "output": len(answer) // 4}
            _line(file, {"id": key, "text": said_so, "finish": "stop", "usage": usage, "latency_s": dice.random()})
    for file in (data, base, tuned):
        file.close()


def _line(file: Any, row: Any) -> None:
    file.write(json.dumps(row, ensure_ascii=False) + "\n")


def compare(folder: Path) -> dict[str, float]:
    """Run the command in a process of its own: wall and CPU seconds, peak MB, MB of the page."""
    words = ["compare", "base.jsonl", "tuned.jsonl", "--suite", "suite.yaml", "--report", "page", "--json", "v.json"]
    began = time.perf_counter()
    with (folder / "said.log").open("w") as said:
        process = subprocess.Popen([sys.executable, "-m", "evalkit", *words], cwd=folder, stdout=said, stderr=said)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1, 3):
        raise SystemExit(f"ended with {process.returncode}: {(folder / 'said.log').read_text()[-2000:]}")
    return {
        "wall": time.perf_counter() - began,
        "cpu": used.ru_utime + used.ru_stime,
        "peak": used.ru_maxrss / 1024,
        "page": (folder / "page" / "index.html").stat().st_size / 1e6,
        "run": sum(one.stat().st_size for one in (folder / ".evalkit").rglob("*") if one.is_file()) / 1e6,
    }


def main() -> None:
    print("| cases | CPU s | wall s | peak MB | page, MB | kept run, MB |\n|---|---|---|---|---|---|")
    for cases in [int(word) for word in sys.argv[1:]] or [10_000, 100_000]:
        with tempfile.TemporaryDirectory() as name:
            project(Path(name), cases)
            took = compare(Path(name))
        told = f"{took['cpu']:.1f} | {took['wall']:.1f} | {took['peak']:,.0f} | {took['page']:.1f} | {took['run']:.1f}"
        print(f"| {cases:,} | {told} |", flush=True)


if __name__ == "__main__":
    main()
