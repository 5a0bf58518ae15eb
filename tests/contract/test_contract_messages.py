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


def test_a_recording_that_is_not_there_is_told_with_the_nearest_file(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    models = "models:\n  base: {provider: replay, recording: nope/base.jsonl}\n"
    project.write("suites/models.yaml", models + "  far: {provider: replay, recording: gone/far.jsonl}\n")
    told = refused(capsys, "compare", "base", "far")
    assert "suites/models.yaml:2:28: the recording of model 'base' is not there: nope/base.jsonl" in told
    assert "nope/base.jsonl (did you mean 'base.jsonl'?)\n" in told
    assert "the recording of model 'far' is not there: gone/far.jsonl\n" in told


def test_a_path_that_holds_no_recording_leads_to_a_file_or_a_model(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(capsys, "compare", "base", "nope/bettr.jsonl")
    assert "no such recording: nope/bettr.jsonl (did you mean 'suites/better.jsonl'?)\n" in told
    assert f"to do: check the path (from {project.folder}), or name a model of suites/models.yaml" in told
    project.write("suites/recordings/tuned.jsonl", "")
    told = refused(capsys, "compare", "base", "tunde.jsonl")
    assert "no such recording: tunde.jsonl (did you mean 'suites/recordings/tuned.jsonl'?)\n" in told
    told = refused(capsys, "compare", "base", "better.jsonl")
    assert "no such recording: better.jsonl\n" in told
    assert "to do: did you mean the model 'better' of suites/models.yaml?" in told


def test_models_in_shift_jis_are_told_once_beside_the_suites(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "models:\n  base: {provider: replay, recording: base.jsonl}  # 注文の窓口\n"
    (project.folder / "suites/models.yaml").write_bytes(text.encode("cp932"))
    told = refused(capsys, "compare", "base", "better")
    assert told.count("suites/models.yaml: the file is not UTF-8: it looks like Shift_JIS (cp932)\n") == 1
    assert "iconv -f cp932 -t utf-8 suites/models.yaml\n" in told


def test_validate_tells_a_broken_models_file_once_and_not_as_a_suite(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("suites/models.yaml", "models:\n  base: {provider: openai}\n  base: {provider: openai}\n")
    assert main(["validate"]) == 2
    out, told = capsys.readouterr()
    assert told.count("the key 'base' is written twice") == 1
    assert "suites/models.yaml: not every model can be opened (1 problem)" in out
    assert "suites/models.yaml: cannot run" not in out
    assert "suites/small.yaml: can run" in out


def test_a_recording_in_shift_jis_is_told_once_though_its_first_lines_show_no_japanese(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        '{"evalkit_recording": 1}',
        '{"id": "a", "text": "　REFUND"}',
        '{"id": "b", "text": "送料は当店が負担いたします。"}',
    ]
    (project.folder / "suites/sjis.jsonl").write_bytes("\n".join(lines).encode("cp932"))
    told = refused(capsys, "compare", "base", "suites/sjis.jsonl")
    assert "not UTF-8: it looks like Shift_JIS (cp932)\n" in told
    assert "iconv -f cp932 -t utf-8 " in told
    assert told.count("not UTF-8") == 1
    (project.folder / "suites/spoilt.jsonl").write_bytes(lines[0].encode() + b'\n{"id": "a", "text": "\xff"}\n')
    assert "spoilt.jsonl:2: not UTF-8: invalid start byte" in refused(capsys, "compare", "base", "suites/spoilt.jsonl")


def test_a_folder_is_no_models_file_and_is_called_a_folder(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(capsys, "compare", "base", "better", "--models", "suites")
    assert "--models suites is a folder, not a file\n    to do: name suites/models.yaml\n" in told
    assert "no such models file: suites/model.yaml (did you mean 'suites/models.yaml'?)" in refused(
        capsys, "compare", "base", "better", "--models", "suites/model.yaml"
    )


def test_a_row_that_a_scorer_cannot_use_is_told_with_its_place_and_a_way_out(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = project.rows()
    del rows[2]["target"]
    project.data(rows)
    told = refused(capsys, "compare", "base", "better")
    assert "suites/data.jsonl:3: scorer 'answer', example 'q2': it has no target\n" in told
    way = "mend the row, or give the scorer (suites/small.yaml:6) the rows it is for: `when: {tag: value}`"
    assert f"    to do: {way}\n" in told


@pytest.mark.parametrize("asked", [False, True])
def test_a_place_that_nobody_named_is_told_without_an_option_that_nobody_gave(
    project: Project, capsys: pytest.CaptureFixture[str], asked: bool
) -> None:
    project.write("reports", "a file where reports go")
    words = ["--report", "reports/out"] if asked else []
    told = refused(capsys, "compare", "base", "better", *words)
    if asked:
        assert "--report reports/out: reports is a file, not a folder" in told
    else:
        assert "reports go to reports/out, which cannot be written: reports is a file, not a folder\n" in told
        assert "to do: name another place with --report\n" in told


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("min_n: 10", "min_n: -1", "min_n must be at least 1, not -1\n"),
        ("margin: 0.05", "margin: 2", "a margin of 2 on answer can never fail\n    allowed: at most 1,"),
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
