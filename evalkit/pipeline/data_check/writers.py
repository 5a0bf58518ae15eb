"""Who writes prompts: a model's template in training, and what serves it - a template, a model, a server."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from evalkit.core.errors import Problem, UsageError
from evalkit.core.exchange import Json, Message
from evalkit.data.checks.parity import PromptWriter, TemplateParity
from evalkit.models.served_template import ServedTemplate
from evalkit.pipeline.data_check.rulers import open_named


class TemplateWriter:
    """Writes prompts with a chat template of this machine."""

    def __init__(self, renderer: Any, label: str) -> None:
        self._renderer, self.label = renderer, label

    def write(self, messages: Sequence[Message], tools: Sequence[Mapping[str, Json]]) -> str:
        """Write a prompt; raise ValueError where the template does not take it."""
        return str(self._renderer.render(messages, tools=tools, add_generation_prompt=True))


def parity_of(training: str | None, serving: str, *, models: str | None = None) -> TemplateParity:
    """Return the check that compares two ways of writing prompts.

    `training` is a local model; `serving` a URL, a template file (.jinja) or a model, local or behind a `base_url`.
    UsageError where a side has no template, ModelError where it cannot be opened.
    """
    if training is None:
        what = f"--served-by {serving}: there is nothing to compare it with"
        raise UsageError(Problem(what=what, todo="--model names the model that is trained, e.g. local:PATH"))
    model, _ = open_named(training, models=models)
    renderer = getattr(model, "renderer", None)
    if renderer is None:
        what = f"--model {training}: its template is not here, so it is unknown what it is trained on"
        raise UsageError(Problem(what=what, allowed="a local model: local:PATH, embedded:NAME"))
    return TemplateParity(TemplateWriter(renderer, training), _serving(serving, renderer, models=models))


def _serving(name: str, renderer: Any, *, models: str | None) -> PromptWriter:
    if name.startswith(("http://", "https://")):
        return _ask_server(name, renderer)
    path = Path(name)
    if path.suffix in (".jinja", ".jinja2", ".j2"):
        if not path.is_file():
            raise UsageError(Problem(what=f"--served-by {name}: there is no such file"))
        return TemplateWriter(replace(renderer, template=path.read_text(encoding="utf-8"), label=name), name)
    model, spec = open_named(name, models=models)
    own = getattr(model, "renderer", None)
    if own is not None:
        return TemplateWriter(own, name)
    if spec.base_url is None:
        what = f"--served-by {name}: how its server writes prompts is not told"
        raise UsageError(Problem(what=what, allowed="a URL, a .jinja file, a local model, or one with a `base_url`"))
    named = "api_key_env" in spec.model_fields_set  # the default is the key of another service
    key = os.environ.get(spec.api_key_env, "") if named else ""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return _ask_server(spec.base_url, renderer, model=spec.model, headers=headers)


def _ask_server(
    url: str, renderer: Any, *, model: str | None = None, headers: Mapping[str, str] | None = None
) -> ServedTemplate:
    tokenizer = renderer.tokenizer

    def decode(ids: list[int]) -> str:
        return str(tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False))

    return ServedTemplate(url, decode=decode, bos=tokenizer.bos_token or "", model=model, headers=headers)
