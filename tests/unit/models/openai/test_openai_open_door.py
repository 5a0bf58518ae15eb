"""The bodies of calls with parameters of today's APIs, and Azure's version in every place people have it."""

from __future__ import annotations

from typing import Any

import pytest

from evalkit.core.exchange import Message, Request, Sampling
from evalkit.models.openai.apis import APIS
from evalkit.models.openai.endpoint import endpoint_of
from evalkit.models.openai.identity import identity_of
from evalkit.models.openai.open_door import missing_parameters
from evalkit.suite.generate import GenerateSpec
from evalkit.suite.spec import FromEnvironment, ModelSpec

TOOL = {"type": "function", "function": {"name": "f", "parameters": {}}}
ALLOWED = {
    "type": "allowed_tools",
    "allowed_tools": {"mode": "required", "tools": [{"type": "function", "function": {"name": "f"}}]},
}
FLAT = {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "f"}]}
SHOP = "https://shop.openai.azure.com"
PORTAL = f"{SHOP}/openai/deployments/mini/chat/completions?api-version=2024-10-21"


def body(api: str, extra: dict[str, Any] | None = None, beside: dict[str, Any] | None = None, **spec: Any) -> Any:
    request = Request(
        example_id="a",
        messages=(Message(role="user", content="Hi"),),
        tools=(TOOL,),
        sampling=Sampling(extra=extra or {}),
        beside=beside or {},
    )
    return APIS[api].ask(request, model="m", spec=ModelSpec(provider="openai", model="m", **spec))


@pytest.mark.parametrize("written", [ALLOWED, FLAT])
def test_allowed_tools_are_written_in_the_shape_of_each_api(written: dict[str, Any]) -> None:
    assert body("chat", {"tool_choice": written})["tool_choice"] == ALLOWED
    assert body("responses", {"tool_choice": written})["tool_choice"] == FLAT


def test_each_parameter_stands_where_its_api_wants_it() -> None:
    extra = {"verbosity": "low", "response_format": {"type": "json_object"}, "reasoning_effort": "none"}
    chat = body("chat", extra, {"service_tier": "flex"})
    assert (chat["verbosity"], chat["reasoning_effort"], chat["service_tier"]) == ("low", "none", "flex")
    responses = body("responses", extra, {"service_tier": "flex"})
    assert responses["text"] == {"verbosity": "low", "format": {"type": "json_object"}}
    assert (responses["reasoning"], responses["service_tier"]) == ({"effort": "none"}, "flex")
    old = body("completions", {"presence_penalty": 1.0, "top_k": 5}, {"metadata": {"a": "b"}})
    assert (old["presence_penalty"], old["top_k"], old["metadata"]) == (1.0, 5, {"a": "b"})


@pytest.mark.parametrize("api", ["chat", "responses", "completions"])
def test_the_open_door_goes_into_every_body(api: str) -> None:
    sent = body(api, extra_body={"guided_regex": "a+"}, chat_template_kwargs={"enable_thinking": False})
    assert sent["guided_regex"] == "a+"
    assert sent["chat_template_kwargs"] == {"enable_thinking": False}


def test_a_mapping_of_extra_body_is_added_to_the_one_that_is_there() -> None:
    sent = body("responses", {"reasoning_effort": "low"}, extra_body={"reasoning": {"summary": "auto"}})
    assert sent["reasoning"] == {"effort": "low", "summary": "auto"}


def test_what_an_api_lacks_is_known_beforehand() -> None:
    asked = GenerateSpec(seed=1, stop=["END"], verbosity="low", top_k=3, presence_penalty=0.5)
    assert missing_parameters(asked, "chat") == ["top_k"]
    assert missing_parameters(asked, "responses") == ["seed", "stop", "presence_penalty", "top_k"]
    assert missing_parameters(asked, "completions") == ["verbosity", "top_k"]
    assert missing_parameters(GenerateSpec(), "responses") == []


@pytest.mark.parametrize(
    ("spec", "environ"),
    [
        ({"base_url": PORTAL}, {}),
        ({"base_url": f"{SHOP}/?api-version=2024-10-21", "model": "mini"}, {}),
        (
            {"base_url": "https://shop.openai.azure.com", "azure": {"api-version": "2024-10-21", "deployment": "mini"}},
            {},
        ),
        (
            {"base_url": "https://shop.openai.azure.com", "azure": {"deployment": "mini"}},
            {"OPENAI_API_VERSION": "2024-10-21"},
        ),
    ],
)
def test_azures_version_is_found_in_every_place(spec: dict[str, Any], environ: dict[str, str]) -> None:
    found = endpoint_of("a", ModelSpec(provider="openai", **spec), environ)
    assert (found.url, found.api_version) == ("https://shop.openai.azure.com", "2024-10-21")
    assert found.name_of("mini") == "mini"


def test_azures_newer_address_is_spoken_to_as_openai_is() -> None:
    url = "https://shop.openai.azure.com/openai/v1/?api-version=preview"
    found = endpoint_of("a", ModelSpec(provider="openai", model="mini", base_url=url), {})
    assert (found.is_azure, found.query) == (False, {"api-version": "preview"})
    assert found.url == "https://shop.openai.azure.com/openai/v1"


def fingerprint(**spec: Any) -> str:
    model = ModelSpec(provider="openai", model="m", **spec)
    return identity_of("a", model, endpoint=endpoint_of("a", model, {"K": "s"}), model="m").fingerprint


def test_headers_that_may_decide_an_answer_are_part_of_who_answers() -> None:
    plain = fingerprint()
    assert fingerprint(headers={"traceparent": "00-1"}) == plain
    assert fingerprint(headers={"anthropic-beta": "a"}) != fingerprint(headers={"anthropic-beta": "b"})
    assert fingerprint(headers={"X-Key": FromEnvironment(env="K")}) != plain
    assert fingerprint(extra_body={"a": 1}) != plain
    assert fingerprint(chat_template_kwargs={"enable_thinking": False}) != plain
