"""Tool calls put together from the pieces of a stream, whichever way a server numbers them.

OpenAI numbers each call and names its id once. Others give parallel calls one index and other ids (Ollama), no index
(gateways to Gemini), one id under two indices (LocalAI), a name in every piece, or arguments as an object.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from evalkit.core.exchange import Json
from evalkit.models.openai.read_values import write_out


def add_call(calls: list[dict[str, Any]], part: Json) -> None:
    """Continue the call that a piece belongs to, or begin one.

    Calls stand in the order of their numbers.
    """
    if not isinstance(part, Mapping):
        return
    known = _find_continued(calls, part)
    if known is None:
        index = part.get("index")
        known = {"index": index if _is_number(index) else len(calls)}
        calls.append(known)
        calls.sort(key=lambda call: int(call["index"]))
    for key in ("id", "type"):
        if part.get(key) and not known.get(key):
            known[key] = part[key]
    for kind in ("function", "custom"):
        if isinstance(part.get(kind), Mapping):
            append_pieces(known.setdefault(kind, {}), part[kind])


def _find_continued(calls: list[dict[str, Any]], part: Mapping[str, Any]) -> dict[str, Any] | None:
    """The call that a piece goes on with; None where it begins another."""
    index, identity, name = part.get("index"), part.get("id"), _name(part)
    if identity:
        same = next((call for call in calls if call.get("id") == identity), None)
        if same is not None:
            return same
    if _is_number(index):
        numbered = [call for call in calls if call["index"] == index]
        last = numbered[-1] if numbered else None
    else:
        last = calls[-1] if calls else None
    if last is None or not name:
        return last
    other_id = bool(identity) and bool(last.get("id"))
    began = _name(last) is not None
    if not _is_number(index):
        return last if not began and not other_id else _unless_whole(last, name) if not identity else None
    if other_id:
        return None
    return _unless_whole(last, name) if began else last


def _unless_whole(last: dict[str, Any], name: str) -> dict[str, Any] | None:
    """The last call where a piece names it again and its arguments are not whole yet; else a new one begins."""
    if _name(last) != name:
        return None
    written = (last.get("function") or last.get("custom") or {}).get("arguments", "")
    try:
        json.loads(written)
    except ValueError:
        return last
    return None


def _name(call: Mapping[str, Any]) -> str | None:
    for kind in ("function", "custom"):
        inner = call.get(kind)
        if isinstance(inner, Mapping) and inner.get("name"):
            return str(inner["name"])
    return None


def _is_number(index: Json) -> bool:
    return isinstance(index, int) and not isinstance(index, bool)


def append_pieces(whole: dict[str, Any], part: Mapping[str, Any]) -> None:
    """Add the pieces of a call.

    The name comes once, arguments and input grow; an object is written out.
    """
    for key in ("arguments", "input"):
        if part.get(key) is not None:
            whole[key] = whole.get(key, "") + write_out(part[key])
    if part.get("name"):
        whole["name"] = part["name"]
