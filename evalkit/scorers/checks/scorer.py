"""The scorer of a row's own checks: all must pass, or enough of their weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from evalkit.core.exchange import Example, Json, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.checks.nouns import Check, CheckedAnswer, CheckResult
from evalkit.scorers.checks.read import read_checks
from evalkit.scorers.given import UNSCORABLE
from evalkit.scorers.outcome import answer_text, not_applicable, score_of

CHECKS = "checks"
THRESHOLD = "threshold"
"""Keys of a row"""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """1 when every check of the row passes, else 0.

    With a `threshold`, 1 when checks of so much of the weight pass.

    A row's `checks` is a list, each with one key that says what is checked: `equals`, `contains`, `contains_any`,
    `starts_with`, `ends_with`, `regex`, `json_valid`, `json_path`, `schema`, `number`, `similarity`, `max_chars`,
    `min_words`, `max_sentences`, `language`, `refusal`, `tool_called`, `tool_not_called`, `latency_below`,
    `cost_below`, `given`, or `any`, `all`, `none` and `not` of other checks; `not_` in front turns one around. The
    other keys are options of the scorer of that kind, a `weight` (1) and a `name`. A row's `threshold` wins over the
    suite's. A check whose figure is not known (no latency, no price, no given score) leaves the answer unscorable. An
    answer without words and calls is wrong, whatever it does not contain, unless a check asks for nothing.
    """

    VERSION: ClassVar[str] = "1"

    checks: tuple[dict[str, Any], ...] = ()
    """Checks of every row, beside its own"""
    threshold: float = 1.0
    """Share of the weight that must pass, above 0 up to 1; 1 means every check"""
    empty: Literal["wrong", "judged", "scored"] = "wrong"
    """Of an answer without words or calls: wrong, judged as any other, or scored so and no proof if most are"""
    on_missing: Literal["error", "skip"] = "error"
    """What a row without checks is: a mistake in the data, or none of this scorer's business"""

    def __post_init__(self) -> None:
        if not 0 < self.threshold <= 1:
            raise ValueError(f"threshold must be above 0 and at most 1, not {self.threshold:g}")
        if self.checks and (problems := read_checks(list(self.checks))[1]):
            raise ValueError("; ".join(problems))

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """List the pass, the share of the weight, and whether there was an answer.

        The share is that of the weight that passed.
        """
        return (
            Metric(about="the checks pass"),
            Metric(part="share", binary=False, low=0.0, high=1.0, about="share of the checks' weight that passes"),
            Metric(part="read", about="there is an answer: words or a tool call"),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check that the row has checks and that they can be read."""
        own = example.extra.get(CHECKS)
        if own is None:
            nothing = not self.checks and self.on_missing == "error"
            return ("it has no `checks`",) if nothing else ()
        problems = list(read_checks(own)[1])
        share = example.extra.get(THRESHOLD)
        if share is not None and (problem := _wrong_share(share)):
            problems.append(problem)
        return problems

    def score(self, example: Example, response: Response) -> Score:
        """Judge every check; where costs are checked, `score_priced` knows them."""
        return self.score_priced(example, response, cost=None)

    def score_priced(self, example: Example, response: Response, *, cost: float | None) -> Score:
        """Judge every check of an answer that cost so many USD.

        The cost is None where no price is known.
        """
        checks = self._checks(example)
        if not checks:
            return not_applicable(example, response, self.version, reason="the row has no checks")
        answer = CheckedAnswer(example=example, response=response, cost=cost)
        told = [check.judge(answer) for check in checks]
        unknown = [one.because for one in told if one.passed is None]
        if unknown:
            return Score(
                example_id=example.id,
                scorer="",
                version=self.version,
                status="ERROR",
                reason=UNSCORABLE + "; ".join(dict.fromkeys(unknown)),
                repeat=response.repeat,
            )
        read = bool(response.refusal or response.tool_calls or answer_text(response).strip())
        nothing = not read and self.empty == "wrong" and not any(check.takes_nothing for check in checks)
        share = 0.0 if nothing else _share(checks, told)
        failed = [_show(check, one) for check, one in zip(checks, told, strict=True) if not one.passed]
        reason = "; ".join(f"{one['check']}{f' ({because})' if (because := one['because']) else ''}" for one in failed)
        return score_of(
            example,
            response,
            self.version,
            not nothing and self._is_enough(example, checks, told, share),
            parts={"share": share, "read": float(read)},
            reason="there is no answer" if nothing else reason and f"failed: {reason}",
            evidence={"checks": len(checks), "failed": failed},
        )

    def _checks(self, example: Example) -> tuple[Check, ...]:
        own = example.extra.get(CHECKS)
        mine = read_checks(list(self.checks))[0] if self.checks else ()
        if own is None:
            return mine
        found, problems = read_checks(own)
        if problems:
            raise ValueError(f"example {example.id!r}: {problems[0]}")
        return (*mine, *found)

    def _is_enough(self, example: Example, checks: Sequence[Check], told: Sequence[CheckResult], share: float) -> bool:
        """Whether so much passes; of 1 every check that counts, whatever share those that stand together are worth."""
        least = self._threshold(example)
        if least == 1:
            return all(one.passed for check, one in zip(checks, told, strict=True) if check.weight)
        return share >= least - _ROUNDING

    def _threshold(self, example: Example) -> float:
        own = example.extra.get(THRESHOLD) if CHECKS in example.extra else None
        return self.threshold if own is None else float(own)


def _share(checks: Sequence[Check], told: Sequence[CheckResult]) -> float:
    """The share of the weight; a check of weight 0 is shown and does not count."""
    total = sum(check.weight for check in checks)
    passed = sum(check.weight * one.worth for check, one in zip(checks, told, strict=True))
    return passed / total if total else 0.0


def _show(check: Check, told: CheckResult) -> dict[str, Json]:
    return {"check": check.label, "because": told.because, **({"weight": check.weight} if check.weight != 1 else {})}


def _wrong_share(share: Json) -> str:
    fine = isinstance(share, (int, float)) and not isinstance(share, bool) and 0 < share <= 1
    return "" if fine else f"`threshold` must be a number above 0 and at most 1, not {share!r}"
