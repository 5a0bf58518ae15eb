"""Who judged: identities, prompt, calls, tokens and money, for the report and for the gates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from evalkit.core.exchange import Json, Response
from evalkit.core.fingerprint import digest
from evalkit.core.judging import Judging
from evalkit.pipeline.arms.price import price_of
from evalkit.pipeline.asking.run_arm import OpenArm
from evalkit.pipeline.judging.judges import Judges, judging_of
from evalkit.pipeline.judging.questions import Place, QuestionAsked, judge_generate
from evalkit.pipeline.suites.prepare import Prepared

Replies = Mapping[tuple[str, str, int], Response]
"""Judge, id and draw of what was asked -> what came back"""


def judge_digest(how: Judging, judge: OpenArm) -> str:
    """Return the identity of a judge: the model with its own sampling."""
    own = judge_generate(how, judge).model_dump(mode="json", exclude_defaults=True)
    return digest([judge.model.identity.fingerprint, own])


def facts_of_judging(
    prepared: Prepared, cases: Iterable[Mapping[Place, list[QuestionAsked]]], replies: Replies, judges: Judges
) -> dict[str, Json]:
    """Return the facts of every scorer that asks judges.

    They are the same whether replies were asked now or kept: what they cost stands with them.
    """
    asked: dict[str, dict[str, dict[tuple[str, int], None]]] = {}
    for one in cases:
        for (scorer, _, _), questions in one.items():
            for each in questions:
                judge = asked.setdefault(scorer, {}).setdefault(each.question.judge, {})
                judge[each.request.example_id, each.request.repeat] = None
    found: dict[str, Json] = {}
    for named in prepared.judging_scorers:
        how = judging_of(named)
        found[named.name] = {
            "kind": how.kind,
            "prompt": dict(how.prompt),
            "digest": how.digest,
            "reads": dict(how.reads),
            "judges": {
                name: {
                    **_who(how, judges[name]),
                    **_sum_spending(
                        judges[name], [replies[name, *key] for key in asked.get(named.name, {}).get(name, ())]
                    ),
                }
                for name in how.judges
            },
            **({"calibration": dict(how.calibration)} if how.calibration else {}),
        }
    return found


def _who(how: Judging, judge: OpenArm) -> dict[str, Json]:
    identity = judge.model.identity
    recorded = {"recording": identity.details["recording"]} if "recording" in identity.details else {}
    return {
        "provider": identity.provider,
        "model": identity.model,
        "fingerprint": identity.fingerprint,
        "digest": judge_digest(how, judge),
        **recorded,
    }


def _sum_spending(judge: OpenArm, replies: list[Response]) -> dict[str, Json]:
    """Calls and what they took; a figure that no reply knows is null."""
    money = price_of(judge.arm.spec, judge.model)
    usages = [one.usage for one in replies if one.usage is not None]
    costs = [cost for usage in usages if (cost := money.price(usage)) is not None]
    failed = Counter(one.failure.kind for one in replies if one.failure is not None)
    tokens_in = [usage.input for usage in usages if usage.input is not None]
    tokens_out = [usage.output for usage in usages if usage.output is not None]
    return {
        "calls": len(replies),
        "failed": dict(sorted(failed.items())),
        "tokens_in": sum(tokens_in) if tokens_in else None,
        "tokens_out": sum(tokens_out) if tokens_out else None,
        "cost_usd": sum(costs) if costs else None,
    }
