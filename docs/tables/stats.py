"""The reference of the statistics, from the functions themselves."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable

import evalkit.stats as stats


def stats_reference() -> str:
    """Every public name of `evalkit.stats` with its signature and its docstring."""
    things = {name: getattr(stats, name) for name in stats.__all__}
    functions = {name: thing for name, thing in things.items() if not isinstance(thing, type)}
    results = {name: thing for name, thing in things.items() if isinstance(thing, type)}
    lines = [
        "# Statistics",
        "",
        "Generated: `python -m docs.tables`.",
        "",
        _indented(stats.__doc__ or "").partition("\n\n")[2],
        "",
        "A paired table is told in the order both, fixed, broken, neither: `fixed` cases only the candidate has right,",
        "`broken` only the base. Used together: [statistics of your own](../how-to/statistics.md); why these methods:",
        "[statistics](../why/statistics.md).",
        "",
        "## Functions",
        "",
    ]
    for name, thing in functions.items():
        lines += [f"### {name}", "", "```text", f"{name}{_signature(thing)}", "```", "", *_doc(thing), ""]
    lines += ["## What they return", ""]
    for name, thing in results.items():
        lines += [f"### {name}", "", *_doc(thing), ""]
        if dataclasses.is_dataclass(thing):
            fields = ", ".join(
                f"`{field.name}`" for field in dataclasses.fields(thing) if not field.name.startswith("_")
            )
            lines += [f"Fields: {fields}.", ""]
    return "\n".join(lines).rstrip() + "\n"


def _signature(thing: Callable[..., object]) -> str:
    return re.sub(r"'([^']*)'(?=[,)\s=]|$)", r"\1", str(inspect.signature(thing)))


def _indented(text: str) -> str:
    return inspect.cleandoc(text)


def _doc(thing: object) -> list[str]:
    """The docstring; its examples as a block of their own."""
    out, inside = [], False
    for line in (inspect.getdoc(thing) or "").splitlines():
        if line.startswith(">>>") and not inside:
            out.append("```text")
            inside = True
        if inside and not line.strip():
            out.append("```")
            inside = False
        out.append(line)
    return [*out, "```"] if inside else out
