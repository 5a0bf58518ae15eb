"""What the renderers say, word for word where it matters."""

from __future__ import annotations

import dataclasses
import json
import xml.etree.ElementTree as ET

import pytest
from jsonschema import Draft202012Validator
from report_renderers_shared import alone
from report_world import HOSTILE, comparison, finding, verdict

from evalkit.core.columns import Comparison
from evalkit.core.verdict import Estimate, SliceKey, SuiteVerdict, Verdict
from evalkit.report import console, figures, html, junit, markdown, verdict_json
from evalkit.report.renderers.verdict_schema import verdict_schema


@pytest.fixture(scope="module")
def world() -> tuple[Verdict, list[Comparison]]:
    compared = comparison()
    return verdict([compared]), [compared]


def test_the_terse_line_says_from_what_to_what_how_sure_and_how_many() -> None:
    moved = finding(base=0.83, candidate=0.86, delta=0.03, low=0.004, high=0.056, fixed=14, broken=7)
    assert figures.terse(moved) == "83.0% -> 86.0% (+3.0 pp, 95% CI [+0.4, +5.6]) fixed 14, broken 7"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"base": 1.0, "candidate": 1.0, "delta": 0.0}, "100.0% -> 100.0% (±0.0 pp)"),
        ({"base": 120.0, "candidate": 90.5, "delta": -29.5}, "120 -> 90.5 (-29.5)"),
        (
            {"metric": "latency_p95", "base": 0.5, "candidate": 0.25, "delta": -0.5, "flags": ("ratio",)},
            "0.5 s -> 0.25 s (-50.0%)",
        ),
        ({"candidate": 0.5}, "– -> 50.0%"),
        ({}, "not measured"),
    ],
)
def test_every_kind_of_figure_reads(changes: dict[str, object], line: str) -> None:
    assert figures.terse(finding(**changes)) == line


def test_json_has_the_shape_of_the_contract_and_the_same_bytes_twice(world: tuple[Verdict, list[Comparison]]) -> None:
    text = verdict_json(world[0])
    assert text == verdict_json(verdict([comparison()]))
    data = json.loads(text)
    assert list(data)[:5] == ["evalkit", "outcome", "exit_code", "base", "candidate"]
    assert (data["outcome"], data["exit_code"]) == ("FAIL", 1)
    promised = {
        "gate",
        "metric",
        "slice",
        "state",
        "n",
        "n_clusters",
        "base",
        "candidate",
        "delta",
        "low",
        "high",
        "confidence",
        "margin",
        "fixed",
        "broken",
        "p",
        "p_adjusted",
        "method",
        "mde",
        "n_needed",
        "because",
    }
    suite = data["suites"][0]
    assert all(promised <= found.keys() for found in suite["findings"])
    assert all(promised - {"gate", "state", "margin", "n_needed"} <= item.keys() for item in suite["metrics"])
    sliced = [found["slice"] for found in suite["findings"] if found["slice"]]
    assert {"by": "intent", "value": "refund"} in sliced


def test_every_missing_number_of_the_json_is_null_with_a_reason(world: tuple[Verdict, list[Comparison]]) -> None:
    data = json.loads(verdict_json(world[0]))
    suite, missing = data["suites"][0], 0
    for row in [*suite["findings"], *suite["metrics"]]:
        for name, value in row.items():
            if value is None and name != "slice":
                missing += 1
                assert row["missing"][name].strip(), (name, row)
    assert missing
    codes = {code for row in suite["metrics"] for code in (row["because"], *row["missing"].values()) if code}
    assert codes == set(data["reasons"])
    assert all(" " in sentence for sentence in data["reasons"].values())


def test_every_verdict_as_data_meets_its_schema(world: tuple[Verdict, list[Comparison]]) -> None:
    check = Draft202012Validator(verdict_schema())
    data = json.loads(verdict_json(world[0]))
    assert [str(error.message) for error in check.iter_errors(data)] == []
    rows = data["suites"][0]["metrics"]
    cut = next(at for at, row in enumerate(rows) if row["slice"] is not None)
    for name in ("p_adjusted", "because", "missing"):
        broken = json.loads(verdict_json(world[0]))
        del broken["suites"][0]["metrics"][cut][name]
        assert not check.is_valid(broken), name


def test_an_estimate_in_a_slice_leaves_out_what_its_metric_says_over_all_cases(
    world: tuple[Verdict, list[Comparison]],
) -> None:
    rows = json.loads(verdict_json(world[0]))["suites"][0]["metrics"]
    whole, cut = ([row for row in rows if (row["slice"] is None) is of_all] for of_all in (True, False))
    only = {"higher_is_better", "binary", "base_low", "base_high", "candidate_low", "candidate_high"}
    assert whole
    assert cut
    assert all(only <= row.keys() for row in whole)
    assert all(row.keys() == whole[0].keys() - only for row in cut)
    assert {row["metric"] for row in cut} <= {row["metric"] for row in whole}


def test_a_finding_or_estimate_stands_on_a_line_of_its_own(world: tuple[Verdict, list[Comparison]]) -> None:
    lines = verdict_json(world[0]).splitlines()
    suites = world[0].suites
    assert sum(line.startswith('{"gate":') for line in lines) == sum(len(suite.findings) for suite in suites)
    assert sum(line.startswith('{"metric":') for line in lines) == sum(len(suite.metrics) for suite in suites)


def test_a_null_says_what_its_gate_looks_at_not_the_verdict() -> None:
    said = "ticket is 83.0% (n = 159): at least 70.0%."
    floor = finding(gate="floor", base=0.5, candidate=0.83, because=said)
    critical = finding(gate="critical", base=1.0, candidate=1.0, delta=0.0, fixed=0, broken=0, because=said)
    maximum = finding(gate="budget", base=1.0, candidate=1.0, because=said, flags=("maximum",))
    fairness = finding(gate="fairness", base=0.1, candidate=0.1, delta=0.0, low=0.0, high=0.1, because=said)
    unknown = finding(gate="budget", because="nobody measured it")
    rows = json.loads(verdict_json(alone(floor, critical, maximum, fairness, unknown)))["suites"][0]["findings"]
    reasons = [row["missing"] for row in rows]
    assert all(said not in row.values() for row in reasons)
    assert reasons[0]["delta"] == reasons[0]["low"] == "a floor looks at the candidate alone"
    assert reasons[1]["low"] == "every critical case counts, so nothing is estimated"
    assert reasons[2]["delta"] == "the maximum of a budget looks at the candidate alone"
    assert reasons[3]["fixed"].startswith("a gap lies between groups")
    assert reasons[4]["candidate"] == "nobody measured it"


def test_nan_and_infinity_become_null_with_a_reason() -> None:
    row = json.loads(verdict_json(alone(finding(base=float("nan"), delta=0.1, high=float("inf"), because="odd"))))
    found = row["suites"][0]["findings"][0]
    assert (found["base"], found["high"]) == (None, None)
    assert found["missing"]["base"] == "odd"


def test_junit_counts_what_fails_and_names_what_broke(world: tuple[Verdict, list[Comparison]]) -> None:
    root = ET.fromstring(junit(*world).encode())
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("9", "3", "0")
    failed = {
        case.get("name"): case.find("failure") for case in root.iter("testcase") if case.find("failure") is not None
    }
    refund = failed["no_regression[answer/intent=refund]"]
    assert refund is not None
    assert refund.get("message", "").startswith("REGRESSION: answer in intent=refund went from 85.0% to 25.0%")
    assert "broken: t-000, t-008" in (refund.text or "")


def test_junit_holds_no_control_character_and_says_each_state_in_its_way() -> None:
    states = ("INVALID", "REGRESSION", "INCONCLUSIVE", "TOO_SMALL", "WAIVED", "PASS")
    document = junit(alone(*(finding(state=state, because="a\x00\ud800<b>&") for state in states)), [])
    root = ET.fromstring(document.encode())
    said = [[child.tag for child in case] for case in root.iter("testcase")]
    assert said == [["error"], ["failure"], ["failure"], ["skipped"], ["skipped"], ["system-out"]]
    error = root.find(".//error")
    assert error is not None
    assert error.get("message") == "INVALID: a⟨U+0000⟩\ufffd<b>&"


def test_junit_follows_the_policy_on_what_cannot_be_told(world: tuple[Verdict, list[Comparison]]) -> None:
    compared = dataclasses.replace(
        world[1][0], suite="desk", manifest={"spec": {"policy": {"on_inconclusive": "warn"}}}
    )
    root = ET.fromstring(junit(alone(finding(state="INCONCLUSIVE")), [compared]).encode())
    assert root.find(".//skipped") is not None
    assert root.get("failures") == "0"


def test_a_suite_without_findings_is_an_error_never_a_silent_pass() -> None:
    root = ET.fromstring(junit(alone(outcome="INVALID"), []).encode())
    assert root.get("errors") == "1"


def test_the_comment_says_the_verdict_the_findings_and_five_broken_cases(
    world: tuple[Verdict, list[Comparison]],
) -> None:
    text = markdown(*world)
    assert text.startswith("<!-- evalkit:report -->")
    assert "> **FAIL: do not deploy** base → ft-model" in text
    assert "85.0% → 25.0% (-60.0 pp, 95% CI" in text
    assert text.count("\nasked:\n") == 5
    assert "and 57 more in the report." in text
    assert "3 slices undecided." in text
    assert "undecided: answer intent = cancel; answer intent = delivery; answer intent = invoice." in text


def test_no_text_escapes_its_place_in_the_comment() -> None:
    compared = comparison()
    hostile = "| x | <img src=x onerror=alert(1)> @everyone\n# head ``````text"
    examples = tuple(dataclasses.replace(example, id=f"{example.id} {hostile}") for example in compared.examples)
    renamed = dataclasses.replace(compared, examples=examples)
    text = markdown(dataclasses.replace(verdict([compared]), because=hostile), [renamed])
    outside = "".join(part for at, part in enumerate(text.split("```")) if at % 2 == 0)
    assert "<img" not in outside
    assert "@everyone" not in outside
    assert "\n# head" not in text


def test_a_code_block_of_the_comment_is_longer_than_any_fence_in_it() -> None:
    from evalkit.report.renderers.markdown import _fence

    assert _fence("a ```` b") == "`````text\na ```` b\n`````"


def test_a_verdict_without_comparisons_can_be_drawn_everywhere(world: tuple[Verdict, list[Comparison]]) -> None:
    for draw in (html, markdown, junit, console):
        assert "support-desk" in draw(world[0], [])


def test_an_invalid_verdict_without_suites_can_be_drawn_everywhere() -> None:
    empty = Verdict(version="1", outcome="INVALID", base="a", candidate="b", suites=(), because="nothing to compare")
    for draw in (html, markdown, console):
        assert "nothing to compare" in draw(empty, [])
    assert json.loads(verdict_json(empty))["exit_code"] == 4


def test_the_page_is_the_same_twice_and_holds_no_text_that_ends_its_script(
    world: tuple[Verdict, list[Comparison]],
) -> None:
    page = html(*world)
    assert page == html(*world)
    assert HOSTILE not in page
    assert (
        page.count("</script>") == 4 + 2
    )  # its labels, head, shared texts, texts of the suites, the search, and the script
    assert "\u2028" not in page
    assert "http://" not in page
    assert "https://" not in page


def test_an_estimate_in_a_slice_keeps_its_place_in_the_json() -> None:
    item = Estimate(
        metric="m",
        slice=SliceKey(by="intent", value="refund"),
        n=0,
        n_clusters=0,
        base=None,
        candidate=None,
        delta=None,
        low=None,
        high=None,
        confidence=0.95,
        higher_is_better=True,
        binary=True,
        fixed=None,
        broken=None,
        p=None,
        p_adjusted=None,
        method="none",
        mde=None,
        because="no case has a value in both arms",
    )
    suite = SuiteVerdict(name="s", outcome="INVALID", findings=(), metrics=(item,))
    text = verdict_json(Verdict(version="1", outcome="INVALID", base="a", candidate="b", suites=(suite,)))
    data = json.loads(text)
    row = data["suites"][0]["metrics"][0]
    assert row["slice"] == {"by": "intent", "value": "refund"}
    assert {data["reasons"][code] for code in row["missing"].values()} == {"no case has a value in both arms"}


def test_the_page_names_method_confidence_p_and_clusters_of_a_finding(
    world: tuple[Verdict, list[Comparison]],
) -> None:
    page = html(*world)
    compared = [found for found in world[0].suites[0].findings if found.delta is not None and found.p is not None]
    assert compared
    for found in compared:
        assert f"{found.method.replace('_', ' ')} at 95%, p = {found.p:.2g}" in page
    assert f"{compared[0].n_clusters} clusters]" in page


def test_a_comment_is_never_longer_than_one_may_be() -> None:
    compared = [comparison(n=120, suite=f"suite {number} {'長い名前' * 12}") for number in range(20)]
    found = verdict(compared)
    whole = markdown(found, compared, longest=10**9)
    assert len(whole) > 65_536
    for longest in (65_536, 20_000, 900):
        text = markdown(found, compared, longest=longest)
        assert len(text) <= longest
        assert text.startswith("<!-- evalkit:report -->")
        assert "**FAIL: do not deploy**" in text
    assert "more in the report" in markdown(found, compared)
