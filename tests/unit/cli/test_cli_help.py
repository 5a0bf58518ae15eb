"""`--help` speaks Japanese: nothing of it is left out, no line is wider than the terminal, English loads no table."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from importlib.resources import files

import pytest

from evalkit.cli import COMMANDS, main
from evalkit.cli.help import help_sentences, wrap_columns


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(mark) in "WFA" else 1 for mark in text)


def test_help_keeps_to_the_glossary() -> None:
    terms = json.loads(files("evalkit.report.sentences").joinpath("glossary.json").read_text(encoding="utf-8"))
    wrong = [
        f"{english[:40]!r}: {word} (write {term['ja']})"
        for english, japanese in help_sentences().items()
        for term in terms
        for word in term["not"]
        if word in japanese
    ]
    assert not wrong


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_is_japanese_and_fits(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as ended:
        main([name, "--help", "--lang", "ja"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    usage, _, rest = text.partition("\n\n")
    assert usage.startswith("使い方: evalkit ")
    assert "オプション:" in rest
    assert "show this help" not in rest
    options = rest.partition("オプション:")[2]
    assert all(_columns(line) <= 80 for line in options.splitlines() if " " in line.strip() and "--" not in line)


def test_the_list_of_commands_is_japanese(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang=ja", "--help"]) == 0
    text = capsys.readouterr().out
    assert "総合判定を出す" in text
    assert not any(about in text for about in COMMANDS.values())


def test_a_usage_error_shows_the_usage_in_japanese(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["compare", "--nonsense", "--lang", "ja"])
    assert ended.value.code == 2
    assert "使い方: evalkit compare" in capsys.readouterr().err


def test_english_help_loads_neither_table_nor_sentences() -> None:
    code = (
        "import sys; from evalkit.cli import main; main(['--help']);"
        "print([m for m in sys.modules if m.startswith('evalkit.report')], 'json' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stdout.splitlines()[-1] == "[] False"


def test_lines_never_begin_with_a_closing_mark() -> None:
    lines = list(wrap_columns("あいうえ、かきくけ。さしすせ(そ)たちつて", 10))
    assert "".join(lines) == "あいうえ、かきくけ。さしすせ(そ)たちつて"
    assert all(line[0] not in "、。)" and line[-1] != "(" for line in lines)
    assert all(_columns(line) <= 10 for line in lines)
