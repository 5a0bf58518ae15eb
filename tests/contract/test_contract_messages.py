"""Messages speak of what the user wrote: never of names inside evalkit, never of a suite where there is none."""

import pytest
from project import SUITE, Project

from evalkit.cli import main


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    try:
        code = main(list(words))
    except SystemExit as end:
        code = int(str(end.code))
    assert code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--limit", "1e9"], "--limit: must be a whole number, at least 1, not '1e9'"),
        (["--limit", "0"], "--limit: must be a whole number, at least 1, not '0'"),
        (["--max-cost", "five"], "--max-cost: must be a sum in USD, at least 0, not 'five'"),
        (["--max-cost", "nan"], "--max-cost: must be a sum in USD, at least 0, not 'nan'"),
    ],
)
def test_a_bad_number_is_told_in_words(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = refused(capsys, "compare", "base", "better", *words)
    assert said in told
    assert "_count" not in told
    assert "_money" not in told


@pytest.mark.parametrize(("command", "known"), [("runs", "list"), ("baseline", "bless"), ("ledger", "stats")])
def test_an_unknown_action_is_told_with_the_known_ones(
    command: str, known: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(capsys, command, "burn")
    assert "argument what" not in told
    assert f"{known}" in told


def test_data_that_is_not_there_is_told_without_a_suite_unless_there_is_one(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(capsys, "data", "check", "nope.jsonl")
    assert "there is no data set nope.jsonl" in told
    assert "dataset.path" not in told
    project.suite(SUITE.replace("data.jsonl", "nope.jsonl"))
    told = refused(capsys, "compare", "base", "better")
    assert "suites/small.yaml:3:11: there is no data set" in told
    assert "check dataset.path: it is relative to the suite" in told


def test_a_recording_that_is_not_there_leads_to_its_line_in_models_yaml(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("suites/models.yaml", "models:\n  base: {provider: replay, recording: base.jsonl}\n"
                  "  gone: {provider: replay, recording: gone.jsonl}\n")  # fmt: skip
    told = refused(capsys, "compare", "base", "gone")
    assert "suites/models.yaml:3:28: the recording of model 'gone' is not there: gone.jsonl" in told
    assert "evalkit record MODEL -o" in told


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("min_n: 10", "min_n: -1", "min_n must be at least 1, not -1\n"),
        ("margin: 0.05", "margin: 2", "margin must be at most 1.0, not 2\n"),
        ("margin: 0.05", "margin: .nan", "must be a finite number, not nan\n"),
    ],
)
def test_a_value_out_of_bounds_is_told_as_it_stands(
    project: Project, old: str, new: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    project.suite(SUITE.replace(old, new))
    assert said in refused(capsys, "compare", "base", "better")


def test_one_is_not_told_in_the_plural(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate"]) == 0
    assert "(100 examples, 1 scorer, 1 gate)" in capsys.readouterr().out
    project.arm("worse", right=lambda i: i % 5 != 0 and i not in (1, 2, 3, 4))
    project.compare("base", "worse")
    assert "and 1 more broken case\n" in capsys.readouterr().out
