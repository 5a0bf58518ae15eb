"""Prompts are written once: the template's special tokens, tools and choices, each exactly once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from local_tiny import TEMPLATE, ask

from evalkit.core.errors import ModelError
from evalkit.core.exchange import Failure, Message, Request, ToolCall
from evalkit.models.local import LocalModel
from evalkit.models.local.prompt import Prompt

Opener = Callable[..., LocalModel]


def prompt(model: LocalModel, request: Request) -> Prompt:
    (made,) = model.renderer.prompts([request])
    assert isinstance(made, Prompt), made
    return made


def text(model: LocalModel, request: Request) -> str:
    return str(model.renderer.tokenizer.decode(list(prompt(model, request).ids)))


def talk(*messages: Message, **rest: Any) -> Request:
    return dataclasses.replace(ask("x"), messages=messages, **rest)


def test_there_is_one_bos_whether_the_template_or_the_tokenizer_writes_it(arm: Opener) -> None:
    templated, plain = arm("tiny"), arm("tiny", chat_template="plain")
    bos = templated.renderer.tokenizer.bos_token_id
    assert templated.renderer.tokenizer("x")["input_ids"][0] == bos  # it would add one
    for model in (templated, plain):
        ids = prompt(model, ask("red")).ids
        assert ids[0] == bos
        assert ids.count(bos) == 1


def test_the_template_of_the_spec_replaces_the_tokenizers_own(arm: Opener, local_files: Any) -> None:
    inline = "{% for m in messages %}<{{ m.content }}>{% endfor %}"
    assert text(arm("tiny", chat_template=inline), talk(Message(role="user", content="hi"))) == "<hi>"
    (local_files / "own.jinja").write_text("{{ messages[-1].content }}!", encoding="utf-8")
    assert text(arm("tiny", chat_template="own.jinja"), talk(Message(role="user", content="hi"))) == "hi!"
    with pytest.raises(ModelError, match="no chat template"):
        prompt(arm("tiny", chat_template="absent.jinja"), ask("x"))


def test_a_system_prompt_of_the_model_stands_in_where_the_request_has_none(arm: Opener) -> None:
    model = arm("tiny", system="Obey.")
    assert text(model, talk(Message(role="user", content="hi"))) == "<s>[system]Obey.[user]hi[assistant]"
    own = talk(Message(role="system", content="Mine."), Message(role="user", content="hi"))
    assert text(model, own) == "<s>[system]Mine.[user]hi[assistant]"


def test_an_opened_answer_is_continued(arm: Opener) -> None:
    request = talk(Message(role="user", content="hi"), Message(role="assistant", content="Well"))
    assert text(arm("tiny"), request) == "<s>[user]hi[assistant]Well"


def test_tool_calls_without_content_and_text_parts_are_written(arm: Opener) -> None:
    called = Message(role="assistant", tool_calls=(ToolCall(name="f", arguments="{}"),))
    parts = Message(role="user", content=({"type": "text", "text": "a"}, {"type": "text", "text": "b"}))
    assert text(arm("tiny"), talk(parts, called, Message(role="tool", content="1"))) == (
        "<s>[user]ab[assistant][tool]1[assistant]"
    )


def test_an_image_and_a_template_that_refuses_are_bad_requests(arm: Opener) -> None:
    image = talk(Message(role="user", content=({"type": "image_url", "image_url": {"url": "x"}},)))
    (refused,) = arm("tiny").renderer.prompts([image])
    assert isinstance(refused, Failure)
    assert refused.kind == "bad_request"
    angry = arm("tiny", chat_template="{{ raise_exception('no system here') }}")
    (response,) = angry.answer([ask("x")])
    assert response.failure is not None
    assert "no system here" in response.failure.message


def test_tools_reach_a_template_that_shows_them(arm: Opener) -> None:
    tools = ({"type": "function", "function": {"name": "refund", "parameters": {}}},)
    showing = arm("tiny", chat_template="{% for t in tools or [] %}({{ t.function.name }}){% endfor %}" + TEMPLATE)
    silent = arm("tiny")
    request = talk(Message(role="user", content="hi"), tools=tools)
    assert showing.renderer.shows_tools
    assert text(showing, request).startswith("(refund)")
    assert not silent.renderer.shows_tools
    assert text(silent, request) == text(silent, dataclasses.replace(request, tools=()))


def test_tools_that_no_one_shows_are_reported_once(arm: Opener, said: list[str]) -> None:
    tools = ({"type": "function", "function": {"name": "refund", "parameters": {}}},)
    model = arm("tiny")
    hidden = [talk(Message(role="user", content=str(i)), tools=tools) for i in range(3)]
    list(model.answer(hidden))
    assert sum("does not show tools" in line for line in said) == 1
    said.clear()
    list(model.answer([talk(Message(role="user", content="you may call refund"), tools=tools)]))
    assert not any("does not show tools" in line for line in said)


def test_a_model_without_a_template_says_what_to_write(arm: Opener) -> None:
    model = arm("tiny")
    model.renderer.tokenizer.chat_template = None
    with pytest.raises(ModelError, match=r"no chat template[\s\S]*chat_template: plain"):
        dataclasses.replace(model.renderer)
