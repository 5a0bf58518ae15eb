"""The names of the scorers; installed packages add theirs through the entry points `evalkit.scorers`."""

from __future__ import annotations

import dataclasses
import inspect

from evalkit.core.ports import Scorer
from evalkit.core.registry import Registry

TABLE = {
    "bbq": "evalkit.scorers.bbq:Bbq",
    "bleu": "evalkit.scorers.overlap:Bleu",
    "checks": "evalkit.scorers.checks:Checks",
    "choice": "evalkit.scorers.choice:Choice",
    "chrf": "evalkit.scorers.overlap:Chrf",
    "classification": "evalkit.scorers.classification:Classification",
    "code_tests": "evalkit.scorers.code_tests:CodeTests",
    "contains": "evalkit.scorers.contains:Contains",
    "embedding": "evalkit.scorers.embedding:Embedding",
    "exact": "evalkit.scorers.exact:Exact",
    "format": "evalkit.scorers.style:BrandFormat",
    "fuzzy": "evalkit.scorers.fuzzy:Fuzzy",
    "given": "evalkit.scorers.given:Given",
    "honorifics": "evalkit.scorers.honorifics:Honorifics",
    "instructions": "evalkit.scorers.instructions:Instructions",
    "json_schema": "evalkit.scorers.json_schema:JsonSchema",
    "judge": "evalkit.scorers.judge:Judge",
    "language": "evalkit.scorers.language:Language",
    "length": "evalkit.scorers.length:Length",
    "likelihood": "evalkit.scorers.likelihood:Likelihood",
    "numeric": "evalkit.scorers.numeric:Numeric",
    "pair_preference": "evalkit.scorers.pair_preference:PairPreference",
    "persona": "evalkit.scorers.persona:Persona",
    "rating": "evalkit.scorers.rating:Rating",
    "readability": "evalkit.scorers.readability:Readability",
    "refusal": "evalkit.scorers.refusal:Refusal",
    "regex": "evalkit.scorers.regex:Regex",
    "register": "evalkit.scorers.register:Register",
    "representation": "evalkit.scorers.representation:Representation",
    "rouge": "evalkit.scorers.overlap:Rouge",
    "style_like": "evalkit.scorers.style:StyleLike",
    "squad": "evalkit.scorers.overlap:TokenF1",
    "ter": "evalkit.scorers.overlap:Ter",
    "token_f1": "evalkit.scorers.overlap:TokenF1",
    "tone": "evalkit.scorers.style:Tone",
    "tool_calls": "evalkit.scorers.tool_calls:ToolCalls",
}


def what_is_wrong(name: str, thing: object) -> str | None:
    """Say why a thing cannot be a scorer; None if it can."""
    if isinstance(thing, type):
        return None if dataclasses.is_dataclass(thing) else f"{thing.__name__} is not a dataclass"
    if not isinstance(thing, Scorer) and inspect.isfunction(thing):
        return "a plain function is no scorer yet: write @evalkit.scorer above it, or evalkit.scorer(function)"
    if not isinstance(thing, Scorer):
        return "a scorer is a frozen dataclass, or an object with version, metrics, score and check (@evalkit.scorer)"
    return None


SCORERS = Registry("scorer", TABLE, group="evalkit.scorers", check=what_is_wrong)
