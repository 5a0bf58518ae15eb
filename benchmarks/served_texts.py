"""A server that runs already, beside local inference: 100 prompts by two system prompts, and the same verdict?

python benchmarks/served_texts.py --url http://127.0.0.1:8000/v1 --model NAME [--extra-body JSON]
python benchmarks/served_texts.py --transformers        starts `transformers serve` itself

Both arms are the embedded model, told to answer in a few words or as a pirate who never names the thing: 100 questions
of `suites/data/general.jsonl` drawn with a seed, greedy, 20 tokens, one stop text. Prints equal texts, both verdicts.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from compatible_server import serving

ROOT = Path(__file__).parents[1]
EMBEDDED = "embedded:SmolLM2-135M-Instruct"
PROMPTS = {
    "plain": "Answer in a few words.",
    "pirate": "You are a pirate. Answer in one short sentence and never name the thing that was asked for.",
}
SUITE = """\
evalkit: 1
name: questions
dataset: {path: data/questions.jsonl}
generate: {temperature: 0, max_tokens: 20, stop: ["\\n"]}
reading: {cut: scored}
scorers:
  answer: {type: contains}
gates:
  - {type: no_regression, metric: answer, margin: 0.10}
"""


def project(folder: Path, served: dict[str, Any]) -> None:
    """Write the suite, its questions and four arms: both prompts, local and served."""
    text = (ROOT / "suites" / "data" / "general.jsonl").read_text(encoding="utf-8")
    rows = [row for row in map(json.loads, text.splitlines()) if row["tags"].get("task") == "answer"]
    random.Random(3).shuffle(rows)
    (folder / "suites" / "data").mkdir(parents=True)
    lines = "".join(json.dumps(row) + "\n" for row in rows[:100])
    (folder / "suites" / "data" / "questions.jsonl").write_text(lines, encoding="utf-8")
    (folder / "suites" / "questions.yaml").write_text(SUITE, encoding="utf-8")
    arms: dict[str, Any] = {}
    for name, said in PROMPTS.items():
        arms[f"local-{name}"] = {"provider": "local", "model": EMBEDDED, "prompt": {"system": said}}
        arms[f"served-{name}"] = {**served, "prompt": {"system": said}}
    (folder / "suites" / "models.yaml").write_text(json.dumps({"models": arms}), encoding="utf-8")


def run(folder: Path, *words: str) -> int:
    """Run a command of evalkit in the project."""
    return subprocess.run(
        [sys.executable, "-m", "evalkit", *words], cwd=folder, stdout=subprocess.DEVNULL, check=False
    ).returncode


def answers(folder: Path, arm: str) -> dict[str, str | None]:
    """Return the texts of an arm by example."""
    from evalkit.core.recording import Recording

    run(folder, "record", arm, "-o", f"{arm}.jsonl")
    return {row.example_id: row.text for row in Recording.read(folder / f"{arm}.jsonl").responses}


def finding(folder: Path, how: str) -> dict[str, Any]:
    """Compare the two prompts one way of asking, and return what the gate says."""
    run(folder, "compare", f"{how}-plain", f"{how}-pirate", "--json", f"{how}.json", "--report", f"{how}-page")
    verdict = json.loads((folder / f"{how}.json").read_text(encoding="utf-8"))
    row: dict[str, Any] = verdict["suites"][0]["findings"][0]
    return {name: row[name] for name in ("state", "base", "candidate", "delta", "low", "high", "fixed", "broken")}


def main() -> None:
    """Ask, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url")
    parser.add_argument("--model")
    parser.add_argument("--extra-body", type=json.loads, default={})
    parser.add_argument("--transformers", action="store_true")
    args = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url, model = args.url, args.model
        if args.transformers:
            from evalkit.models.local.embedded import ensure_embedded

            model = str(ensure_embedded(progress=print))
            url = stack.enter_context(serving(folder / "server.log"))
        served = {"provider": "openai", "base_url": url, "model": model, "extra_body": args.extra_body}
        project(folder, {**served, "limits": {"concurrency": 1, "first_byte_timeout_s": 300.0}})
        found = {how: finding(folder, how) for how in ("local", "served")}
        for name in PROMPTS:
            one, two = (answers(folder, f"{how}-{name}") for how in found)
            print(f"{name}: {sum(one[key] == two[key] for key in one)} of {len(one)} texts equal")
        for how, row in found.items():
            print(how, json.dumps(row))
        print("the same verdict" if found["local"] == found["served"] else "another verdict")


if __name__ == "__main__":
    main()
