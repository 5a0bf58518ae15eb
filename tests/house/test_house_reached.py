"""Every module is reached from a door: a command, the pytest plugin or a public name."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOORS = ("evalkit", "evalkit.__main__", "evalkit.cli", "evalkit.pytest_plugin", "evalkit.testing")

NOT_REACHED_YET: dict[str, str] = {}
"""Module -> why it is here without a door. The list may shrink and never grows."""


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted((ROOT / "evalkit").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def named_in(path: Path, module: str, known: dict[str, Path]) -> set[str]:
    """Modules that a file imports, anywhere in it, or names in a text such as "evalkit.scorers.exact:Exact"."""
    package = module if path.stem == "__init__" else module.rpartition(".")[0]
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            base = node.module if not node.level else f"{package}.{node.module}"
            names |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("evalkit."):
            names.add(node.value.partition(":")[0])
    return {name for name in names if name in known}


def commands() -> set[str]:
    from evalkit.cli import COMMANDS

    return {f"evalkit.cli.{name}" for name in COMMANDS}


def test_every_module_is_reached_from_a_door() -> None:
    known = modules()
    reached: set[str] = set()
    todo = {*DOORS, *commands()} & known.keys()
    while todo:
        module = todo.pop()
        reached.add(module)
        parents = {module.rsplit(".", depth)[0] for depth in range(1, module.count(".") + 1)}
        todo |= (named_in(known[module], module, known) | parents & known.keys()) - reached
    missing = known.keys() - reached
    assert missing - NOT_REACHED_YET.keys() == set(), "no command, plugin or public name leads to these"
    assert NOT_REACHED_YET.keys() - missing == set(), "these are reached now: take them off the list"
