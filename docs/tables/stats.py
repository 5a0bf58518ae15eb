"""The reference of the statistics, from the functions themselves."""

from __future__ import annotations

import dataclasses
import inspect
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
        lines += [f"### {name}", "", "```text", f"{name}{signature_of(thing)}", "```", "", *doc_lines(thing), ""]
    lines += ["## What they return", ""]
    for name, thing in results.items():
        lines += [f"### {name}", "", *doc_lines(thing), ""]
        if dataclasses.is_dataclass(thing):
            fields = ", ".join(
                f"`{field.name}`" for field in dataclasses.fields(thing) if not field.name.startswith("_")
            )
            lines += [f"Fields: {fields}.", ""]
    return "\n".join(lines).rstrip() + "\n"


def signature_of(thing: Callable[..., object]) -> str:
    """Gives the signature of a callable as a reader would write it."""
    found = inspect.signature(thing)
    words, seen = [], set()
    for one in found.parameters.values():
        if one.kind is not one.POSITIONAL_ONLY and one.POSITIONAL_ONLY in seen and "/" not in words:
            words.append("/")
        if one.kind is one.KEYWORD_ONLY and not seen & {one.KEYWORD_ONLY, one.VAR_POSITIONAL}:
            words.append("*")
        seen.add(one.kind)
        stars = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
        words.append(f"{stars}{one.name}{_annotation(': ', one.annotation)}{_default(one.default)}")
    ends = _annotation(" -> ", found.return_annotation)
    short = f"({', '.join(words)}){ends}"
    return short if len(short) < 100 else "(\n" + "".join(f"    {word},\n" for word in words) + f"){ends}"


def _annotation(before: str, annotation: object) -> str:
    if annotation is inspect.Parameter.empty:
        return ""
    return before + (annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation)))


def _default(value: object) -> str:
    if value is inspect.Parameter.empty:
        return ""
    return f" = {value!r}" if isinstance(value, (str, int, float, bool, tuple, type(None))) else " = ..."


def _indented(text: str) -> str:
    return inspect.cleandoc(text)


def doc_lines(thing: object) -> list[str]:
    """Gives the docstring, its examples as a block of their own."""
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
