"""How much an answer is in a style that no rule describes: learned from pairs, and only as good as it proves to be."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from evalkit.core.exchange import Example, Json, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.options import SuiteFile
from evalkit.scorers.outcome import answer_text, score_of
from evalkit.scorers.style.learn import Learned, Report, learn_style
from evalkit.scorers.style.pairs import StylePair, drop_held_out, read_pairs, read_texts

FLOOR, LEAST = 0.8, 100


@dataclass(frozen=True, kw_only=True)
class StyleLike:
    """1 when the answer is more probably in the style than not, else 0.

    The style is learned from `pairs`: an answer in it (a training completion) and one that is not (the base's) to the
    same prompt. Pairs whose prompt is a held-out row are left out. How well it tells texts apart is measured on prompts
    that it did not learn from, and stands in the evidence of each case: AUC with its interval, what length alone or
    markup alone would tell, AUC against near misses that it did not learn from, calibration error. No gate takes it
    where the lower bound of the AUC is below .8 (that against near misses too), or fewer than 100 texts taught it.
    """

    VERSION: ClassVar[str] = "2"

    pairs: SuiteFile
    """JSON lines: `prompt`, `styled` (or `chosen`), `plain` (or `rejected`)"""
    near: SuiteFile | None = None
    """Near misses of the style, one text a line (or JSON lines with `text`): it learns that they are none, too"""
    held_out: tuple[str, ...] = ()
    """Prompts that nothing may be learned from, beside those of the suite's own rows"""

    def __post_init__(self) -> None:
        _ = self._pairs

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def with_targets(self, examples: Sequence[Example]) -> StyleLike:
        """Return the scorer that learns from no prompt of these rows."""
        asked = [turn.content for one in examples for turn in one.messages if turn.role == "user"]
        texts = tuple(text for text in asked if isinstance(text, str))
        return dataclasses.replace(self, held_out=tuple(dict.fromkeys((*self.held_out, *texts))))

    def metrics(self) -> Sequence[Metric]:
        """List yes/no, and the probability."""
        return (
            Metric(about="the answer is more probably in the learned style than not"),
            Metric(part="probability", binary=False, low=0.0, high=1.0, about="calibrated probability of the style"),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check nothing: no target is needed."""
        return ()

    def score(self, example: Example, response: Response) -> Score:
        """Ask the learned style how probable the answer is."""
        text = answer_text(response)
        sure = self.learned.probability(text) if text.strip() else 0.0
        evidence = {"probability": round(sure, 4), "learned": self.figures}
        return score_of(
            example, response, self.version, float(sure > 0.5), parts={"probability": sure}, evidence=evidence
        )

    @property
    def not_to_gate(self) -> str:
        """Why no gate may judge this style; empty where one may."""
        if 2 * len(self._usable) < LEAST:
            return f"it was learned from {2 * len(self._usable)} texts, fewer than {LEAST}"
        report = self.report
        told = f"{report.auc.value:.3f} [{report.auc.low:.3f}, {report.auc.high:.3f}]"
        if report.auc.low < FLOOR:
            return f"on prompts it did not learn from its AUC is {told}: the lower bound is under {FLOOR:g}"
        if report.near is not None and report.near.low < FLOOR:
            near = report.near
            return (
                f"against the near misses its AUC is {near.value:.3f} [{near.low:.3f}, {near.high:.3f}]: the lower "
                f"bound is under {FLOOR:g}"
            )
        return ""

    @property
    def report(self) -> Report:
        """How well the style tells texts apart."""
        return self.learned.report

    @property
    def figures(self) -> dict[str, Json]:
        """The report as it stands in the evidence."""
        report = self.report
        out: dict[str, Json] = {
            "texts": report.n,
            "auc": [round(one, 4) for one in (report.auc.value, report.auc.low, report.auc.high)],
            "auc_of_length_only": round(report.length_only, 4),
            "auc_of_markup_only": round(report.markup_only, 4),
            "ece": round(report.ece, 4),
        }
        if report.near is not None:
            out["auc_of_near_misses"] = [
                round(one, 4) for one in (report.near.value, report.near.low, report.near.high)
            ]
        if len(self._usable) < len(self._pairs):
            out["left_out_as_held_out"] = len(self._pairs) - len(self._usable)
        return out

    @cached_property
    def learned(self) -> Learned:
        """The style, learned when it is first needed."""
        usable = self._usable
        texts = [text for pair in usable for text in (pair.styled, pair.plain)]
        near = read_texts(self.near) if self.near is not None else ()
        prompts = [pair.prompt for pair in usable for _ in range(2)]
        return learn_style(texts, [True, False] * len(usable), prompts, near=near)

    @cached_property
    def _pairs(self) -> list[StylePair]:
        found = read_pairs(self.pairs)
        if len({pair.prompt for pair in found}) < 10:
            raise ValueError(f"{self.pairs} has pairs of fewer than 10 prompts: nothing can be learned and held out")
        return found

    @cached_property
    def _usable(self) -> list[StylePair]:
        return drop_held_out(self._pairs, self.held_out)
