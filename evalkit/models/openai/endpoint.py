"""Where a spec's calls go and with which key: read from the spec and the environment, without opening anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from evalkit.core.errors import ModelError, Problem
from evalkit.models.openai.azure import azure_of, azure_root, names_version, version_of
from evalkit.models.openai.secrets import public_url
from evalkit.suite.spec import ModelSpec

OPENAI_URL = "https://api.openai.com/v1"
NO_KEY = "no-key-needed"
_HARMLESS = frozenset({"true", "false", "none", "null", "auto", "application/json"})
"""Texts of headers that are no secret and stand in many answers"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A server.

    `url` may hold credentials; `shown` never does. `key` is None where the environment has none.
    """

    url: str = field(repr=False)
    shown: str
    key: str | None = field(repr=False)
    key_env: str
    deployment: str | None = None
    api_version: str | None = None
    organization: str | None = None
    project: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What else stands in the head of every call"""
    query: Mapping[str, str] = field(default_factory=dict)
    """What stands behind every address: Azure's api-version, where the address itself is OpenAI's way of asking"""
    unset: tuple[str, ...] = ()
    """Environment variables that headers name and that are not set"""

    @property
    def is_openai(self) -> bool:
        """Whether this is OpenAI's own server."""
        return urlsplit(self.url).hostname == "api.openai.com"

    @property
    def is_azure(self) -> bool:
        """Whether Azure's client is used."""
        return self.api_version is not None

    def name_of(self, model: str) -> str:
        """Return what calls name a model.

        On Azure it is its deployment, whichever model stands behind it.
        """
        return self.deployment or model

    def require_key(self) -> str:
        """Return the key to send; a placeholder for compatible servers that need none.

        Raises ModelError where a header's variable is not set, where the server is known to want a key and the
        environment does not have it, or has a text that no header can carry.
        """
        if self.unset:
            raise ModelError(
                Problem(
                    what=f"the environment variable {name} is not set, and a header of {self.shown} is to hold it",
                    todo=f"export {name}=..., or compare without calls: --replay",
                )
                for name in self.unset
            )
        if self.key and not (self.key.isascii() and self.key.isprintable()):
            raise ModelError(
                Problem(
                    what=f"the environment variable {self.key_env} holds characters that no key has "
                    "(a line break, a control character or a letter beyond ASCII)",
                    todo="copy the key again, without what stands around it",
                )
            )
        if self.key:
            return self.key
        if self.is_openai or self.is_azure or self.key_env != "OPENAI_API_KEY":
            raise ModelError(
                Problem(
                    what=f"the environment variable {self.key_env} is not set, and {self.shown} needs a key",
                    todo=f"export {self.key_env}=..., or compare without calls: --replay",
                )
            )
        return NO_KEY

    def secrets(self) -> tuple[str, ...]:
        """Return every text that must never be shown or kept."""
        parts = urlsplit(self.url)
        kept = (self.key, parts.password, parts.query, *self.headers.values())
        return tuple(s for s in kept if s and len(s) >= 4 and s not in _HARMLESS)


def endpoint_of(name: str, spec: ModelSpec, environ: Mapping[str, str]) -> Endpoint:
    """Return the endpoint of a spec.

    Raises ModelError (every problem at once) for one that cannot be used.
    """
    problems = list(_problems(name, spec, environ))
    if problems:
        raise ModelError(problems)
    azure = azure_of(spec, environ)
    url = (spec.base_url or environ.get(_url_env(spec), "") or OPENAI_URL).rstrip("/")
    query = {} if azure is not None else version_of(url)
    if azure is not None or query:
        url = azure_root(url)
    held = {name: v if isinstance(v, str) else environ.get(v.env, "").strip() for name, v in spec.headers.items()}
    named = [value.env for name, value in spec.headers.items() if not isinstance(value, str) and not held[name]]
    return Endpoint(
        url=url,
        shown=public_url(url),
        key=(environ.get(spec.api_key_env) or "").strip() or None,
        key_env=spec.api_key_env,
        deployment=None if azure is None else azure.get("deployment", spec.model),
        api_version=None if azure is None else azure["api_version"],
        headers=held,
        query=query,
        unset=tuple(dict.fromkeys(named)),
        organization=environ.get("OPENAI_ORG_ID"),
        project=environ.get("OPENAI_PROJECT_ID"),
    )


def _url_env(spec: ModelSpec) -> str:
    """The environment variable that names the server where the spec names none."""
    return "AZURE_OPENAI_ENDPOINT" if spec.azure is not None else "OPENAI_BASE_URL"


def _azure_problems(name: str, spec: ModelSpec, environ: Mapping[str, str]) -> Iterator[Problem]:
    azure = azure_of(spec, environ)
    if azure is None:
        return
    unknown = sorted(set(spec.azure or {}) - {"api_version", "api-version", "deployment"})
    if unknown:
        yield Problem(what=f"model {name!r}: unknown key under azure: {unknown[0]}", allowed="api_version, deployment")
    if "api_version" not in azure:
        yield Problem(what=f"model {name!r}: azure has no api_version", todo='write it: api_version: "2024-10-21"')
    if spec.base_url is None and "AZURE_OPENAI_ENDPOINT" not in environ:
        yield Problem(
            what=f"model {name!r}: Azure needs a base_url",
            todo="base_url: https://NAME.openai.azure.com, or export AZURE_OPENAI_ENDPOINT",
        )


def _problems(name: str, spec: ModelSpec, environ: Mapping[str, str]) -> list[Problem]:
    found = []
    if spec.model is None and not (azure_of(spec, environ) or {}).get("deployment"):
        found.append(Problem(what=f"model {name!r} has no `model`", todo="name it: model: gpt-4o-mini"))
    found += _azure_problems(name, spec, environ)
    found += _url_problems(name, spec, environ)
    if spec.adapter is not None:
        found.append(
            Problem(
                what=f"model {name!r}: provider openai takes no adapter",
                todo="servers such as vLLM name adapters as models: model: ADAPTER_NAME",
            )
        )
    return found


def _url_problems(name: str, spec: ModelSpec, environ: Mapping[str, str]) -> list[Problem]:
    """What is wrong with the server's URL, wherever it stands; what it holds is never repeated."""
    where = "base_url" if spec.base_url is not None else _url_env(spec)
    url = spec.base_url if spec.base_url is not None else environ.get(where, "")
    if not url and spec.base_url is None:
        return []
    try:
        parts = urlsplit(url)
        whole = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        parts, whole = urlsplit(""), False
    if url.startswith(("http://", "https://")) and not whole:
        what, todo = f"model {name!r}: the host or the port of {where} cannot be read", "http://localhost:8000/v1"
        return [Problem(what=what, todo=todo)]
    if parts.scheme not in ("http", "https"):
        what, todo = f"model {name!r}: {where} must start with http:// or https://", "http://localhost:8000/v1"
        return [Problem(what=what, todo=todo)]
    if parts.username or parts.password or (parts.query and not names_version(url)):
        what = f"model {name!r}: {where} holds credentials or a query ({public_url(url)})"
        return [Problem(what=what, todo="put the key into an environment variable and its name into api_key_env")]
    return []
