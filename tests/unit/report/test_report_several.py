"""Several candidates on one page: which to deploy, how each metric went, and the cases of every one."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from browser_pages import NEEDS_BROWSER, holds, ready
from report_world import comparison, verdict

from evalkit.core.blocks import Table, Trends
from evalkit.core.columns import Comparison
from evalkit.core.summary import Axis, Course, Summary
from evalkit.core.verdict import Verdict
from evalkit.pipeline.deciding.several import summarize
from evalkit.pipeline.options import CandidateResult
from evalkit.report import html_of_several
from evalkit.report.renderers.blob import unpack_page
from evalkit.report.renderers.trends import small_plots
from evalkit.report.sections.candidates import blocks, draw_trends

NAMES = ("step-50", "step-100", "step-150")
AXIS = Axis(
    name="step",
    places=(50.0, 100.0, 150.0),
    courses=(Course(name="training loss", points=tuple((float(at), 3.0 - at / 100) for at in range(10, 160, 10))),),
)


def results() -> list[CandidateResult]:
    """Three candidates; the second was not asked the last 40 cases."""
    out = []
    for name, worse, n in zip(NAMES, (True, False, True), (160, 120, 160), strict=True):
        compared = comparison(worse=worse, n=n)
        told = dataclasses.replace(verdict([compared]), candidate=name)
        out.append(CandidateResult(verdict=told, comparisons=(compared,)))
    return out


@pytest.fixture(scope="module")
def summary() -> Summary:
    return dataclasses.replace(summarize(results()), axis=AXIS)


@pytest.fixture(scope="module")
def report(summary: Summary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    drawn: list[tuple[Verdict, tuple[Comparison, ...], None]] = [
        (one.verdict, one.comparisons, None) for one in results()
    ]
    path = tmp_path_factory.mktemp("several") / "index.html"
    path.write_text(html_of_several(summary, drawn), encoding="utf-8")
    return path


def test_there_is_a_row_a_candidate_and_a_row_a_candidate_and_metric(summary: Summary) -> None:
    verdicts = [one.verdict for one in results()]
    outcomes, trends, figures = blocks(summary, verdicts, [{"support-desk": {"broken": 3}}, {}, {}])
    assert isinstance(outcomes, Table)
    assert [(row[0], row[1].removesuffix(" ★")) for row in outcomes.rows] == [
        (line.outcome, line.candidate) for line in summary.lines
    ]
    assert outcomes.links[0][4] == {"arm": "step-50", "suite": "support-desk", "group": "broken"}
    assert isinstance(figures, Table)
    told = [(row[1], row[2]) for row in figures.rows]
    assert told[:3] == [("answer", name) for name in NAMES], "candidates of a metric stand together"
    assert len(told) == len({*told})
    assert isinstance(trends, Trends)
    assert trends.trends[0].heading == "answer"


def test_an_axis_orders_the_points_and_a_loss_stands_beside() -> None:
    verdicts = [one.verdict for one in results()]
    block = draw_trends(verdicts, AXIS)
    assert [point.at for point in block.trends[0].points] == [50.0, 100.0, 150.0]
    assert block.trends[-1].heading == "training loss"
    first, *_, loss = small_plots(block)
    left, middle, right = (dot.x for dot in first.dots)
    assert middle - left == pytest.approx(right - middle, abs=0.2)
    assert loss.dots[-1].x == pytest.approx(right, abs=0.2), "one axis for all"
    assert loss.dots[0].y < loss.dots[-1].y, "a loss that falls goes down"
    for dot in first.dots:
        assert dot.low is not None
        assert dot.high is not None
        assert dot.high < dot.y < dot.low
    for spot in (dot for plot in small_plots(block) for dot in plot.dots):
        assert 0 <= spot.x <= first.width
        assert 0 <= spot.y <= first.height


def test_without_an_axis_candidates_stand_in_the_order_they_were_named() -> None:
    block = draw_trends([one.verdict for one in results()], None)
    assert block.ticks == ((1.0, "1"), (2.0, "2"), (3.0, "3"))
    assert draw_trends([results()[0].verdict], None).trends == (), "one point is no way"


def test_every_text_is_stored_once(report: Path) -> None:
    parts = unpack_page(report.read_text(encoding="utf-8"))
    (suite,) = parts["data"]["suites"]
    assert len(suite["ids"]) == len({*suite["ids"]}) == 160
    assert suite["arms"][1]["groups"].count("-") == 40
    assert sorted(suite["arms"][1]["order"]) != list(range(160))
    assert len(suite["arms"][1]["order"]) == 120
    whole = str(list(parts.values()))
    assert whole.count("注文60番のランプが壊れて届きました") == 1


@pytest.mark.usefixtures("browser")
class TestInTheBrowser:
    pytestmark = NEEDS_BROWSER

    def test_one_candidate_is_looked_at_and_every_other_is_a_click_away(self, page: Any) -> None:
        assert page.locator(".judged:visible").count() == 1
        page.locator(".arms a", has_text="step-150").click()
        holds(page, "document.querySelector('.judged:not([hidden])').dataset.name === 'step-150'")
        assert page.locator(".judged:visible .versus").inner_text() == "base → step-150"
        assert page.locator(".arms a[aria-current=true]").inner_text() == "step-150"

    def test_a_count_leads_to_the_cases_of_its_candidate(self, page: Any) -> None:
        page.locator(".beside a[href*='arm=step-150'][href*='metric=answer'][href*='group=broken']").click()
        cases = page.locator(".judged[data-name=step-150] .cases")
        cases.locator(".list li").first.wait_for()
        assert cases.locator(".picks [name=metric]").input_value() == "answer"
        assert cases.locator(".tabs .broken").get_attribute("aria-selected") == "true"

    def test_a_case_of_any_candidate_has_an_address(self, page: Any, report: Path) -> None:
        page.goto(f"{report.as_uri()}#arm=step-100&suite=support-desk&case=t-020")
        page.reload()
        ready(page)
        cases = page.locator(".judged[data-name=step-100] .cases")
        assert cases.locator(".detail header a").inner_text() == "t-020"
        answers = cases.locator(".detail .sides > .side > .text").all_inner_texts()
        page.keyboard.press("j")
        assert "arm=step-100" in page.url
        page.locator(".arms a", has_text="step-50").click()
        page.goto(f"{report.as_uri()}#arm=step-50&suite=support-desk&case=t-020")
        other = page.locator(".judged[data-name=step-50] .cases")
        other.locator(".detail header a", has_text="t-020").wait_for()
        assert other.locator(".detail .sides > .side > .text").all_inner_texts()[0] == answers[0], "one base"
        assert other.locator(".detail .sides > .side > .text").all_inner_texts()[1] != answers[1]

    def test_a_candidate_lists_the_cases_it_was_asked(self, page: Any, report: Path) -> None:
        page.goto(f"{report.as_uri()}#arm=step-100&suite=support-desk&group=all")
        page.reload()
        ready(page)
        assert page.locator(".judged:visible .tabs .all b").inner_text() == "120"
