"""`validate` and `compare` tell every problem of a suite and its data at once, each with its place."""

import pytest
from project import SUITE, Project, told

from evalkit.cli import main


def break_row(project: Project, number: int) -> None:
    path = project.folder / "suites/data.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[number - 1] = lines[number - 1][:20]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


COMMANDS = [["validate"], ["compare", "base", "better"]]


@pytest.mark.parametrize("words", COMMANDS)
def test_a_metric_a_scorer_and_a_row_are_told_together(
    words: list[str], project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.suite(SUITE.replace("exact", "exakt").replace("metric: answer", "metric: anwser"))
    break_row(project, 7)
    assert told(capsys, *words) == [
        "suites/small.yaml:6:12: scorer 'answer': unknown scorer 'exakt' (did you mean 'exact'?)",
        "suites/small.yaml:10:27: no scorer produces the metric 'anwser' (did you mean 'answer'?)",
        "suites/data.jsonl:7:21: not valid JSON: the line breaks off: it is not whole",
    ]


@pytest.mark.parametrize("words", COMMANDS)
def test_an_unknown_key_hides_nothing(words: list[str], project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    text = SUITE.replace("exact", "exakt").replace("metric: answer", "metric: anwser")
    project.suite(text + "policy: {confiidence: 0.9}\n")
    break_row(project, 7)
    found = told(capsys, *words)
    assert [line.rsplit(":", 1)[0] for line in found if "JSON" not in line] == [
        "suites/small.yaml:6:12: scorer 'answer'",
        "suites/small.yaml:10:27",
        "suites/small.yaml:11:10",
    ]
    assert "confiidence" in found[2]
    assert found[3].startswith("suites/data.jsonl:7:21")


def test_what_was_left_out_is_no_second_problem(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.suite(
        """\
evalkit: 1
nme: small
dataset: {path: data.jsonl}
scorers:
  answer: {typ: exact}
slices:
  - {by: kind, min_n: 10}
gates:
  - {type: no_regresion, metric: answer}
  - {type: floor, metric: answer, mn: 0.5}
  - {type: no_regression, metric: nothing}
waivers:
  - {gate: no_regresion, metric: answer, reason: r, owner: o, expires: 2030-01-01}
"""
    )
    assert [line.partition(": ")[2] for line in told(capsys, "validate")] == [
        "unknown key 'nme' (did you mean 'name'?)",
        "the key 'type' is missing in scorers.answer",
        "unknown gates[0].type 'no_regresion' (did you mean 'no_regression'?)",
        "unknown key 'mn' in gates[1] (did you mean 'min'?)",
        "no scorer produces the metric 'nothing'",
    ]


@pytest.mark.parametrize(("by", "wrong"), [("[]", 1), ("[3, 4]", 2)])
def test_a_slice_without_a_tag_is_not_sought_in_the_rows(
    by: str, wrong: int, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.suite(SUITE.replace("by: kind", f"by: {by}"))
    found = told(capsys, "validate")
    assert len(found) == wrong
    assert not any("no row has the tag" in line for line in found)


@pytest.mark.parametrize("dataset", ["{path: data.jsonl, fromat: csv}", "{path: data.jsonl, format: jsn}", "{pth: x}"])
def test_rows_are_not_read_where_the_suite_does_not_say_how(
    dataset: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.suite(SUITE.replace("{path: data.jsonl}", dataset).replace("metric: answer", "metric: anwser"))
    break_row(project, 7)
    found = told(capsys, "validate")
    assert [line.split(":")[:2] for line in found] == [["suites/small.yaml", "3"], ["suites/small.yaml", "10"]]


def test_leaks_are_told_beside_a_misspelt_metric(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    (project.folder / "suites/train.jsonl").write_bytes((project.folder / "suites/data.jsonl").read_bytes())
    text = SUITE.replace("{path: data.jsonl}", "{path: data.jsonl, trained_on: [train.jsonl]}")
    project.suite(text)
    leaks = told(capsys, "validate")
    assert len(leaks) > 1
    project.suite(text.replace("metric: answer", "metric: anwser"))
    found = told(capsys, "validate")
    assert "anwser" in found[0]
    assert found[1:] == leaks


def test_ids_that_stand_twice_stay_unsound_alone_and_become_an_error_beside_others(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.data([*project.rows(), project.rows()[0]])
    assert project.compare("base", "better") == 4
    capsys.readouterr()
    project.suite(SUITE.replace("margin: 0.05", "margn: 0.05"))
    found = told(capsys, "compare", "base", "better")
    assert ["margn" in found[0], "stands twice" in found[1], len(found)] == [True, True, 2]


@pytest.mark.parametrize(("margin", "code"), [("margin", 4), ("margn", 2)])
def test_leaks_and_rows_that_do_not_fit_are_told_beside_ids_that_stand_twice(
    margin: str, code: int, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.data([*project.rows(), project.rows()[3]])
    project.write("suites/train.jsonl", '{"messages": [{"role": "user", "content": "What is 3 + 1?"}]}\n')
    text = SUITE.replace("{path: data.jsonl}", "{path: data.jsonl, trained_on: [train.jsonl]}")
    project.suite(text.replace("margin", margin))
    found = told(capsys, "validate")
    assert [sentence for sentence in found if "margn" not in sentence] == [
        "suites/data.jsonl:101: the id 'q3' stands twice (first at suites/data.jsonl:4)",
        "suites/train.jsonl:1: held-out example 'q3' is in the training data",
    ]
    assert ("margn" in found[0]) == (code == 2)
    assert project.compare("base", "better") == code
    capsys.readouterr()
    project.suite(text.replace("by: kind", "by: kidn"))
    assert "no row has the tag 'kidn'" in told(capsys, "compare", "base", "better")[0]


def test_a_suite_that_cannot_run_shows_no_counts_of_what_it_has(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.suite(SUITE.replace("metric: answer", "metric: anwser"))
    assert main(["validate"]) == 2
    assert capsys.readouterr().out == "suites/small.yaml: cannot run (1 problem)\n"


def test_a_training_file_that_is_not_here_is_named_with_its_suite(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.suite(SUITE.replace("{path: data.jsonl}", "{path: data.jsonl, trained_on: [train.jsonl]}"))
    assert main(["validate"]) == 0
    assert (
        "warning: suites/small.yaml:3:29: 1 of 1 training file is not here (train.jsonl): held-out not proven for it\n"
        in capsys.readouterr().err
    )


def test_a_recording_that_breaks_off_has_one_place(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    path = project.folder / "suites/base.jsonl"
    path.write_bytes(path.read_bytes()[:-5])
    last = path.read_text(encoding="utf-8").splitlines()
    (found,) = told(capsys, "compare", "base", "better", "--replay")
    assert found.endswith(f"base.jsonl:{len(last)}:{len(last[-1]) + 1}: not JSON: the line breaks off: it is not whole")
