"""Pairs that a style is learned from: an answer in the style and one that is not, to the same prompt."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_STYLED = ("styled", "chosen", "completion", "candidate")
_PLAIN = ("plain", "rejected", "base")


@dataclass(frozen=True, slots=True)
class StylePair:
    """Two answers to one prompt."""

    prompt: str
    styled: str
    plain: str


def read_pairs(path: Path) -> list[StylePair]:
    """Read pairs, one JSON object a line; raise ValueError for what is none.

    `prompt`, the answer in the style (`styled`, or TRL's `chosen`) and the other one (`plain`, or `rejected`). Each is
    text, or turns of which the last counts.
    """
    found: list[StylePair] = []
    wrong: list[str] = []
    for number, row in _rows(path, wrong):
        texts = [_text_of(row, keys) for keys in (("prompt",), _STYLED, _PLAIN)]
        if None in texts:
            wrong.append(
                f"line {number}: needs `prompt`, `styled` (or `chosen`) and `plain` (or `rejected`), each a text"
            )
        else:
            found.append(StylePair(*[str(one) for one in texts]))
    if wrong:
        raise ValueError(f"{path}: {'; '.join(wrong[:3])}" + (f"; and {len(wrong) - 3} more" if len(wrong) > 3 else ""))
    return found


def read_texts(path: Path) -> list[str]:
    """Read near misses: one JSON object with `text` a line, or plain lines."""
    lines = [line for line in path.read_text("utf-8-sig").splitlines() if line.strip()]
    if path.suffix != ".jsonl":
        return [line.strip() for line in lines]
    wrong: list[str] = []
    texts = [_text_of(row, ("text",)) for _, row in _rows(path, wrong)]
    if wrong or None in texts:
        raise ValueError(f"{path}: every line needs a `text`; {'; '.join(wrong[:2])}")
    return [str(text) for text in texts]


def drop_held_out(pairs: Sequence[StylePair], asked: Sequence[str]) -> list[StylePair]:
    """Leave out the pairs whose prompt is asked in the held-out rows."""
    known = {_bare(text) for text in asked}
    return [pair for pair in pairs if _bare(pair.prompt) not in known]


def _bare(text: str) -> str:
    return "".join(text.split()).casefold()


def _rows(path: Path, wrong: list[str]) -> list[tuple[int, Mapping[str, Any]]]:
    found: list[tuple[int, Mapping[str, Any]]] = []
    for number, line in enumerate(path.read_text("utf-8-sig").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if isinstance(row, dict):
            found.append((number, row))
        else:
            wrong.append(f"line {number}: no JSON object")
    return found


def _text_of(row: Mapping[str, Any], keys: Sequence[str]) -> str | None:
    value = next((row[key] for key in keys if row.get(key) is not None), None)
    if isinstance(value, list) and value and isinstance(value[-1], dict):
        value = value[-1].get("content")
    return value if isinstance(value, str) and value.strip() else None
