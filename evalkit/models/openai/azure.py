"""Azure's resources, in the words that people have at hand: a key of models.yaml, or an address of the portal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit, urlunsplit

from evalkit.suite.spec import ModelSpec

_V1 = "/openai/v1"
"""Azure's newer address: it is spoken to as OpenAI is"""
_DEPLOYMENT = re.compile(r"/openai/deployments/([^/]+)")


def azure_of(spec: ModelSpec, environ: Mapping[str, str]) -> dict[str, str] | None:
    """Return the api_version and the deployment of an Azure model.

    None for every other server. The version stands under `azure` (also as api-version), in the query of the address,
    or in OPENAI_API_VERSION; the deployment under `azure` or in the path of the address.
    """
    url = spec.base_url or ""
    if spec.azure is None and (not names_version(url) or _V1 in urlsplit(url).path):
        return None
    said = dict(spec.azure or {})
    if "api-version" in said:
        said["api_version"] = said.pop("api-version")
    version = said.get("api_version") or _version(url) or environ.get("OPENAI_API_VERSION")
    found = _DEPLOYMENT.search(urlsplit(url).path)
    deployment = said.get("deployment") or (found.group(1) if found else None)
    named = {"api_version": version, "deployment": deployment}
    return {key: value for key, value in named.items() if value}


def azure_root(url: str) -> str:
    """Return the resource that an address of the portal belongs to.

    >>> azure_root("https://a.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21")
    'https://a.openai.azure.com'
    """
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.partition("/openai/deployments")[0], "", "")).rstrip("/")


def names_version(url: str) -> bool:
    """Tell whether the query of an address names an api-version, and nothing else.

    >>> names_version("https://a.openai.azure.com/?api-version=2024-10-21"), names_version("https://a.com/?key=1")
    (True, False)
    """
    return _version(url) is not None


def version_of(url: str) -> dict[str, str]:
    """Return the api-version of an address as a query.

    It is empty where it names none."""
    version = _version(url)
    return {"api-version": version} if version else {}


def _version(url: str) -> str | None:
    try:
        query = parse_qs(urlsplit(url).query)
    except ValueError:
        return None
    return query["api-version"][0] if set(query) == {"api-version"} else None
