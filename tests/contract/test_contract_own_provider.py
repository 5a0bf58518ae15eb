"""A provider that a package brings: its options reach it, its price must be known, its calls count as billed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint
from typing import Any

import pytest
from project import Project, told

from evalkit.cli import main
from evalkit.core.exchange import ModelIdentity, Request, Response, Usage
from evalkit.core.ports import ModelFacts
from evalkit.models.context import Context
from evalkit.suite.spec import ModelSpec


class Shouting:
    """Answers in capitals, as often as its options say."""

    scores_choices = False

    def __init__(self, name: str, spec: ModelSpec) -> None:
        self.identity = ModelIdentity(name=name, provider="shout", model="shout", fingerprint=f"shout-{spec.options}")
        self._loud = int(spec.options.get("loud", 1))

    def answer(self, requests: Iterable[Request]) -> Iterator[Response]:
        for request in requests:
            yield Response(
                example_id=request.example_id,
                repeat=request.repeat,
                text="YES" * self._loud,
                usage=Usage(input=3, output=1),
                prompt_sha256=request.prompt_sha256,
            )

    def close(self) -> None:
        pass


class Free(Shouting):
    facts = ModelFacts(metered=False)


def open_shout(name: str, spec: ModelSpec, context: Context) -> Shouting:
    return (Free if spec.model == "free" else Shouting)(name, spec)


def check_options(options: Mapping[str, Any]) -> Iterator[str]:
    for key in options:
        if key != "loud":
            yield f"unknown option {key!r}; allowed: loud"


open_shout.check_options = check_options  # type: ignore[attr-defined]


@pytest.fixture
def shout(monkeypatch: pytest.MonkeyPatch, project: Project) -> Project:
    point = EntryPoint(name="shout", value="test_contract_own_provider:open_shout", group="evalkit.models")
    monkeypatch.setattr(
        "evalkit.core.registry.entry_points", lambda group: [point] if group == "evalkit.models" else []
    )
    return project


def models(project: Project, rest: str) -> None:
    project.write(
        "suites/models.yaml", f"models:\n  base: {{provider: replay, recording: base.jsonl}}\n  mine: {{{rest}}}\n"
    )


def test_an_unknown_price_refuses_a_ceiling_whoever_brings_the_provider(
    shout: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    models(shout, "provider: shout, model: loud")
    assert main(["compare", "base", "mine", "--max-cost", "1"]) == 2
    assert "--max-cost needs the price of 'mine'" in capsys.readouterr().err
    models(shout, "provider: shout, model: loud, price: {input: 1, output: 1}")
    assert main(["compare", "base", "mine", "--max-cost", "1"]) != 2
    models(shout, "provider: shout, model: free")
    assert main(["compare", "base", "mine", "--max-cost", "1"]) != 2


def test_plan_counts_the_calls_of_a_package_as_billed(shout: Project, capsys: pytest.CaptureFixture[str]) -> None:
    models(shout, "provider: shout, model: loud")
    assert main(["plan", "base", "mine"]) == 0
    out = capsys.readouterr().out
    assert "cost unknown" in out
    assert "together: unknown" in out
    assert "no call that is billed" not in out
    models(shout, "provider: shout, model: free")
    assert main(["plan", "base", "mine"]) == 0
    out = capsys.readouterr().out
    assert "not billed" in out
    assert "no call that is billed" in out


def test_options_reach_the_provider_and_are_checked_by_it(shout: Project, capsys: pytest.CaptureFixture[str]) -> None:
    models(shout, "provider: shout, model: free, options: {loud: 2, lod: 3}")
    (line, *_) = told(capsys, "compare", "base", "mine")
    assert line.startswith("suites/models.yaml:3:")
    assert "model 'mine': unknown option 'lod'; allowed: loud" in line
    models(shout, "provider: shout, model: free, options: {loud: 2}")
    assert main(["record", "mine", "-o", "loud.jsonl"]) == 0
    rows = [json.loads(row) for row in (shout.folder / "loud.jsonl").read_text(encoding="utf-8").splitlines()[1:]]
    assert {row["text"] for row in rows} == {"YESYES"}


def test_providers_that_take_no_options_say_so(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    models(project, "provider: scripted, model: echo, options: {loud: 2}")
    (line, *_) = told(capsys, "compare", "base", "mine")
    assert "provider 'scripted' takes no `options`: loud" in line
