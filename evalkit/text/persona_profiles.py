"""Ready personas: data files that name a speaker's words; a suite adds to them or brings its own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from evalkit.core.errors import did_you_mean
from evalkit.text.persona import PersonaMarks

_ABOUT = ("name", "about", "extends")
_LISTS = tuple(one.name for one in fields(PersonaMarks) if one.name != "register")


def list_profiles() -> tuple[str, ...]:
    """List the names of the ready personas."""
    found = (resources.files("evalkit.text") / "personas").iterdir()
    return tuple(sorted(one.name.removesuffix(".toml") for one in found if one.name.endswith(".toml")))


@cache
def load_profile(name: str) -> PersonaMarks:
    """Load a ready persona; raise ValueError for a name that is none."""
    if name not in list_profiles():
        known = ", ".join(list_profiles())
        raise ValueError(f"there is no persona {name!r}{did_you_mean(name, list_profiles())}; ready are {known}")
    return _read((resources.files("evalkit.text") / "personas" / f"{name}.toml").read_text("utf-8"), name)


def read_profile(path: Path) -> PersonaMarks:
    """Read a persona of one's own; raise ValueError for what is none.

    `extends` names a ready one that it adds to.
    """
    try:
        return _read(path.read_text("utf-8"), str(path))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{path} is no TOML: {error}") from error


def add_marks(one: PersonaMarks, other: PersonaMarks) -> PersonaMarks:
    """Join what two personas are known by.

    The register is the second one's unless that is any.
    """
    joined = {name: tuple(dict.fromkeys((*getattr(one, name), *getattr(other, name)))) for name in _LISTS}
    return PersonaMarks(**joined, register=other.register if other.register != "any" else one.register)


def _read(text: str, where: str) -> PersonaMarks:
    found = tomllib.loads(text)
    wrong = [name for name in found if name not in (*_ABOUT, *_LISTS, "register")]
    if wrong:
        known = (*_LISTS, "register", *_ABOUT)
        raise ValueError(
            f"{where}: unknown key {wrong[0]!r}{did_you_mean(wrong[0], known)}; allowed: {', '.join(known)}"
        )
    for name in _LISTS:
        value = found.get(name, [])
        if not isinstance(value, list) or not all(isinstance(word, str) and word.strip() for word in value):
            raise ValueError(f"{where}: {name} must be a list of texts, none empty")
    if found.get("register", "any") not in ("any", "polite", "casual"):
        raise ValueError(f"{where}: register must be any, polite or casual")
    own = _marks(found)
    return add_marks(load_profile(found["extends"]), own) if "extends" in found else own


def _marks(found: Mapping[str, Any]) -> PersonaMarks:
    lists: dict[str, Any] = {name: tuple(found.get(name, ())) for name in _LISTS}
    return PersonaMarks(**lists, register=found.get("register", "any"))
