"""What each section shows of a comparison, and when it says nothing."""

from __future__ import annotations

import dataclasses
import re

import pytest
from report_world import comparison, finding, verdict

from evalkit.core.blocks import Bars, Matrix, Prose, Table
from evalkit.core.columns import Comparison
from evalkit.core.ports import Section
from evalkit.core.verdict import Finding, SuiteVerdict, Verdict
from evalkit.gates.fairness import Fairness
from evalkit.report.kinds import SECTIONS
from evalkit.report.renderers.plot import plot
from evalkit.report.sections import (
    cost,
    coverage,
    decisions,
    findings,
    metrics,
    notes,
    parts,
    schema_errors,
    slices,
)


@pytest.fixture(scope="module")
def compared() -> Comparison:
    return comparison()


@pytest.fixture(scope="module")
def decided(compared: Comparison) -> Verdict:
    return verdict([compared])


def only(*found: Finding) -> Verdict:
    suite = SuiteVerdict(name="s", outcome="FAIL", findings=found, metrics=())
    return Verdict(version="1", outcome="FAIL", base="a", candidate="b", suites=(suite,))


def test_every_section_is_a_section_and_silent_about_a_suite_that_was_not_compared() -> None:
    for name in SECTIONS:
        section = SECTIONS.load(name)
        assert isinstance(section, Section), name
        assert list(section.blocks(None, only())) == [], name


def test_findings_come_gravest_first_and_quiet_slices_apart(compared: Comparison, decided: Verdict) -> None:
    loud, quiet = findings.blocks(compared, decided)
    assert isinstance(loud, Table)
    assert isinstance(quiet, Table)
    assert [row[0] for row in loud.rows] == ["REGRESSION"] * 3 + ["IMPROVED", "PASS", "PASS"]
    assert {row[3] for row in quiet.rows} == {"intent = cancel", "intent = delivery", "intent = invoice"}
    assert all(loud.details)
    assert loud.bars[0] is not None
    assert (loud.bars[0].high < 0, loud.bars[0].margin) == (True, 0.05)


def test_where_lower_is_better_the_plot_still_has_better_on_the_right() -> None:
    worse = finding(
        gate="no_regression",
        metric="toxic",
        state="REGRESSION",
        base=0.1,
        candidate=0.3,
        delta=0.2,
        low=0.1,
        high=0.3,
        higher_is_better=False,
    )
    (table,) = findings.blocks(None, only(worse))
    assert isinstance(table, Table)
    assert table.bars[0] is not None
    assert (table.bars[0].low, table.bars[0].value, table.bars[0].high) == (-0.3, -0.2, -0.1)
    assert table.rows[0][6] == "+20.0 pp", "the figure keeps its own direction"


def test_free_numbers_are_not_drawn_on_the_axis_of_shares() -> None:
    longer = finding(
        gate="no_regression", metric="length", state="PASS", base=80, candidate=90, delta=10, low=5, high=15
    )
    (table,) = findings.blocks(None, only(longer))
    assert isinstance(table, Table)
    assert table.bars == (None,)


def test_every_metric_row_has_its_interval(compared: Comparison, decided: Verdict) -> None:
    (table,) = metrics.blocks(compared, decided)
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == ["answer", "calls", "ticket"], "what is worse first"
    assert all(re.fullmatch(r"\[[+-][\d.]+, [+-][\d.]+\]", row[4]) for row in table.rows)
    assert all(bar is not None for bar in table.bars)


def test_parts_stand_apart_and_those_without_a_value_are_named(decided: Verdict) -> None:
    suite = decided.suites[0]
    ticket = next(item for item in suite.metrics if item.metric == "ticket" and item.slice is None)
    valid = dataclasses.replace(ticket, metric="ticket.valid")
    empty = dataclasses.replace(ticket, metric="ticket.repaired", n=0, delta=None)
    more = dataclasses.replace(suite, metrics=(*suite.metrics, valid, empty))
    alone = dataclasses.replace(decided, suites=(more,))
    (main,) = metrics.blocks(None, alone)
    (table,) = parts.blocks(None, alone)
    assert isinstance(main, Table)
    assert isinstance(table, Table)
    assert [row[0] for row in main.rows] == ["answer", "calls", "ticket"]
    assert [row[0] for row in table.rows] == ["ticket.valid"]
    assert table.note == "No case has a value of: ticket.repaired."


def test_what_the_suite_puts_around_every_case_is_shown(compared: Comparison, decided: Verdict) -> None:
    manifest = {"spec": {"prompt": {"system": "You sell lamps.", "user": None}}}
    found = coverage.blocks(dataclasses.replace(compared, manifest=manifest), decided)
    assert [(b.heading, b.text) for b in found[2:] if isinstance(b, Prose)] == [
        ("System prompt of the suite", "You sell lamps.")
    ]


def test_a_heat_map_a_tag_coloured_only_where_the_interval_excludes_zero(
    compared: Comparison, decided: Verdict
) -> None:
    intent, language = slices.blocks(compared, decided)
    assert isinstance(intent, Matrix)
    assert isinstance(language, Matrix)
    assert (intent.heading, intent.rows) == ("intent", ("refund", "cancel", "delivery", "invoice"))
    refund = intent.tones[intent.rows.index("refund")]
    assert refund[intent.columns.index("answer")] == "bad"
    assert intent.tones[1][0] == "unsure"
    assert intent.text[0][0].startswith("-60.0 pp\n[")


def test_fairness_draws_the_change_of_each_groups_gap() -> None:
    found = finding(gate="fairness", metric="ticket", state="PASS", delta=0.01, low=-0.02, high=0.04, margin=0.05)
    ((title, (bars,)),) = Fairness.sections([found])
    assert title == "Fairness"
    assert isinstance(bars, Bars)
    assert (bars.bars[0].label, bars.bars[0].margin) == ("ticket · all groups", 0.05)


def test_a_gap_may_grow_in_both_directions_so_both_margins_are_drawn() -> None:
    gap = finding(
        gate="fairness",
        metric="ticket",
        state="REGRESSION",
        delta=0.09,
        low=0.0003,
        high=0.18,
        margin=0.05,
    )
    (table,) = findings.blocks(None, only(gap))
    assert isinstance(table, Table)
    drawn = plot(table.bars)
    assert drawn is not None
    mark = drawn.marks[0]
    assert mark is not None
    assert mark.margins[0] < mark.zero < mark.margins[1] < mark.value
    assert mark.margins[1] - mark.zero == pytest.approx(mark.zero - mark.margins[0], abs=0.2)
    assert "neither side is better" in table.note
    assert "[+0.03, +18.0]" in table.rows[0]
    assert mark.label.endswith("+9.0 [+0.03, +18.0]")


def test_another_gate_has_its_margin_on_the_worse_side() -> None:
    drop = finding(gate="no_regression", metric="x", state="PASS", delta=0.0, low=-0.02, high=0.03, margin=0.05)
    (table,) = findings.blocks(None, only(drop))
    assert isinstance(table, Table)
    drawn = plot(table.bars)
    assert drawn is not None
    assert drawn.marks[0] is not None
    assert [x < drawn.marks[0].zero for x in drawn.marks[0].margins] == [True]
    assert "neither side" not in table.note


def test_cost_shows_means_and_totals_and_never_zero_for_unknown(compared: Comparison, decided: Verdict) -> None:
    (table,) = cost.blocks(compared, decided)
    assert isinstance(table, Table)
    assert table.rows[0][0] == "Latency"
    assert table.rows[0][1].endswith(" s")
    assert not cost.blocks(compared, only())


def test_schema_errors_are_counted_by_place_and_rule_in_each_arm(compared: Comparison, decided: Verdict) -> None:
    (table,) = schema_errors.blocks(compared, decided)
    assert isinstance(table, Table)
    assert {row[:3] for row in table.rows} == {("ticket", "/priority", "enum"), ("ticket", "/product/id", "enum")}
    wrong = sum(bool(s[0].evidence) for s in compared.base_scores["ticket"].values())
    assert sum(int(row[3]) for row in table.rows) == wrong


def test_decisions_stand_against_what_was_expected(compared: Comparison, decided: Verdict) -> None:
    (matrix,) = decisions.blocks(compared, decided)
    assert isinstance(matrix, Matrix)
    assert matrix.rows == ("expected: call",)
    assert matrix.columns == ("call", "abstain", "malformed", "refusal")
    base, candidate = (int(part) for part in matrix.text[0][0].split(" → "))
    assert matrix.tones[0][0] == ("bad" if candidate < base else "good")
    assert matrix.cells[0][0] == candidate


def test_same_prompts_are_counted_not_claimed(compared: Comparison, decided: Verdict) -> None:
    proof, arms = coverage.blocks(compared, decided)
    assert isinstance(proof, Prose)
    assert isinstance(arms, Table)
    assert proof.text.endswith("159 of 159 prompt digests (SHA-256) are equal.")
    other = dict(compared.candidate_responses)
    other["t-000"] = (dataclasses.replace(other["t-000"][0], prompt_sha256="other"),)
    other["t-001"] = (dataclasses.replace(other["t-001"][0], prompt_sha256=None),)
    differing = coverage.blocks(dataclasses.replace(compared, candidate_responses=other), decided)[0]
    assert isinstance(differing, Prose)
    assert (differing.text, differing.tone) == ("1 prompts differ.", "bad")
    unsound = coverage.blocks(dataclasses.replace(compared, unsound=("other prompts",)), decided)[0]
    assert isinstance(unsound, Prose)
    assert (unsound.text, unsound.tone) == ("other prompts", "bad")
    assert ("Failed calls", "0", "1 (timeout 1)") in arms.rows


def test_a_waiver_shows_owner_date_and_reason() -> None:
    about = {"owner": "ana", "expires": "2026-12-31", "reason": "known", "state": "REGRESSION"}
    (table,) = notes.blocks(None, only(finding(gate="floor", metric="m", state="WAIVED", details={"waiver": about})))
    assert isinstance(table, Table)
    assert table.rows == (("floor[m]", "ana", "2026-12-31", "known"),)
