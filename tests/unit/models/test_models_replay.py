"""An arm out of a recording."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalkit.core.errors import ModelError
from evalkit.core.exchange import Message, ModelIdentity, Request, Response
from evalkit.core.ports import Model
from evalkit.core.recording import Recording
from evalkit.models.context import Context
from evalkit.models.open import open_model
from evalkit.models.replay import ReplayModel
from evalkit.suite.spec import ModelSpec

MODEL = ModelIdentity(name="was", provider="openai", model="ft:x", fingerprint="f9")


def request(identity: str, *, repeat: int = 0, suite: str | None = None, prompt: str = "p") -> Request:
    message = Message(role="user", content="?")
    return Request(example_id=identity, messages=(message,), repeat=repeat, suite=suite, prompt_sha256=prompt)


def arm(*responses: Response) -> ReplayModel:
    return ReplayModel(Recording(model=MODEL, responses=responses, sha256="s"), name="ft", source="r.jsonl")


def row(
    identity: str, text: str = "", *, repeat: int = 0, suite: str | None = None, prompt: str | None = "p"
) -> Response:
    return Response(example_id=identity, text=text, repeat=repeat, suite=suite, prompt_sha256=prompt)


def test_a_replay_is_a_model_under_the_name_of_its_arm_with_the_recorded_identity() -> None:
    model = arm(row("1"))
    assert isinstance(model, Model)
    assert (model.identity.name, model.identity.fingerprint, model.identity.provider) == ("ft", "f9", "replay")
    assert model.identity.details["recording"] == "r.jsonl"
    assert model.identity.details["recorded_from"] == "openai:ft:x"


def test_each_repeat_is_served_from_its_own_row() -> None:
    model = arm(row("1", "a"), row("1", "b", repeat=1))
    assert [r.text for r in model.answer([request("1", repeat=1), request("1")])] == ["b", "a"]


def test_a_missing_id_is_a_named_failure_and_noted() -> None:
    model = arm(row("1"))
    (response,) = model.answer([request("2", repeat=1)])
    assert response.failure is not None
    assert response.failure.kind == "missing"
    assert (response.example_id, response.repeat) == ("2", 1)
    assert "examples without an answer in r.jsonl: 1" in model.notes


def test_surplus_rows_are_counted_once_all_is_asked() -> None:
    model = arm(row("1"), row("2"), row("3"))
    list(model.answer([request("1")]))
    assert model.notes == ("answers of r.jsonl that belong to no example that was asked: 2",)


def test_rows_of_other_suites_neither_answer_nor_count_as_surplus() -> None:
    model = arm(row("1", "a", suite="general"), row("1", "b", suite="desk"), row("2", suite="desk"))
    assert [r.text for r in model.answer([request("1", suite="desk"), request("2", suite="desk")])] == ["b", ""]
    assert model.notes == ()
    (missing,) = model.answer([request("2", suite="general")])
    assert missing.failure is not None


def test_without_a_suite_the_row_of_the_asked_prompt_comes_first() -> None:
    model = arm(row("1", "a", suite="general", prompt="p1"), row("1", "b", suite="desk", prompt="p2"))
    assert [r.text for r in model.answer([request("1", prompt="p2")])] == ["b"]


def test_the_prompt_of_the_row_is_kept_so_that_another_prompt_shows() -> None:
    model = arm(row("1", prompt="other"), row("2", prompt=None))
    assert [r.prompt_sha256 for r in model.answer([request("1"), request("2")])] == ["other", None]
    assert model.notes == ("answers of r.jsonl that do not say which prompt they answer: 1",)


def test_choices_are_scored_where_the_recorded_model_scored_them() -> None:
    assert not arm(row("1")).scores_choices
    assert arm(row("1"), Response(example_id="2", choice_scores=(-1.0, -2.0), choice_tokens=(1, 1))).scores_choices


def test_the_provider_opens_a_path_under_the_root(tmp_path: Path) -> None:
    Recording(model=MODEL, responses=(row("1", "a"),)).write(tmp_path / "rec" / "r.jsonl.gz")
    for spec in ({"recording": "rec/r.jsonl.gz"}, {"model": "rec/r.jsonl.gz"}):
        model = open_model("old", ModelSpec(provider="replay", **spec), Context(root=tmp_path))
        assert [r.text for r in model.answer([request("1")])] == ["a"]
        assert model.identity.name == "old"
    with pytest.raises(ModelError, match="names no recording"):
        open_model("old", ModelSpec(provider="replay"), Context(root=tmp_path))
