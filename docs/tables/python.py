"""The reference of the Python interface, from the objects themselves."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterable, Mapping
from typing import Any

import evalkit
from docs.tables.scorers import attribute_docs
from docs.tables.stats import doc_lines, signature_of

_CHECKS = ("check_scorer", "check_model", "register_temporarily", "BrokenPromise")


def python_reference() -> str:
    """Gives every public name of `evalkit` and `evalkit.testing`: signature, docstring, fields, methods."""
    things = {name: getattr(evalkit, name) for name in evalkit.__all__ if not name.startswith("__")}
    things = {name: thing for name, thing in things.items() if callable(thing)}
    functions = {name: thing for name, thing in things.items() if not isinstance(thing, type)}
    classes = {name: thing for name, thing in things.items() if isinstance(thing, type)}
    checks = {name: getattr(evalkit.testing, name) for name in _CHECKS}
    faults = evalkit.testing.faults
    planted = {
        name: thing
        for name, thing in vars(faults).items()
        if inspect.isfunction(thing) and thing.__module__ == faults.__name__ and not name.startswith("_")
    }
    lines = [
        "# Python",
        "",
        "Generated: `python -m docs.tables`. Used together: [in Python and notebooks](../how-to/python.md).",
        "`evalkit.stats` has a page of its own: [statistics](stats.md).",
        "",
        "## Functions",
        "",
        *_described(functions, prefix="evalkit."),
        "## Classes",
        "",
        *_described(classes, prefix="evalkit."),
        "## evalkit.testing",
        "",
        *_described(checks, prefix="evalkit.testing."),
        "### evalkit.testing.faults",
        "",
        *doc_lines(faults),
        "",
        *(line for name, thing in planted.items() for line in _short(name, thing)),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _described(things: Mapping[str, Any], *, prefix: str) -> Iterable[str]:
    for name, thing in sorted(things.items(), key=lambda one: one[0].lower()):
        yield from (
            f"### {prefix}{name}",
            "",
            "```text",
            f"{name}{_signature(thing)}",
            "```",
            "",
            *doc_lines(thing),
            "",
        )
        if isinstance(thing, type):
            yield from _fields(thing)
            yield from _methods(thing)


def _signature(thing: Any) -> str:
    if isinstance(thing, type) and issubclass(thing, Exception):
        return "(...)"
    return signature_of(thing).replace(" -> None", "") if isinstance(thing, type) else signature_of(thing)


def _fields(kind: type[Any]) -> Iterable[str]:
    if not dataclasses.is_dataclass(kind):
        return
    about = attribute_docs(kind)
    told = {field.name: about.get(field.name, "") for field in dataclasses.fields(kind)}
    if any(told.values()):
        yield from ("| field | meaning |", "|---|---|")
        yield from (f"| `{name}` | {' '.join(text.split())} |" for name, text in told.items() if text)
        yield ""


def _methods(kind: type[Any]) -> Iterable[str]:
    own = {name: thing for name, thing in vars(kind).items() if not name.startswith("_")}
    rows = []
    for name, thing in own.items():
        inner = getattr(thing, "__func__", thing)
        inner = thing.fget if isinstance(thing, property) else inner
        if not inspect.isfunction(inner) or not inspect.getdoc(inner):
            continue
        words = "" if isinstance(thing, property) else _in_a_cell(signature_of(inner))
        first = (inspect.getdoc(inner) or "").split("\n\n")[0]
        rows.append(f"| `{name}{words}` | {' '.join(first.split())} |")
    if rows:
        yield from ("| has | what it gives |", "|---|---|", *rows, "")


def _in_a_line(signature: str) -> str:
    line = re.sub(r"\n\s*", " ", signature).replace("( ", "(").replace(", )", ")")
    return re.sub(r"^\((self|cls)(, )?", "(", line)


def _in_a_cell(signature: str) -> str:
    return _in_a_line(signature).replace("|", "\\|")


def _short(name: str, thing: Any) -> Iterable[str]:
    first = (inspect.getdoc(thing) or "").split("\n\n")[0]
    yield f"- `{name}{_in_a_line(signature_of(thing))}`: {' '.join(first.split())}"
