"""The figures of a judge on answers made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from evalkit.pipeline.judge_check.answers import Court, JudgedAnswer
from evalkit.pipeline.judge_check.figures import figures_of_part
from evalkit.pipeline.labels import ArmName


def answer(
    at: int, arm: ArmName, value: float, people: float | None, *, tag: str = "x", length: int = 10
) -> JudgedAnswer:
    said = {} if people is None else {"": people}
    return JudgedAnswer(
        case=("s", f"c{at}"), arm=arm, tags={"lang": tag}, length=length, values={"": value}, people=said, labels=None,
        draws={"j": ("a",)}, consistent={"j": (True,) if value != 0.5 else (False,)},
    )  # fmt: skip


def court(kind: str, answers: list[JudgedAnswer], *, scale: tuple[float, float] = (0.0, 1.0)) -> Court:
    reads: dict[str, Any] = {
        "scale": scale,
        "whole": True,
        "passes": None,
        "labels": [],
        "no_is_good": [],
        "parts": [""],
    }
    about = {"kind": kind, "reads": reads, "judges": {"j": {}}}
    return Court(scorer="q", about=about, answers=tuple(answers), unscorable=0, notes=())


def figures(kind: str, answers: list[JudgedAnswer], **more: Any) -> dict[str, Any]:
    found = figures_of_part(court(kind, answers, **more), "")
    assert found is not None
    return found


def test_a_pair_that_draws_or_judges_split_is_the_nearest_of_three() -> None:
    values = [0.0, 0.25, 0.75, 1.0] * 15
    found = figures("pairwise", [answer(i, "candidate", value, float(value > 0.5)) for i, value in enumerate(values)])
    assert sum(map(sum, found["confusion"]["counts"])) == 60
    assert found["n"] == 60


def test_half_scores_of_several_judges_are_the_nearest_step() -> None:
    values = [1.5, 2.5, 4.5] * 20
    found = figures("rubric", [answer(i, "base", v, round(v) * 1.0) for i, v in enumerate(values)], scale=(1.0, 5.0))
    assert sum(map(sum, found["confusion"]["counts"])) == 60
    assert found["kappa"]["weights"] == "quadratic"


def test_a_leaning_that_changes_sign_between_groups_is_named() -> None:
    rows = [answer(i, "base", float(i % 2 == 0), float(i % 2), tag=("ja", "en")[i % 2]) for i in range(80)]
    assert figures("label", rows)["sign_changes"] == {"lang": {"lenient": ["ja"], "strict": ["en"]}}
    even = [answer(i, "base", float(i % 3 > 0), float(i % 4 > 0), tag=("ja", "en")[i % 2]) for i in range(80)]
    assert figures("label", even)["sign_changes"] == {}


def test_a_judge_that_favours_one_arm_leans_to_it() -> None:
    rows = [answer(i, "candidate", 1.0, float(i % 2)) for i in range(60)]
    rows += [answer(i, "base", float(i % 2), float(i % 2)) for i in range(60)]
    arms = figures("label", rows)["arms"]
    assert arms["value"] == pytest.approx(0.5)
    assert arms["low"] > 0.3


def test_rates_are_mended_by_the_labels_of_some() -> None:
    """PPI++ by its formula: lam F_U + (Y - lam F), the judge too lenient by a fifth of all."""
    rows = [answer(i, "candidate", float(i % 5 > 0), float(i % 5 > 1) if i < 50 else None) for i in range(500)]
    rate = figures("label", rows)["rates"]["candidate"]
    assert rate["judge"] == pytest.approx(0.8)
    assert (rate["labelled"], rate["judged"]) == (50, 450)
    assert rate["value"] == pytest.approx(0.6, abs=1e-9)
    assert rate["low"] < 0.6 < rate["high"]
    everyone = figures("label", [answer(i, "candidate", 1.0, 1.0) for i in range(60)])["rates"]["candidate"]
    assert (everyone["value"], everyone["reason"]) == (None, "every answer is labelled")
