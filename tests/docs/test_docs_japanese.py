"""The Japanese pages keep to the glossary, and to the phrases of a native."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted({*DOCS.rglob("ja/*.md"), *DOCS.rglob("*-ja.md"), DOCS / "tutorial" / "ja.md"})
GLOSSARY = json.loads((ROOT / "evalkit/report/sentences/glossary.json").read_text(encoding="utf-8"))
AVOIDED = {word: entry["ja"] for entry in GLOSSARY for word in entry["not"]}
CALQUES = re.compile(
    "意図の分類を上げ|お金を使う前に|自分の種類の行だけ|応答(?!時間)|であります|することが可能|することができます|によって行われ"
)
KATAKANA = re.compile("[ァ-ヶー]+")
SOUND = re.compile("壊れた(?=行|例| ?JSON|ファイル)")
"""Other things that bear a word which the glossary gives up for its own"""
PLAIN = re.compile(
    "(?:である|だ|だった|する|(?<![まで])した|なる|なった|ない|なかった|いる|ある|[きせてべめれえけ]る)$"
)
ASIDE = re.compile("「[^」]*」|[(（][^()（）]*[)）]")
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
ALIKE = {
    "write-a-provider",
    "write-a-section",
    "write-a-tracker",
    "write-an-importer",
    "many-machines",
    "served-models",
}
ALIKE |= {"your-suite", "finetune-demo", "statistics"}
"""Pages whose blocks are those of the English page, word for word"""
ROWS = re.compile(r"^\| *((?:`[^`\n]+`[,;、… .]*)+)\|", re.MULTILINE)
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def prose(page: Path) -> str:
    return SOUND.sub("", CODE.sub("", page.read_text(encoding="utf-8")))


def stands_in(word: str, text: str) -> bool:
    """A word of katakana stands in a text where no longer word of katakana holds it."""
    return word in KATAKANA.findall(text) if KATAKANA.fullmatch(word) else word in text


@pytest.mark.parametrize(
    ("word", "text", "found"), [("ラン", "ランナー", False), ("ラン", "一つのランで", True), ("事例", "事例集", True)]
)
def test_a_word_is_found(word: str, text: str, found: bool) -> None:
    assert stands_in(word, text) == found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_a_japanese_page_uses_the_words_of_the_glossary(page: Path) -> None:
    text = prose(page)
    assert {word: right for word, right in AVOIDED.items() if stands_in(word, text)} == {}
    assert CALQUES.findall(text) == []


def has_twins_code(page: Path) -> bool:
    """Commands are generated, and say their descriptions in Japanese."""
    return page.stem != "commands" if page.parent.parent.name == "reference" else page.stem in ALIKE


@pytest.mark.parametrize("page", [page for page in PAGES if has_twins_code(page)], ids=lambda page: page.stem)
def test_a_japanese_page_has_the_code_of_its_twin(page: Path) -> None:
    twin = page.parent.parent / page.name
    assert FENCED.findall(page.read_text(encoding="utf-8")) == FENCED.findall(twin.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", sorted((DOCS / "reference" / "ja").glob("*.md")), ids=lambda page: page.stem)
def test_a_japanese_reference_tells_of_everything_that_the_english_one_does(page: Path) -> None:
    """Rows of tables begin with names in code: states, flags, keys, commands, options."""
    ours, theirs = (ROWS.findall(one.read_text(encoding="utf-8")) for one in (page, page.parent.parent / page.name))
    names = [[re.findall("`([^`]+)`", row) for row in rows] for rows in (ours, theirs)]
    assert names[0] == names[1]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_a_japanese_page_is_polite_throughout(page: Path) -> None:
    """Sentences of paragraphs end in です or ます; headings, tables, lists, asides and what is cited may be terse."""
    text = ASIDE.sub("", prose(page))
    blocks = [block for block in text.split("\n\n") if block and not re.match(r"\s*(?:[#|<>!*-]|\d+\.)", block)]
    sentences = [one for block in blocks for one in block.replace("\n", "").split("。")[:-1]]
    assert [one[-25:] for one in sentences if PLAIN.search(one)] == []


@pytest.mark.parametrize(("sentence", "plain"), [("合格である", True), ("合格しない", True), ("合格します", False)])
def test_a_plain_ending_is_seen(sentence: str, plain: bool) -> None:
    assert (PLAIN.search(sentence) is not None) == plain
