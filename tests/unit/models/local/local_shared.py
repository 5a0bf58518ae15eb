"""A project of three suites (drawn, chosen, measured) and three arms on one base, compared by whoever computes."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from evalkit.pipeline.compare import compare_arms
from evalkit.pipeline.options import Options
from evalkit.report.renderers.data import verdict_data
from evalkit.store.ledger import Ledger

WORDS = ("red", "green", "blue", "tall", "short", "cold", "warm")
SUITES = {
    "drawn": (
        "generate: {temperature: 0.8, max_tokens: 12}\nrepeats: 2\nscorers: {answer: {type: checks}}\n",
        lambda text, at: {
            "messages": [{"role": "system", "content": "Be brief. " * (5 + 24 * (at % 2))}, said(text)],
            "checks": [{"contains": "e"}],
        },
    ),
    "chosen": (
        "generate: {choices: likelihood}\nscorers: {answer: {type: choice}}\n",
        lambda text, at: {"messages": [said(text)], "choices": ["one", "two", "three three"], "target": at % 3},
    ),
    "measured": (
        "scorers: {answer: {type: likelihood}}\n",
        lambda text, at: {"messages": [said(text)], "target": text[::-1]},
    ),
}


def said(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def save_project(folder: Path, *, models: Path) -> None:
    """Three suites that draw, choose and measure, and three arms on one base."""
    rng = random.Random(3)
    for name, (keys, row) in SUITES.items():
        rows = [
            {"id": f"{name}{at}", **row(" ".join(rng.choices(WORDS, k=rng.randint(1, 20))), at)} for at in range(36)
        ]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
        gate = "gates: [{type: no_regression, metric: answer, margin: 0.1}]\n"
        head = f"evalkit: 1\nname: {name}\ndataset: {{path: ../{name}.jsonl}}\n"
        (folder / "suites").mkdir(exist_ok=True)
        (folder / "suites" / f"{name}.yaml").write_text(head + keys + gate)
    base = f"{{provider: local, model: {models / 'tiny'}, device: cpu"
    adapters = [f"  {name}: {base}, adapter: {models / name}}}\n" for name in ("tuned", "other")]
    (folder / "models.yaml").write_text(f"models:\n  base: {base}}}\n{''.join(adapters)}")


def compared(root: str, **options: Any) -> list[dict[str, Any]]:
    given = Options(root=Path(root), **options)
    return [verdict_data(one.verdict) for one in compare_arms("base", ["tuned", "other"], options=given)]


def without_time(value: Any) -> Any:
    """The verdict as data without the rows that bear the mark of measured time."""
    if isinstance(value, dict):
        return {key: without_time(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_time(one) for one in value if not (isinstance(one, dict) and one.get("measured_time"))]
    return value


def kept(root: str) -> list[tuple[Any, ...]]:
    """What a ledger holds, but for seconds and moments."""
    with Ledger(Path(root) / ".evalkit" / "ledger.sqlite") as ledger:
        keys = [row[0].hex() for row in ledger.connection.execute("SELECT key FROM answer")]
        found = ledger.lookup(keys)
        assert ledger.connection.execute("SELECT count(*) FROM lease").fetchone() == (0,)
    return sorted((key, one.text, one.choice_scores, one.tokens_sha256, one.usage.output) for key, one in found.items())
