"""One and the same verdict everywhere: page, JSON, JUnit, Markdown, terminal, pytest, in both languages."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from html import unescape
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st
from test_gates_properties import EVERY, TODAY, arms, made, suite

from evalkit.core.verdict import SuiteVerdict, Verdict
from evalkit.gates.decide import decide, estimates, outcome
from evalkit.pipeline.deciding.verdict import verdict_of
from evalkit.pipeline.gate_tests.items import GateCase
from evalkit.pipeline.gate_tests.judged import Judged, failure_text
from evalkit.report import console, html, junit, markdown, verdict_json

FLOOR = {"type": "floor", "metric": "m", "min": 0.5}
gates = st.lists(st.sampled_from([*EVERY, FLOOR]), min_size=1, max_size=3, unique_by=str)
value = st.sampled_from([0.0, 1.0, 1.0, 1.0, None, "failed"])
pairs = st.lists(st.tuples(value, value, st.sampled_from("ab")), min_size=1, max_size=90)
policies = st.fixed_dictionaries({"on_inconclusive": st.sampled_from(["fail", "warn", "pass"])})


def page_says(page: str) -> tuple[str, Counter[str]]:
    """The outcome on top of a page, and the states of its findings."""
    (top,) = re.findall(r'id="verdict">([^<]*)<', page)
    states: Counter[str] = Counter()
    for part in re.findall(r'<div class="panel part-findings">(.*?)<div class="panel', page, re.DOTALL):
        for row in re.findall(r"<tr class=\"(?!why)[a-z]+(?: has-why)?\">(.*?)</tr>", part, re.DOTALL):
            states[unescape(re.findall(r'<span class="chip [a-z]+">([^<]*)</span>', row)[0])] += 1
    return top, states


def pytest_fails(verdict: Verdict, said: SuiteVerdict, policy: str) -> bool:
    """Whether any item of the suite's gates fails."""
    judged = Judged(
        findings=said.findings, on_inconclusive=policy, broken={}, report="", base="b", candidate="c",
        notes=verdict.notes,
    )  # fmt: skip
    cases = [
        GateCase(
            name="x",
            gate_index=one.gate_index,
            metric=one.metric,
            by=one.slice.by if one.slice else None,
            value=one.slice.value if one.slice else None,
        )
        for one in said.findings
    ]
    return any(failure_text(judged, case) for case in cases)


@settings(max_examples=15, deadline=None)
@given(pairs, gates, policies)
def test_every_output_says_the_same(rows, asked, policy):
    base, candidate = arms([row[:2] for row in rows])
    spec = suite(*asked, **policy)
    compared = made(base, candidate, groups=[row[2] for row in rows])
    compared = replace(compared, manifest={"spec": spec.model_dump(mode="json")})
    findings = decide(compared, spec, today=TODAY)
    said = SuiteVerdict(
        name="any",
        outcome=outcome(findings, spec.policy),
        findings=findings,
        metrics=estimates(compared, spec),
        examples=len(rows),
    )
    verdict = verdict_of("b", "c", [said], [compared])
    whole, states = verdict.outcome, Counter(one.shown for one in findings)

    told = json.loads(verdict_json(verdict))
    assert (told["outcome"], told["exit_code"]) == (whole, verdict.exit_code)
    assert Counter(one["state"] for one in told["suites"][0]["findings"]) == Counter(one.state for one in findings)
    for language in ("en", "ja"):
        assert page_says(html(verdict, [compared], language=language)) == (whole, states)
        assert f"**{whole}: " in markdown(verdict, [compared], language=language)
        assert re.search(rf"^{whole}  ", console(verdict, [compared], width=400, language=language), re.MULTILINE)
        document = ET.fromstring(junit(verdict, [compared], language=language))
        broken = int(document.get("failures", "0")) + int(document.get("errors", "0"))
        assert (broken == 0) == (whole == "PASS")
        assert int(document.get("tests", "0")) == len(findings)
    assert pytest_fails(verdict, said, spec.policy.on_inconclusive) == (whole != "PASS")
