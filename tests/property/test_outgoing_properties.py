"""Whatever stands in other people's words, nothing hidden or acting leaves evalkit in anything that a person reads."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evalkit.core.columns import Comparison
from evalkit.core.verdict import Verdict
from evalkit.report import console, html, junit, markdown
from evalkit.report.case_files.cells import is_formula_like
from evalkit.report.group_files import as_csv
from evalkit.report.renderers.annotations import annotate, as_code_quality, as_github
from evalkit.text.outgoing import UNSEEN, break_log_commands, for_terminal, make_visible

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "report"))

from report_world import comparison, verdict

COMMAND = re.compile(r"^\s*::|##\[|##\w+\[", re.MULTILINE)
few = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])

hostile = st.lists(
    st.sampled_from(
        ["::error::owned", "\n::set-output name=x::1", "##[group]", "##vso[task.complete]", "=cmd|' /C calc'!A0",
         "\x1b[2J", "\x1b]0;t\x07", "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u2028", "\x85", "\r",
         "\x00", "\U000e0041", "\ud800", "\u00ad", "@all", "<b>",
         "|", "`" * 4, "a", "承認", "👨\u200d👩", "葛\U000e0100"]
    )
    | st.characters(codec=None),
    max_size=12,
).map("".join)  # fmt: skip


def world(text: str) -> tuple[Verdict, list[Comparison]]:
    """A small comparison in which names, ids, tags, answers and sentences hold the text."""
    small = comparison(n=24)
    examples = tuple(
        dataclasses.replace(one, id=f"{one.id}{text}", tags={**one.tags, "intent": f"{text}{one.tags['intent']}"})
        for one in small.examples
    )
    answers = {
        f"{name}{text}": [dataclasses.replace(r, text=text + (r.text or "")) for r in rows]
        for name, rows in small.candidate_responses.items()
    }
    base = {f"{name}{text}": rows for name, rows in small.base_responses.items()}
    scores = [
        {metric: {f"{name}{text}": rows for name, rows in by.items()} for metric, by in arm.items()}
        for arm in (small.base_scores, small.candidate_scores)
    ]
    one = dataclasses.replace(
        small,
        suite=f"s{text}",
        examples=examples,
        levels={**small.levels, "intent": [f"{text}{name}" for name in small.levels["intent"]]},
        base_responses=base,
        candidate_responses=answers,
        base_scores=scores[0],
        candidate_scores=scores[1],
        notes=(f"note {text}",),
    )
    found = verdict([one])
    return dataclasses.replace(found, candidate=f"ft{text}", because=f"why {text}", notes=(f"on top {text}",)), [one]


class Words(HTMLParser):
    """What stands in a page outside its scripts and styles, attributes included."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag if tag in ("script", "style") else self.inside
        self.said += [value or "" for _, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        self.inside = "" if tag == self.inside else self.inside

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.said.append(data)


@few
@given(hostile)
def test_nothing_hidden_leaves_through_any_renderer(text: str) -> None:
    found, compared = world(text)
    page = Words()
    page.feed(html(found, compared))
    tree = ET.fromstring(junit(found, compared))
    notes = annotate(found, compared, {})
    said = {
        "page": "\n".join(page.said),
        "terminal": break_log_commands(console(found, compared)),
        "comment": markdown(found, compared).replace("@\u200b", "@"),
        "junit": "\n".join(told for node in tree.iter() for told in (*node.attrib.values(), node.text or "")),
        "github": as_github(notes),
        "gitlab": as_code_quality(notes),
    }
    assert {name: re.findall(UNSEEN, told)[:3] for name, told in said.items() if re.search(UNSEEN, told)} == {}
    assert COMMAND.search(said["terminal"]) is None
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in said["github"].splitlines())
    rows = csv.reader(io.StringIO(as_csv(found.suites)))
    assert not any(is_formula_like(cell) for row in rows for cell in row)


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(codec=None), max_size=60))
def test_making_visible_is_done_once_and_keeps_what_is_seen(text: str) -> None:
    shown = make_visible(text)
    assert make_visible(shown) == shown
    assert re.search(UNSEEN, shown) is None
    shown.encode()
    assert COMMAND.search(for_terminal(text)) is None
    if text.isascii() and text.isprintable():
        assert shown == text


def test_what_people_write_stays_as_it_is() -> None:
    for text in (
        "👨\u200d👩\u200d👧 ❤\ufe0f 1\ufe0f\u20e3",
        "葛\U000e0100飾区",
        "می\u200cخواهم",
        "क्\u200dष",
        "tab\tand\nline",
        "ｶﾞ ①㈱",
    ):
        assert make_visible(text) == text
