"""The Python door: the verdict with its cases, models and scorers of a program's own, names for notebooks."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from project import SUITE, Project

import evalkit
from evalkit.core.errors import SuiteError


@pytest.fixture
def door(project: Project) -> Project:
    project.data()
    project.suite()
    project.arm("base", right=lambda i: i % 10 != 0)
    project.arm("candidate", right=lambda i: i % 2 == 0)
    project.models("base", "candidate")
    return project


def test_a_result_is_the_verdict_with_its_cases_and_metrics(door: Project) -> None:
    result = evalkit.compare("base", "candidate", root=None)
    assert result.outcome == result.verdict.outcome == "FAIL"
    assert result.exit_code == 1
    cases = result.cases()
    assert len(cases) == 100
    first = next(case for case in cases if case["id"] == "q1")
    assert (first["suite"], first["state"], first["base"], first["candidate"]) == ("small", "broken", "2", "no")
    assert (first["base.answer"], first["candidate.answer"], first["tag.kind"]) == (1.0, 0.0, "odd")
    assert first["why"] == "answer 1 -> 0"
    (answer,) = [row for row in result.metrics() if row["metric"] == "answer" and row["slice_by"] is None]
    assert (answer["n"], answer["base"], answer["candidate"]) == (100, 0.9, 0.5)
    assert result.gate_findings()[0]["state"] == "REGRESSION"
    assert "FAIL" in str(result)


def test_rows_become_a_data_frame(door: Project) -> None:
    pytest.importorskip("pandas")
    result = evalkit.compare("base", "candidate", root=None)
    frame = result.to_frame()
    assert list(frame["candidate.answer"])[:2] == [1.0, 0.0]
    assert len(result.metrics().to_frame()) == len(result.metrics())


def test_without_pandas_the_line_to_type_is_told(door: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    result = evalkit.compare("base", "candidate", root=None)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install pandas"):
        result.to_frame()


def test_a_verdict_is_data_and_the_report_is_written_where_one_says(door: Project) -> None:
    result = evalkit.compare("base", "candidate", root=None)
    page = result.write_report("out/here")
    assert page.name == "index.html"
    assert "<html" in page.read_text(encoding="utf-8")
    written = json.loads((page.parent / "verdict.json").read_text(encoding="utf-8"))
    assert written == result.to_dict() == result.verdict.to_dict()
    door.compare("base", "candidate", "--json", "command.json")
    assert json.loads((door.folder / "command.json").read_text(encoding="utf-8")) == written


def right(request: evalkit.Request) -> str:
    question = request.messages[-1].content
    assert isinstance(question, str)
    return str(int(question.split()[2]) + 1)


def test_models_of_a_program_stand_beside_names(door: Project) -> None:
    result = evalkit.compare("base", "mine", models={"mine": right}, root=None)
    assert result.verdict.candidate == "mine"
    assert result.outcome == "PASS"
    assert {case["candidate.answer"] for case in result.cases()} == {1.0}


def test_a_model_of_a_program_is_not_closed_by_a_comparison(door: Project) -> None:
    from evalkit.models.scripted import ScriptedModel

    class Kept(ScriptedModel):
        closed = 0

        def close(self) -> None:
            self.closed += 1

    model = Kept(right)
    assert evalkit.compare("base", "mine", models={"mine": model}, root=None).outcome == "PASS"
    assert evalkit.compare("mine", "mine", models={"mine": model}, root=None).outcome == "PASS"
    assert model.closed == 0


def test_what_cannot_answer_is_told(door: Project) -> None:
    with pytest.raises(evalkit.EvalkitError, match=r"models\['mine'\] is of type int, which cannot answer"):
        evalkit.compare("base", "mine", models={"mine": 3}, root=None)  # type: ignore[dict-item]


def test_a_function_that_answers_with_no_text_is_told_with_the_case(door: Project) -> None:
    three: Any = lambda request: 3  # noqa: E731
    with pytest.raises(evalkit.EvalkitError, match=r"the function of 'mine' answered '\w+' with 3\n.*text"):
        evalkit.compare("base", "mine", models={"mine": three}, root=None)


@pytest.mark.parametrize("arm", [["candidate"], 3, None])
def test_an_arm_that_is_no_name_is_told(arm: Any, door: Project) -> None:
    with pytest.raises(evalkit.EvalkitError, match=r"candidate is .*\n.*a name of models.yaml"):
        evalkit.compare("base", arm, root=None)


def test_every_argument_that_cannot_be_meant_is_told_at_once(door: Project) -> None:
    wrong: dict[str, Any] = {
        "suites": 3, "models": 3, "scorers": [3], "mode": "repaly", "limit": 0, "seed": "a", "max_cost": -1, "root": 3,
    }  # fmt: skip
    with pytest.raises(evalkit.EvalkitError) as told:
        evalkit.compare("base", "candidate", **wrong)
    assert [problem.what.split()[0] for problem in told.value.problems] == list(wrong)


def test_a_plain_function_among_the_scorers_is_told_what_it_lacks(door: Project) -> None:
    plain: Any = lambda text: len(text)  # noqa: E731
    with pytest.raises(evalkit.EvalkitError, match=r"'brief'.*@evalkit.scorer above it"):
        evalkit.compare("base", "candidate", scorers={"brief": plain}, root=None)


@evalkit.scorer
def brief(text: str) -> bool:
    """Whether an answer is one word."""
    return len(text.split()) == 1


def test_a_function_is_a_scorer_of_every_suite(door: Project) -> None:
    result = evalkit.compare("base", "candidate", scorers={"brief": brief}, root=None)
    (row,) = [row for row in result.metrics() if row["metric"] == "brief" and row["slice_by"] is None]
    assert (row["base"], row["candidate"], row["binary"]) == (1.0, 1.0, True)
    assert {case["candidate.brief"] for case in result.cases()} == {1.0}


def test_a_suite_may_name_a_scorer_of_the_program_and_gate_on_it(door: Project) -> None:
    text = SUITE.replace("answer: {type: exact}", "answer: {type: exact}\n  short: {type: brief, when: {kind: odd}}")
    door.suite(text + "  - {type: floor, metric: short, min: 0.5}\n")
    with pytest.raises(SuiteError, match="unknown scorer 'brief'"):
        evalkit.compare("base", "candidate", root=None)
    result = evalkit.compare("base", "candidate", scorers={"brief": brief}, root=None)
    assert {finding.metric for finding in result.findings} == {"answer", "short"}
    with pytest.raises(SuiteError, match="unknown scorer 'brief'"):
        evalkit.compare("base", "candidate", root=None)


def test_a_scorer_object_takes_no_options(door: Project) -> None:
    door.suite(SUITE.replace("answer: {type: exact}", "answer: {type: exact}\n  short: {type: brief, words: 2}"))
    with pytest.raises(SuiteError, match="scorer 'brief' is an object, which takes no options: words"):
        evalkit.compare("base", "candidate", scorers={"brief": brief}, root=None)


@dataclasses.dataclass(frozen=True)
class Has:
    """Whether an answer has a text in it."""

    word: str
    version = "1"

    def metrics(self) -> Sequence[evalkit.Metric]:
        return (evalkit.Metric(),)

    def score(self, example: evalkit.Example, response: evalkit.Response) -> evalkit.Score:
        value = float(self.word in (response.text or ""))
        return evalkit.Score(example_id=example.id, scorer="", version=self.version, value=value)

    def check(self, example: evalkit.Example) -> Sequence[str]:
        return ()


def test_what_is_registered_is_there_for_commands_in_the_same_process(door: Project) -> None:
    door.suite(SUITE.replace("answer: {type: exact}", "answer: {type: exact}\n  nay: {type: has, word: 'no'}"))
    evalkit.register_scorer("has", Has)
    try:
        verdict = door.verdict("base", "candidate")
    finally:
        from evalkit.core.registry import registry_of

        registry_of("scorer").forget("has")
    assert "nay" in {row["metric"] for row in verdict["suites"][0]["metrics"]}


def test_what_cannot_be_a_scorer_and_names_that_are_taken_are_told() -> None:
    with pytest.raises(evalkit.EvalkitError, match="'exact' is evalkit's own"):
        evalkit.register_scorer("exact", Has)
    with pytest.raises(evalkit.EvalkitError, match=r"a scorer is a frozen dataclass, or an object"):
        evalkit.register_scorer("mine", 3)
    with pytest.raises(evalkit.EvalkitError, match="asks for answer"):
        evalkit.scorer(lambda answer: True)


def test_public_names_lead_somewhere() -> None:
    for name in evalkit.__all__:
        assert getattr(evalkit, name) is not None
    assert {"Message", "Metric", "EvalkitError", "testing", "stats", "compare"} <= {*dir(evalkit)}
