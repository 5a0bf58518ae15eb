"""JUnit XML for CI servers: one test case a finding, with the sentence why and the ids of what broke."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence

from evalkit.core.columns import Comparison
from evalkit.core.verdict import UNDECIDED, Finding, SuiteVerdict, Verdict
from evalkit.report import figures, words
from evalkit.report.sentences import Language, Speaker, speaker
from evalkit.text.outgoing import make_visible

_BROKEN = 10
_COUNTS = ("tests", "failures", "errors", "skipped")


def render(verdict: Verdict, comparisons: Sequence[Comparison], *, language: Language = "en") -> str:
    """Render the JUnit document.

    Names and properties are the same in every language, texts are not.
    INVALID is an error, what fails a failure; what was not judged, undecided or waived is skipped.
    """
    specs = {comparison.suite: comparison.manifest.get("spec") for comparison in comparisons}
    root = ET.Element("testsuites", name=f"evalkit: {make_visible(verdict.base)} vs {make_visible(verdict.candidate)}")
    total = dict.fromkeys(_COUNTS, 0)
    for suite in verdict.suites:
        strict = words.on_inconclusive(specs.get(suite.name)) == "fail"
        for name, many in _suite(root, suite, strict=strict, notes=verdict.notes, say=speaker(language)).items():
            total[name] += many
    return _document(root, total)


def join_documents(documents: Sequence[tuple[str, str]]) -> str:
    """Join several (candidate, document) pairs into one document.

    CI servers tell cases apart by suite and class name alone.
    """
    if len(documents) == 1:
        return documents[0][1]
    root = ET.Element("testsuites")
    total = dict.fromkeys(_COUNTS, 0)
    for candidate, document in documents:
        one = ET.fromstring(document)
        root.set(
            "name", one.get("name", "") if not root.get("name") else f"{root.get('name')}, {make_visible(candidate)}"
        )
        for name in total:
            total[name] += int(one.get(name, "0"))
        for suite in one:
            named = f"{suite.get('name')} [{make_visible(candidate)}]"
            suite.set("name", named)
            for case in suite.iter("testcase"):
                case.set("classname", named)
            root.append(suite)
    return _document(root, total)


def _document(root: ET.Element, total: Mapping[str, int]) -> str:
    for name, many in total.items():
        root.set(name, str(many))
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(
    root: ET.Element, suite: SuiteVerdict, *, strict: bool, notes: Sequence[str], say: Speaker
) -> dict[str, int]:
    element = ET.SubElement(root, "testsuite", name=make_visible(suite.name))
    told = [*(("note", note) for note in notes), *(("unsettled", said) for said in words.name_unsettled(suite))]
    if suite.ended or told:
        properties = ET.SubElement(element, "properties")
        for name, text in told:
            ET.SubElement(properties, "property", name=name, value=make_visible(text))
        for arm, endings in suite.ended.items():
            for name, many in endings.items():
                ET.SubElement(properties, "property", name=f"ended.{arm}.{name}", value=str(many))
    counts = {"tests": len(suite.findings), "failures": 0, "errors": 0, "skipped": 0}
    nothing_judged = all(finding.state == "TOO_SMALL" for finding in suite.findings)
    for finding in suite.findings:
        case = ET.SubElement(
            element,
            "testcase",
            classname=make_visible(suite.name),
            name=make_visible(figures.finding_name(finding)),
            time="0",
        )
        said = _result(case, finding, strict=strict, untold=nothing_judged, say=say)
        if said:
            counts[said] += 1
    if not suite.findings:
        case = ET.SubElement(element, "testcase", classname=make_visible(suite.name), name="verdict", time="0")
        why = "; ".join(suite.notes) or "nothing was judged"
        ET.SubElement(case, "error", message=make_visible(say(f"no findings: {why}")))
        counts |= {"tests": 1, "errors": 1}
    for name, many in counts.items():
        element.set(name, str(many))
    return counts


def _result(case: ET.Element, finding: Finding, *, strict: bool, untold: bool, say: Speaker) -> str:
    """Which count a finding adds to; `untold`: no finding of its suite could be judged, which is no pass."""
    message = make_visible(f"{finding.shown}: {say(finding.because)}")
    if finding.state == "INVALID":
        ET.SubElement(case, "error", message=message)
        return "errors"
    if words.fails(finding) or ((finding.state == "INCONCLUSIVE" or untold) and strict):
        failure = ET.SubElement(case, "failure", message=message, type=finding.state)
        failure.text = make_visible(_detail(finding, say))
        return "failures"
    if finding.shown in ("TOO_SMALL", "WAIVED", "INCONCLUSIVE", UNDECIDED):
        ET.SubElement(case, "skipped", message=message)
        return "skipped"
    ET.SubElement(case, "system-out").text = make_visible(say(figures.terse(finding)))
    return ""


def _detail(finding: Finding, say: Speaker) -> str:
    lines = [say(finding.because), say(figures.terse(finding))]
    if finding.examples:
        more = f" and {len(finding.examples) - _BROKEN} more" if len(finding.examples) > _BROKEN else ""
        lines.append(f"{say('broken')}: {say(', '.join(finding.examples[:_BROKEN]) + more)}")
    return "\n".join(lines)
