"""The names of the scorers; installed packages add theirs through the entry points `evalkit.scorers`."""

from __future__ import annotations

from evalkit.core.registry import Registry

TABLE = {
    "choice": "evalkit.scorers.choice:Choice",
    "contains": "evalkit.scorers.contains:Contains",
    "exact": "evalkit.scorers.exact:Exact",
    "fuzzy": "evalkit.scorers.fuzzy:Fuzzy",
    "json_schema": "evalkit.scorers.json_schema:JsonSchema",
    "language": "evalkit.scorers.language:Language",
    "length": "evalkit.scorers.length:Length",
    "numeric": "evalkit.scorers.numeric:Numeric",
    "persona": "evalkit.scorers.persona:Persona",
    "refusal": "evalkit.scorers.refusal:Refusal",
    "regex": "evalkit.scorers.regex:Regex",
    "register": "evalkit.scorers.register:Register",
    "tool_calls": "evalkit.scorers.tool_calls:ToolCalls",
}

SCORERS = Registry("scorer", TABLE, group="evalkit.scorers")
