from __future__ import annotations

import base64
import traceback
import urllib.parse

import pytest
from openai_loopback import CANARY, Reply, chat_body, echo, error_body

from evalkit.core.errors import ModelError
from evalkit.models.openai.endpoint import Endpoint, endpoint_of
from evalkit.models.openai.secrets import Redactor, public_url
from evalkit.suite.spec import ModelSpec


def test_the_key_is_in_no_answer_no_error_and_no_file(serve, model_at, ask, tmp_path):
    def telltale(call):
        if call.method == "GET":
            return Reply(status=401, body=error_body(f"bad key {CANARY}"))
        text = call.body["messages"][-1]["content"]
        if text == "fine":
            return Reply(body=chat_body("fine"))
        status = {"bad": 400, "down": 500}[text]
        said = f"you sent {call.headers['authorization']}"
        return Reply(status=status, body=error_body(said), headers={"retry-after": "0"})

    said = []
    model = model_at(serve(telltale), progress=said.append)
    answers = list(model.answer([ask("fine", id="1"), ask("bad", id="2"), ask("down", id="3")]))
    (tmp_path / "answers.txt").write_text("\n".join(map(repr, answers)))
    (tmp_path / "identity.txt").write_text(repr(model.identity))
    (tmp_path / "endpoint.txt").write_text(repr(model.endpoint))
    (tmp_path / "progress.txt").write_text("\n".join(said))
    assert [a.failure.kind for a in sorted(answers, key=lambda a: a.example_id)[1:]] == ["bad_request", "server"]
    searched = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(searched) >= 4
    for path in searched:
        assert CANARY.encode() not in path.read_bytes(), path.name


def test_the_key_is_not_in_a_traceback(serve, model_at, ask):
    refuse = Reply(status=401, body=error_body(f"Incorrect API key provided: {CANARY}", code="invalid_api_key"))
    with pytest.raises(ModelError) as caught:
        list(model_at(serve(lambda call: refuse)).answer([ask("q")]))
    assert CANARY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "text",
    ["key sk-proj-abcDEF123456 refused", "Authorization: Bearer abcdef0123456789", "api-key: 0123456789abcdef"],
)
def test_what_looks_like_a_key_is_redacted_too(text):
    shown = Redactor([])(text)
    assert "[redacted]" in shown
    assert "abcdef" not in shown.lower()


def test_plain_words_are_left_alone():
    for text in ("the task-list and risk-free desk-top", "bearer of news", "sk- is a prefix"):
        assert Redactor([])(text) == text


@pytest.mark.parametrize("url", ["https://me:pa55word@host.example/v1", "https://host.example/v1?token=pa55word"])
def test_credentials_in_a_url_are_refused_and_not_repeated(url):
    with pytest.raises(ModelError, match="api_key_env") as caught:
        endpoint_of("m", ModelSpec(provider="openai", model="m", base_url=url), {})
    assert "pa55word" not in str(caught.value)


@pytest.mark.parametrize("url", ["https://me:pa55word@host.example/v1", "https://host.example/v1?token=pa55word"])
def test_credentials_in_the_environments_url_are_refused_and_not_repeated(url):
    with pytest.raises(ModelError, match="OPENAI_BASE_URL holds credentials") as caught:
        endpoint_of("m", ModelSpec(provider="openai", model="m"), {"OPENAI_BASE_URL": url})
    assert "pa55word" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://[bad", "http://h:99999/v1", "http://me:pa55word/v1", "https:///v1"])
def test_a_url_without_a_readable_host_is_refused_and_not_repeated(url):
    for spec, environ in (({"base_url": url}, {}), ({}, {"OPENAI_BASE_URL": url})):
        with pytest.raises(ModelError, match="cannot be read") as caught:
            endpoint_of("m", ModelSpec(provider="openai", model="m", **spec), environ)
        assert "pa55word" not in str(caught.value)


def test_the_environments_url_is_not_looked_at_where_the_spec_names_one():
    spec = ModelSpec(provider="openai", model="m", base_url="http://[::1]:8000/v1/")
    assert endpoint_of("m", spec, {"OPENAI_BASE_URL": "ftp://a@b/?c"}).shown == "http://[::1]:8000/v1"


def test_credentials_of_a_url_are_secret():
    url = "https://me:pa55word@host.example/v1?token=abcd1234"
    endpoint = Endpoint(url=url, shown=public_url(url), key=None, key_env="OPENAI_API_KEY")
    assert endpoint.shown == "https://host.example/v1"
    assert "pa55word" in endpoint.secrets()
    assert "pa55word" not in repr(endpoint)


@pytest.mark.parametrize("key", ["sk-pa55word\u201d", "sk-pa55word\r\nx-evil: 1", "sk-pa55\x00word"])
def test_a_key_that_no_header_can_carry_is_refused_by_the_name_of_its_variable(key):
    with pytest.raises(ModelError, match="OPENAI_API_KEY holds characters") as caught:
        endpoint_of("m", ModelSpec(provider="openai", model="m"), {"OPENAI_API_KEY": key}).require_key()
    assert "pa55" not in str(caught.value)


def test_without_a_key_the_variable_is_named_and_nothing_is_asked():
    spec = ModelSpec(provider="openai", model="m", api_key_env="ACME_KEY", base_url="https://api.acme.example/v1")
    with pytest.raises(ModelError, match="ACME_KEY is not set"):
        endpoint_of("m", spec, {}).require_key()


def test_a_server_of_ones_own_needs_no_key():
    spec = ModelSpec(provider="openai", model="m", base_url="http://localhost:8000/v1")
    assert endpoint_of("m", spec, {}).require_key() == "no-key-needed"


def test_the_key_is_hidden_in_every_field_that_a_server_fills(serve, model_at, ask):
    coded = base64.b64encode(f"x:{CANARY}".encode()).decode()
    call = {"id": f"c-{CANARY}", "type": "function", "function": {"name": "f", "arguments": f'{{"a": "{coded}"}}'}}
    body = chat_body("ok", model=f"m-{CANARY}", tool_calls=[call])
    body["system_fingerprint"] = f"fp-{CANARY}"
    body["choices"][0]["finish_reason"] = f"stop-{CANARY}"
    (answer,) = model_at(serve(lambda call: echo(call) if call.method == "GET" else Reply(body=body))).answer(
        [ask("q")]
    )
    shown = repr(answer)
    assert CANARY not in shown
    assert coded[8:-4] not in shown
    assert shown.count("[redacted]") >= 5


@pytest.mark.parametrize("before", ["", "a", "ab", "user:"])
def test_a_key_in_base64_or_in_a_url_is_hidden(before):
    secret = "pa/ss word+42&more"
    redact = Redactor([secret])
    for text in (
        base64.b64encode((before + secret).encode()).decode(),
        base64.urlsafe_b64encode((before + secret).encode()).decode(),
        urllib.parse.quote(secret, safe=""),
        urllib.parse.quote_plus(secret),
    ):
        assert "[redacted]" in redact.redact_known(f"see {text}."), text
