"""What a folder says of its tokenizer and chat template, read from its files alone; transformers is not loaded."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evalkit.models.local.source import Source

TOKENIZERS = ("tokenizer.json", "tokenizer.model", "spiece.model", "vocab.json", "vocab.txt", "tekken.json")
CLOCK = re.compile(r"strftime_now\(\s*(['\"])(?P<format>.*?)\1\s*\)")
ANY_CLOCK = re.compile(r"strftime_now\s*\(")
FINEST = "%Y-%m-%d %H:%M:%S"
SHOWN = 5


def brings_tokenizer(source: Source) -> bool:
    """Return whether a folder holds a whole tokenizer."""
    return any((source.folder / name).is_file() for name in TOKENIZERS)


def template_of(source: Source) -> str | None:
    """Return the chat template that a folder brings.

    It is a file of its own, or an entry of tokenizer_config.json.
    """
    for name in ("chat_template.jinja", "additional_chat_templates/default.jinja"):
        path = source.folder / name
        if path.is_file():
            return path.read_text("utf-8")
    found = source.read_json("chat_template.json").get("chat_template")
    found = found or source.read_json("tokenizer_config.json").get("chat_template")
    if isinstance(found, list):
        named = {str(one.get("name")): one.get("template") for one in found if isinstance(one, Mapping)}
        found = named.get("default")
    return found if isinstance(found, str) and found else None


def dates(template: str | None, instant: float) -> dict[str, str]:
    """Return what a template writes of the clock, by format.

    The instant is in seconds since 1970, UTC; the format is the one that it names.

    >>> dates("Today is {{ strftime_now('%d %b %Y') }}.", 0.0)
    {'%d %b %Y': '01 Jan 1970'}
    """
    if not template or not ANY_CLOCK.search(template):
        return {}
    formats = {match["format"] for match in CLOCK.finditer(template)}
    if len(CLOCK.findall(template)) < len(ANY_CLOCK.findall(template)):
        formats.add(FINEST)  # a format that is worked out on the way: whatever it is, it says no more than this
    now = datetime.fromtimestamp(instant, UTC)
    return {one: now.strftime(one) for one in sorted(formats)}


def difference(adapter: Source, base: Source) -> list[str]:
    """Say how an adapter's tokenizer and template differ from the base's, as clauses."""
    said = []
    if brings_tokenizer(adapter):
        own, below = _tokens(adapter), _tokens(base)
        new, gone = sorted(own.keys() - below.keys()), sorted(below.keys() - own.keys())
        moved = sorted(token for token in own.keys() & below.keys() if own[token] != below[token])
        for names, verb in ((new, "adds"), (gone, "lacks"), (moved, "renumbers")):
            if names:
                said.append(f"its tokenizer {verb} {len(names)} tokens ({_list_some(names)})")
        said += _roles(adapter, base)
    template = template_of(adapter)
    if template is not None and template != template_of(base):
        said.append("its chat template is its own")
    return said


def _roles(adapter: Source, base: Source) -> list[str]:
    own, below = adapter.read_json("tokenizer_config.json"), base.read_json("tokenizer_config.json")
    said = []
    for role in ("bos_token", "eos_token"):
        one, two = (_content(config.get(role)) for config in (own, below))
        if own and one != two:
            said.append(f"its {role} is {one!r}, the base's {two!r}")
    return said


def _content(token: Any) -> Any:
    return token.get("content") if isinstance(token, Mapping) else token


def _tokens(source: Source) -> dict[str, int]:
    """Token to id, as far as JSON files tell."""
    whole = _json(source.folder / "tokenizer.json")
    vocabulary = (whole.get("model") or {}).get("vocab") or _json(source.folder / "vocab.json")
    found = {str(token): int(number) for token, number in vocabulary.items()} if isinstance(vocabulary, dict) else {}
    if isinstance(vocabulary, list):
        found = {str(entry[0]): number for number, entry in enumerate(vocabulary)}
    found |= {str(one["content"]): int(one["id"]) for one in whole.get("added_tokens") or ()}
    extra = _json(source.folder / "added_tokens.json")
    return found | {str(token): int(number) for token, number in extra.items()}


def _json(path: Path) -> dict[str, Any]:
    try:
        read = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def _list_some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
