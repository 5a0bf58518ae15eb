"""Options and metrics of every scorer, from their classes."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docs.tables.suites import key_table
from evalkit.scorers.build import build_scorer, option_shape
from evalkit.scorers.table import SCORERS

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "classification": {"labels": ["refund", "other_topic"]},
    "embedding": {"model": "MODEL", "threshold": 0.8},
    "format": {"max_chars": 400},
    "given": {"score": "helpfulness", "low": 1, "high": 5},
    "judge": {"judge": "someone", "criteria": "Is it right?", "passes": 4},
    "json_schema": {"schema": {"type": "object"}},
    "language": {"expect": "ja"},
    "length": {"max": 200},
    "persona": {"first_person": ["わし"], "endings": ["～ぜよ"]},
    "rating": {"scale": [1, 5]},
    "honorifics": {"expect": ["尊敬"]},
    "style_like": {"pairs": str(Path(__file__).parents[2] / "examples" / "style_pairs.jsonl")},
    "tone": {"avoid": ["emoji"]},
    "regex": {"pattern": "answer: (.*)", "group": 1},
    "register": {"expect": "polite"},
    "representation": {"groups": {"women": ["she"], "men": ["he"]}},
}
"""Options that a scorer cannot do without, so that its metrics can be listed"""


def scorer_table(name: str) -> str:
    """What a scorer says of itself, its options and its metrics."""
    kind: Any = SCORERS.load(name)
    adapter, _ = option_shape(kind)
    shape = adapter.json_schema()
    about = attribute_docs(kind)
    for field in dataclasses.fields(kind):
        option = field.name.rstrip("_")
        if option in shape.get("properties", {}) and option not in shape.get("required", ()):
            default = field.default if field.default is not dataclasses.MISSING else None
            shape["properties"][option]["default"] = list(default) if isinstance(default, tuple) else default
    parts = [inspect.getdoc(kind) or ""]
    if shape.get("properties"):
        parts.append(key_table(shape, about=about))
    parts.append(metric_table(name))
    return "\n\n".join(parts)


def metric_table(name: str) -> str:
    """The metrics a scorer produces under a suite's name for it (here the type's own name)."""
    rows = ["| metric | kind | better | meaning |", "|---|---|---|---|"]
    for metric in build_scorer(name, EXAMPLES.get(name, {}), root=Path()).metrics():
        full = f"{name}.{metric.part}" if metric.part else name
        kind, better = "yes/no" if metric.binary else "graded", "higher" if metric.higher_is_better else "lower"
        rows.append(f"| `{full}` | {kind} | {better} | {metric.about} |")
    return "\n".join(rows)


def attribute_docs(kind: type[Any]) -> dict[str, str]:
    """The text that stands under each field of a class."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    found: dict[str, str] = {}
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    for field, after in itertools.pairwise(body):
        text = after.value if isinstance(after, ast.Expr) else None
        name = field.target if isinstance(field, ast.AnnAssign) else None
        if isinstance(name, ast.Name) and isinstance(text, ast.Constant) and isinstance(text.value, str):
            found[name.id.rstrip("_")] = inspect.cleandoc(text.value)
    return found
