"""Gold data before it judges anybody: held against itself, and against models that do nothing or always the same."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from evalkit.core.errors import Problem, count_of
from evalkit.core.exchange import Example, Response
from evalkit.core.ports import Scorer
from evalkit.scorers.doubts import find_doubts
from evalkit.scorers.json_schema.scorer import JsonSchema
from evalkit.scorers.tool_calls import gold as calls
from evalkit.scorers.tool_calls.scorer import ToolCalls

Scorers = Mapping[str, tuple[Scorer, Callable[[Example], bool]]]
"""scorer name -> (scorer, whether it applies to an example)"""

_MOST_TOLD = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What an answer without thought passes of a metric.

    `passed` of `n` examples that the scorer gives a value.
    """

    scorer: str
    model: str
    """do-nothing (an empty answer), always-call (the first tool, no arguments) or always-same (the commonest target)"""
    passed: int
    n: int

    @property
    def share(self) -> float:
        """Between 0 and 1; 0 of nothing is 0."""
        return self.passed / self.n if self.n else 0.0


def gold_problems(
    examples: Sequence[Example],
    scorers: Scorers,
    *,
    max_mindless: float = 0.5,
    fine_tuned: bool = False,
    parallel_tool_calls: bool | None = None,
) -> tuple[Problem, ...]:
    """Find what to look at before the numbers of a suite are believed.

    Targets that break their own schema or fail their own matcher; scorers of structure that a mindless model passes by
    more than `max_mindless`; tools that OpenAI's strict mode refuses (`fine_tuned`: some candidate is a fine-tuned
    model of theirs).
    """
    found: list[Problem] = []
    for name, (scorer, applies) in scorers.items():
        mine = [example for example in examples if applies(example)]
        found += _tell(name, [f"{e.id}: {text}" for e in mine for text in gold_of_example(scorer, e)])
        found += _tell(name, find_doubts(scorer, mine))
        found += [
            Problem(
                what=f"scorer {name!r}: {sentence}",
                todo="say `empty_counts: true` if answering with nothing should earn credit there",
            )
            for sentence in idle_targets(scorer, mine)
        ]
    found += [
        _mindless(baseline, max_mindless) for baseline in baselines(examples, scorers) if baseline.share > max_mindless
    ]
    found += _strict(examples, fine_tuned=fine_tuned, parallel=parallel_tool_calls)
    return tuple(found)


def gold_of_example(scorer: Scorer, example: Example) -> tuple[str, ...]:
    """Say why a target's own scorer would not pass it.

    Empty where it would, and for scorers without structure.
    """
    if isinstance(scorer, ToolCalls):
        return calls.problems_of_example(example, scorer)
    if isinstance(scorer, JsonSchema) and not scorer.check(example) and example.target is not None:
        target = example.target
        text = target if isinstance(target, str) else json.dumps(target, ensure_ascii=False)
        score = scorer.score(example, Response(example_id=example.id, text=text))
        return () if score.value in (1.0, None) else (f"its own target does not pass: {score.reason}",)
    return ()


def idle_targets(scorer: Scorer, examples: Sequence[Example]) -> tuple[str, ...]:
    """Find targets that are empty altogether.

    The right answer to them earns nothing; one sentence where there are any.
    """
    if not isinstance(scorer, JsonSchema):
        return ()
    idle = [example.id for example in examples if scorer.has_empty_target(example)]
    if not idle:
        return ()
    first = ", ".join(idle[:3]) + (", …" if len(idle) > 3 else "")
    return (
        f"{len(idle)} of {count_of(len(examples), 'target')} {'is' if len(idle) == 1 else 'are'} empty altogether "
        f"({first}): agreeing on nothing earns nothing there, and anything else is wrong (empty_counts: false)",
    )


def baselines(examples: Sequence[Example], scorers: Scorers) -> tuple[Baseline, ...]:
    """Score what doing nothing passes of every scorer of structure.

    Beside it always calling of tool calls, and one answer of JSON.
    """
    found: list[Baseline] = []
    for name, (scorer, applies) in scorers.items():
        mine = [e for e in examples if applies(e) and not scorer.check(e)]
        if isinstance(scorer, (ToolCalls, JsonSchema)):
            found.append(_baseline(name, "do-nothing", scorer, mine, lambda e: Response(example_id=e.id, text="")))
        if isinstance(scorer, ToolCalls):
            found.append(_baseline(name, "always-call", scorer, mine, calls.always_call))
        if isinstance(scorer, JsonSchema):
            found.append(_baseline(name, "always-same", scorer, mine, _always(_commonest(mine))))
    return tuple(found)


def _baseline(
    name: str, model: str, scorer: Scorer, examples: Sequence[Example], answer: Callable[[Example], Response]
) -> Baseline:
    values = [scorer.score(example, answer(example)).value for example in examples]
    return Baseline(scorer=name, model=model, passed=values.count(1.0), n=len(values) - values.count(None))


def _always(text: str) -> Callable[[Example], Response]:
    return lambda example: Response(example_id=example.id, text=text)


def _commonest(examples: Sequence[Example]) -> str:
    """The target that most examples share, the first of equals; empty where no two share one."""
    targets = (e.target for e in examples if e.target is not None)
    texts = Counter(t if isinstance(t, str) else json.dumps(t, ensure_ascii=False, sort_keys=True) for t in targets)
    common = max(texts, key=texts.__getitem__, default="")
    return common if texts[common] > 1 else ""


def _mindless(baseline: Baseline, most: float) -> Problem:
    return Problem(
        what=f"scorer {baseline.scorer!r}: the {baseline.model} model passes {baseline.passed} of {baseline.n} cases",
        allowed=f"at most {most:.0%} (policy.max_mindless)",
        todo="add cases that such a model fails, or gate on a part (call_recall, overcall, f1) instead of the whole",
    )


def _tell(name: str, sentences: Sequence[str]) -> list[Problem]:
    more = len(sentences) - _MOST_TOLD
    told = [Problem(what=f"scorer {name!r}: {sentence}") for sentence in sentences[:_MOST_TOLD]]
    return told + ([Problem(what=f"scorer {name!r}: {more} more of this kind")] if more > 0 else [])


def _strict(examples: Sequence[Example], *, fine_tuned: bool, parallel: bool | None) -> list[Problem]:
    """Each distinct set of tools once."""
    seen: dict[str, tuple[str, ...]] = {}
    for example in examples:
        if example.tools:
            key = json.dumps(example.tools, sort_keys=True, default=dict)
            if key not in seen:
                seen[key] = calls.strict_problems(example.tools, fine_tuned=fine_tuned, parallel=parallel)
    sentences = dict.fromkeys(sentence for found in seen.values() for sentence in found)
    return [Problem(what=f"OpenAI strict mode: {sentence}") for sentence in sentences]
