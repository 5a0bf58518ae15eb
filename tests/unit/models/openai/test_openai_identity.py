from __future__ import annotations

from pathlib import Path

import pytest

from evalkit.core.errors import ModelError
from evalkit.models.context import Context
from evalkit.models.open import open_model
from evalkit.suite.spec import ModelSpec

BASE = {"provider": "openai", "model": "gpt-4o-mini"}


def identity(environ=None, **spec):
    context = Context(root=Path(), environ=environ or {})
    return open_model("m", ModelSpec(**{**BASE, **spec}), context).identity


@pytest.mark.parametrize(
    "spec",
    [
        {"model": "ft:gpt-4o-mini:acme::x"},
        {"base_url": "http://localhost:8000/v1"},
        {"base_url": "https://api.openai.com/v2"},
        {"api": "responses"},
        {"separator": "\n\n###\n\n"},
        {"stop": ["END"]},
        {"system": "You are terse."},
        {"azure": {"api_version": "1", "deployment": "d"}, "base_url": "https://acme.openai.azure.com"},
    ],
)
def test_what_decides_the_answers_changes_the_fingerprint(spec):
    assert identity(**spec).fingerprint != identity().fingerprint


@pytest.mark.parametrize(
    "spec",
    [
        {"base_url": "https://API.openai.com/v1/"},
        {"api_key_env": "OTHER_KEY"},
        {"limits": {"concurrency": 3}},
        {"price": {"input": 1.0, "output": 2.0}},
    ],
)
def test_what_does_not_decide_the_answers_leaves_it(spec):
    assert identity(**spec).fingerprint == identity().fingerprint


def test_the_server_named_in_the_environment_is_part_of_the_identity():
    elsewhere = identity({"OPENAI_BASE_URL": "http://localhost:1/v1"})
    assert elsewhere.fingerprint != identity().fingerprint
    assert elsewhere.details["host"] == "localhost:1"


def test_two_deployments_of_one_model_are_two_models():
    azure = {"base_url": "https://acme.openai.azure.com"}
    one = identity(azure={"api_version": "1", "deployment": "a"}, **azure)
    two = identity(azure={"api_version": "1", "deployment": "b"}, **azure)
    assert one.fingerprint != two.fingerprint


def test_every_problem_of_a_spec_is_told_at_once():
    with pytest.raises(ModelError) as caught:
        identity(model=None, azure={"version": "1"}, base_url="acme.openai.azure.com", adapter="lora")
    said = str(caught.value)
    assert len(caught.value.problems) == 5
    for word in ("no `model`", "version", "api_version", "http://", "adapter"):
        assert word in said


def test_opening_makes_no_call_and_needs_no_key():
    assert identity().provider == "openai"
