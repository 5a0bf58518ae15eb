"""What models.yaml may add to a call: parameters and headers that evalkit has no word for, and those it refuses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from evalkit.core.errors import Location, Problem
from evalkit.suite.generate import GenerateSpec
from evalkit.suite.spec import ModelSpec

Locate = Callable[..., Location]

SET_BY_EVALKIT = ("model", "messages", "input", "prompt", "stream", "stream_options", "n", "store", "tools")
"""Keys of a body that an evaluation sets itself"""
OWN_HEADERS = (
    "accept",
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "te",
    "transfer-encoding",
    "upgrade",
    "user-agent",
)
"""Headers that belong to the client and the connection"""
TRACING = re.compile(
    r"trace(?:parent|state)|baggage|x-(?:request|correlation|session|client-request)-id|x-(?:b3|datadog|trace|title)\b.*"
    r"|http-referer|referer|helicone-.*|x-portkey-trace.*",
    re.IGNORECASE,
)
"""Headers that say who asks and decide no answer: no part of a model's identity"""
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SECRET_NAME = re.compile(
    r"authori[sz]ation|api[-_]?key|token|secret|passw|cookie|credential|subscription[-_]?key", re.I
)
_SECRET_VALUE = re.compile(
    r"(?i:bearer|basic)\s+\S+|(?:sk|pk|rk|gsk|xai|hf|ghp|gho|glpat|r8|nvapi|pplx|dop_v1)[-_][A-Za-z0-9_\-]{6,}"
    r"|xox[abpr]-\S+|AKIA[0-9A-Z]{12,}|AIza[0-9A-Za-z_\-]{20,}|eyJ[A-Za-z0-9_\-]{10,}\.\S+"
)
_SECRET_KEY = re.compile(r"api[-_]?key|secret|passw", re.IGNORECASE)
_LONG = re.compile(r"(?=[^ ]*[A-Za-z])(?=[^ ]*[0-9])[A-Za-z0-9_\-+/=.]{32,}")


def open_parameter_problems(spec: ModelSpec, locate: Locate) -> Iterator[Problem]:
    """Yield what is wrong with `headers`, `extra_body` and `generate` of a model.

    The text of a header is never repeated.
    """
    for name, value in spec.headers.items():
        yield from _header(name, value, partial(locate, "headers", name))
    yield from _body(spec.extra_body, partial(locate, "extra_body"))
    if spec.generate is not None and "choices" in spec.generate.model_fields_set:
        yield Problem(
            what="`choices` cannot be said of one model: both arms must be asked in one way",
            where=locate("generate", "choices"),
            todo="say it under `generate` of the suite",
        )


def decides_answers(header: str) -> bool:
    """Tell whether a header may decide an answer: all but those of tracing may.

    >>> decides_answers("traceparent"), decides_answers("anthropic-beta")
    (False, True)
    """
    return TRACING.fullmatch(header) is None


def _header(name: str, value: Any, locate: Locate) -> Iterator[Problem]:
    literal = value if isinstance(value, str) else None
    if not _NAME.fullmatch(name):
        yield Problem(what=f"{name!r} is no name of a header", where=locate(), allowed="letters, digits and -")
    elif name.lower() in OWN_HEADERS:
        yield Problem(what=f"the header {name!r} belongs to the client and cannot be set", where=locate())
    elif literal is not None and _is_secret(name, literal):
        yield Problem(
            what=f"the header {name!r} holds a secret: keys never stand in a file",
            where=locate(),
            todo=f"put it into an environment variable and write {name}: {{env: NAME}}",
        )
    elif literal is not None and not (literal.isascii() and literal.isprintable()):
        yield Problem(what=f"the header {name!r} holds characters that no header can carry", where=locate())


def _is_secret(name: str, value: str) -> bool:
    if _SECRET_NAME.search(name) or _SECRET_VALUE.search(value):
        return True
    return decides_answers(name) and _LONG.fullmatch(value) is not None


def _body(extra: Mapping[str, Any], locate: Locate) -> Iterator[Problem]:
    for name, value in extra.items():
        if name in SET_BY_EVALKIT:
            yield Problem(
                what=f"extra_body cannot set {name!r}: evalkit sets it itself",
                where=locate(name),
                todo=_INSTEAD.get(name, "leave it out"),
            )
        elif name in GenerateSpec.model_fields or name in ("max_completion_tokens", "max_output_tokens"):
            yield Problem(
                what=f"extra_body cannot set {name!r}: the comparison must know of it",
                where=locate(name),
                todo=f"say it under `generate` of the model: generate: {{{_GENERATE_NAME.get(name, name)}: ...}}",
            )
        else:
            yield from _secrets(name, value, partial(locate, name))


def _secrets(name: str, value: Any, locate: Locate) -> Iterator[Problem]:
    """What looks like a key, however deep it stands."""
    if isinstance(value, Mapping):
        for inner, item in value.items():
            yield from _secrets(str(inner), item, partial(locate, inner))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _secrets("", item, partial(locate, index))
    elif isinstance(value, str) and (_SECRET_VALUE.fullmatch(value) or _SECRET_KEY.search(name)):
        yield Problem(
            what=f"extra_body holds a secret under {name!r}: keys never stand in a file",
            where=locate(),
            todo="send it as a header: headers: {NAME: {env: VARIABLE}}",
        )


_GENERATE_NAME = {"max_completion_tokens": "max_tokens", "max_output_tokens": "max_tokens"}
_INSTEAD = {
    "model": "write it as `model`",
    "messages": "prompts come from the suite",
    "input": "prompts come from the suite",
    "prompt": "prompts come from the suite",
    "stream": "say it under `generate`: {stream: true}",
    "n": "say `repeats` in the suite",
    "tools": "tools come from the rows",
}
