"""Every kind of IFEval and M-IFEval: an answer that follows, and one that does not."""

import pytest

from evalkit.core.exchange import Example, Response
from evalkit.scorers.instructions import Instructions
from evalkit.scorers.instructions.scorer import CHECKS

LONG = "The parcel will arrive on Monday morning, and you can follow it on our page until then."
CASES = [
    ("keywords:existence", {"keywords": ["refund", "desk"]}, "A refund at the desk.", "A refund."),
    ("keywords:frequency", {"keyword": "cat", "frequency": 2, "relation": "at least"}, "Cat, cat.", "Catalogue cat."),
    ("keywords:forbidden_words", {"forbidden_words": ["no"]}, "Nothing.", "No!"),
    (
        "keywords:letter_frequency",
        {"letter": "q", "let_frequency": 1, "let_relation": "less than"},
        "A cat.",
        "Quite.",
    ),
    ("language:response_language", {"language": "fr"}, "Bonjour, votre commande est arrivée ce matin.", LONG),
    ("language:response_language", {"language": "bn"}, "আমি বাংলায় গান গাই এবং বই পড়ি।", LONG),
    ("length_constraints:number_sentences", {"num_sentences": 2, "relation": "at least"}, "One. Two.", "One."),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "a\n***\nb", "a\n\nb"),
    ("length_constraints:number_words", {"num_words": 3, "relation": "less than"}, "Two words", "One two three"),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Then"},
        'First.\n\n"Then, we go.',
        "Then.\n\nFirst.",
    ),
    ("detectable_content:number_placeholders", {"num_placeholders": 2}, "[name] of [city]", "[name]"),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, "Bye.\nP.S. Call me.", "Bye. PS call me"),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}, "Bye.\nP.P.S Call me.", "Bye.\nP.S. no"),
    ("detectable_format:number_bullet_lists", {"num_bullets": 2}, "* a\n- b", "* a"),
    ("detectable_format:constrained_response", {}, "My answer is yes.", "Yes."),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 2}, "*a* and *b*", "*a*"),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "Section", "num_sections": 2},
        "Section 1\na\nSection 2\nb",
        "Section 1",
    ),
    ("detectable_format:json_format", {}, '```json\n{"a": 1}\n```', "{a: 1}"),
    ("detectable_format:title", {}, "<<My title>>\ntext", "<<>> text"),
    ("combination:two_responses", {}, "one\n******\ntwo", "one\n******\none"),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Say hi."}, "Say hi. Hi!", "Hi!"),
    ("startend:end_checker", {"end_phrase": "Any questions?"}, 'Done. Any questions?"', "Any questions? Done."),
    ("startend:quotation", {}, '"All of it."', "All of it."),
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 2, "capital_relation": "at least"},
        "We are VERY HAPPY.",
        "We are VERY happy.",
    ),
    ("change_case:english_capital", {}, LONG.upper(), LONG),
    ("change_case:english_lowercase", {}, LONG.lower(), LONG),
    ("punctuation:no_comma", {}, "No such mark.", "Well, no."),
    ("ja:keywords:existence", {"keywords": ["伝説のコーチ", "夢"]}, "伝説のコーチの夢。", "伝説の夢。"),
    ("ja:keywords:frequency", {"keyword": "夢", "frequency": 2, "relation": "以上"}, "夢の夢。", "夢。"),
    ("ja:keywords:forbidden_words", {"forbidden_words": ["健康"]}, "元気です。", "健康です。"),
    ("ja:keywords:letter_frequency", {"letter": "し", "let_frequency": 2, "let_relation": "以上"}, "しシ", "し"),
    (
        "ja:language:response_language",
        {"language": "fi"},
        "Hyvää huomenta, tilauksesi on saapunut.",
        "おはようございます。",
    ),
    ("ja:length_constraints:number_sentences", {"num_sentences": 2, "relation": "未満"}, "はい。", "はい。そうです。"),
    ("ja:length_constraints:number_paragraphs", {"num_paragraphs": 2}, "あ\n\n***\n\nい", "あ***い***う"),
    ("ja:length_constraints:number_letters", {"num_letters": 5, "relation": "以上"}, "あいうえお", "あい"),
    (
        "ja:length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "愛"},
        "はい。\n\n愛とは。",
        "愛とは。\n\nはい。",
    ),
    ("ja:detectable_content:number_placeholders", {"num_placeholders": 2}, "[名前]と[場所]", "[名前]"),
    ("ja:detectable_content:postscript", {"postscript_marker": "追伸"}, "本文。\n追伸 また。", "本文。"),
    ("ja:detectable_format:number_bullet_lists", {"num_bullets": 2}, "・あ\n・い", "・あ"),
    ("ja:detectable_format:number_numbered_lists", {"num_items": 2}, "1. あ\n2. い", "1. あ"),
    ("ja:detectable_format:constrained_response", {}, "はい、そうです。", "はい。"),
    ("ja:detectable_format:number_highlighted_sections", {"num_highlights": 2}, "《あ》《い》", "《あ》《》"),
    (
        "ja:detectable_format:multiple_sections",
        {"section_spliter": "章", "num_sections": 2},
        "第1章\nあ\n第２章\nい",
        "第1章",
    ),
    ("ja:detectable_format:json_format", {}, '{"あ": 1}', "あ: 1"),
    ("ja:detectable_format:title", {}, "『喜びの詩』\n本文", "「喜びの詩」"),
    ("ja:detectable_format:nominal_ending", {"count": 2}, "静かな雨。遠い空。", "静かな雨。空は遠い。"),
    ("ja:combination:two_responses", {}, "あ\n******\nい", "あ"),
    ("ja:combination:repeat_prompt", {"prompt_to_repeat": "教えて。"}, "教えて。はい。", "はい。"),
    ("ja:startend:end_checker", {"end_phrase": "他にございますか。"}, "以上。他にございますか。", "以上。"),
    ("ja:startend:quotation", {}, "「全部です。」", "全部です。"),
    ("ja:startend:sentence_unified_end", {"ending": "です"}, "雨です。「行く。」も空です。", "雨です。空だ。"),
    ("ja:punctuation:no_period", {}, "雨です", "雨です。"),
    ("ja:punctuation:no_comma", {}, "雨です。", "雨、風。"),
    ("ja:letters:furigana", {}, "雨（あめ）です。", "雨（あめ）と風。"),
    ("ja:letters:kanji", {"kanji_limit": 3, "relation": "未満"}, "雨と風。", "雨天決行"),
    ("ja:letters:no_hiragana", {}, "雨天決行", "雨です"),
    ("ja:letters:hiragana_only", {}, "あめです。 12", "雨です"),
    ("ja:letters:no_katakana", {}, "雨です", "アメです"),
    ("ja:letters:katakana_only", {}, "アメ・カゼー。", "アメです"),
    ("ja:letters:kansuuji", {}, "三日です", "3日です"),
]


def example(kind, args, **more):
    return Example(id="a", messages=(), extra={"instruction_id_list": [kind], "kwargs": [args]}, **more)


def score(kind, args, text, mode="sensible"):
    return Instructions(mode=mode).score(example(kind, args), Response(example_id="a", text=text))


@pytest.mark.parametrize(("kind", "args", "follows", "fails"), CASES, ids=[case[0] for case in CASES])
def test_one_answer_follows_and_one_does_not(kind, args, follows, fails):
    assert score(kind, args, follows).value == 1
    assert score(kind, args, fails).value == 0


OTHERWISE = ("ja:keywords:existence", "keywords:frequency")
"""Kinds whose cases above the official checkers judge otherwise"""


@pytest.mark.parametrize(
    ("kind", "args", "follows", "fails"),
    [case for case in CASES if case[0] not in OTHERWISE],
    ids=[case[0] for case in CASES if case[0] not in OTHERWISE],
)
def test_compat_mode_knows_the_same_kinds(kind, args, follows, fails):
    pytest.importorskip("janome")
    assert score(kind, args, follows, "compat").value == 1
    assert score(kind, args, fails, "compat").value == 0


def test_compat_mode_keeps_the_habits_of_the_official_checkers():
    pytest.importorskip("janome")
    words = {"keywords": ["伝説のコーチ"]}
    assert score("ja:keywords:existence", words, "伝説のコーチの夢。").value == 1
    assert score("ja:keywords:existence", words, "伝説のコーチの夢。", "compat").value == 0
    cats = {"keyword": "cat", "frequency": 2, "relation": "at least"}
    assert score("keywords:frequency", cats, "Catalogue cat.", "compat").value == 1
    ending = {"ending": "です"}
    assert score("ja:startend:sentence_unified_end", ending, "雨です。\n").value == 1
    assert score("ja:startend:sentence_unified_end", ending, "雨です。\n", "compat").value == 0


def test_every_kind_has_a_case_and_there_are_enough_of_them():
    assert {case[0] for case in CASES} == set(CHECKS)
    assert sum(kind.startswith("ja:") for kind in CHECKS) >= 30
    assert sum(not kind.startswith("ja:") for kind in CHECKS) >= 25


@pytest.mark.parametrize("kind", sorted(CHECKS))
def test_an_empty_answer_follows_no_instruction(kind):
    args = next(case[1] for case in CASES if case[0] == kind)
    found = score(kind, args, " \n")
    assert (found.value, found.parts["loose"]) == (0, 0)


def test_loose_scoring_overlooks_a_line_of_courtesy_and_asterisks():
    found = score("startend:quotation", {}, 'Sure!\n"All of it."')
    assert (found.value, found.parts["loose"]) == (0, 1)
    found = score("detectable_format:title", {}, "**<<**title**>>**")
    assert found.parts["loose"] == 1


def test_a_row_of_several_instructions_counts_each():
    row = {"instruction_id_list": ["punctuation:no_comma", "startend:quotation"], "kwargs": [{}, {"unused": None}]}
    found = Instructions().score(Example(id="a", messages=(), target=row), Response(example_id="a", text='"Well, no."'))
    assert (found.value, found.parts["instructions"]) == (0, 0.5)
    assert found.reason == "not followed: punctuation:no_comma"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({}, "no `instruction_id_list`"),
        ({"instruction_id_list": ["punctuation:no_coma"], "kwargs": [{}]}, "did you mean"),
        ({"instruction_id_list": ["keywords:existence"], "kwargs": [{}]}, "keywords must be a list of texts"),
        ({"instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}, {}]}, "a list of 1"),
        (
            {
                "instruction_id_list": ["length_constraints:number_words"],
                "kwargs": [{"num_words": 3, "relation": "most"}],
            },
            "relation must be one of",
        ),
    ],
)
def test_a_row_that_cannot_be_checked_says_why(row, said):
    (why,) = Instructions().check(Example(id="a", messages=(), extra=row))
    assert said in why


def test_numbers_of_a_table_are_whole_though_they_have_a_point():
    assert score("length_constraints:number_words", {"num_words": 2.0, "relation": "at least"}, "two words").value == 1
