"""A folder of tiny models and adapters, and arms opened on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from local_shared import save_project
from local_tiny import save_adapter, save_model, save_tokenizer, save_windowed

from evalkit.models.context import Context
from evalkit.models.local import LocalModel, open_local
from evalkit.models.local import model as local_model
from evalkit.suite.spec import ModelSpec

Opener = Callable[..., LocalModel]


@pytest.fixture(scope="session")
def local_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the models `tiny`, `windowed` and `wide` and the adapters `tuned`, `other` and `stranger`."""
    pytest.importorskip("torch", reason="local models need the extra `local`")
    pytest.importorskip("peft", reason="local models need the extra `local`")
    root = tmp_path_factory.mktemp("local-models")
    for name in ("tiny", "windowed", "wide"):
        save_tokenizer(root / name)
    save_model(root / "tiny", seed=0)
    save_model(root / "wide", seed=3, hidden=64)
    save_windowed(root / "windowed")
    save_adapter(root / "tuned", base=root / "tiny", seed=1)
    save_adapter(root / "other", base=root / "tiny", seed=2)
    save_adapter(root / "stranger", base=root / "wide", seed=1)
    return root


@pytest.fixture
def said() -> list[str]:
    """What was said to the person who waits."""
    return []


@pytest.fixture
def context(local_files: Path, tmp_path: Path, said: list[str]) -> Context:
    return Context(root=local_files, environ={"EVALKIT_CACHE": str(tmp_path / "cache")}, progress=said.append)


@pytest.fixture
def arm(context: Context) -> Iterator[Opener]:
    """Open an arm by the name of its files; closed when the test ends."""
    opened: list[LocalModel] = []

    def opener(model: str = "tiny", **spec: object) -> LocalModel:
        spec_of = ModelSpec.model_validate({"provider": "local", "model": model, "device": "cpu", **spec})
        opened.append(open_local(str(spec.get("adapter") or model), spec_of, context))
        return opened[-1]

    yield opener
    for model in opened:
        model.close()


@pytest.fixture
def project(local_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: three suites, three arms on one base, one thread."""
    save_project(tmp_path, models=local_files)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EVALKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("EVALKIT_THREADS", "1")
    monkeypatch.setattr(local_model, "WINDOW", 1)  # the driver cuts, so that there are windows enough to share
    return tmp_path
