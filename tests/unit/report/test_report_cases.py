"""What the section of cases shows."""

from __future__ import annotations

import dataclasses
import gzip

import numpy as np
import pytest
from report_world import comparison, verdict

from evalkit.core.blocks import Cases, Prose, Table
from evalkit.core.columns import Column, Comparison, PairedColumn
from evalkit.core.exchange import Example, Failure, Message, Response, ToolCall
from evalkit.core.verdict import Verdict
from evalkit.report import html, turns
from evalkit.report.renderers.blob import unpack
from evalkit.report.sections import (
    cases,
    metrics,
)
from evalkit.scorers.tool_calls import ToolCalls


@pytest.fixture(scope="module")
def compared() -> Comparison:
    return comparison()


@pytest.fixture(scope="module")
def decided(compared: Comparison) -> Verdict:
    return verdict([compared])


def column(*values: float | None) -> Column:
    scored = np.array([[value is not None] for value in values])
    raw = np.array([[value or 0.0] for value in values])
    return Column(raw=raw, scored=scored, failed=~scored, errors=np.zeros(scored.shape, dtype=bool))


def pair(base: list[float | None], candidate: list[float | None], **kind: bool) -> PairedColumn:
    return PairedColumn(metric="m", base=column(*base), candidate=column(*candidate), **kind)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ({"binary": True}, ["broken", "fixed", "both_wrong", "both_right", None]),
        ({"binary": True, "higher_is_better": False}, ["fixed", "broken", "both_right", "both_wrong", None]),
    ],
)
def test_worse_is_broken_and_better_is_fixed(kind: dict[str, bool], expected: list[str | None]) -> None:
    found = pair([1.0, 0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0, None], **kind)
    assert cases._groups(found) == expected


def test_cases_are_grouped_by_the_main_metrics_and_a_failed_call_is_neither(
    compared: Comparison, decided: Verdict
) -> None:
    (block,) = cases.blocks(compared, decided)
    assert isinstance(block, Cases)
    assert sum(block.counts.values()) == 160
    assert block.counts["failed"] == 1
    groups = [case.group for case in block.cases]
    assert groups == sorted(groups, key=cases.GROUPS.index)
    broken = [case for case in block.cases if case.group == "broken"]
    assert all("broken" in case.groups.values() for case in broken)
    assert broken[0].id == "t-000", "the first id of the gravest finding"
    failed = block.cases[-1]
    assert (failed.id, failed.status) == ("t-007", ("", "timeout: no answer in 60 s"))


def test_the_text_of_a_case_is_what_was_asked_expected_and_answered(compared: Comparison, decided: Verdict) -> None:
    (block,) = cases.blocks(compared, decided)
    assert isinstance(block, Cases)
    case = next(case for case in block.cases if case.id == "t-005")
    assert case.prompt == "Where is my parcel 5? It was due on Monday."
    assert case.turns[0][0] == "system"
    assert case.expected == "Parcel 5 left our depot and arrives tomorrow."
    assert case.base_calls[0][0] == "open_delivery"


@pytest.mark.parametrize(
    ("target", "choices", "shown"),
    [
        (1, ("red", "blue"), "blue"),
        ("red", (), "red"),
        (None, (), ""),
        ({"tool_calls": []}, (), '{\n "tool_calls": []\n}'),
    ],
)
def test_what_was_expected_reads_as_text(target: object, choices: tuple[str, ...], shown: str) -> None:
    assert cases.target_text(Example(id="1", messages=(), target=target, choices=choices)) == shown


def test_parts_and_tool_calls_of_a_conversation_are_shown_as_text() -> None:
    parts = Message(role="user", content=({"type": "text", "text": "look"}, {"type": "image_url"}))
    called = Message(role="assistant", tool_calls=(ToolCall(name="f", arguments="{}"),))
    assert [turns._content(message) for message in (parts, called)] == ["look\n[image_url]", "f({})"]


@pytest.mark.parametrize(
    ("response", "status"),
    [
        (None, "no answer"),
        (Response(example_id="1", failure=Failure(kind="timeout", message="60 s")), "timeout: 60 s"),
        (Response(example_id="1", refusal="no"), "refused"),
        (Response(example_id="1", text="a", finish="length"), "cut at max_tokens"),
        (Response(example_id="1", text="a", finish="stop"), ""),
    ],
)
def test_what_is_special_about_an_answer_is_said_beside_it(response: Response | None, status: str) -> None:
    assert cases._status(response) == status


def test_evidence_that_only_repeats_the_answer_is_left_out(compared: Comparison, decided: Verdict) -> None:
    def shown(of: str, evidence: dict[str, str]) -> object:
        scores = {"answer": dict(compared.base_scores["answer"])}
        scores["answer"][of] = (dataclasses.replace(scores["answer"][of][0], evidence=evidence),)
        (block,) = cases.blocks(dataclasses.replace(compared, base_scores=scores), decided)
        assert isinstance(block, Cases)
        return next(case.evidence for case in block.cases if case.id == of)

    (block,) = cases.blocks(compared, decided)
    assert isinstance(block, Cases)
    groups = {case.groups.get("answer"): case.id for case in block.cases}
    said = {"got": str(compared.base_responses[groups["broken"]][0].text), "why": "x"}
    assert shown(groups["broken"], said) == {"answer": {"base": {"why": "x"}, "candidate": {"reason": "differs"}}}
    assert shown(groups["both_right"], {"why": "x"}) == {}, "where both are right there is nothing to explain"


def test_calls_that_a_model_wrote_as_text_are_shown_as_calls(compared: Comparison, decided: Verdict) -> None:
    answers = {
        "base": '<tool_call>{"name": "find", "arguments": {"day": "2024-05-01"}}</tool_call>',
        "candidate": '<tool_call>{"name": "find", "arguments": "{"}</tool_call>',
    }
    example = Example(id="t-005", messages=(), target={"tool_calls": [{"name": "find", "arguments": {"day": "x"}}]})
    scores = {
        arm: {"calls": {"t-005": (ToolCalls().score(example, Response(example_id="t-005", text=text)),)}}
        for arm, text in answers.items()
    }
    shown = dataclasses.replace(
        compared,
        base_responses={**compared.base_responses, "t-005": (Response(example_id="t-005", text=answers["base"]),)},
        candidate_responses={
            **compared.candidate_responses,
            "t-005": (Response(example_id="t-005", text=answers["candidate"]),),
        },
        base_scores=scores["base"],
        candidate_scores=scores["candidate"],
    )
    (block,) = cases.blocks(shown, decided)
    assert isinstance(block, Cases)
    case = next(case for case in block.cases if case.id == "t-005")
    assert case.base_calls == (("find", '{"day": "2024-05-01"}'),)
    assert case.candidate_calls == (("find", "{"),)


@pytest.mark.parametrize("count", [160, 800])
def test_the_page_weighs_little_more_than_its_texts_packed(count: int) -> None:
    compared = comparison(n=count)
    raw = {text for case in cases.all_cases(compared) for text in (case.expected, case.base, case.candidate)}
    raw |= {content for case in cases.all_cases(compared) for _, content in case.turns}
    calls = [call[1] for case in cases.all_cases(compared) for call in (*case.base_calls, *case.candidate_calls)]
    size = len(gzip.compress("\n".join([*sorted(raw), *calls]).encode(), 6))
    page = html(verdict([compared]), [compared])
    assert len(page.encode()) <= 1.6 * size + 200_000
    data = unpack(page.split('id="data">')[1].split("</script>")[0])
    assert [len(suite["ids"]) for suite in data["suites"]] == [count]
    assert [sum(suite["chunks"]) for suite in data["suites"]] == [count]


def test_the_metrics_of_an_invalid_suite_say_that_nothing_follows_from_them(
    compared: Comparison, decided: Verdict
) -> None:
    suite = dataclasses.replace(decided.suites[0], outcome="INVALID")
    caveat, table = metrics.blocks(compared, dataclasses.replace(decided, suites=(suite,)))
    assert isinstance(caveat, Prose)
    assert "nothing may be concluded" in caveat.text
    assert isinstance(table, Table)
