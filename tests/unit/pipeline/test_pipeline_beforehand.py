"""`validate` and `plan` say what `compare` would leave open on answers that are there already."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import evalkit
from evalkit.core.exchange import ModelIdentity, Response
from evalkit.core.recording import Recording
from evalkit.pipeline.options import Options
from evalkit.pipeline.plan import plan
from evalkit.pipeline.validate import validate

N = 60
SUITE = """
evalkit: 1
name: s
dataset: {path: rows.jsonl}
scorers:
  a: {type: exact}
gates:
  - {type: no_regression, metric: a, margin: 0.2}
"""


def world(folder: Path, base: Callable[[int], str], candidate: Callable[[int], str]) -> None:
    rows = ({"id": f"c{i}", "input": f"Question {i}?", "target": f"A{i % 4}"} for i in range(N))
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "suites").mkdir()
    (folder / "suites" / "s.yaml").write_text(SUITE.replace("rows.jsonl", "../rows.jsonl"))
    models = "models:\n"
    for name, say in (("base", base), ("ft", candidate)):
        answers = tuple(Response(example_id=f"c{i}", text=say(i)) for i in range(N))
        identity = ModelIdentity(name=name, provider="replay", model=name, fingerprint=name)
        Recording(model=identity, responses=answers).write(folder / f"{name}.jsonl")
        models += f"  {name}: {{provider: replay, recording: {name}.jsonl}}\n"
    (folder / "models.yaml").write_text(models)


def right(i: int) -> str:
    return f"A{i % 4}"


def wordy(i: int) -> str:
    return f"The answer is A{i % 4}."


@pytest.mark.parametrize(
    ("base", "candidate", "flag"),
    [
        (wordy, lambda i: "garbage", "nothing_to_lose"),
        (lambda i: "A0", lambda i: "A0", "one_reading"),
        (right, right, None),
        (wordy, right, None),
    ],
)
def test_plan_agrees_with_compare(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    base: Callable[[int], str],
    candidate: Callable[[int], str],
    flag: str | None,
) -> None:
    world(tmp_path, base, candidate)
    monkeypatch.chdir(tmp_path)
    options = Options(suites=("suites/s.yaml",), root=tmp_path, say=lambda _: None)
    warnings = plan(["base", "ft"], options=options).warnings
    (found,) = evalkit.compare("base", "ft", suites=["suites/s.yaml"], mode="replay", root=None).findings
    assert (found.state == "INCONCLUSIVE") is (flag is not None)
    assert any("cannot pass on the answers at hand" in warning for warning in warnings) is (flag is not None)
    if flag is not None:
        assert flag in found.flags


def test_validate_notes_what_the_base_leaves_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world(tmp_path, wordy, right)
    monkeypatch.chdir(tmp_path)
    (report,) = validate(["suites/s.yaml"])
    (note,) = report.notes
    assert "as base answers now, no_regression of a could not tell" in note.what
    assert "nothing to lose" in note.what
    assert note.where is not None
    assert not report.problems


def test_validate_is_quiet_where_nothing_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world(tmp_path, wordy, right)
    (tmp_path / "models.yaml").write_text("models: {base: {provider: openai, model: gpt-4o-mini}}\n")
    monkeypatch.chdir(tmp_path)
    (report,) = validate(["suites/s.yaml"])
    assert report.notes == ()
