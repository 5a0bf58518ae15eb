"""One arm as files: its base, its adapter, its template, and the identity that their content gives it."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cached_property
from typing import Any

from evalkit.core.errors import ModelError, Problem
from evalkit.core.exchange import Json, ModelIdentity
from evalkit.core.fingerprint import digest
from evalkit.core.origin import TRAINING
from evalkit.models.context import Context
from evalkit.models.local.adapter import Changes, check_adapter
from evalkit.models.local.cache import cache_root
from evalkit.models.local.device import choose_device, choose_dtype
from evalkit.models.local.embedded import NAME, PREFIX, embedded_folder
from evalkit.models.local.identity import Fingerprint, adapter_parts, base_parts
from evalkit.models.local.kind import require_writer
from evalkit.models.local.loading import Key
from evalkit.models.local.prompt import PLAIN
from evalkit.models.local.quantize import check_quantization, describe_quantization
from evalkit.models.local.source import Source, locate, require_embedded
from evalkit.models.local.trained import read_training
from evalkit.models.local.words import brings_tokenizer, dates, template_of
from evalkit.suite.local_keys import loading_problems
from evalkit.suite.spec import ModelSpec


class LocalArm:
    """What a spec of provider ``local`` means.

    Files are looked for when first needed, weights never loaded.
    """

    def __init__(self, name: str, spec: ModelSpec, context: Context) -> None:
        if not spec.model and not spec.adapter:
            raise ModelError(
                Problem(what=f"the local model {name!r} has no `model:`", allowed=f"a folder, a hub id, {PREFIX}{NAME}")
            )
        wrong = [replace(told, what=f"model {name!r}: {told.what}") for _, told in loading_problems(spec)]
        if wrong:
            raise ModelError(wrong)
        if spec.model and spec.model.startswith(PREFIX):
            require_embedded(spec.model)
        self.name, self.spec, self.context = name, spec, context

    @cached_property
    def adapter(self) -> Source | None:
        """The adapter's files.

        They are the spec's `adapter:`, or `model:` itself when that is an adapter's folder.
        """
        if self.spec.adapter:
            return locate(self.spec.adapter, self.context, pickle=self.spec.allow_pickle)
        label = self.spec.model or ""
        if label.startswith(PREFIX):
            return None
        source = locate(label, self.context, **self._rights)
        files = source.folder
        return source if (files / "adapter_config.json").is_file() and not (files / "config.json").is_file() else None

    @cached_property
    def base_label(self) -> str:
        """The base as the user named it, or as the adapter names it."""
        if self.spec.model and (self.spec.adapter or self.adapter is None):
            return self.spec.model
        named = self.adapter.read_json("adapter_config.json").get("base_model_name_or_path") if self.adapter else None
        if not named:
            raise ModelError(
                Problem(what=f"the adapter of {self.name!r} does not name its base", todo="write it as `model:`")
            )
        return str(named)

    @property
    def embedded(self) -> bool:
        """Whether the base is the embedded model."""
        return self.base_label.startswith(PREFIX)

    @cached_property
    def base(self) -> Source:
        """The base's files, checked against the adapter.

        Converts or downloads them when they are not there.
        """
        source = locate(self.base_label, self.context, **self._rights)
        if self.adapter is not None:
            check_adapter(self.adapter, source)
        return source

    @property
    def _rights(self) -> dict[str, Any]:
        """Which files of a model may be fetched and read."""
        spec = self.spec
        return {"revision": spec.revision, "code": spec.trust_remote_code, "pickle": spec.allow_pickle}

    @cached_property
    def changes(self) -> Changes:
        """What the adapter changes of its base for good."""
        return Changes() if self.adapter is None else check_adapter(self.adapter, self.base)

    @cached_property
    def device(self) -> str:
        """Where it computes."""
        return choose_device(self.spec)

    @cached_property
    def fingerprint(self) -> Fingerprint:
        """What decides the answers, by content.

        Needs no torch, and for the embedded base no weights either.
        """
        cache = cache_root(self.context.environ)
        source = self.base if not self.embedded else Source(label=self.base_label, folder=embedded_folder(cache))
        if self.adapter is not None:
            check_adapter(self.adapter, source)
        config = {} if self.embedded else require_writer(source)
        base = base_parts(source, cache, code=self.spec.trust_remote_code)
        stored = config.get("dtype") or config.get("torch_dtype")
        parts: dict[str, Json] = {
            "base": base,
            "adapter": adapter_parts(self.adapter, cache) if self.adapter else None,
            "template": self.template,
            "system": self.spec.system,
            "stop": list(self.spec.stop),
            "dtype": choose_dtype(self.spec, device=self.device, stored=str(stored) if stored else "float32"),
        }
        check_quantization(self.spec.quantization, source)
        if self.spec.quantization is not None:
            parts["quantization"] = describe_quantization(
                self.spec.quantization, device=self.device, device_map=self.spec.device_map
            )
        if self.spec.deterministic:
            parts["deterministic"] = True
        if self.spec.chat_template_kwargs:
            parts["chat_template_kwargs"] = dict(self.spec.chat_template_kwargs)
        if dates := self.dates:
            parts["dates"] = dict(dates)
        return Fingerprint(weights=digest(base), parts=parts)

    @cached_property
    def identity(self) -> ModelIdentity:
        """Who answers, by the content of its files."""
        commits = {
            "commit": None if self.embedded else self.base.commit,
            "adapter_commit": self.adapter.commit if self.adapter else None,
        }
        return ModelIdentity(
            name=self.name,
            provider="local",
            model=self.base_label,
            fingerprint=self.fingerprint.whole,
            details={
                "device": self.device,
                **({"adapter_path": self.adapter.label} if self.adapter else {}),
                **{key: value for key, value in commits.items() if value},
                **({TRAINING: told} if (told := self.training) else {}),
                **self.fingerprint.parts,
            },
        )

    @cached_property
    def training(self) -> dict[str, Json]:
        """What the folder of the fine-tune tells of its training.

        Empty for a base that tells nothing.
        """
        if self.adapter is not None:
            return read_training(self.adapter)
        return {} if self.embedded else read_training(self.base)

    @cached_property
    def template(self) -> str | None:
        """The chat template that replaces the tokenizer's own.

        It is the spec's, else one that the adapter brings.
        """
        given = self.spec.chat_template
        if given is None:
            if self.adapter is None:
                return None
            own = template_of(self.adapter)
            # a tokenizer without a template is asked with the base's; the embedded base's needs its folder
            return own if own is not None or not brings_tokenizer(self.adapter) else template_of(self.base)
        if given == PLAIN or "{%" in given or "{{" in given:
            return given
        path = self.context.path(given)
        if not path.is_file():
            raise ModelError(
                Problem(what=f"{self.name!r}: there is no chat template {path}", allowed=f"a jinja file, or {PLAIN!r}")
            )
        return path.read_text("utf-8")

    @cached_property
    def tokenizer(self) -> Source:
        """The files of the tokenizer.

        They are the adapter's where it brings one, for it was trained with that.
        """
        return self.adapter if self.adapter is not None and brings_tokenizer(self.adapter) else self.base

    @cached_property
    def instant(self) -> float:
        """The moment (seconds since 1970) that a template is told is now.

        It is one for all prompts of this arm.
        """
        return self.context.now()

    @property
    def dates(self) -> dict[str, str]:
        """What the template writes of the clock, by format.

        Another day is another prompt, and so another key.
        """
        if self.template is not None or self.embedded:
            return dates(self.template, self.instant)
        return dates(template_of(self.tokenizer), self.instant)

    @property
    def key(self) -> Key:
        """What engines are told apart by: base weights and how they are loaded.

        An adapter that changes its base for good has an engine of its own.
        """
        own = f"+{self.adapter_key}" if self.changes.why else ""
        plan = self.spec.device_map
        return Key(
            weights=self.fingerprint.weights + own,
            dtype=str(self.fingerprint.parts["dtype"]),
            device=self.device,
            quantization=self.spec.quantization,
            device_map=None if plan is None else json.dumps(plan, sort_keys=True),
        )

    @property
    def adapter_key(self) -> str | None:
        """The adapter's key on its engine; None for the base itself."""
        adapter = self.fingerprint.parts["adapter"]
        return None if adapter is None else digest(adapter)[:16]
