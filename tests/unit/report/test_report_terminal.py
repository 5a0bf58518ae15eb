"""What the terminal says."""

from __future__ import annotations

import dataclasses
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from report_renderers_shared import alone
from report_world import comparison, finding, verdict

from evalkit.core.columns import Comparison
from evalkit.core.notes import Note
from evalkit.core.verdict import SliceKey, Verdict
from evalkit.report import console, html, junit, markdown


@pytest.fixture(scope="module")
def world() -> tuple[Verdict, list[Comparison]]:
    compared = comparison()
    return verdict([compared]), [compared]


def test_the_console_is_plain_without_colour_and_says_where_the_report_is(
    world: tuple[Verdict, list[Comparison]],
) -> None:
    text = console(*world, report=Path("reports/out/x/index.html"))
    assert "\x1b" not in text
    assert "REGRESSION  no_regression answer " in text
    assert "84.9% -> 73.0% (-11.9 pp, 95% CI [-25.4, -1.2]) fixed 8, broken 27" in text
    assert "broken t-000  answer" in text
    assert "FAIL  do not deploy: base -> ft-model" in text
    assert text.endswith("report: reports/out/x/index.html")
    assert max(len(line) for line in text.splitlines()) <= 120
    assert "\x1b[" in console(*world, colour=True, width=100)


def test_escape_codes_in_an_answer_never_reach_the_terminal(world: tuple[Verdict, list[Comparison]]) -> None:
    example = dataclasses.replace(world[1][0].examples[0], target="\x1b[31mred\x07")
    compared = dataclasses.replace(world[1][0], examples=(example, *world[1][0].examples[1:]))
    assert "[31mred" in console(world[0], [compared])
    assert "\x1b" not in console(world[0], [compared])
    assert "\x07" not in console(world[0], [compared])


def test_the_console_tells_failed_calls_and_what_a_recording_lacks(world: tuple[Verdict, list[Comparison]]) -> None:
    assert "1 of 160 calls of the candidate failed (1 timeout)\n" in console(*world)
    one = world[1][0]
    sound = dataclasses.replace(one, coverage=dataclasses.replace(one.coverage, candidate_failed=0))
    assert "failed (" not in console(world[0], [sound])
    surplus = Note("answers of x.jsonl that belong to no example that was asked: 3", kind="surplus_answers")
    noted = dataclasses.replace(sound, notes=(surplus, "a seeded sample"))
    text = console(world[0], [noted])
    assert "  answers of x.jsonl that belong to no example that was asked: 3\n" in text
    assert "a seeded sample" not in text


def test_the_console_lists_no_slice_that_passed(world: tuple[Verdict, list[Comparison]]) -> None:
    assert "no_regression answer [intent = cancel]" not in console(*world)
    assert "3 slices undecided" in console(*world)
    assert "undecided: answer intent = cancel; answer intent = delivery" in console(*world)


def test_an_undecided_slice_is_never_shown_as_a_pass() -> None:
    cut = finding(slice=SliceKey(by="intent", value="refund"), state="PASS", alarm=True)
    worse = dataclasses.replace(cut, flags=("alarm", "undecided", "looks_worse"))
    told = alone(finding(), worse, outcome="PASS")
    row = re.search(r"^.*\[intent = refund\].*$", console(told, []), re.MULTILINE)
    assert row is not None
    assert row[0].split()[0] == "undecided"
    assert "looks worse, though not proven: answer intent = refund" in console(told, [])
    assert "| ⚠️ undecided | no\\_regression | answer<br>intent = refund |" in markdown(told, [])
    assert '<span class="chip unsure">undecided</span>' in html(told, [])
    cases = ET.fromstring(junit(told, [])).iter("testcase")
    skipped = next(case.find("skipped") for case in cases if "refund" in str(case.get("name")))
    assert skipped is not None
    assert str(skipped.get("message")).startswith("undecided: ")


def test_a_note_stands_on_top_of_every_output() -> None:
    note = "all 40 answers are the same, word for word. Was the adapter applied?"
    told = dataclasses.replace(alone(finding(), outcome="PASS"), notes=(note,))
    assert console(told, []).startswith(f"NOTE {note}")
    assert markdown(told, []).index(note) < markdown(told, []).index("###")
    page = html(told, [])
    assert page.index(note) < page.index('id="verdict"')
    assert note in junit(told, [])
    assert told.to_dict()["notes"] == [note]


@pytest.mark.parametrize(
    ("states", "said"),
    [
        (["PASS"] * 10 + ["TOO_SMALL"], "10 slices without a finding against them, 1 too small to judge"),
        (["PASS"], "1 slice without a finding against them"),
        (["TOO_SMALL"] * 2, "2 slices too small to judge"),
        (["PASS", "EMPTY"], "1 slice without a finding against them, 1 without a case to judge"),
    ],
)
def test_slices_too_small_to_judge_are_counted_apart(states: list[str], said: str) -> None:
    cut = [
        finding(
            slice=SliceKey(by="intent", value=f"v{at}"),
            state="TOO_SMALL" if state == "EMPTY" else state,
            n=0 if state == "EMPTY" else 5,
        )
        for at, state in enumerate(states)
    ]
    told = alone(finding(), *cut, outcome="PASS")
    assert f"  {said}\n" in console(told, [])
    assert f"\n\n{said}." in markdown(told, [])


def test_the_report_lists_slices_too_small_to_judge_apart_in_both_languages() -> None:
    cut = [finding(slice=SliceKey(by="intent", value=state), state=state, n=5) for state in ("PASS", "TOO_SMALL")]
    page = html(alone(finding(), *cut, outcome="PASS"), [])
    first, second = "Slices without a finding against them", "Slices too small to judge"
    heads = [f"<h4><span data-t>{heading}</span></h4>" for heading in (first, second)]
    passed, small = page.split(heads[0])[1].split(heads[1])
    assert "intent = PASS" in passed
    assert "intent = TOO_SMALL" not in passed
    assert "intent = TOO_SMALL" in small
    labels = json.loads(page.split('id="labels">')[1].split("</script>")[0])
    assert labels[first] == "不合格のゲート判定がないスライス"
    assert labels[second] == "件数が足りず判定していないスライス"
