"""The house in order: small files, no room without a job, a word for every public thing."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "evalkit").rglob("*.py"))


def test_no_file_is_long() -> None:
    rooms = ("evalkit", "tests", "benchmarks", "docs", "examples")
    files = [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]
    long = {str(p.relative_to(ROOT)): n for p in files if (n := len(p.read_text(encoding="utf-8").splitlines())) > 350}
    assert long == {}


def test_no_function_is_long() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{node.name}": size
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (size := (node.end_lineno or 0) - node.lineno + 1) > 50
    }
    assert long == {}


def test_no_room_without_a_job() -> None:
    names = {"utils", "helpers", "common", "misc"}
    assert [p for p in MODULES if p.stem in names or p.parent.name in names] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_every_registered_name_leads_somewhere() -> None:
    from evalkit.models import PROVIDERS
    from evalkit.scorers import SCORERS

    for registry in (PROVIDERS, SCORERS):
        for name in registry:
            assert callable(registry.load(name)), name


def test_nothing_unfinished_is_called_done() -> None:
    words = re.compile(r"\b(TODO|FIXME|NotImplementedError)\b")
    assert [str(path.relative_to(ROOT)) for path in MODULES if words.search(path.read_text(encoding="utf-8"))] == []


def test_commands_print_through_one_door() -> None:
    """What is printed for a person goes through `say`, which lets nothing act in a terminal or in the log of CI."""
    doors = {"say.py", "annotations.py"}
    printing = {
        path.name
        for path in sorted((ROOT / "evalkit" / "cli").glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert printing == doors
