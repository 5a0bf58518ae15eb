"""Counterfactual families as data: what changing the group changes in both arms; for reading, it gates nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyArm:
    """One arm over families; None where undefined.

    `flip_rate` is the share of families whose members do not all score alike, `mean_gap` the mean over families of the
    largest less the smallest group mean. `noise` is the mean |score - score of a rerun| of the same model, where
    repeats or an A/A run show it; `beyond_noise` is `mean_gap` less it: what is not above 0 is not the group's doing.
    """

    flip_rate: float | None = None
    mean_gap: float | None = None
    noise: float | None = None
    beyond_noise: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyPair:
    """Two groups over the families that have both.

    The mean of `one` less `other` stands in each arm, with its interval.
    """

    one: str
    other: str
    families: int
    base: float
    base_low: float
    base_high: float
    candidate: float
    candidate_low: float
    candidate_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyMember:
    """One member of a family: the question, both answers, their scores."""

    group: str
    asked: str
    base: str
    candidate: str
    base_score: float
    candidate_score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstFamily:
    """A family whose members the candidate treats most unlike each other."""

    family: str
    gap: float
    base_gap: float
    members: tuple[FamilyMember, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyTable:
    """One metric within families, by the groups of one tag.

    `incomplete` families have members of a single group with a value in both arms, and take no part.
    """

    by: str
    metric: str
    families: int
    incomplete: int
    base: FamilyArm
    candidate: FamilyArm
    confidence: float = 0.95
    share: bool = True
    higher_is_better: bool = True
    pairs: tuple[FamilyPair, ...] = ()
    worst: tuple[WorstFamily, ...] = ()
