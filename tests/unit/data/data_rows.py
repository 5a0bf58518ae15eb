"""What the tests of data read share."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from evalkit.core.errors import DataError
from evalkit.data.read import read_examples


def jsonl(path: Path, rows: Iterable[object]) -> Path:
    text = "".join((row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path, format: str = "evalkit", **columns: str) -> list[str]:
    with pytest.raises(DataError) as caught:
        read_examples(path, format=format, columns=columns)
    return [str(p).replace(f"{path.parent}/", "") for p in caught.value.problems]
