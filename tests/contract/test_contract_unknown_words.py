"""Words on the command line that no command knows are told all at once, an option with the nearest one."""

import pytest
from project import Project

from evalkit.cli import main


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["compare", "base", "better", "--repaly"], "compare: unknown option '--repaly' (did you mean '--replay'?)"),
        (["compare", "base", "better", "--limt=3"], "compare: unknown option '--limt' (did you mean '--limit'?)"),
        (["data", "check", "x.jsonl", "--fromat", "csv"], "data check: unknown option '--fromat' (did you mean"),
        (["validate", "--zzzzz"], "validate: unknown option '--zzzzz'"),
        (["compare", "base", "better", "-K", "x"], "compare: unknown option '-K' (did you mean '-k'?)\n"),
    ],
)
def test_an_unknown_option_is_told_with_the_nearest(
    words: list[str], said: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    shown = capsys.readouterr().err
    assert shown.startswith(f"evalkit {said}")
    assert "--help tells every argument and option" in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("gate RUN extra --repot x", ["'extra' is an argument too many", "unknown option '--repot' (did you mean"]),
        ("gate RUN --zzzzz=1 extra", ["unknown option '--zzzzz'", "'extra' is an argument too many"]),
        ("gate RUN extra", ["'extra' is an argument too many"]),
        ("gate RUN extra -- more", ["'extra' is an argument too many", "'more' is an argument too many"]),
        (
            "data check x.jsonl y --fromat csv",
            ["'y' is an argument too many", "unknown option '--fromat' (did you mean"],
        ),
    ],
)
def test_every_word_that_is_too_many_is_told_at_once(
    words: str, said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words.split())
    assert ended.value.code == 2
    *lines, todo = capsys.readouterr().err.splitlines()
    assert all(start in line for line, start in zip(lines, said, strict=True)), lines
    assert "--help" in todo
