"""Functions are verbs or name what they return, never a bare participle; a class name means one thing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOM = Path(__file__).parents[2] / "evalkit"
IRREGULAR = frozenset(
    (
        *("known", "drawn", "held", "kept", "sent", "said", "told", "found", "made", "left", "lost", "given", "taken"),
        *("written", "shown", "seen", "chosen", "broken", "spent", "brought", "built", "caught", "taught", "torn"),
        *("hidden", "meant", "gone", "spoilt", "led", "met", "felt", "forgotten", "frozen", "fallen", "grown"),
        *("thrown", "proven", "spoken", "beaten", "misspelt", "dealt", "sold"),
    )
)
NO_PARTICIPLES = frozenset({"embed", "feed", "need", "reseed", "seed", "shed", "speed"})


def is_participle(name: str) -> bool:
    word = name.strip("_")
    return "_" not in word and (word in IRREGULAR or (word.endswith("ed") and word not in NO_PARTICIPLES))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """All but properties: a property is a value, and bears a noun's name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not any(
            "property" in ast.unparse(decorator) for decorator in node.decorator_list
        ):
            yield node


@pytest.mark.parametrize(
    ("name", "bare"), [("_told", True), ("narrowed", True), ("need", False), ("known_sampling", False), ("keep", False)]
)
def test_a_bare_participle_is_seen(name: str, bare: bool) -> None:
    assert is_participle(name) == bare


def test_no_function_is_a_bare_participle() -> None:
    found = [
        f"{path.relative_to(ROOM)}:{node.lineno} {node.name}"
        for path in sorted(ROOM.rglob("*.py"))
        for node in functions(ast.parse(path.read_text(encoding="utf-8")))
        if is_participle(node.name)
    ]
    assert found == []


def test_a_class_name_means_one_thing() -> None:
    places: dict[str, list[str]] = {}
    for path in sorted(ROOM.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(str(path.relative_to(ROOM)))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
