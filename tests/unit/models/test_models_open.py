from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from evalkit.core.errors import ModelError
from evalkit.models.context import Context
from evalkit.models.open import open_model
from evalkit.suite.spec import ModelSpec


def test_an_unknown_provider_is_told_with_the_nearest_name():
    with pytest.raises(ModelError, match="did you mean 'openai'"):
        open_model("m", ModelSpec(provider="openia", model="x"), Context(root=Path()))


def test_opening_an_api_model_loads_no_client():
    script = (
        "import sys; from pathlib import Path; from evalkit.models.open import open_model;"
        "from evalkit.models.context import Context; from evalkit.suite.spec import ModelSpec;"
        "m = open_model('m', ModelSpec(provider='openai', model='x'), Context(root=Path('.'))); m.identity;"
        "print([x for x in ('openai', 'aiohttp', 'httpx', 'httpx2', 'torch', 'bpe_openai') if x in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_paths_are_read_from_the_root(tmp_path):
    assert Context(root=tmp_path).path("a/b.jsonl") == tmp_path / "a" / "b.jsonl"
    assert Context(root=tmp_path).path("/a") == Path("/a")
