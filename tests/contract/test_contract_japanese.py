"""evalkit in Japanese: every screen and file for people, and not one byte of what programs read."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from project import Project

from evalkit.cli import main
from evalkit.report.sentences import in_japanese, is_whole
from evalkit.store.runs import load_run

SUITE = """\
evalkit: 1
name: small
dataset: {path: data.jsonl}
scorers:
  answer: {type: exact}
slices:
  - {by: kind, min_n: 10}
gates:
  - {type: no_regression, metric: answer, margin: 0.05}
  - {type: must_improve, metric: answer}
  - {type: no_regression, metric: answer, margin: 0.05, slices: [kind], min_n: 60}
  - {type: fairness, metrics: [answer], slices: [kind], max_change: 0.05}
  - {type: floor, metric: answer, min: 0.95, basis: proven}
  - {type: critical, tag: kind=even, metrics: [answer]}
"""
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
PROSE = re.compile(r"(?<![\w'\"/.=-])[a-z]+(?: [a-z]+){3,}(?![\w'\"/=-])")


def _compare(project: Project, name: str, *words: str) -> int:
    return project.compare(
        "base", "worse", "--json", f"{name}.json", "--junit", f"{name}.xml", "--markdown", f"{name}.md",
        "--report", name, *words,
    )  # fmt: skip


def _read(project: Project, name: str) -> str:
    return (project.folder / name).read_text(encoding="utf-8")


@pytest.fixture
def told(project: Project, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """What the terminal says of one failing comparison, by language."""
    project.suite(SUITE)
    project.arm("worse", right=lambda i: i % 2 == 0 and i % 10 != 0)
    said = {}
    for language in ("en", "ja"):
        assert _compare(project, language, "--lang", language) == 1
        said[language] = capsys.readouterr().out
    return said


def test_what_programs_read_does_not_depend_on_the_language(project: Project, told: dict[str, str]) -> None:
    assert _read(project, "en.json") == _read(project, "ja.json")
    assert not JAPANESE.search(_read(project, "ja.json"))

    def shape(name: str) -> list[tuple[str, dict[str, str]]]:
        found = ET.fromstring(_read(project, name)).iter()
        return [(one.tag, {key: value for key, value in one.attrib.items() if key != "message"}) for one in found]

    assert shape("en.xml") == shape("ja.xml")
    messages = [one.get("message", "") for one in ET.fromstring(_read(project, "ja.xml")).iter("failure")]
    assert messages
    assert all(JAPANESE.search(message) for message in messages)


def test_what_people_read_is_japanese_with_the_same_figures_and_so_is_a_kept_run(
    project: Project, told: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    for text in (told["ja"], _read(project, "ja.md")):
        flat = " ".join(line for line in text.splitlines() if "What is" not in line)
        assert JAPANESE.search(flat)
        assert not PROSE.search(flat), PROSE.search(flat)
    assert "デプロイしないでください" in told["ja"]
    verdict = json.loads(_read(project, "en.json"))
    sentences = [finding["because"] for suite in verdict["suites"] for finding in suite["findings"]]
    assert len(sentences) > 6
    for english in [verdict["because"], *sentences]:
        assert is_whole(english), english
        japanese = in_japanese(english)
        figures = re.compile(r"\d[\d,.]*\d|\d")
        assert sorted(figures.findall(english)) == sorted(figures.findall(japanese)), (english, japanese)
    page = _read(project, "ja/index.html")
    assert '<html lang="ja"' in page
    assert "デプロイしないでください</span>" in page
    assert 'data-t="do not deploy"' in page
    assert '<html lang="en"' in _read(project, "en/index.html")
    kept = load_run(Path("."), "latest").verdict
    assert not JAPANESE.search(kept.because)
    assert main(["report", "latest", "--lang", "ja"]) == 0
    assert "デプロイしないでください" in capsys.readouterr().out
    assert main(["--lang=ja", "gate", "latest"]) == 1
    assert "デプロイしないでください" in capsys.readouterr().out


def test_the_environment_chooses_the_language_and_the_option_wins(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EVALKIT_LANG", "ja")
    assert main(["compare", "base", "nobody"]) == 2
    assert "'nobody' というモデルはありません" in capsys.readouterr().err
    assert main(["compare", "base", "nobody", "--lang", "en"]) == 2
    assert "unknown model 'nobody'" in capsys.readouterr().err
    monkeypatch.delenv("EVALKIT_LANG")
    assert main(["compare", "base", "nobody"]) == 2
    assert "unknown model 'nobody'" in capsys.readouterr().err, "the language of one command is not that of the next"


@pytest.mark.parametrize("words", [["--lang", "jp"], ["--lang=jp"], ["--lang"], ["--lang", ""]])
def test_an_unknown_language_is_refused_before_anything_is_done(
    project: Project, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", "base", "better", *words]) == 2
    said = capsys.readouterr()
    assert "--lang: unknown language" in said.err
    assert "allowed: en, ja" in said.err
    assert not (project.folder / ".evalkit").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["compre"], "'compre' というコマンドはありません(もしかして 'compare' ですか)"),
        (["compare", "base", "better", "--sute", "x"], "'--sute' というオプションはありません"),
        (["compare"], "次の引数が必要です: BASE"),
        (["validate", "nowhere"], "スイートもフォルダーもありません: 'nowhere'"),
        (["gate", "nothing"], "保存された実行はありません"),
        (["compare", "base", "better", "--json", "suites"], "--json suites: フォルダーです"),
        (["compare", "base", "better", "--limit", "0"], "1 以上の整数を指定してください('0' が指定されています)"),
    ],
)
def test_errors_are_told_in_japanese(
    project: Project, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main(["--lang", "ja", *words])
    except SystemExit as ended:  # argparse leaves by itself
        code = int(ended.code or 0)
    assert code == 2
    assert said in capsys.readouterr().err
