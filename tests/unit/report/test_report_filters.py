"""Which cases a list shows, what is kept of a reviewer, and texts of any length: in a real browser."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from browser_pages import NEEDS_BROWSER, holds, ready
from report_world import comparison, verdict

from evalkit.core.exchange import Response
from evalkit.core.verdict import Score
from evalkit.report import html

pytestmark = NEEDS_BROWSER
LONG = "一文だけの長い回答" * 560_000


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """160 cases; one is asked three times, one has an answer of five million characters."""
    compared = comparison()
    answers, scores = dict(compared.candidate_responses), dict(compared.candidate_scores)
    answers["t-001"] = tuple(Response(example_id="t-001", text=f"answer number {n}", repeat=n) for n in range(3))
    rows = [Score(example_id="t-001", scorer="answer", version="1", value=float(n != 2), repeat=n) for n in range(3)]
    scores["answer"] = {**scores["answer"], "t-001": tuple(rows)}
    answers["t-002"] = (Response(example_id="t-002", text=LONG + "終"),)
    base = {**compared.base_responses, "t-002": (Response(example_id="t-002", text=LONG + "了"),)}
    whole = dataclasses.replace(compared, candidate_responses=answers, candidate_scores=scores, base_responses=base)
    path = tmp_path_factory.mktemp("filters") / "index.html"
    path.write_text(html(verdict([whole]), [whole]), encoding="utf-8")
    return path


def count(page: Any, group: str = "all") -> int:
    return int(page.locator(f".tabs .{group} b").inner_text())


def choose(page: Any, name: str, value: str) -> None:
    page.locator(f".picks [name='{name}']").select_option(value)


def find(page: Any, words: str) -> None:
    page.locator(".filters input").fill(words)
    page.wait_for_selector("html[data-searched=true]", state="attached")


def test_filters_narrow_together_and_stand_in_the_address(page: Any, report: Path) -> None:
    choose(page, "tag.intent", "refund")
    assert count(page) == 40
    choose(page, "metric", "answer")
    choose(page, "base", "right")
    choose(page, "candidate", "wrong")
    broken = count(page)
    assert 0 < broken < 40
    assert count(page, "broken") == broken
    assert count(page, "fixed") == 0
    address = page.url
    assert "tag.intent=refund" in address
    page.goto("about:blank")
    page.goto(address)
    ready(page)
    assert count(page) == broken
    assert page.locator(".picks [name=metric]").input_value() == "answer"


def test_words_and_expressions_are_found_in_every_text(page: Any) -> None:
    find(page, "PARCEL 1")
    assert count(page) > 3
    find(page, r"/^Parcel 1\d left our/")
    assert 0 < count(page) <= 10
    find(page, "/[/")
    assert "wrong" in (page.locator(".filters input").get_attribute("class") or "")
    find(page, "t-010")
    assert count(page) == 1


@pytest.mark.parametrize("without", ["window.Worker", "window.DecompressionStream"])
def test_a_search_finds_the_same_where_a_browser_lacks_something(
    browser: Any, page: Any, report: Path, without: str
) -> None:
    words = ("parcel 1", r"/^Parcel \d+ left our/", "t-01", "終", "nowhere at all")
    told = []
    for one in words:
        find(page, one)
        told.append(count(page))
    assert told[0] > 3
    assert told[3:] == [1, 0]
    context = browser.new_context()
    context.add_init_script(f"delete {without}")
    other = context.new_page()
    other.goto(report.as_uri())
    ready(other)
    for one, many in zip(words, told, strict=True):
        find(other, one)
        assert count(other) == many
    context.close()


def test_an_expression_without_end_holds_up_neither_keys_nor_the_next_search(page: Any) -> None:
    page.locator(".filters input").fill(r"/^(([^\u0000]+)+)+\u0000$/")
    page.locator(".filters input").blur()
    page.wait_for_timeout(300)
    assert page.locator("html").get_attribute("data-searched") == "false"
    page.keyboard.press("?")
    assert page.locator("dialog").is_visible()
    page.keyboard.press("Escape")
    find(page, "PARCEL 1")
    assert count(page) > 3


def test_a_cell_of_the_heat_map_leads_to_its_cases(page: Any) -> None:
    page.locator(".heat a[href*='tag.intent=refund'][href*='metric=answer']").click()
    holds(page, "document.querySelector('.picks [name=\"tag.intent\"]').value === 'refund'")
    assert count(page) == 40
    assert page.locator(".picks [name=metric]").input_value() == "answer"


def test_largest_losses_come_first_where_they_are_asked_for(page: Any) -> None:
    page.locator(".tabs .all").click()
    choose(page, "metric", "ticket")
    choose(page, "sort", "change")
    page.locator(".list li").first.click()
    chip = page.locator(".detail .scores tr", has_text="ticket").locator("td")
    assert chip.all_inner_texts()[1:] == ["1", "0"]


def test_every_repeat_is_there_with_its_own_score(page: Any, report: Path) -> None:
    page.goto(f"{report.as_uri()}#suite=support-desk&case=t-001")
    page.reload()
    ready(page)
    repeats = page.locator(".side.candidate .repeats")
    repeats.locator("summary").click()
    assert repeats.locator(".text").all_inner_texts() == ["answer number 0", "answer number 1", "answer number 2"]
    said = [told.split() for told in repeats.locator(".label").all_inner_texts()]
    assert [told[2][0] for told in said] == ["1", "1", "0"], "the first also has the other metrics"


def test_an_answer_of_five_million_characters_opens_and_goes_on(page: Any, report: Path) -> None:
    page.goto(f"{report.as_uri()}#suite=support-desk&case=t-002")
    page.reload()
    ready(page)
    side = page.locator(".side.candidate > .text")
    assert side.locator("ins").inner_text() == "終"
    assert "the same in both" in side.inner_text()
    assert len(side.inner_text()) < 10_000
    side.locator("summary").click()
    more = side.locator("button.more")
    more.click()
    assert 20_000 < len(side.inner_text()) < 40_000
    assert page.evaluate("document.body.textContent.length") < 13_000_000


def test_a_text_can_be_held_against_the_target(page: Any, report: Path) -> None:
    page.goto(f"{report.as_uri()}#suite=support-desk&case=t-020")
    page.reload()
    ready(page)
    assert page.locator(".side.base .text del").count() > 0
    page.locator(".against").click()
    assert page.locator(".side.base .text ins").count() == 0, "the base's answer is the target"
    assert page.locator(".side.candidate .text ins").count() > 0


def test_judgements_stay_and_go_on_as_labels(page: Any, report: Path, tmp_path: Path) -> None:
    page.goto(f"{report.as_uri()}#suite=support-desk&case=t-020")
    page.reload()
    ready(page)
    page.locator(".review select").nth(1).select_option("0")
    page.locator(".review input").fill("規約と違う")
    page.locator(".review input").blur()
    page.reload()
    ready(page)
    assert page.locator(".review select").nth(1).input_value() == "0"
    with page.expect_download() as waiting:
        page.locator("#reviews").click()
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert rows == [{"id": "t-020", "suite": "support-desk", "candidate.good": 0, "note": "規約と違う"}]
    from evalkit.foreign.labels.read import read_labels

    (label,) = read_labels(path, known=("id", "suite")).labels
    assert (label.case, label.name, label.value) == ("t-020", "candidate.good", 0.0)


def test_keys_lead_to_the_search_and_to_what_they_do(page: Any) -> None:
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.locator("dialog").is_visible()


@pytest.mark.parametrize("seed", [1, 2])
def test_without_the_browsers_own_unpacking_the_page_is_the_same(browser: Any, report: Path, seed: int) -> None:
    context = browser.new_context()
    if seed == 2:
        context.add_init_script("delete window.DecompressionStream; delete Uint8Array.fromBase64")
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{report.as_uri()}#suite=support-desk&case=t-020")
    ready(page)
    assert page.locator(".side.base > .text").inner_text().startswith("I am sorry about the lamp.")
    context.close()


def test_a_japanese_browser_reads_japanese_and_a_choice_stays(browser: Any, report: Path) -> None:
    context = browser.new_context(locale="ja-JP")
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(report.as_uri())
    ready(page)
    assert page.locator("html").get_attribute("lang") == "ja"
    page.locator("#language").click()
    page.reload()
    ready(page)
    assert page.locator("html").get_attribute("lang") == "en"
    context.close()
