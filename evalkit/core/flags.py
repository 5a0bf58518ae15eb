"""The flags of findings: one table of what each means, and where a reader meets it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Flag = Literal[
    "advisory", "ahead", "alarm", "below_noise", "early_stop", "ended", "equivalent", "failed_calls", "few_clusters",
    "gap", "guards_nothing", "judge_trusted", "judges_disagree", "looks_worse", "material", "maximum", "no_group_worse",
    "nothing_changed", "nothing_to_lose", "not_side_by_side", "one_reading", "one_sided", "ratio", "reversed",
    "tolerated_drop", "too_few", "too_small", "undecided", "underpowered", "unknown", "unproven", "unread",
    "unsteady", "waived", "waiver_exceeded", "waiver_expired",
]  # fmt: skip
"""A refinement of a finding's state; the gates of packages may have their own"""

FLAGS: Mapping[Flag, tuple[str, str]] = {
    "advisory": ("a judge that people have not been found to agree with: it proves nothing", "its sentence"),
    "ahead": ("the group stands better only because another fell", "its sentence"),
    "alarm": ("a slice under correction: it fails only by a regression that stays proven", "JSON (`alarm`)"),
    "below_noise": ("the margin is smaller than the noise of the base against itself", "its sentence"),
    "early_stop": ("decided by the looks of an early stop, not by the fixed test", "its sentence, notes"),
    "ended": ("cut or filtered answers could turn the state", "its sentence"),
    "equivalent": ("the whole interval lies within the margin, on both sides", "its sentence"),
    "failed_calls": ("failed calls leave it open", "its sentence"),
    "few_clusters": ("fewer than 60 clusters: sparse effects may be missed", "its sentence"),
    "gap": ("judged by the gap itself (`max_gap`), not by its growth", "its sentence"),
    "guards_nothing": ("the margin is wider than all that the base could lose", "its sentence"),
    "judge_trusted": ("an advisory judge gates because a waiver says so", "its sentence"),
    "judges_disagree": ("one of several judges would say otherwise", "its sentence, page"),
    "looks_worse": ("worse in figures, though not proven", "terminal, Markdown, JUnit, page"),
    "material": ("the drop is proven to be larger than the margin", "its sentence"),
    "maximum": ("judged by a ceiling, not by a ratio", "figures without a difference"),
    "no_group_worse": ("every group gained, one by less", "its sentence"),
    "nothing_changed": ("not one case changed: the binomial alone decides", "its sentence"),
    "nothing_to_lose": (
        "the base is at the worst end: no drop of that size can happen",
        "its sentence, with what to look at",
    ),
    "not_side_by_side": ("seconds of arms that were not asked side by side", "its sentence, with what to do"),
    "one_reading": ("one value is read, or one text said, to everything", "its sentence, notes, with what to look at"),
    "one_sided": ("too many cases have a value in one arm only", "its sentence"),
    "ratio": ("figures are relative changes: `delta` is the ratio less 1", "percent signs"),
    "reversed": ("the gap changed sides", "its sentence"),
    "tolerated_drop": ("a drop is proven, and smaller than the margin", "terminal, its sentence"),
    "too_few": ("fewer cases than an exact argument needs", "its sentence"),
    "too_small": ("fewer cases than `min_n`", "its sentence"),
    "undecided": ("a slice that passes only because nothing was proven", "chip of its own everywhere"),
    "underpowered": ("the smallest difference that could be told is larger than the margin", "JSON"),
    "unknown": ("what the gate is about was not measured", "its sentence"),
    "unproven": ("the level is met and not proven", "its sentence"),
    "unread": ("most answers could not be read", "its sentence, notes, with what to look at"),
    "unsteady": (
        "the mean stayed, and every repeat is proven to be right less often; no gate looks at that",
        "its sentence, with what to do",
    ),
    "waived": ("a waiver stands over it", "notes, with owner and end"),
    "waiver_exceeded": ("the drop is larger than a waiver over it allows", "notes, its sentence"),
    "waiver_expired": ("a waiver over it has ended", "notes, its sentence"),
}
"""Flag -> what it means, where it is shown"""
