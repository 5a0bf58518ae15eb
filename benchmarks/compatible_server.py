"""A real compatible server against local inference: the same models, prompts and greedy draws, and the same verdict?

python benchmarks/compatible_server.py               24 tickets; some ten minutes on two cores
python benchmarks/compatible_server.py --cases 6

`transformers serve` answers for the embedded model and its fine-tune (the adapter merged into the weights) over chat
completions and over the Responses API; provider `local` answers from the very same folders. The findings and the
scorers' figures must be equal. Where an answer differs, the first token that does is shown with the gap between the two
tokens' logits: a gap near zero is a tie that arithmetic in another order breaks the other way. Needs the extra `local`,
the embedded model's wheel, fastapi and uvicorn. Writes docs/benchmarks/compatible_server.md.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks" / "compatible_server.md"
DATA = ROOT / "suites" / "data" / "support_desk.jsonl"
ADAPTER = ROOT / "examples" / "finetune" / "adapters" / "ft-model"
APIS = ("chat", "responses")
ARMS = ("base", "tuned")
SERVE = "from transformers.cli.transformers import main; main()"

SUITE = """\
evalkit: 1
name: tickets
dataset: {path: data.jsonl}
prompt:
  system: >-
    Aoba Store support desk. Write one line. Ticket: a JSON object with intent, product, order, priority (high or
    normal). Intent: refund, delivery, account, cancel or question.
generate: {temperature: 0, max_tokens: 40, stop: ["\\n"]}
scorers:
  ticket: {type: json_schema, schema: SCHEMA, fields: {intent: exact, product: exact, order: exact, priority: exact}}
gates:
  - {type: must_improve, metric: ticket}
  - {type: no_regression, metric: ticket.valid, margin: 0.10}
"""


@dataclass(frozen=True, kw_only=True)
class Divergence:
    """Where a served answer leaves the local one: the first token that differs, and how near the two were."""

    api: str
    arm: str
    example: str
    position: int
    local: str
    served: str
    gap: float


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one api said: whether findings and figures equal the local ones, and every answer that differs."""

    api: str
    answers: int
    outcome: str
    same_findings: bool
    divergences: tuple[Divergence, ...]


def missing() -> str | None:
    """What this needs and does not find."""
    absent = [name for name in ("torch", "transformers", "peft", "fastapi", "uvicorn") if find_spec(name) is None]
    if absent:
        return f"a real server needs {', '.join(absent)}"
    from evalkit.core.errors import ModelError
    from evalkit.models.local.embedded import find_gguf

    try:
        find_gguf()
    except ModelError as error:
        return str(error)
    return None


def folders(into: Path) -> dict[str, str]:
    """Two model folders: the embedded base, and the fine-tune with its adapter merged into the weights."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from evalkit.models.local.embedded import ensure_embedded

    base = ensure_embedded(progress=print)
    merged = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), ADAPTER).merge_and_unload()
    merged.save_pretrained(into / "tuned")
    AutoTokenizer.from_pretrained(base).save_pretrained(into / "tuned")
    return {"base": str(base), "tuned": str(into / "tuned")}


@contextmanager
def serving(log: Path) -> Iterator[str]:
    """`transformers serve` on this machine, for as long as it is needed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = ["serve", "--host", "127.0.0.1", "--port", str(port), "--device", "cpu", "--dtype", "float32"]
    with log.open("w") as handle:
        environ = {**os.environ, "HF_HUB_OFFLINE": "1"}
        process = subprocess.Popen([sys.executable, "-c", SERVE, *words], stdout=handle, stderr=handle, env=environ)
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models", timeout=2).close()
                break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}") from None
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(30)


def project(folder: Path, *, cases: int, models: dict[str, str], url: str) -> None:
    """The suite, its tickets, and every arm: local, and served over each api."""
    rows = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
    tickets = [row for row in rows if row["tags"]["task"] == "ticket"][:cases]
    (folder / "data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in tickets), encoding="utf-8")
    schema = ROOT / "suites" / "schemas" / "ticket.json"
    (folder / "suite.yaml").write_text(SUITE.replace("SCHEMA", str(schema)), encoding="utf-8")
    arms: dict[str, Any] = {f"local-{arm}": {"provider": "local", "model": models[arm]} for arm in ARMS}
    for api in APIS:
        for arm in ARMS:
            served = {"provider": "openai", "base_url": url, "api": api, "model": models[arm]}
            arms[f"{api}-{arm}"] = {**served, "limits": {"concurrency": 1, "first_byte_timeout_s": 300.0}}
    (folder / "models.yaml").write_text(json.dumps({"models": arms}), encoding="utf-8")


def compared(folder: Path, how: str) -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
    """The verdict of one way of asking, and both arms' texts by example."""
    from evalkit.core.recording import Recording

    def run(*words: str) -> int:
        return subprocess.run(
            [sys.executable, "-m", "evalkit", *words], cwd=folder, stdout=subprocess.DEVNULL
        ).returncode

    arms = [f"{how}-{arm}" for arm in ARMS]
    code = run("compare", *arms, "--suite", "suite.yaml", "--json", f"{how}.json", "--report", f"{how}-page")
    if code not in (0, 1, 3):
        raise RuntimeError(f"comparing {how} ended with {code}")
    texts = {}
    for arm, name in zip(ARMS, arms, strict=True):
        run("record", name, "--suite", "suite.yaml", "-o", f"{name}.jsonl")
        rows = Recording.read(folder / f"{name}.jsonl").responses
        texts[arm] = {row.example_id: row.text or "" for row in rows}
    return json.loads((folder / f"{how}.json").read_text(encoding="utf-8")), texts


def decided(verdict: dict[str, Any]) -> str:
    """What must be equal: the findings, and every figure of the scorers (not the seconds and tokens)."""
    suite = verdict["suites"][0]
    figures = [row for row in suite["metrics"] if row["metric"].startswith("ticket")]
    return json.dumps([verdict["outcome"], suite["findings"], figures], sort_keys=True)


def divergence(api: str, arm: str, example: str, *, local: str, served: str, model: str, folder: Path) -> Divergence:
    """The first token at which two greedy answers part, and the gap between the logits of the two tokens there."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from evalkit.suite.load import load_suite

    tokenizer = AutoTokenizer.from_pretrained(model)
    one, two = (tokenizer(text + "\n", add_special_tokens=False)["input_ids"] for text in (local, served))
    at = next((i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)) - 1)
    rows = [json.loads(line) for line in (folder / "data.jsonl").read_text(encoding="utf-8").splitlines()]
    system = load_suite(folder / "suite.yaml").spec.prompt.system
    row = next(row for row in rows if row["id"] == example)
    messages = [{"role": "system", "content": system}, *row["messages"]]
    prompt = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=True)["input_ids"]
    with torch.no_grad():
        logits = AutoModelForCausalLM.from_pretrained(model)(torch.tensor([[*prompt, *one[:at]]])).logits[0, -1]
    return Divergence(
        api=api,
        arm=arm,
        example=example,
        position=at,
        local=tokenizer.decode([one[at]]),
        served=tokenizer.decode([two[at]]),
        gap=float(logits[one[at]] - logits[two[at]]),
    )


def measured(folder: Path, *, cases: int, apis: Sequence[str] = APIS) -> list[Outcome]:
    """Every api beside the local provider, in a folder of their own."""
    models = folders(folder)
    with serving(folder / "server.log") as url:
        project(folder, cases=cases, models=models, url=url)
        verdict, local = compared(folder, "local")
        outcomes = []
        for api in apis:
            found, served = compared(folder, api)
            parted = [
                divergence(api, arm, id_, local=text, served=served[arm][id_], model=models[arm], folder=folder)
                for arm in ARMS
                for id_, text in local[arm].items()
                if text != served[arm][id_]
            ]
            outcomes.append(
                Outcome(
                    api=api,
                    answers=sum(map(len, served.values())),
                    outcome=f"{verdict['outcome']} / {found['outcome']}",
                    same_findings=decided(found) == decided(verdict),
                    divergences=tuple(parted),
                )
            )
    return outcomes


def page(outcomes: Sequence[Outcome], *, cases: int) -> str:
    import torch
    import transformers

    lines = [
        "# A real compatible server beside local inference",
        "",
        f"`python benchmarks/compatible_server.py`: {cases} held-out tickets, the embedded 135M model and its tune, "
        f"greedy, 40 tokens, one stop text; `transformers serve` {transformers.__version__} beside provider `local`, "
        f"torch {torch.__version__}, float32 on the CPU.",
        "",
        "| api | answers | equal texts | outcome local / served | findings and figures |",
        "|---|---|---|---|---|",
    ]
    for found in outcomes:
        equal = found.answers - len(found.divergences)
        same = "equal" if found.same_findings else "DIFFERENT"
        lines.append(f"| {found.api} | {found.answers} | {equal} | {found.outcome} | {same} |")
    parted = [item for found in outcomes for item in found.divergences]
    if parted:
        lines += [
            "",
            "| api | arm | case | token | local | served | gap of their logits |",
            "|---|---|---|---|---|---|---|",
        ]
    lines += [
        f"| {d.api} | {d.arm} | {d.example} | {d.position} | `{d.local!r}` | `{d.served!r}` | {d.gap:.5f} |"
        for d in parted
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cases", type=int, default=24)
    options.add_argument("--page", type=Path, default=PAGE)
    chosen = options.parse_args()
    lacking = missing()
    if lacking is not None:
        raise SystemExit(lacking)
    with tempfile.TemporaryDirectory() as folder:
        text = page(measured(Path(folder), cases=chosen.cases), cases=chosen.cases)
    chosen.page.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
