"""The same questions through other tools, each as its manual says to make it fast; used by `api_whole.py`.

Each tool lives in an environment of its own and is named on the command line of `api_whole.py`. It asks as many
questions as the setting has calls, compares the text, and keeps a row a case.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

Words = Callable[[Path, str, int], list[str]]
"""Writes what a tool needs into a folder; how to start it there, for a server and a number of calls in flight"""

LM_EVAL_TASK = """\
task: qa
dataset_path: json
dataset_kwargs: {data_files: {test: data.jsonl}}
test_split: test
output_type: generate_until
doc_to_text: "{{prompt}}"
doc_to_target: "{{expected}}"
generation_kwargs: {until: [], max_gen_toks: 32, temperature: 0}
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
"""

LM_EVAL_SCRIPT = """\
import json, sys
import lm_eval
from lm_eval.tasks import TaskManager
url, in_flight = sys.argv[1], int(sys.argv[2])
args = {"model": "mock", "base_url": url + "/chat/completions", "num_concurrent": in_flight, "max_retries": 3}
tasks = TaskManager(include_path=".", include_defaults=False)
found = lm_eval.simple_evaluate(model="local-chat-completions", model_args=args, tasks=["qa"], task_manager=tasks,
                                apply_chat_template=True, log_samples=True, bootstrap_iters=0)
with open("samples.jsonl", "w") as out:
    for row in found["samples"]["qa"]:
        out.write(json.dumps(row, default=str) + "\\n")
"""

INSPECT_TASK = """\
from inspect_ai import Task, task
from inspect_ai.dataset import FieldSpec, json_dataset
from inspect_ai.model import GenerateConfig
from inspect_ai.scorer import exact
from inspect_ai.solver import generate

@task
def qa():
    fields = FieldSpec(input="prompt", target="expected", id="id")
    return Task(dataset=json_dataset("data.jsonl", fields), solver=generate(), scorer=exact(),
                config=GenerateConfig(temperature=0, max_tokens=32))
"""


def lm_eval(python: str) -> Words:
    """lm-eval from a script, so that it need not index its own tasks."""

    def words(folder: Path, url: str, in_flight: int) -> list[str]:
        (folder / "qa.yaml").write_text(LM_EVAL_TASK, encoding="utf-8")
        (folder / "ask.py").write_text(LM_EVAL_SCRIPT, encoding="utf-8")
        return [python, "ask.py", url, str(in_flight)]

    return words


def inspect(python: str) -> Words:
    """inspect-ai without its display, live log and stored images."""

    def words(folder: Path, url: str, in_flight: int) -> list[str]:
        (folder / "qa.py").write_text(INSPECT_TASK, encoding="utf-8")
        many = ["--max-connections", str(in_flight), "--max-samples", str(in_flight)]
        quiet = ["--display", "none", "--no-log-realtime", "--no-log-images", "--log-format", "eval"]
        model = ["--model", "openai/mock", "--model-base-url", url, "-M", "responses_api=false"]
        return [str(Path(python).with_name("inspect")), "eval", "qa.py", *model, *many, *quiet]

    return words


def promptfoo(program: str) -> Words:
    """promptfoo without cache, table and progress bar."""

    def words(folder: Path, url: str, in_flight: int) -> list[str]:
        rows = [json.loads(line) for line in (folder / "data.jsonl").read_text(encoding="utf-8").splitlines()]
        tests = [
            {"vars": {"prompt": r["prompt"]}, "assert": [{"type": "equals", "value": r["expected"]}]} for r in rows
        ]
        settings = {"apiBaseUrl": url, "apiKey": "x", "temperature": 0, "max_tokens": 32}
        config = {
            "prompts": ["{{prompt}}"],
            "providers": [{"id": "openai:chat:mock", "config": settings}],
            "tests": tests,
        }
        (folder / "promptfooconfig.json").write_text(json.dumps(config), encoding="utf-8")
        options = ["-c", "promptfooconfig.json", "-j", str(in_flight), "-o", "out.json"]
        return [program, "eval", *options, "--no-cache", "--no-progress-bar", "--no-table"]

    return words


QUIET = {
    "PROMPTFOO_DISABLE_TELEMETRY": "1",
    "PROMPTFOO_DISABLE_UPDATE": "1",
    "PROMPTFOO_CONFIG_DIR": ".promptfoo",
    "PROMPTFOO_FAILED_TEST_EXIT_CODE": "0",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
"""Environment under which no tool tries to reach anybody but the loopback server"""

PEERS: dict[str, Callable[[str], Words]] = {"lm-eval": lm_eval, "inspect-ai": inspect, "promptfoo": promptfoo}


def rows(folder: Path, calls: int) -> None:
    """The questions, in the one file that every tool reads."""
    lines = (
        json.dumps({"id": i, "prompt": f"What is the answer to item {i:06d}?", "expected": "x"}) for i in range(calls)
    )
    (folder / "data.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
