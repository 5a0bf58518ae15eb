"""Answers known beforehand."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalkit.core.errors import ModelError
from evalkit.core.exchange import Message, Request, Response
from evalkit.core.ports import Model
from evalkit.models.context import Context
from evalkit.models.open import open_model
from evalkit.models.scripted import ScriptedModel
from evalkit.suite.spec import ModelSpec


def request(identity: str, *messages: Message) -> Request:
    return Request(example_id=identity, messages=messages or (Message(role="user", content="hello"),), repeat=2)


def opened(model: str) -> Model:
    return open_model("s", ModelSpec(provider="scripted", model=model), Context(root=Path()))


def test_a_mapping_answers_by_id_and_fails_by_name_where_it_has_none() -> None:
    ready = Response(example_id="b", text="ready")
    answers = list(ScriptedModel({"a": "yes", "b": ready}).answer([request("a"), request("b"), request("c")]))
    assert (answers[0].text, answers[0].repeat) == ("yes", 2)
    assert answers[1] is ready
    assert answers[2].failure is not None
    assert answers[2].failure.kind == "missing"


def test_a_function_sees_the_request() -> None:
    model = ScriptedModel(lambda asked: f"{asked.example_id}/{asked.repeat}")
    assert [r.text for r in model.answer([request("a")])] == ["a/2"]


@pytest.mark.parametrize(("name", "text"), [("echo", "hello"), ("nothing", ""), ("constant:a:b", "a:b")])
def test_the_scripts_of_models_yaml(name: str, text: str) -> None:
    assert [r.text for r in opened(name).answer([request("a")])] == [text]


def test_echo_repeats_the_last_user_message_and_joins_its_text_parts() -> None:
    parts = ({"type": "text", "text": "a"}, {"type": "image_url"}, {"type": "text", "text": "b"})
    asked = request("a", Message(role="user", content="x"), Message(role="user", content=parts), Message(role="tool"))
    assert [r.text for r in opened("echo").answer([asked])] == ["ab"]


@pytest.mark.parametrize("name", ["ecko", "echo:x", "constant2:x"])
def test_an_unknown_script_lists_the_known_ones(name: str) -> None:
    with pytest.raises(ModelError, match="echo, nothing, constant:TEXT"):
        opened(name)


def test_two_scripts_share_a_fingerprint_only_when_they_say_the_same() -> None:
    assert opened("constant:a").identity.fingerprint == opened("constant:a").identity.fingerprint
    assert opened("constant:a").identity.fingerprint != opened("constant:b").identity.fingerprint
    assert ScriptedModel({"a": "1"}).identity.fingerprint == ScriptedModel({"a": "1"}).identity.fingerprint
    assert ScriptedModel({"a": "1"}).identity.fingerprint != ScriptedModel({"a": "2"}).identity.fingerprint
    assert ScriptedModel(lambda _: "").identity.fingerprint != ScriptedModel(lambda _: "").identity.fingerprint
