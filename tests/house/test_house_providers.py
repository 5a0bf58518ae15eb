"""Provider facts, not provider names: who is behind a model is asked of the model (`ModelFacts`)."""

import ast
from pathlib import Path

from evalkit.models import TABLE

ROOT = Path(__file__).parents[2] / "evalkit"


def asks_for_names(path: Path) -> set[str]:
    """Names of providers that something called `provider` is compared with."""
    return {
        inner.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Compare) and "provider" in ast.unparse(node)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and inner.value in TABLE
    }


def test_pipeline_and_commands_know_no_provider_by_its_name() -> None:
    files = [path for room in ("pipeline", "cli") for path in sorted((ROOT / room).rglob("*.py"))]
    assert files
    found = {str(path.relative_to(ROOT)): names for path in files if (names := asks_for_names(path))}
    assert found == {}
