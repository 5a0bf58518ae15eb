"""A small world to draw: a support desk in two languages, a sound candidate or one that broke things."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from evalkit.core.columns import Column, Comparison, Coverage, PairedColumn
from evalkit.core.exchange import Example, Failure, Message, ModelIdentity, Response, ToolCall, Usage
from evalkit.core.verdict import Estimate, Finding, Score, SuiteVerdict, Verdict
from evalkit.gates.decide import decide, estimates, outcome
from evalkit.gates.kinds import GATES
from evalkit.suite.spec import SuiteSpec

HOSTILE = "</script><img src=x onerror=\"document.title='owned'\"><!-- & \u2028"

SPEC = SuiteSpec.model_validate(
    {
        "evalkit": 1,
        "name": "support-desk",
        "description": "Tickets in English and Japanese: a structured ticket, a tool call or none, a polite tone.",
        "dataset": {"path": "x.jsonl"},
        "scorers": {"answer": {"type": "exact"}, "ticket": {"type": "json_schema"}, "calls": {"type": "tool_calls"}},
        "slices": [{"by": "intent", "min_n": 10}, {"by": "language", "min_n": 10}],
        "gates": [
            {"type": "must_improve", "metric": "ticket"},
            {"type": "no_regression", "metric": "answer", "margin": 0.05},
            {"type": "no_regression", "metric": "calls", "margin": 0.05},
            {"type": "no_regression", "metric": "answer", "margin": 0.05, "slices": ["intent"], "min_n": 10},
            {"type": "floor", "metric": "ticket", "min": 0.7},
            {"type": "budget", "metric": "latency_p50", "max_ratio": 1.5},
        ],
    }
)

ASKED = {
    "refund": (
        "I ordered lamp {n} and it came broken. I want my money back.",
        "注文{n}番のランプが壊れて届きました。返金してください。",
    ),
    "delivery": ("Where is my parcel {n}? It was due on Monday.", "荷物{n}番はどこですか。月曜日に届くはずでした。"),
    "cancel": ("Please cancel order {n} before it ships.", "注文{n}番を発送前に取り消してください。"),
    "invoice": (
        "I need an invoice for order {n} with our VAT number.",
        "注文{n}番の請求書を会社名義で発行してください。",
    ),
}
ANSWER = {
    "refund": (
        "I am sorry about the lamp. Your refund of order {n} is on its way.",
        "大変申し訳ございません。注文{n}番の返金手続きをいたしました。",
    ),
    "delivery": ("Parcel {n} left our depot and arrives tomorrow.", "荷物{n}番は発送済みで、明日到着の予定です。"),
    "cancel": (
        "Order {n} is cancelled, nothing will be charged.",
        "注文{n}番を取り消しました。料金は発生いたしません。",
    ),
    "invoice": (
        "The invoice of order {n} was sent to your mailbox.",
        "注文{n}番の請求書をメールでお送りいたしました。",
    ),
}
WRONG = {
    "refund": (
        "Refunds are not possible for lamps. Order {n} stays as it is.",
        "返金はできない。注文{n}番はそのままだ。",
    ),
    "delivery": ("Parcel {n} is probably somewhere.", "荷物{n}番は知らない。"),
    "cancel": ("Order {n} has shipped. Hello! Hello!", "注文{n}番は発送済みです。お問い合わせは別の窓口へ。"),
    "invoice": ("We do not write invoices for {n}.", "請求書{n}番は発行できません。"),
}


FIGURES = frozenset(field.name for field in dataclasses.fields(Estimate)) - {"because"}


def finding(**given: Any) -> Finding:
    """A finding from its fields and those of its estimate, with the words of its gate."""
    figures = {name: given.pop(name) for name in FIGURES & given.keys()}
    gate = given.setdefault("gate", "no_regression")
    words = GATES.load(gate).words  # type: ignore[attr-defined]
    given.setdefault("state", "PASS")
    return Finding(estimate=Estimate(**{"metric": "answer", **figures}), words=words, **given)


def comparison(*, n: int = 160, seed: int = 3, worse: bool = True, suite: str = "support-desk") -> Comparison:
    """`worse`: the candidate writes better tickets but forgets refunds; otherwise it is better or alike everywhere."""
    dice = random.Random(seed)
    examples, answers, scores = [], ({}, {}), ({}, {})  # type: ignore[var-annotated]
    intents, numbers = list(ASKED), {"answer": ([], []), "ticket": ([], []), "calls": ([], [])}  # type: ignore[var-annotated]
    for at in range(n):
        intent, japanese = intents[at % 4], at % 3 == 0
        examples.append(_example(at, intent, japanese))
        lost = worse and intent == "refund"
        for arm, chances in enumerate(((0.85, 0.55, 0.9), (0.35 if lost else 0.88, 0.85, 0.75 if worse else 0.92))):
            right = [dice.random() < chance for chance in chances]
            if arm == 1 and not lost and dice.random() < 0.8:
                right[0] = bool(numbers["answer"][0][-1])
            for name, value in zip(numbers, right, strict=True):
                numbers[name][arm].append(float(value))
            answers[arm][f"t-{at:03}"] = (_response(at, intent, japanese, right, dice),)
            for name, score in _scores(at, right).items():
                scores[arm].setdefault(name, {})[f"t-{at:03}"] = (score,)
    failed = "t-007"
    answers[1][failed] = (Response(example_id=failed, failure=Failure(kind="timeout", message="no answer in 60 s")),)
    columns = {name: _paired(name, *values, failed=7) for name, values in numbers.items()}
    columns["latency_s"] = _latency(answers, [example.id for example in examples])
    return Comparison(
        suite=suite,
        base=ModelIdentity(
            name="base", provider="openai", model="SmolLM2-135M", fingerprint="a" * 64, details={"dtype": "f32"}
        ),
        candidate=ModelIdentity(name="ft-model", provider="openai", model="SmolLM2-135M", fingerprint="b" * 64),
        examples=tuple(examples),
        clusters=tuple(example.unit for example in examples),
        columns=columns,
        levels={
            "intent": [example.tags["intent"] for example in examples],
            "language": [example.tags["language"] for example in examples],
        },
        coverage=Coverage(examples=n, asked=n, candidate_failed=1, candidate_failures={"timeout": 1}),
        notes=("base: replayed from a recording of 2026-11-20.",),
        base_responses=answers[0],
        candidate_responses=answers[1],
        base_scores=scores[0],
        candidate_scores=scores[1],
        manifest={"spec": SPEC.model_dump(mode="json")},
    )


def verdict(
    comparisons: Sequence[Comparison], *, spec: SuiteSpec = SPEC, models: Mapping[str, Any] | None = None
) -> Verdict:
    """The verdict that the gates really give."""
    suites = []
    for item in comparisons:
        findings = decide(item, spec, today=dt.date(2026, 11, 21))
        suites.append(
            SuiteVerdict(
                name=item.suite,
                outcome=outcome(findings, spec.policy),
                findings=findings,
                metrics=estimates(item, spec),
                description=spec.description,
                examples=len(item.examples),
            )
        )
    worst = next(name for name in ("INVALID", "FAIL", "INCONCLUSIVE", "PASS") if any(s.outcome == name for s in suites))
    return Verdict(
        version="0.1.0",
        outcome=worst,
        base="base",
        candidate="ft-model",
        suites=tuple(suites),
        because=next((f.because for s in suites for f in s.findings if f.state == "REGRESSION"), ""),
        models=models or {},
    )


def _example(at: int, intent: str, japanese: bool) -> Example:
    text = ASKED[intent][japanese].format(n=at)
    return Example(
        id=f"t-{at:03}",
        messages=(
            Message(
                role="system", content="You are the friendly support desk of a lamp shop. Answer politely and briefly."
            ),
            Message(role="user", content=HOSTILE + text if at == 4 else text),
        ),
        target=ANSWER[intent][japanese].format(n=at),
        tags={"intent": intent, "language": "ja" if japanese else "en"},
        cluster=f"template-{at % 40}",
    )


def _response(at: int, intent: str, japanese: bool, right: Sequence[bool], dice: random.Random) -> Response:
    text = (ANSWER if right[0] else WRONG)[intent][japanese].format(n=at)
    arguments = {"order": at if right[2] else str(at), "notify": True, "language": "ja" if japanese else "en"}
    return Response(
        example_id=f"t-{at:03}",
        text=text + (HOSTILE if at == 4 else ""),
        tool_calls=(ToolCall(name=f"open_{intent}", arguments=json.dumps(arguments)),),
        finish="stop",
        usage=Usage(input=40, output=20),
        latency_s=round(dice.uniform(0.3, 0.5), 3),
        prompt_sha256=f"{at:064x}",
    )


def _scores(at: int, right: Sequence[bool]) -> dict[str, Score]:
    pointer = ("/priority", "/product/id")[at % 2]
    errors = [{"keyword": "enum", "pointer": pointer, "message": "not one of the allowed"}]
    evidence: dict[str, dict[str, Any]] = {
        "answer": {},
        "ticket": {} if right[1] else {"parse": "strict", "errors": errors},
        "calls": {"decision": "call" if right[2] or at % 3 else "malformed", "expected": "call"},
    }
    reasons = {"ticket": f"breaks the schema at {pointer}", "calls": "open_refund.order is a text", "answer": "differs"}
    return {
        name: Score(
            example_id=f"t-{at:03}",
            scorer=name,
            version="1",
            value=float(hit),
            reason="" if hit else reasons[name],
            evidence=evidence[name],
        )
        for name, hit in zip(evidence, right, strict=True)
    }


def _paired(name: str, base: list[float], candidate: list[float], *, failed: int) -> PairedColumn:
    return PairedColumn(metric=name, base=_column(base), candidate=_column(candidate, failed=failed))


def _column(values: list[float], *, failed: int | None = None) -> Column:
    raw = np.array(values)[:, None]
    lost = np.zeros(raw.shape, dtype=bool)
    if failed is not None:
        lost[failed] = True
    return Column(raw=np.where(lost, 0.0, raw), scored=~lost, failed=lost, errors=np.zeros(raw.shape, dtype=bool))


def _latency(answers: Any, ids: Sequence[str]) -> PairedColumn:
    arms = [[(answers[arm][i][0].latency_s or 0.0) for i in ids] for arm in (0, 1)]
    return PairedColumn(
        metric="latency_s",
        base=_column(arms[0]),
        candidate=_column(arms[1], failed=7),
        higher_is_better=False,
        binary=False,
    )
