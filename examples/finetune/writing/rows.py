"""The two row shapes the demo writes: held-out rows (evalkit format), training rows (messages ending in an answer)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def held_out(
    row_id: str, prompt: str, *, target: Any, cluster: str, tags: Mapping[str, str], choices: Iterable[str] = ()
) -> Row:
    """One held-out row with a single user message; with choices `target` is the index of the right one."""
    row: Row = {"id": row_id, "messages": [{"role": "user", "content": prompt}], "target": target}
    options = list(choices)
    if options:
        row["choices"] = options
    row["tags"] = dict(tags)
    row["cluster"] = cluster
    return row


def training(prompt: str, answer: str, *, source: str, system: str | None = None) -> Row:
    """One training conversation; `source` says which part of the mix it belongs to."""
    messages = [{"role": "system", "content": system}] if system else []
    messages += [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]
    return {"messages": messages, "source": source}


def write_jsonl(path: Path, rows: Iterable[Row]) -> int:
    """Write one JSON object a line (UTF-8, no escapes); returns how many."""
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(lines)


def one_line(value: Any) -> str:
    """JSON as the adapters are taught to write it: one line, a blank after commas and colons."""
    return json.dumps(value, ensure_ascii=False)
