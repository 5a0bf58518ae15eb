"""What a server refuses is learned once, from its own 400, and sent differently from then on.

Only parameters that do not change what is asked of the model may be replaced or left out; tools and response formats
never are. Every change is recorded in `Response.adapted`, so that two arms asked differently can be told apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from evalkit.core.exchange import Json

_RENAMED = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
_DROPPABLE = frozenset(
    {
        "temperature", "top_p", "seed", "stop", "logprobs", "parallel_tool_calls", "reasoning_effort", "reasoning",
        "stream_options", "store", "presence_penalty", "frequency_penalty", "include", "top_k", "min_p", "verbosity",
        "service_tier", "prompt_cache_key", "safety_identifier", "metadata",
    }
)  # fmt: skip
_ROLES = {"system": "developer", "developer": "user"}
_REFUSES = re.compile(
    r"unsupported|not supported|does not support|unrecognized|unknown parameter|extra inputs? (?:are|is) not permitted"
    r"|not allowed|unexpected|deprecated|only the default|unknown (?:name|field|argument)|extraneous key"
    r"|invalid (?:parameter|argument|field)|not a valid (?:parameter|argument)|no such (?:parameter|field)"
    r"|cannot find field|unsupportedparams|is not permitted|can ?not be used|not available|must be (?:omitted|unset)",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(?:param(?:eter)?|argument|value)s?(?: supplied)?:? *[`'\"]?([a-z_]+)", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])([A-Z])")
_ROLE = re.compile(r"does not support ['\"`](system|developer)['\"`]", re.IGNORECASE)
_MINIMUM = re.compile(r"expected a value >= (\d+)", re.IGNORECASE)


class Adaptation:
    """The changes learned so far for one model.

    Each is old name -> new name, new value, or None for left out.
    """

    def __init__(self) -> None:
        self.changes: dict[str, Json] = {}

    def sentence(self, name: str) -> str | None:
        """Say what the model called `name` is asked differently, for the report.

        It is None where nothing was learned.
        """
        if not self.changes:
            return None
        said = [f"{old} left out" if new is None else f"{old} -> {new}" for old, new in sorted(self.changes.items())]
        return f"the server of {name} refused parameters and is asked differently: {', '.join(said)}"

    def apply(self, body: dict[str, Json]) -> Mapping[str, Json]:
        """Make every learned change in the body, in place.

        Returns the changes that were made.
        """
        if not self.changes:
            return {}
        made: dict[str, Json] = {}
        for name, change in self.changes.items():
            if name.startswith("role:"):
                if _rename_role(body, name.removeprefix("role:"), str(change)):
                    made[name] = change
            elif name in body:
                value = body.pop(name)
                made[name] = change
                if isinstance(change, str):
                    body[change] = value
                elif isinstance(change, int) and isinstance(value, int):
                    body[name] = max(value, change)
        return made

    def learn(self, message: str, *, param: str | None, sent: Mapping[str, Json]) -> bool:
        """Learn from a refusal; return whether to send the call again, adapted.

        `sent` is the body that was refused. A call that was in flight while another one taught the same lesson is
        sent again as well.
        """
        role = _ROLE.search(message)
        if role is not None:
            return self._learn_role(role.group(1), sent)
        name = self._find_blamed(message, param, sent)
        if name is None:
            return False
        minimum = _MINIMUM.search(message)
        if minimum is not None and name.startswith("max_"):
            self.changes[name] = int(minimum.group(1))
            return True
        if not _REFUSES.search(message):
            return False
        renamed = _RENAMED.get(name)
        if renamed is not None:
            if self.changes.get(renamed) == name:
                return False  # neither of the two names is accepted: do not go in circles
            self.changes[name] = renamed
        elif name in _DROPPABLE:
            self.changes[name] = None
        else:
            return False
        return True

    def _find_blamed(self, message: str, param: str | None, sent: Mapping[str, Json]) -> str | None:
        """The top-level parameter of `sent` that the message or its `param` field names."""
        blamed = param.split(".")[0].split("[")[0] if param else None
        if blamed in sent:
            return blamed
        words = _NAMED.findall(message)
        words += re.findall(r"['`\"\[]([A-Za-z_]+)['`\"\]]", message)
        words += re.findall(r"(?:^|[\s;])([a-z_]+):\s", message) + re.findall(r":\s*([A-Za-z_]+)\.?$", message)
        names = (spelled for word in words for spelled in (word, _CAMEL.sub(r"_\1", word).lower()))
        return next((name for name in names if name in sent and (name in _DROPPABLE or name in _RENAMED)), None)

    def _learn_role(self, role: str, sent: Mapping[str, Json]) -> bool:
        messages = sent.get("messages") or sent.get("input") or ()
        if not any(isinstance(m, Mapping) and m.get("role") == role for m in messages):
            return False
        self.changes[f"role:{role}"] = _ROLES[role]
        return True


def _rename_role(body: dict[str, Json], old: str, new: str) -> bool:
    found = False
    for key in ("messages", "input"):
        for message in body.get(key) or ():
            if isinstance(message, dict) and message.get("role") == old:
                message["role"] = new
                found = True
    return found
