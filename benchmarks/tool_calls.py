"""What judging tool calls costs, and how far checkers agree: evalkit, BFCL's own, deepeval, ragas.

Writes docs/benchmarks/tool_calls.md.

python benchmarks/tool_calls.py [--peers PYTHON]     about half a minute of CPU

The cases are BFCL's Python items (pip install --no-deps bfcl-eval==2026.3.23) with outputs drawn from the accepted
answers and spoiled. PYTHON is an interpreter that has deepeval and ragas (pip install deepeval==4.3.1 ragas==0.4.3
"langchain-community<0.4"); without it they are left out.
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from evalkit.core.exchange import Example, Response, ToolCall
from evalkit.scorers.schemas.validate import checker
from evalkit.scorers.tool_calls import ToolCalls, bfcl
from evalkit.scorers.tool_calls.tools import json_schema

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "gold"))
bfcl_items = import_module("bfcl_items")

N, SEED = 20_000, 7
Case = tuple[str, list[Any], list[Any], list[Any]]
"""category, functions, possible answers, output"""


def cases() -> list[Case]:
    items = {k: v for k, v in sorted(bfcl_items.load_items().items()) if bfcl_items.language(v[0]) == "python"}
    rng, ids, found = random.Random(SEED), list(items), []
    for _ in range(N):
        category, functions, answers = items[rng.choice(ids)]
        output = bfcl_items.mutated(rng, functions, answers, language="python", underscores=False)
        found.append((category, functions, answers, output))
    return found


def timed(job: Callable[[], list[bool]]) -> tuple[float, list[bool]]:
    """CPU seconds and verdicts; what was there before is no work of the job's garbage collector."""
    gc.collect()
    gc.freeze()
    start = time.process_time()
    verdicts = job()
    return time.process_time() - start, verdicts


def original(rows: list[Case]) -> Callable[[], list[bool]]:
    oracle = bfcl_items.oracle()
    return lambda: [oracle(f, o, a, category=c, language="python", underscores=False)["valid"] for c, f, a, o in rows]


def ours(rows: list[Case]) -> Callable[[], list[bool]]:
    return lambda: [bfcl.check(f, o, a, category=c).valid for c, f, a, o in rows]


def scorer(rows: list[Case], mode: Any) -> Callable[[], list[bool]]:
    """The scorer as a suite uses it: from an Example and a Response with raw arguments to a Score with its evidence."""
    pairs = [(_example(row, mode), _response(row)) for row in rows]
    judge = ToolCalls(mode=mode)
    for example, response in pairs[:100]:  # what is imported on the way is paid once a process
        judge.score(example, response)
    return lambda: [judge.score(example, response).value == 1.0 for example, response in pairs]


def _example(row: Case, mode: str) -> Example:
    category, functions, answers, _ = row
    target: Any = {"possible_answer": answers}
    if mode == "strict":
        calls = [(name, accepted) for answer in answers for name, accepted in answer.items()]
        target = {"tool_calls": [{"name": n, "arguments": {p: _accepted(v) for p, v in a.items()}} for n, a in calls]}
    return Example(id="x", messages=(), target=target, tools=tuple(functions), tags={"category": category})


def _accepted(values: list[Any]) -> Any:
    choices = [_member(value) for value in values if value != ""]
    return {"any_of": choices, "optional": "" in values} if choices else {"optional": True}


def _member(value: Any) -> Any:
    """BFCL lists alternatives for each key of a dict."""
    if isinstance(value, dict):
        return {"equals": {k: _accepted(v) if isinstance(v, list) else v for k, v in value.items()}}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [_member(item) for item in value]
    return value


def _response(row: Case) -> Response:
    calls = tuple(ToolCall(name=n, arguments=json.dumps(given)) for call in row[3] for n, given in call.items())
    return Response(example_id="x", text=None if calls else "[]", tool_calls=calls)


def validations(rows: list[Case], backend: Any) -> Callable[[], list[bool]]:
    """The first call of each output against its function's parameters."""
    work, schemas = [], dict[int, Any]()
    for _, functions, _, output in rows:
        known = {function["name"]: function for function in functions}
        given = next(((known[n], a) for call in output for n, a in call.items() if n in known), None)
        if given:
            schema = schemas.setdefault(id(given[0]), json_schema(given[0]["parameters"]))
            work.append((schema, given[1]))
    work = (work + work)[:N]
    return lambda: [not checker(schema, backend=backend)(arguments) for schema, arguments in work]


def bare(rows: list[Case]) -> Callable[[], list[bool]]:
    """The same arguments under jsonschema's own compiled validators: yes or no, no format, no place, no word."""
    from jsonschema import Draft202012Validator

    work, validators = [], dict[int, Any]()
    for _, functions, _, output in rows:
        known = {function["name"]: function for function in functions}
        given = next(((known[n], a) for call in output for n, a in call.items() if n in known), None)
        if given:
            key = id(given[0])
            if key not in validators:
                validators[key] = Draft202012Validator(json_schema(given[0]["parameters"]))
            work.append((validators[key], given[1]))
    work = (work + work)[:N]
    return lambda: [validator.is_valid(arguments) for validator, arguments in work]


def peers(rows: list[Case], python: str) -> list[dict[str, Any]]:
    """The verdicts of other projects' metrics, in their own interpreter, on one accepted answer as the expectation."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.jsonl"
        with path.open("w", encoding="utf-8") as out:
            for _, _, answers, output in rows:
                expected = [
                    [n, {p: v[0] for p, v in a.items() if v and v[0] != ""}] for x in answers for n, a in x.items()
                ]
                made = [[n, a] for call in output for n, a in call.items()]
                out.write(json.dumps({"expected": expected, "made": made}) + "\n")
        script = str(Path(__file__).with_name("tool_calls_peers.py"))
        done = subprocess.run([python, script, str(path)], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def agreement(verdicts: list[bool], truth: list[bool]) -> str:
    same = sum(a == b for a, b in zip(verdicts, truth, strict=False))
    passed = sum(a and not b for a, b in zip(verdicts, truth, strict=False))
    failed = sum(b and not a for a, b in zip(verdicts, truth, strict=False))
    n = len(verdicts)
    return f"{100 * same / n:.2f} % | {passed:,} | {failed:,}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", metavar="PYTHON", help="an interpreter that has deepeval and ragas")
    args = parser.parse_args()
    rows = cases()
    theirs, truth = timed(original(rows))
    table = [("bfcl-eval " + version("bfcl-eval") + " (the original)", theirs, N, truth)]
    for name, job in (
        ("evalkit `bfcl.check`", ours(rows)),
        ("evalkit scorer, `bfcl_compat`", scorer(rows, "bfcl_compat")),
        ("evalkit scorer, `strict`", scorer(rows, "strict")),
    ):
        seconds, verdicts = timed(job)
        table.append((name, seconds, N, verdicts))
    for peer in peers(rows, args.peers) if args.peers else []:
        table.append((peer["name"], peer["seconds"], len(peer["verdicts"]), peer["verdicts"]))
    lines = [f"| {n} | {s * N / k:.2f} s | {agreement(v, truth)} |" for n, s, k, v in table]
    schema = []
    for backend in ("jsonschema", "jsonschema-rs"):
        job = validations(rows, backend)
        compiled, _ = timed(job)
        kept = min(timed(job)[0] for _ in range(3))
        schema.append(f"| {backend} {version(backend)} | {compiled:.2f} s | {kept:.2f} s |")
    seconds = min(timed(bare(rows))[0] for _ in range(3))
    schema.append(f"| jsonschema {version('jsonschema')} itself, `is_valid` alone | | {seconds:.2f} s |")
    page = _PAGE.format(
        python=platform.python_version(), machine=platform.machine(), calls="\n".join(lines), schema="\n".join(schema)
    )
    (ROOT / "docs" / "benchmarks" / "tool_calls.md").write_text(page, encoding="utf-8")
    print(page)


_PAGE = """# What judging tool calls costs

Measured by `python benchmarks/tool_calls.py` with Python {python} ({machine}): CPU seconds of one process,
imports aside. 20,000 outputs drawn from BFCL's accepted answers and spoiled up to three times.

| checker | 20,000 outputs | agrees with BFCL's verdict | passes what BFCL fails | fails what BFCL passes |
|---|---|---|---|---|
{calls}

The scorers start from raw arguments and end in a Score with every part and its evidence; `bfcl.check` and the original
start from decoded calls. Where `strict` differs it means to: [tool calls](../reference/tool-calls.md) lists the
classes. deepeval and ragas are asked for their strictest deterministic metric (a score of 1 passes) with the first
accepted answer as the expectation, as they know no alternatives, on the first 1,000 outputs; their seconds are scaled
to 20,000.

| validation of 20,000 calls' arguments | schemas compiled on the way | compiled before |
|---|---|---|
{schema}
"""

if __name__ == "__main__":
    main()
