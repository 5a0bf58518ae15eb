"""What a judge is asked about answers, and what it replied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evalkit.core.exchange import EMPTY, Json, Response

JUDGES = "judges"
"""Key of a comparison's manifest: scorer name -> who judged, under which prompt, how often, at what price"""
AGREEMENT = "agreement"
"""Key of a comparison's manifest: a question each, who answered it, how far people agree, and how far scorers do"""

DISAGREE = "judges_disagree"
"""The flag of a finding that another of the judges would not make"""
UNDER_EACH = "under_each_judge"
"""Key of a finding's details: judge -> what the gate says by its scores alone"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question to a judge, as it is written for it.

    `order` says which of the scorer's questions it is where it asks several ("first", "second"), `draw` which of the
    times that the same is asked. `schema` is what its reply is held to, a JSON Schema; None where it is free text.
    """

    judge: str
    text: str
    order: str = ""
    draw: int = 0
    schema: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back for a question: an answer, or a failed call.

    `asked` is the id under which it was asked, and under which a recording of the judge holds it.
    """

    question: Question
    response: Response
    asked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """What a scorer that asks judges says of itself before anything is asked.

    `digest` covers all that decides its questions and how replies are read: a calibration holds for this and for the
    judges it was made with. `sampling` is how judges are asked (temperature, max_tokens, seed).
    """

    judges: tuple[str, ...]
    kind: str
    prompt: Mapping[str, Json]
    digest: str
    reads: Mapping[str, Json] = field(default_factory=lambda: EMPTY)
    """What labels of people are read by: scale, passes, labels, questions, no_is_good"""
    pairs: bool = False
    """Whether it is asked about the answers of both arms side by side"""
    self_judging: bool = False
    """Whether a model may judge its own answers"""
    schemas: bool | None = None
    """Whether replies are asked for by their JSON Schema; None: where the judge's server can"""
    sampling: Mapping[str, Json] = field(default_factory=lambda: EMPTY)
    calibration: Mapping[str, Json] = field(default_factory=lambda: EMPTY)
    """What `evalkit judge check` found of it; empty where nobody looked"""
