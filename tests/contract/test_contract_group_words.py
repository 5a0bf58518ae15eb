"""Every sentence that speaks of groups keeps to the page on what may be concluded, wherever and in either language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from project import SUITE, Project

from evalkit.cli import main
from evalkit.report.sentences import LANGUAGES

ROOT = Path(__file__).parents[2]
BANNED = re.compile(
    r"unbiased|\bbiased\b(?! upwards)|\bbias-free\b|\bfree (?:of|from) bias|\b(?:un)?fair(?:ly|er|est)?\b"
    r"|discriminat(?!or)|prejudic|\b(?:rac|sex|age)ist\b|\b(?:non-?)?complian[ct]|\bequitabl|\bimpartial"
    r"|公平(?!性)|不公平|公正|差別|偏見|偏り(?:が|は|も)?な[いく]|平等|中立|適合して|準拠して",
    re.IGNORECASE,
)
KEY = re.compile(r"`\w+`")
"""A key of somebody's data, as BBQ's rows have it"""
ROOMS = ("cli", "core", "gates", "pipeline", "report", "slices", "stats", "suite", "pytest_plugin.py")
"""Whoever writes a sentence about groups that people read"""
SHOWN = (".json", ".yaml", ".j2", ".js", ".css", ".md")
GATE = "gates:\n  - {type: fairness, slices: [sex], metrics: [answer], max_change: 0.1}\n"
FAMILIES = "gates:\n  - {type: fairness, families: true, slices: [sex], metrics: [answer], max_change: 0.1}\n"


def spoken(project: Project, capsys: pytest.CaptureFixture[str], gate: str, wrong: int) -> dict[str, str]:
    """Whatever a comparison, its tables and its evidence say, by where it stands."""
    rows = project.rows()
    for i, row in enumerate(rows):
        row["tags"] |= {"sex": ("women", "men")[i % 2], "family": f"f{i // 2}"}
    project.data(rows)
    project.suite(SUITE.replace("gates:\n", gate))
    project.arm("base", right=lambda i: True)
    project.arm("cand", right=lambda i: not (i % 2 == 0 and i % wrong == 0))
    project.models("base", "cand")
    found = {}
    shown = ["--report", "page", "--json", "v.json", "--markdown", "v.md", "--junit", "v.xml"]
    commands = [
        ["validate"],
        ["plan", "base", "cand"],
        ["compare", "base", "cand", *shown],
        ["groups", "-o", "g.csv"],
    ]
    commands += [["report", "latest", "--evidence", "--report", f"signed-{one}", "--lang", one] for one in LANGUAGES]
    for words in commands:
        main(words)
        told = capsys.readouterr()
        found[" ".join(words)] = told.out + told.err
    for path in sorted(project.folder.rglob("*")):
        if path.suffix in (".html", ".md", ".json", ".xml", ".csv") and not {"suites", ".evalkit"} & {*path.parts}:
            found[str(path.relative_to(project.folder))] = path.read_text(encoding="utf-8")
    return found


@pytest.mark.parametrize("gate", [GATE, FAMILIES])
@pytest.mark.parametrize("wrong", [3, 40, 1000])
def test_no_report_judges_a_model_in_any_form_or_language(
    project: Project, capsys: pytest.CaptureFixture[str], gate: str, wrong: int
) -> None:
    found = spoken(project, capsys, gate, wrong)
    assert {"page/index.html", "v.md", "v.json", "v.xml", "g.csv", "signed-ja/evidence.html"} <= found.keys()
    for place, text in found.items():
        assert "women" in text or not place.endswith(("index.html", "g.csv", "evidence.md", "evidence.html")), place
        shown = re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.DOTALL)
        assert BANNED.findall(shown) == [], place


def test_the_audit_of_a_file_judges_nobody(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"{'fm'[i % 2]},{'ab'[i % 3 == 0]},{i % 5 > 1},{i % 4 > 0}\n" for i in range(200)]
    project.write("d.csv", "sex,race,hired,fit\n" + "".join(rows))
    words = ["--by", "sex", "--by", "race", "--selected", "hired=True", "--truth", "fit=True", "--json", "t.json"]
    assert main(["audit", "d.csv", *words]) == 0
    said = capsys.readouterr().out + (project.folder / "t.json").read_text(encoding="utf-8")
    assert "four-fifths" in said
    assert BANNED.findall(said) == []


@pytest.mark.parametrize("command", ["audit", "groups", "compare", "report", "gate"])
def test_no_help_does(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert BANNED.findall(capsys.readouterr().out) == []


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """The texts of a module that people may read: all constants, and doc strings that commands and suites show."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    shown = path.parent.name in ("cli", "suite", "gates", "scorers")
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and (shown or id(node) not in docs):
            yield node.lineno, node.value


def test_no_sentence_in_the_code_does() -> None:
    found, seen = [], 0
    for room in ROOMS:
        start = ROOT / "evalkit" / room
        for path in sorted(start.rglob("*.py")) if start.is_dir() else [start]:
            for number, text in sentences(path):
                seen += 1
                if BANNED.search(text):
                    found.append(f"{path.relative_to(ROOT)}:{number} {text[:100]}")
    assert seen > 5000
    assert found == []


def test_no_label_template_or_word_list_does() -> None:
    files = [path for path in sorted((ROOT / "evalkit").rglob("*")) if path.suffix in SHOWN and path.is_file()]
    assert {"labels.ja.json", "evidence.en.json", "evidence.ja.json", "report.html.j2", "gender_ja.yaml"} <= {
        path.name for path in files
    }
    texts = {path.name: KEY.sub("", path.read_text(encoding="utf-8")) for path in files}
    assert {name: hits for name, text in texts.items() if (hits := BANNED.findall(text))} == {}


@pytest.mark.parametrize(
    "sentence",
    [
        "the model is unbiased", "a fair answer", "it treats both fairly", "it discriminates against women",
        "it is compliant", "このモデルは公平です", "公平なモデル", "女性を差別しています", "偏りがない", "偏りはなく",
        "男女を平等に扱う", "中立なモデル",
    ],
)  # fmt: skip
def test_a_banned_word_is_seen(sentence: str) -> None:
    assert BANNED.search(sentence)


@pytest.mark.parametrize(
    "sentence", ["Fairness of a slice: fell behind", "公平性", "女性は遅れています", "biased upwards"]
)
def test_words_of_figures_pass(sentence: str) -> None:
    assert not BANNED.search(sentence)


@pytest.mark.parametrize("page", ["choose-groups.md", "choose-groups-ja.md"])
def test_the_page_says_what_every_state_allows(page: str) -> None:
    text = (ROOT / "docs" / "how-to" / page).read_text(encoding="utf-8")
    for state in ("REGRESSION", "PASS", "INCONCLUSIVE", "0.80"):
        assert state in text
