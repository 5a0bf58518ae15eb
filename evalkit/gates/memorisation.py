"""The gate on memorised training data: text of a training completion that an answer says again word for word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from evalkit.core.blocks import Block, Table
from evalkit.core.columns import Comparison
from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Estimate, Fault, Finding, GateWords, State
from evalkit.gates import words
from evalkit.gates.expected import Forecast, Outlook, draft_forecast
from evalkit.gates.finding import BROKEN_SHOWN
from evalkit.gates.gate import Gate, GateContext, Part
from evalkit.gates.settle import SETTLE
from evalkit.gates.training_rows import ASK_THEM, ASKED, PREFIX, why_none, why_unsound
from evalkit.text.completions import begun_of, completion_of
from evalkit.text.verbatim import GIVEN, NO_RUN, TEMPLATE, Corpus, Phrases, VerbatimRun, longest_possible, overlap

METRIC = "memorisation"
HELD_OUT = "held_out"
"""Answers to held-out rows, which may say training data again as well"""
_WAYS = {ASKED: "as it stands", PREFIX: "completion begun", HELD_OUT: "held-out rows"}
_COUNTED = "the longest run is a length, and nothing is estimated"
_SHOWN, _EXCERPT = 20, 120


@dataclass(slots=True, kw_only=True)
class _Read:
    """What one arm said in one way: the run of every row, and what could not be read."""

    runs: dict[str, VerbatimRun] = field(default_factory=dict)
    overlaps: list[float] = field(default_factory=list)
    read: int = 0
    failed: int = 0

    def take(self, responses: Sequence[Response]) -> Iterator[str]:
        """Count the answers to one row, and yield those that say something."""
        for response in responses:
            self.failed += response.failure is not None
            answer = _answer(response)
            if answer.strip():
                self.read += 1
                yield answer

    def over(self, most: int) -> dict[str, VerbatimRun]:
        return {name: run for name, run in self.runs.items() if run.size > most}

    @property
    def longest(self) -> int:
        return max((run.size for run in self.runs.values()), default=0)

    @property
    def overlap(self) -> float | None:
        return sum(self.overlaps) / len(self.overlaps) if self.overlaps else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Texts:
    """The completions of the training rows, and what explains a run in an answer."""

    corpus: Corpus
    completions: Mapping[str, str]
    templates: Phrases

    def explain(self, example: Example) -> tuple[Phrases, Phrases]:
        return self.templates, Phrases(GIVEN).add([*_prompt_of(example), begun_of(example)])


class Memorisation(Gate):
    """Limits the longest run of training text in the candidate's answers.

    What right answers or prompts of held-out rows say too, and what the row was given, does not count.
    """

    scored: ClassVar[bool] = False
    alone: ClassVar[bool] = True
    on_training: ClassVar[bool] = True
    words: ClassVar[GateWords] = GateWords(
        missing=dict.fromkeys(("low", "high", "p", "p_adjusted", "mde", "n_needed", "fixed", "broken"), _COUNTED),
        faults={"FLOOR_FAIL": Fault(rank=6, said="training data is said word for word")},
    )

    type: Literal["memorisation"]
    max_run: Annotated[int, Field(ge=1)]
    """Characters of a run that may stand in an answer, without spaces and without what does not count"""
    max_rows: Annotated[int, Field(ge=0)] = 0
    """Rows whose answers may hold a longer one"""

    def judge(self, context: GateContext) -> Sequence[Finding]:
        """Return one finding: the longest run of the candidate, beside that of the base."""
        comparison = context.view.comparison
        asked = comparison.training.get(ASKED)
        if asked is None or not asked.examples:
            return (self._draft(context, "INCONCLUSIVE", why_none(comparison)),)
        limit = context.view.policy.max_error_rate
        ways = {ASKED: asked, **({PREFIX: comparison.training[PREFIX]} if PREFIX in comparison.training else {})}
        unsound = [why for one in ways.values() if (why := why_unsound(one, limit=limit, arms=("candidate",)))]
        texts = _texts(comparison, asked)
        ways[HELD_OUT] = comparison
        base, found = _read_arms(texts, ways)
        state, because = self._decide(found, base, texts, asked, unsound)
        return (self._draft(context, state, because, found=found, base=base, texts=texts, asked=asked),)

    def forecast(self, ask: Outlook, index: int) -> Sequence[Forecast]:
        """Say how many held-out cases it will look at beside the training rows."""
        return [draft_forecast(ask, self.type, index, METRIC)]

    def parts(self, levels: Mapping[str, Sequence[str]]) -> Sequence[Part]:
        """Return one test."""
        return (Part(label=f"max_run {self.max_run}"),)

    @classmethod
    def sections(cls, findings: Sequence[Finding]) -> Sequence[tuple[str, Sequence[Block]]]:
        """Return both arms by the way they were asked, and the longest runs."""
        arms: list[tuple[str, ...]] = []
        rows: list[tuple[str, ...]] = []
        for finding in findings:
            arms += _arm_rows(finding.details.get("arms"))
            shown = finding.details.get("shown")
            rows += [tuple(map(str, row)) for row in shown] if isinstance(shown, list) else []
        heads = ("Arm", "Way", "Answers", "Longest run", "Rows over", "Overlap of 4 words")
        about = Table(heading="What is said again of training rows", columns=heads, rows=tuple(arms))
        columns = ("Case", "Way", "Characters", "In training rows", "Text")
        which = Table(heading="The longest runs of the candidate", columns=columns, rows=tuple(rows))
        return [("Memorisation", [about, which] if rows else [about])] if arms else []

    def _decide(
        self,
        found: Mapping[str, _Read],
        base: Mapping[str, _Read],
        texts: _Texts,
        asked: Comparison,
        unsound: Sequence[str],
    ) -> tuple[State, str]:
        over: dict[str, VerbatimRun] = {}
        for name, run in [item for one in found.values() for item in one.over(self.max_run).items()]:
            over[name] = max(over.get(name, NO_RUN), run, key=lambda one: one.size)
        before = max(one.longest for one in base.values())
        beside = f" (the longest of the base: {before:,})" if any(one.read for one in base.values()) else ""
        if len(over) > self.max_rows:
            worst = sorted(over, key=lambda name: -over[name].size)
            told = (
                f"answers to {words.count(len(over), 'row')} say more than {self.max_run:,} characters of training data"
            )
            longest = f"the longest run has {over[worst[0]].size:,}{beside}"
            return (
                "FLOOR_FAIL",
                f"{told} word for word: {longest}; at most {self.max_rows:,} may: {words.listing(worst)}.",
            )
        if unsound:
            return "INCONCLUSIVE", unsound[0]
        silent = [_WAYS[way] for way, one in found.items() if not one.read and way != HELD_OUT]
        if silent:
            return (
                "INCONCLUSIVE",
                f"no answer of the candidate to training rows could be read ({' and '.join(silent)}).",
            )
        most = max(longest_possible(texts.completions[one.id], explained=texts.explain(one)) for one in asked.examples)
        if most <= self.max_run:
            told = f"no training completion has more than {most:,} characters that count"
            return "INCONCLUSIVE", f"{told}, so that max_run {self.max_run:,} cannot fail: lower it."
        failed = sum(one.failed for one in found.values())
        if failed:
            told = f"{words.count(failed, 'call')} failed, and what they would have said is not known"
            return "INCONCLUSIVE", f"{told}; ask again."
        return "PASS", self._fine(found, beside, clean=not over)

    def _fine(self, found: Mapping[str, _Read], beside: str, *, clean: bool) -> str:
        answers = words.count(sum(one.read for one in found.values()), "answer")
        longest = max(one.longest for one in found.values())
        told = f"the longest run of training data in {answers} has {longest:,} characters{beside}"
        share = 1 - 0.05 ** (1 / found[ASKED].read)
        bound = f"; a share of up to {share:.2%} of training rows is not ruled out (95 %)" if clean else ""
        return f"{told}: at most {self.max_run:,} may{bound}."

    def _draft(
        self,
        context: GateContext,
        state: State,
        because: str,
        *,
        found: Mapping[str, _Read] | None = None,
        base: Mapping[str, _Read] | None = None,
        texts: _Texts | None = None,
        asked: Comparison | None = None,
    ) -> Finding:
        over = sorted(
            ((way, name, run) for way, one in (found or {}).items() for name, run in one.over(self.max_run).items()),
            key=lambda item: (-item[2].size, item[0], item[1]),
        )
        estimate = _estimate(_longest(found), _longest(base), rows=len(asked.examples) if asked else 0)
        estimate = replace(estimate, confidence=context.view.confidence)
        is_open = state == "INCONCLUSIVE" and "failed" in because
        shown = [
            [name, _WAYS[way], run.size, texts.corpus.count_holding(run.text) if texts else 0, run.text[:_EXCERPT]]
            for way, name, run in over[:_SHOWN]
        ]
        return Finding(
            gate=self.type,
            estimate=estimate,
            state=state,
            because=because,
            margin=float(self.max_run),
            gate_index=context.index,
            flags=("failed_calls",) * is_open,
            examples=tuple(dict.fromkeys(name for _, name, _ in over))[:BROKEN_SHOWN],
            details={
                "counted": True,
                **({SETTLE: ASK_THEM} if state == "INCONCLUSIVE" else {}),
                "unit": "characters",
                "max_rows": self.max_rows,
                "rows_over": len({name for _, name, _ in over}),
                "arms": {
                    arm: {way: _figures(one, self.max_run) for way, one in ways.items()}
                    for arm, ways in (("base", base or {}), ("candidate", found or {}))
                },
                "shown": shown,
            },
        )


def _estimate(mine: float | None, its: float | None, *, rows: int) -> Estimate:
    return Estimate(
        metric=METRIC,
        n=rows,
        n_clusters=rows,
        base=its,
        candidate=mine,
        delta=None if mine is None or its is None else mine - its,
        higher_is_better=False,
        binary=False,
        method="every answer",
    )


def _longest(arm: Mapping[str, _Read] | None) -> float | None:
    """The longest run of an arm; None where not one of its answers could be read."""
    if not arm or not any(one.read for one in arm.values()):
        return None
    return float(max(one.longest for one in arm.values()))


def _figures(one: _Read, most: int) -> dict[str, Any]:
    return {
        "read": one.read,
        "failed": one.failed,
        "longest": one.longest,
        "rows_over": len(one.over(most)),
        "overlap": one.overlap,
    }


def _arm_rows(arms: object) -> Iterator[tuple[str, ...]]:
    for arm, ways in arms.items() if isinstance(arms, Mapping) else ():
        for way, one in ways.items():
            share = "–" if one["overlap"] is None else words.value(one["overlap"], share=True)
            yield str(arm).capitalize(), _WAYS[way], str(one["read"]), str(one["longest"]), str(one["rows_over"]), share


def _texts(comparison: Comparison, asked: Comparison) -> _Texts:
    """The completions of the sample; what held-out rows say is a template."""
    completions = {example.id: completion_of(example) for example in asked.examples}
    templates = Phrases(TEMPLATE).add(_prompts(comparison))
    for example in comparison.examples:
        templates.add([*_prompt_of(example), completion_of(example), *example.choices])
    return _Texts(corpus=Corpus([*completions.values()]), completions=completions, templates=templates)


def _prompts(comparison: Comparison) -> Iterator[str]:
    """The suite's prompt, and those of the arms: every row is given them."""
    spec = comparison.manifest.get("spec")
    told: list[object] = [spec.get("prompt") if isinstance(spec, Mapping) else None]
    told += [
        model.details.get(name) for model in (comparison.base, comparison.candidate) for name in ("system", "prompt")
    ]
    for one in told:
        yield from map(str, one.values()) if isinstance(one, Mapping) else [str(one or "")]


def _prompt_of(example: Example) -> list[str]:
    """What a row says to the model; of an answer that was begun, the begin as well."""
    out = []
    for message in example.messages:
        parts = message.content if isinstance(message.content, tuple) else ()
        out += [message.content] if isinstance(message.content, str) else [str(part.get("text", "")) for part in parts]
    return out


def _read_arms(texts: _Texts, ways: Mapping[str, Comparison]) -> tuple[dict[str, _Read], dict[str, _Read]]:
    """What base and candidate said in every way; their answers are held against the texts in one go."""
    arms: tuple[dict[str, _Read], dict[str, _Read]] = ({}, {})
    asked: list[tuple[_Read, str]] = []
    answers: list[tuple[str, Sequence[Phrases]]] = []
    for way, comparison in ways.items():
        explained = {example.id: texts.explain(example) for example in comparison.examples}
        for arm, responses in zip(arms, (comparison.base_responses, comparison.candidate_responses), strict=True):
            out = arm[way] = _Read()
            for example in comparison.examples:
                for answer in out.take(responses.get(example.id, ())):
                    rest = texts.completions.get(example.id, "")[len(begun_of(example)) :]
                    share = overlap(rest, answer) if rest else None
                    out.overlaps += [] if share is None else [share]
                    asked.append((out, example.id))
                    answers.append((answer, explained[example.id]))
    for (out, name), run in zip(asked, texts.corpus.find_runs(answers), strict=True):
        out.runs[name] = max(out.runs.get(name, NO_RUN), run, key=lambda one: one.size)
    return arms


def _answer(response: Response) -> str:
    """Everything that a user or a tool gets of an answer."""
    calls = [f"{call.name} {call.arguments}" for call in response.tool_calls]
    return "\n".join(filter(None, [response.text or "", *calls]))
