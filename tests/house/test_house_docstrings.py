"""The first line of a docstring is one short sentence, and that of a function begins with its verb."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_WORDS = 14
ROOMS = (  # only rooms that hold: a room joins when its last line is mended
    "evalkit/cli",
    "evalkit/core",
    "evalkit/data",
    "evalkit/foreign",
    "evalkit/gates",
    "evalkit/models",
    "evalkit/pipeline",
    "evalkit/pytest_plugin.py",
    "evalkit/reading",
    "evalkit/report",
    "evalkit/scorers",
    "evalkit/slices",
    "evalkit/stats",
    "evalkit/store",
    "evalkit/suite",
    "evalkit/testing",
    "evalkit/text",
)
NO_VERBS = frozenset(
    re.findall(
        r"\w+",
        "a advice an all and any as both each every everything for from how if in it its no none nothing of on one "
        "options others per problems sentences some that the these this those two values what when where whether which "
        "who whose why with words",
    )
)
Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def test_a_first_line_that_breaks_the_rule_is_found() -> None:
    source = '''
class Arm:
    """A model by its name."""

    @property
    def name(self):
        """The name it has."""

    def ask(self):
        """The answers of it."""

    def _hidden(self):
        """Whatever."""

def wide():
    """Count one two three four five six seven eight nine ten eleven twelve thirteen fourteen."""

def open_end():
    """Count the rows and
    tell them."""

def sound():
    """Count the rows."""
'''
    assert {place for place, _ in _broken(ast.parse(source))} == {"Arm.ask", "wide", "open_end"}


@pytest.mark.parametrize("room", ROOMS)
def test_every_first_line_is_one_short_sentence(room: str) -> None:
    place = ROOT / room
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
    assert files
    broken = {
        f"{path.relative_to(ROOT)}:{name}": why
        for path in files
        for name, why in _broken(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert broken == {}


def _broken(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node, name in _public(tree, ""):
        lines = (ast.get_docstring(node) or "").split("\n\n")[0].splitlines()
        if not lines:
            continue
        first = lines[0]
        words = first.split()
        if len(lines) > 1 or not first.endswith("."):
            yield name, f"no sentence that ends on its line: {first}"
        elif len(words) > MOST_WORDS:
            yield name, f"{len(words)} words: {first}"
        elif _is_action(node) and (words[0].lower() in NO_VERBS or not re.match(r"[A-Z][a-z]+[,;.]?$", words[0])):
            yield name, f"no verb first: {first}"


def _public(tree: ast.Module | Named, inside: str) -> Iterator[tuple[Named, str]]:
    for node in tree.body:
        if isinstance(node, Named) and not node.name.startswith("_"):
            yield node, inside + node.name
            if isinstance(node, ast.ClassDef):
                yield from _public(node, f"{inside}{node.name}.")


def _is_action(node: Named) -> bool:
    """Tell whether it is a function or method that is called, not a property."""
    return not isinstance(node, ast.ClassDef) and not any(
        "property" in ast.unparse(mark) for mark in node.decorator_list
    )
