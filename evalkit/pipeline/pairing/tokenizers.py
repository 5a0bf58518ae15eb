"""Figures by token: left out where both arms cut the same texts into other tokens."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from evalkit.core.ports import StretchScorer
from evalkit.core.sets import PairedSet
from evalkit.pipeline.asking.arm_result import ArmResult
from evalkit.pipeline.suites.prepare import Prepared
from evalkit.scorers.likelihood import BY_TOKEN


def find_cut_otherwise(prepared: Prepared, base: ArmResult, candidate: ArmResult, notes: list[str]) -> dict[str, str]:
    """Find the metrics a token that cannot be compared, each with the reason.

    They can where every text has the same tokens in both arms. Arms that do not say which are taken for different
    where their counts differ. It is told in the notes as well.
    """
    out: dict[str, str] = {}
    for named in prepared.scorers:
        if not isinstance(named.scorer, StretchScorer):
            continue
        differ, compared = _count(base, candidate, [one.id for one in prepared.examples if named.applies(one)])
        if differ:
            why = (
                f"the arms cut {differ} of {compared} texts into other tokens, and a figure a token holds only "
                f"within one tokenizer; {named.name}.bits_per_byte and {named.name}.word_perplexity compare across them"
            )
            out |= {f"{named.name}.{part}": why for part in BY_TOKEN}
    notes += [f"{name} is left out: {why}" for name, why in out.items()]
    return out


def without_figures(sets: Mapping[str, PairedSet], names: Mapping[str, str]) -> dict[str, PairedSet]:
    """Return the sets without some of their figures."""
    return {
        scorer: one
        if not names
        else dataclasses.replace(one, figures={name: f for name, f in one.figures.items() if name not in names})
        for scorer, one in sets.items()
    }


def _count(base: ArmResult, candidate: ArmResult, ids: list[str]) -> tuple[int, int]:
    """How many texts have other tokens, of how many that both arms measured."""
    differ = compared = 0
    for one_id in ids:
        for one, two in zip(base.answers.get(one_id, ()), candidate.answers.get(one_id, ()), strict=False):
            if one.choice_tokens and two.choice_tokens:
                compared += 1
                told = one.tokens_sha256 and two.tokens_sha256
                differ += one.tokens_sha256 != two.tokens_sha256 if told else one.choice_tokens != two.choice_tokens
    return differ, compared
