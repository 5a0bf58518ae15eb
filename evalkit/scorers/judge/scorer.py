"""The scorer `judge`: models asked about answers, their replies read strictly."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from evalkit.core.errors import Problem, UsageError
from evalkit.core.exchange import Example, Json, Response
from evalkit.core.fingerprint import digest
from evalkit.core.judging import Judging, Question, Reply
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.judge.built import build_kind, option_faults, reply_schema
from evalkit.scorers.judge.kinds import FIRST, JudgementKind
from evalkit.scorers.judge.prompts import (
    JudgePrompt,
    PromptFile,
    fill_criteria,
    keep_inside,
    prompt_values,
    read_prompt,
    shown_answer,
)
from evalkit.scorers.judge.replies import JudgeSays, sum_up_judges
from evalkit.scorers.judge.seal import is_sealed
from evalkit.scorers.options import SuiteFile
from evalkit.scorers.outcome import expected_texts, missing_target, not_applicable
from evalkit.text.script import is_japanese

UNSCORABLE = "unscorable: "
"""How the reason of a score begins that no judge's reply made a number of"""
Many = Annotated[int, Field(ge=1, le=50)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """What one or several models say of an answer.

    A score on a scale (`rubric`), a label, yes/no `questions`, or which of two answers is better (`pairwise`, asked in
    both orders). Judges are arms of models.yaml; replies are kept, priced and replayed like answers. One that cannot be
    read (no JSON, null, "8/10", off the scale), and a call that failed, is unscorable: counted, never 0, and INVALID
    above `max_error_rate`. Of several judges the median counts, or yes where more than half say so; each judge's own
    figure is a part under its name. Until `evalkit judge check` has held it against at least 50 labels of people a
    judge is advisory: its gates are INCONCLUSIVE.
    """

    VERSION: ClassVar[str] = "1"

    judge: str | tuple[str, ...]
    """Who judges: a name in models.yaml (or provider:model), or several"""
    kind: Literal["rubric", "label", "questions", "pairwise"] = "rubric"
    """What is asked for"""
    criteria: str = ""
    """What is good, in words; may be a template over the row: `{{ extra.rubric }}`"""
    scale: tuple[float, float] = (1.0, 5.0)
    """rubric: the worst and the best score"""
    whole: bool = True
    """rubric: scores are whole numbers"""
    labels: tuple[str, ...] = ()
    """label: the labels"""
    questions: Mapping[str, str] = field(default_factory=dict)
    """questions: a name each, and the question"""
    passes: float | tuple[str, ...] | None = None
    """rubric: the lowest score that passes; label: the labels that pass"""
    no_is_good: tuple[str, ...] = ()
    """questions: names of those to which `no` is the good answer"""
    against: Literal["other", "target"] = "other"
    """pairwise: the other arm's answer, or the row's target"""
    reference: bool = False
    """Whether the judge is shown the row's target"""
    language: Literal["auto", "ja", "en"] = "auto"
    """Of the prompt; auto: Japanese where most questions of the rows are"""
    prompt: JudgePrompt | None = None
    """Another prompt: one of ours by name (`rubric.ja`), or a file beside the suite"""
    pattern: str | None = None
    """For a prompt of your own that asks for no JSON: a regular expression whose group is the score or the label"""
    asks: Many = 1
    """How often each judge is asked the same"""
    temperature: float | None = 0.0
    """Of the judge; its own `generate` in models.yaml goes before"""
    max_tokens: Annotated[int, Field(ge=1)] | None = 1024
    """The longest reply"""
    seed: int | None = None
    """Of the judge's draws; further draws take the next seeds"""
    reply: Literal["auto", "json_schema", "text"] = "auto"
    """Whether the server is told the JSON Schema of a reply; auto: where it can be"""
    self_judging: Literal["refused", "allowed"] = "refused"
    """Whether a judge may be one of the arms it judges"""
    calibration: SuiteFile | None = None
    """What `evalkit judge check -o FILE` wrote"""

    def __post_init__(self) -> None:
        faults = option_faults(self)
        if faults:
            raise ValueError("; ".join(faults))

    @property
    def names(self) -> tuple[str, ...]:
        """Who judges, one or several."""
        return (self.judge,) if isinstance(self.judge, str) else self.judge

    @property
    def version(self) -> str:
        """The version of the numbers, with the prompt's name, version and digest."""
        return f"{self.VERSION} {self._prompt.name} {self._prompt.version} sha256:{self._prompt.sha256[:12]}"

    @property
    def judging(self) -> Judging:
        """Whom it asks, and how."""
        decides = {
            "version": self.VERSION, "kind": self.kind, "criteria": self.criteria, "prompt": self._prompt.sha256,
            "scale": self.scale, "whole": self.whole, "labels": self.labels, "questions": dict(self.questions),
            "passes": self.passes, "no_is_good": self.no_is_good, "against": self.against, "reference": self.reference,
            "pattern": self.pattern, "asks": self.asks, "temperature": self.temperature,
        }  # fmt: skip
        return Judging(
            judges=self.names,
            kind=self.kind,
            prompt=self._prompt.told,
            digest=digest(decides),
            reads={
                "scale": list(self.scale) if self.kind == "rubric" else [0.0, 1.0],
                "whole": self.whole,
                "passes": list(self.passes) if isinstance(self.passes, tuple) else self.passes,
                "labels": list(self.labels),
                "no_is_good": list(self.no_is_good),
                "parts": [metric.part for metric in self._kind.metrics()],
            },
            pairs=self.kind == "pairwise" and self.against == "other",
            self_judging=self.self_judging == "allowed",
            schemas=None if self.reply == "auto" else self.reply == "json_schema",
            sampling={"temperature": self.temperature, "max_tokens": self.max_tokens, "seed": self.seed},
            calibration=_read_calibration(self.calibration),
        )

    def with_targets(self, examples: Sequence[Example]) -> Judge:
        """Return the judge with its prompt's language, as the rows are written."""
        if self.language != "auto":
            return self
        texts = [turn.content for one in examples for turn in one.messages if turn.role == "user"]
        japanese = [is_japanese(text) for text in texts if isinstance(text, str)]
        language: Literal["ja", "en"] = "ja" if japanese and 2 * sum(japanese) > len(japanese) else "en"
        return dataclasses.replace(self, language=language)

    def metrics(self) -> Sequence[Metric]:
        """List the judgement's numbers, and of several judges each one's."""
        together = self._kind.metrics()
        if len(self.names) == 1:
            return together
        apart = [_of_one(metric, judge) for judge in self.names for metric in together]
        return (*together, *apart)

    def check(self, example: Example) -> Sequence[str]:
        """Check that the prompt can be written, with a target where it shows one."""
        faults = missing_target(example) if self.reference or self.against == "target" else ()
        try:
            _ = faults or self._write(example, "", "")
        except ValueError as error:
            return (str(error),)
        return faults

    def ask_judges(self, example: Example, response: Response, other: Response | None) -> Sequence[Question]:
        """Write every question about this answer, for every judge, order and draw."""
        answer = shown_answer(response)
        against = "" if self.kind != "pairwise" else self._other(example, other)
        if against is None:
            return ()
        schema = reply_schema(self._kind) if self.pattern is None else None
        texts = {
            order: self._write(example, *((answer, against) if order in ("", FIRST) else (against, answer)))
            for order in self._kind.orders
        }
        return [
            Question(judge=judge, text=text, order=order, draw=draw, schema=schema)
            for judge in self.names
            for draw in range(self.asks)
            for order, text in texts.items()
        ]

    def score(self, example: Example, response: Response) -> Score:
        """Say that nobody was asked: replies are read by `score_replies`."""
        return self._unscorable(example, response, "no judge was asked", {})

    def score_replies(self, example: Example, response: Response, replies: Sequence[Reply]) -> Score:
        """Read the replies, strictly; the evidence holds each as it came."""
        if not replies:
            return not_applicable(example, response, self.version, reason="there is no other answer to compare with")
        says, together = sum_up_judges(self._kind, replies, pattern=self.pattern)
        evidence: dict[str, Json] = {
            "prompt": self._prompt.told,
            "judges": {name: _tell(one) for name, one in says.items()},
        }
        evidence["replies"] = [_tell_reply(reply) for reply in replies]
        if not together:
            why = next((sentence for one in says.values() for sentence in one.unread), "no reply")
            return self._unscorable(example, response, why, evidence)
        parts: dict[str, float | None] = {part: value for part, value in together.items() if part}
        if len(self.names) > 1:
            for metric in self._kind.metrics():
                for judge in self.names:
                    parts[_of_one(metric, judge).part] = says[judge].values.get(metric.part)
        readings = [reading for one in says.values() for reading in one.readings]
        return Score(
            example_id=example.id, scorer="", version=self.version, value=together[""], parts=parts,
            evidence=evidence, repeat=response.repeat, reading=readings[0] if len({*readings}) == 1 else None,
        )  # fmt: skip

    def _unscorable(self, example: Example, response: Response, why: str, evidence: Mapping[str, Json]) -> Score:
        return Score(
            example_id=example.id, scorer="", version=self.version, status="ERROR", reason=f"{UNSCORABLE}{why}",
            repeat=response.repeat, evidence=evidence,
        )  # fmt: skip

    def _other(self, example: Example, other: Response | None) -> str | None:
        if self.against == "target":
            return keep_inside(expected_texts(example)[0])
        return None if other is None or other.failure is not None else shown_answer(other)

    def _write(self, example: Example, answer: str, against: str) -> str:
        reference = "\n".join(expected_texts(example)) if self.reference else None
        values: dict[str, Any] = {
            **prompt_values(example, reference=reference),
            "criteria": keep_inside(fill_criteria(self.criteria, example)),
            "low": f"{self.scale[0]:g}", "high": f"{self.scale[1]:g}", "whole": self.whole,
            "labels": list(self.labels), "questions": dict(self.questions),
        }  # fmt: skip
        pair = {"answer_a": answer, "answer_b": against} if self.kind == "pairwise" else {"answer": answer}
        return self._prompt.write({**values, **pair})

    @property
    def _prompt(self) -> PromptFile:
        language = "en" if self.language == "auto" else self.language
        return read_prompt(self.prompt or f"{self.kind}.{language}")

    @property
    def _kind(self) -> JudgementKind:
        return build_kind(self)


def _of_one(metric: Metric, judge: str) -> Metric:
    part = f"{metric.part}.{judge}" if metric.part else judge
    return dataclasses.replace(metric, part=part, about=f"{metric.about} ({judge} alone)")


def _tell(one: JudgeSays) -> dict[str, Json]:
    told: dict[str, Json] = {"values": dict(one.values), "readings": list(one.readings)}
    if one.unread:
        told["unread"] = list(one.unread)
    if one.consistent:
        told["consistent"] = list(one.consistent)
    return told


def _tell_reply(reply: Reply) -> dict[str, Json]:
    failure = reply.response.failure
    told: dict[str, Json] = {"judge": reply.question.judge, "asked": reply.asked}
    told |= {"order": reply.question.order} if reply.question.order else {}
    told |= {"draw": reply.question.draw} if reply.question.draw else {}
    if failure is not None:
        return {**told, "failure": failure.kind}
    usage = reply.response.usage
    spent = {"usage": {"input": usage.input, "output": usage.output}} if usage is not None else {}
    return {**told, "text": reply.response.text or "", **spent}


def _read_calibration(path: Any) -> Mapping[str, Json]:
    if path is None:
        return {}
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("figures"), dict):
        what = f"calibration: {path} is no calibration of a judge"
        raise UsageError(Problem(what=what, todo=f"write it: evalkit judge check LABELS -o {path.name}"))
    if not is_sealed(found):
        what = f"calibration: {path} is not as it was written: it was changed, or made by another version"
        raise UsageError(Problem(what=what, todo=f"write it again: evalkit judge check LABELS -o {path.name}"))
    return found
