"""The page in a real browser, opened from a file: what is seen, what can be done, and what must not happen."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from browser_pages import NEEDS_BROWSER, holds, ready
from report_world import HOSTILE, comparison, verdict

from evalkit.report import html
from evalkit.report.case_files.cells import is_formula_like
from evalkit.report.renderers.blob import unpack_page
from evalkit.text.outgoing import UNSEEN, make_visible

pytestmark = NEEDS_BROWSER


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compared = [comparison(), comparison(worse=False, seed=5, suite="general")]
    path = tmp_path_factory.mktemp("report") / "index.html"
    path.write_text(html(verdict(compared), compared), encoding="utf-8")
    return path


def shown(page: Any, selector: str) -> list[str]:
    return [text.strip() for text in page.locator(selector).all_inner_texts()]


def test_the_verdict_is_the_first_thing_and_every_metric_has_its_interval(page: Any) -> None:
    assert page.locator("#verdict").inner_text() == "FAIL"
    assert page.locator("#verdict").bounding_box()["y"] < 200
    assert page.locator("h1").inner_text() == "base → ft-model"
    rows = page.locator(".suite").first.locator(".panel", has_text="Detectable").locator("tbody tr")
    assert [row.split("\t")[0] for row in rows.all_inner_texts()] == ["answer", "calls", "ticket"]
    for row in rows.all():
        assert row.locator("svg circle").count() == 1
        assert "[" in row.inner_text()
    assert len(shown(page, ".overview tbody tr")) == 2


def test_broken_and_fixed_cases_stand_side_by_side_with_their_difference(page: Any) -> None:
    cases = page.locator(".cases").first
    assert "Broken 62" in cases.locator(".tabs").inner_text()
    cases.locator(".list li").nth(1).click()
    sides = cases.locator(".detail .sides .side > .text")
    assert sides.nth(0).inner_text().startswith("I am sorry about the lamp.")
    assert sides.nth(1).inner_text().startswith("Refunds are not possible")
    assert cases.locator(".detail del").count() > 0
    assert cases.locator(".detail ins").count() > 0
    left, right = (sides.nth(at).bounding_box() for at in (0, 1))
    assert left["x"] + left["width"] <= right["x"]
    cases.locator(".tabs .fixed").click()
    assert cases.locator(".detail header .chip").inner_text() == "Fixed"


def test_differing_arguments_of_a_tool_call_are_marked(page: Any, report: Path) -> None:
    page.goto(f"{report.as_uri()}#suite=support-desk&case=t-005")
    page.reload()
    ready(page)
    cases = page.locator(".cases").first
    assert cases.locator(".detail header a").inner_text() == "t-005"
    assert cases.locator(".side.base .call .other").all_inner_texts() == ["order: 5"]
    assert cases.locator(".side.candidate .call .other").all_inner_texts() == ['order: "5"']


def test_the_difference_of_japanese_is_drawn_character_by_character(page: Any) -> None:
    cases = page.locator(".cases").first
    cases.locator(".list li").first.click()
    gone = "".join(cases.locator(".side.base del").all_inner_texts())
    come = "".join(cases.locator(".side.candidate ins").all_inner_texts())
    assert "注文0番" not in gone + come
    base = cases.locator(".side.base .text").inner_text()
    assert base == "大変申し訳ございません。注文0番の返金手続きをいたしました。"
    assert gone
    assert come
    assert gone != base


def test_drawing_the_difference_loses_and_adds_nothing(page: Any, report: Path) -> None:
    """Every case of the first suite: each side is the answer, hidden marks by number, to the character."""
    written = report.read_text(encoding="utf-8")
    parts = unpack_page(written)
    head, shared, texts = (parts[name] for name in ("data", "shared", "texts-0-0"))
    assert head["suites"][0]["chunks"] == [160]
    answers = {
        one: [make_visible(shared[said] if isinstance(said, int) else said) for said in both]
        for one, *both in zip(head["suites"][0]["ids"], *texts["answers"], strict=True)
    }
    wrong = page.evaluate(
        """async (answers) => {
      const cases = document.querySelector(".cases"), wrong = [];
      cases.querySelector(".tabs .all").click();
      cases.querySelector(".list .more").click();
      for (const [id, both] of Object.entries(answers)) {
        [...cases.querySelectorAll(".list li")].find((item) => item.dataset.id === id).click();
        while (cases.querySelector(".detail header a").textContent !== id) await new Promise(requestAnimationFrame);
        ["base", "candidate"].forEach((side, at) => {
          const box = cases.querySelector(`.detail .sides > .side.${side} > .text`);
          if (box && box.textContent !== both[at]) wrong.push(id);
        });
      }
      return wrong;
    }""",
        answers,
    )
    assert wrong == []


def test_tabs_metric_and_search_choose_the_cases(page: Any) -> None:
    cases = page.locator(".cases").first
    count = cases.locator(".list li").count
    assert count() == 62
    cases.locator("select[name=metric]").select_option("calls")
    assert count() == 34
    cases.locator("select[name=metric]").select_option("")
    cases.locator(".tabs .failed").click()
    assert shown(page, ".cases >> nth=0 >> .list li .id") == ["t-007"]
    assert "timeout: no answer in 60 s" in cases.locator(".detail").inner_text()
    cases.locator(".tabs .all").click()
    assert count() == 151, "150 and a line for the others"
    cases.locator(".list .more").click()
    assert count() == 160
    cases.locator("input").first.fill("lamp 20 ")
    holds(page, "document.querySelectorAll('.cases .list')[0].children.length === 1")
    assert shown(page, ".cases >> nth=0 >> .list li .id") == ["t-020"]
    cases.locator("input").first.fill("nowhere to be found")
    cases.locator(".detail", has_text="No case here.").wait_for()


def test_a_link_leads_to_its_case_and_keys_go_on_from_there(page: Any, report: Path) -> None:
    page.goto(f"{report.as_uri()}#suite=general&case=t-050")
    page.reload()
    ready(page)
    second = page.locator(".cases").nth(1)
    assert second.locator(".detail header a").inner_text() == "t-050"
    page.locator(".cases").first.locator(".list li").nth(2).click()
    assert "case=t-020" in page.url
    page.keyboard.press("j")
    assert page.locator(".cases").first.locator(".detail header a").inner_text() == "t-021"
    page.keyboard.press("k")
    page.keyboard.press("k")
    assert "case=t-008" in page.url
    again = page.url
    page.goto("about:blank")
    page.goto(again)
    ready(page)
    assert page.locator(".cases").first.locator(".detail header a").inner_text() == "t-008"
    page.goto(report.as_uri())


def test_hostile_text_is_shown_and_does_nothing(page: Any) -> None:
    cases = page.locator(".cases").first
    cases.locator(".tabs .all").click()
    cases.locator("input").first.fill("onerror")
    holds(page, "document.querySelectorAll('.cases .list')[0].children.length === 1")
    assert shown(page, ".cases >> nth=0 >> .list li .id") == ["t-004"]
    body = cases.locator(".detail").inner_text()
    assert "</script><img src=x onerror=" in body
    assert page.locator("img").count() == 0
    assert HOSTILE.split("\u2028")[0].strip() + " ⟨U+2028⟩" in body
    assert re.search(UNSEEN, page.locator("body").inner_text()) is None
    assert page.title() == "FAIL: base → ft-model"


def test_the_labels_speak_japanese_and_english(page: Any) -> None:
    page.locator("#language").click()
    assert "デプロイしないでください" in page.locator(".verdict").inner_text()
    assert "悪化 62" in page.locator(".cases .tabs").first.inner_text()
    assert page.locator("html").get_attribute("lang") == "ja"
    page.locator("#language").click()
    assert "do not deploy" in page.locator(".verdict").inner_text()


def test_dark_mode_follows_the_system_and_the_switch(page: Any) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(background)
    assert dark != light
    page.locator("#theme").click()
    assert page.evaluate(background) == light


def test_on_paper_the_broken_cases_are_written_out(page: Any) -> None:
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("article.printed").count() == 12 + 12
    assert "12 / 62" in page.locator("p.printed").first.inner_text(), "what is left out is said"
    assert not page.locator(".bar").is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".printed").count() == 0


def test_roles_are_there_for_those_who_listen(page: Any) -> None:
    assert page.get_by_role("tab", selected=True).count() == 2
    assert page.get_by_role("option", selected=True).count() >= 2
    assert page.get_by_role("listbox").count() == 2
    assert page.get_by_role("img", name="answer: -11.9").count() >= 1


def test_scripts_that_are_not_the_pages_own_are_refused(browser: Any, report: Path, tmp_path: Path) -> None:
    planted = tmp_path / "planted.html"
    text = report.read_text(encoding="utf-8")
    planted.write_text(text.replace("</main>", "</main><script>document.title='owned'</script>"), encoding="utf-8")
    opened = browser.new_context().new_page()
    opened.goto(planted.as_uri())
    assert opened.title() == "FAIL: base → ft-model"
    opened.context.close()


def test_on_a_phone_the_sentences_wrap_to_what_is_seen(page: Any) -> None:
    page.set_viewport_size({"width": 400, "height": 900})
    sentences = page.locator(".sentence")
    assert sentences.count() > 0
    for sentence in sentences.all():
        box = sentence.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 400


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_the_cases_of_a_list_go_on_as_a_file(page: Any, kind: str, tmp_path: Path) -> None:
    cases = page.locator(".cases").first
    with page.expect_download() as waiting:
        cases.locator(f".take button[data-kind={kind}]").click()
    assert waiting.value.suggested_filename == f"support-desk-broken.{kind}"
    path = tmp_path / f"cases.{kind}"
    waiting.value.save_as(path)
    if kind == "json":
        rows = json.loads(path.read_text(encoding="utf-8"))
    else:
        assert path.read_bytes()[:3] == b"\xef\xbb\xbf"
        with path.open(encoding="utf-8-sig", newline="") as handle:
            rows = list(csv.DictReader(handle))
        cells = [cell for row in rows for cell in row.values()]
        assert not any(is_formula_like(cell) for cell in cells)
    assert len(rows) == 62
    assert {row["state"] for row in rows} == {"broken"}
    assert rows[0]["base"].startswith("I am sorry") or rows[1]["base"].startswith("I am sorry")
    assert {"id", "suite", "input", "target", "base.answer", "candidate.answer"} <= {*rows[0]}
