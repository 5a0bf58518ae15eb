"""What cases look like together: distributions, groups, decisions, documents side by side; each count leads on."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser_pages import NEEDS_BROWSER, holds, ready
from report_world import comparison, verdict

from evalkit.core.columns import Column, Comparison, PairedColumn
from evalkit.report import html
from evalkit.report.numbers import numbers_of

pytestmark = NEEDS_BROWSER


def graded() -> Comparison:
    """A rating from 1 to 5 beside the yes/no metrics; two answers are JSON, one of them in a fence."""
    compared = comparison()
    n = len(compared.examples)
    no = np.zeros((n, 1), dtype=bool)
    rating = [np.array([[1.0 + (at * step) % 5] for at in range(n)]) for step in (1, 2)]
    base, candidate = (Column(raw=one, scored=~no, failed=no, errors=no) for one in rating)
    columns = {
        **compared.columns,
        "rating": PairedColumn(metric="rating", base=base, candidate=candidate, binary=False, low=1.0, high=5.0),
    }
    both = [dict(compared.base_responses), dict(compared.candidate_responses)]
    texts = ('{"priority": "high", "items": [{"sku": "A1"}]}', '```json\n{"priority": "low", "items": [], "x": 1}\n```')
    for arm, text in zip(both, texts, strict=True):
        arm["t-020"] = (dataclasses.replace(arm["t-020"][0], text=text),)
    return dataclasses.replace(compared, columns=columns, base_responses=both[0], candidate_responses=both[1])


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compared = graded()
    path = tmp_path_factory.mktemp("shapes") / "index.html"
    path.write_text(html(verdict([compared]), [compared]), encoding="utf-8")
    return path


def count(page: Any, group: str = "all") -> int:
    return int(page.locator(f".tabs .{group} b").inner_text().replace(",", ""))


def open_at(page: Any, report: Path, place: str) -> None:
    page.goto("about:blank")
    page.goto(f"{report.as_uri()}#{place}")
    ready(page)


def test_numbers_stand_in_the_order_of_the_cases() -> None:
    compared = graded()
    order = list(reversed(range(len(compared.examples))))
    found = {one.name: list(one.candidate) for one in numbers_of(compared, order)}
    assert set(found) == {"rating", "latency_s"}
    assert found["rating"][0] == compared.columns["rating"].candidate.values[-1]
    assert found["latency_s"][order.index(7)] is None, "a failed call took no time"


def test_distributions_count_every_case_that_is_listed(page: Any, report: Path) -> None:
    open_at(page, report, "suite=support-desk&group=all")
    page.locator(".shapes").scroll_into_view_if_needed()
    page.locator(".histogram").first.wait_for()
    figures = page.locator(".shape")
    assert [text.split(" (")[0].split("\n")[0] for text in figures.locator("figcaption").all_inner_texts()] == [
        "ratingBaseCandidate", "latency_s", "answer length",
    ]  # fmt: skip
    titles = figures.first.locator("rect.base title").all_text_contents()
    assert sum(int(title.rpartition(": ")[2]) for title in titles) == 160
    assert len(titles) == 5, "few values have a bin each"


def test_a_bar_and_a_point_lead_to_their_cases(page: Any, report: Path) -> None:
    open_at(page, report, "suite=support-desk&group=all")
    page.locator(".shapes").scroll_into_view_if_needed()
    bar = page.locator(".shape").nth(2).locator("a:has(rect.candidate)").first
    bar.wait_for()
    told = int(bar.locator("title").text_content().rpartition(": ")[2])
    bar.click()
    holds(page, "document.querySelector('.chosen button') !== null")
    assert count(page) == told
    assert "in.answer+length.candidate=" in page.url or "in.answer%20length.candidate=" in page.url
    page.locator(".chosen button").click()
    assert count(page) == 160
    page.locator(".scatter circle").first.wait_for()
    point = page.locator(".scatter a:has(circle)").first
    one = point.locator("title").first.text_content().split(":")[0]
    point.dispatch_event("click")
    page.locator(".detail header a", has_text=one).wait_for()


def test_all_bars_of_a_histogram_together_are_all_cases(page: Any, report: Path) -> None:
    """Each link opens as many cases as its bar says: no case falls between two bins, none into both."""
    open_at(page, report, "suite=support-desk&group=all")
    page.locator(".shapes").scroll_into_view_if_needed()
    page.locator(".histogram").first.wait_for()
    wrong = page.evaluate(
        """async () => {
      const wait = () => new Promise((done) => setTimeout(done, 30));
      const told = (one) => [one.getAttribute("href"), Number(one.textContent.split(": ").pop())];
      const links = [...document.querySelectorAll(".histogram a")].map(told);
      const wrong = [];
      for (const [href, told] of links) {
        location.hash = href;
        await wait();
        const found = Number(document.querySelector(".tabs .all b").textContent);
        if (found !== told) wrong.push([href, told, found]);
      }
      return wrong;
    }"""
    )
    assert wrong == []


def test_groups_show_the_means_of_both_arms_and_lead_on(page: Any, report: Path) -> None:
    open_at(page, report, "suite=support-desk&group=all")
    page.locator(".picks [name=by]").select_option("tag.intent")
    rows = [row.split("\t") for row in page.locator(".grouped tbody tr").all_inner_texts()]
    assert rows[0][0] == "refund", "the largest loss first"
    assert [row[1] for row in rows] == ["40", "40", "40", "40"]
    compared = graded()
    at = [place for place, one in enumerate(compared.examples) if one.tags["intent"] == "refund"]
    column = compared.columns["answer"]
    means = [f"{100 * float(arm.values[at].mean()):.1f}%" for arm in (column.base, column.candidate)]
    assert rows[0][2] == " → ".join(means)
    rating = compared.columns["rating"]
    assert rows[0][-1] == " → ".join(f"{float(arm.values[at].mean()):.3g}" for arm in (rating.base, rating.candidate))
    assert "by=tag.intent" in page.url
    page.locator(".grouped tbody a", has_text="refund").click()
    holds(page, "document.querySelector('.picks [name=\"tag.intent\"]').value === 'refund'")
    assert count(page) == 40


def test_clusters_choose_cases_and_stand_beside_them(page: Any, report: Path) -> None:
    open_at(page, report, "suite=support-desk&group=all&cluster=template-5")
    assert count(page) == 4
    assert page.locator(".picks [name=cluster]").input_value() == "template-5"
    assert "template-5" in page.locator(".detail header").inner_text()


def test_a_cell_of_decisions_and_a_row_of_schema_errors_lead_to_their_cases(page: Any, report: Path) -> None:
    cell = page.locator(".part-tool-decisions td a").first
    told = int(cell.inner_text().split("→")[1].strip().replace(",", ""))
    cell.click()
    holds(page, "location.hash.includes('calls')")
    assert count(page) == told
    link = page.locator(".part-schema-errors td.num a").nth(1)
    many = int(link.inner_text())
    link.click()
    holds(page, "document.querySelector('.filters input').value.includes('pointer')")
    page.wait_for_selector("html[data-searched=true]", state="attached")
    assert count(page) >= many > 0


def test_documents_stand_side_by_side_place_by_place(page: Any, report: Path) -> None:
    open_at(page, report, "suite=support-desk&case=t-020")
    sides = page.locator(".detail .side .json")
    assert sides.nth(0).locator("div").all_inner_texts() == [
        'priority: "high"', 'items[0].sku: "A1"', "items: –", "x: –",
    ]  # fmt: skip
    assert sides.nth(1).locator(".other .argument").all_inner_texts() == [
        "priority: ",
        "items: ",
        "x: ",
        "items[0].sku: ",
    ]
    page.locator(".against", has_text="Show as text").click()
    assert page.locator(".detail .side .json").count() == 0
    assert json.loads(page.locator(".side.base > .text").inner_text())["priority"] == "high"


def test_every_count_of_a_finding_opens_so_many_cases(page: Any) -> None:
    wrong = page.evaluate(
        """async () => {
      const wait = () => new Promise((done) => setTimeout(done, 30));
      const wrong = [];
      for (const part of [".part-findings", ".part-metrics", ".part-groups"]) {
        for (const link of document.querySelectorAll(part + " td.num a")) {
          const place = new URLSearchParams(link.getAttribute("href").slice(1));
          if (!["answer", "ticket", "calls"].includes(place.get("metric"))) continue;
          location.hash = link.getAttribute("href");
          await wait();
          const found = Number(document.querySelector(".tabs [aria-selected=true] b").textContent);
          const told = Number(link.textContent.replace(",", ""));
          if (found !== told) wrong.push([link.getAttribute("href"), told, found]);
        }
      }
      return wrong;
    }"""
    )
    assert wrong == []
