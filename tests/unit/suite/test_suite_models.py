"""What models.yaml may say, and what is told of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from suite_files import write

from evalkit.core.errors import SuiteError
from evalkit.suite.load import load_models


def test_models_are_read_and_their_problems_located(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """\
models:
  base: {provider: local, model: org/base}
  ft: {provider: local, model: org/base, adapter: adapters/ft, dtype: float32}
""",
        "models.yaml",
    )
    models = load_models(path)
    assert list(models.specs) == ["base", "ft"]
    assert models.root == tmp_path
    assert models.locate("models", "ft", "adapter").line == 3


def test_a_key_in_models_yaml_is_refused_without_being_repeated(tmp_path: Path) -> None:
    path = write(tmp_path, "models:\n  m: {provider: openai, model: x, api_key_env: sk-abc123DEF}\n", "models.yaml")
    with pytest.raises(SuiteError) as caught:
        load_models(path)
    assert "is the name of an environment variable, never a key" in str(caught.value)
    assert "abc123" not in str(caught.value)


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ("{provider: replay}", "replays, so it needs `recording`"),
        ("{provider: local}", "needs `model`: a hub id or a folder"),
        ("{provider: openai, model: x, adapter: y}", "an adapter is for provider local, not openai"),
        ("{provider: openai, model: x, apii: chat}", "unknown key 'apii' in models.m (did you mean 'api'?)"),
        ("{provider: openai, model: x, price: {inputs: 1.0}}", "unknown key 'inputs' in models.m.price"),
    ],
)
def test_models_that_could_never_open_are_told(tmp_path: Path, entry: str, sentence: str) -> None:
    with pytest.raises(SuiteError) as caught:
        load_models(write(tmp_path, f"models:\n  m: {entry}\n", "models.yaml"))
    assert sentence in str(caught.value)
    assert "models.yaml:2:" in str(caught.value)
