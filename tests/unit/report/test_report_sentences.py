"""evalkit's sentences in Japanese: every key has both languages, the same figures, and one word a thing."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from evalkit.core.errors import UsageError
from evalkit.report.sentences import in_japanese, is_whole, language_of, read_language
from evalkit.report.sentences.book import catalogue
from evalkit.report.sentences.template import read_template

SAMPLES = {
    "figure": "1,234.5%",
    "name": "refund",
    "any": "refund",
    "quote": "refund",
    "sentence": "a floor needs `min` or `max`",
}


def _folder(*parts: str) -> Any:
    return files("evalkit.report").joinpath(*parts)


def _glossary() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(_folder("sentences", "glossary.json").read_text(encoding="utf-8"))
    return found


def _japanese() -> dict[str, str]:
    told = dict(catalogue())
    assets = [path for path in _folder("renderers", "assets").iterdir() if path.name.endswith(".ja.json")]
    assert len(assets) > 2
    for path in assets:
        name = path.name.removesuffix(".ja.json")
        told.update({f"{name}: {key}": text for key, text in json.loads(path.read_text(encoding="utf-8")).items()})
    return told


def test_every_sentence_has_the_same_holes_in_both_languages() -> None:
    assert len(catalogue()) > 500
    for english, japanese in catalogue().items():
        read_template(english, japanese)


def test_no_key_stands_twice_in_the_catalogue() -> None:
    seen: dict[str, str] = {}
    for path in sorted(_folder("sentences", "catalogue").iterdir(), key=lambda one: one.name):
        pairs = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=list)
        for english, _ in pairs:
            assert english not in seen, f"{english!r} stands in {seen.get(english)} and in {path.name}"
            seen[english] = path.name


def test_every_figure_of_a_sentence_stands_in_its_japanese() -> None:
    for english, japanese in catalogue().items():
        template = read_template(english, japanese)
        told = {hole.name: f"{at + 11}" for at, hole in enumerate(template.holes) if hole.kind == "figure"}
        told |= {hole.name: SAMPLES[hole.kind] for hole in template.holes if hole.name not in told}
        said = template.say(told)
        for hole in template.holes:
            assert told[hole.name] in said, f"{english!r} loses {{{hole.name}}}"


def test_a_sentence_is_found_again_by_its_own_english() -> None:
    lost = []
    for english, japanese in catalogue().items():
        template = read_template(english, japanese)
        words = [SAMPLES[hole.kind] for hole in template.holes]
        text = "".join(a + b for a, b in zip(template.literals, [*words, ""], strict=True))
        if template.words and in_japanese(text) == text:
            lost.append(english)
    assert not lost


def test_each_thing_has_one_japanese_word() -> None:
    wrong = [
        f"{key!r}: {word} (write {term['ja']})"
        for key, text in _japanese().items()
        for term in _glossary()
        for word in term["not"]
        if word in text
    ]
    assert not wrong


def test_the_documentation_in_japanese_uses_the_same_words() -> None:
    docs = Path(__file__).parents[3] / "docs"
    pages = [path for path in docs.rglob("*.md") if path.parent.name == "ja" or re.search(r"(^|-)ja$", path.stem)]
    wrong = []
    for path in pages:
        plain = re.sub(r"```.*?```|`[^`]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        banned = [(word, term["ja"]) for term in _glossary() for word in term["not"] if word in plain]
        wrong += [f"{path.relative_to(docs)}: {word} (write {instead})" for word, instead in banned]
    assert len(pages) > 3
    assert not wrong


def test_the_glossary_bans_no_word_of_its_own() -> None:
    terms = _glossary()
    words = {term["ja"] for term in terms}
    assert len(words) == len(terms)
    for term in terms:
        assert not any(banned in word for banned in term["not"] for word in words), term


def test_percents_are_written_in_half_width_and_differences_in_points() -> None:
    for key, text in _japanese().items():
        assert "％" not in text, key
        assert not re.search(r"[Ａ-Ｚａ-ｚ０-９]", text), key


def test_a_verdicts_sentence_is_said_with_its_figures() -> None:
    english = (
        "answer in intent=refund went from 84.2% to 80.1% (-4.1 points, 95% interval -9.3 to +1.2 points, n = 240; "
        "3 cases with a value in one arm only left out): a drop of 2 points is not ruled out; 240 cases can tell a "
        "difference of 5.8 points, and about 2,012 are needed for 2 points."
    )
    assert is_whole(english)
    assert in_japanese(english) == (
        "intent=refund の answer は84.2%から80.1%に変わりました(差 -4.1ポイント、95%信頼区間 -9.3〜+1.2ポイント、"
        "n = 240、片方のモデルにしか値のない3件は除外): 2ポイントの低下の可能性を否定できません。240件で検出できるのは"
        "5.8ポイントの差までで、2ポイントを検出するには約2,012件が必要です。"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "refund",
        "3",
        "{}",
        "{n#} cases",
        "$1 \\1 %s {0}",
        "{" * 300,
        "; " * 200,
        "a: " * 200,
        "a (" * 200,
        "日本語の文です。",
    ],
)
def test_what_is_no_sentence_of_evalkit_stays(text: str) -> None:
    assert in_japanese(text) == text


def test_a_name_that_reads_like_a_sentence_is_shown_as_it_is() -> None:
    said = in_japanese("no case is tagged deploy")
    assert "deploy" in said
    assert "ありません" in said


def test_an_unknown_language_is_refused_with_the_nearest() -> None:
    assert read_language("ja") == "ja"
    assert language_of({}) == "en"
    assert language_of({"EVALKIT_LANG": "ja"}) == "ja"
    with pytest.raises(UsageError, match=r"unknown language 'jp' \(did you mean 'ja'\?\)"):
        read_language("jp")
    with pytest.raises(UsageError, match=r"EVALKIT_LANG: unknown language 'fr'"):
        language_of({"EVALKIT_LANG": "fr"})


CUT = (
    f"look at three answers (t-1: base '{'A: ' * 60}', candidate '{{\"a\"'), the target, and the options of the scorer "
    'ticket (fields: {"a", cut); or ask for what should be there with must_improve or a floor'
)
"""What was said, and what a scorer was told, both cut at a length"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no run is kept in .", "保存済みの実行はありません"),
        ("No case is tagged deploy.", "ありません"),
        (CUT, "回答を3件"),
        ("Expecting value: line 1 column 2 (char 1)", "1行2列"),
    ],
)
def test_places_quotes_and_what_was_cut_do_not_hide_a_sentence(text: str, said: str) -> None:
    assert is_whole(text)
    assert said in in_japanese(text)
    assert "look at" not in in_japanese(text)
