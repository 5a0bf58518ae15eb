"""One table of gates: no room but theirs knows a gate by its name or its class."""

import ast
from collections.abc import Iterator
from pathlib import Path

from evalkit.gates import Gate
from evalkit.gates.kinds import GATES

ROOT = Path(__file__).parents[2] / "evalkit"
KINDS = {name: GATES.load(name) for name in GATES}
SHORT = {
    ("suite/spec.py", "fairness"),
    ("suite/meaning.py", "fairness"),
    ("stats/arguments.py", "floor"),
    ("report/renderers/annotations.py", "critical"),
}
"""`fairness:` on a slice is a key of suites, and short for a gate; a parameter of a statistic is called floor; critical
is a severity of GitLab's"""


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def imported_in(path: Path) -> set[str]:
    modules = {kind.__module__ for kind in KINDS.values()}
    return {node.module for node in nodes(path) if isinstance(node, ast.ImportFrom) and node.module in modules}


def named_in(path: Path) -> set[str]:
    words = {node.value for node in nodes(path) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return words & KINDS.keys() | imported_in(path)


def test_no_room_but_theirs_names_a_gate() -> None:
    files = [path for path in sorted(ROOT.rglob("*.py")) if path.parent != ROOT / "gates"]
    found = {(str(path.relative_to(ROOT)), name) for path in files for name in named_in(path)}
    assert found == SHORT


def test_every_gate_is_one_file_under_its_own_name() -> None:
    for name, kind in KINDS.items():
        assert issubclass(kind, Gate)
        assert kind.__module__ == f"evalkit.gates.{name}"
        assert kind.__doc__, "the schema and the reference show it"


def test_no_gate_imports_another() -> None:
    assert {name: found for name in KINDS if (found := imported_in(ROOT / "gates" / f"{name}.py"))} == {}


def test_what_gates_share_asks_them_and_never_who_they_are() -> None:
    """A class or a name of one gate in a file for all is a list of gates in disguise."""
    table = {"kinds.py", *(f"{name}.py" for name in KINDS)}
    shared = [path for path in sorted((ROOT / "gates").glob("*.py")) if path.name not in table]
    assert {path.name: found for path in shared if (found := imported_in(path) | compared_in(path))} == {}


def compared_in(path: Path) -> set[str]:
    return {
        inner.value
        for node in nodes(path)
        if isinstance(node, ast.Compare)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and inner.value in KINDS
    }
