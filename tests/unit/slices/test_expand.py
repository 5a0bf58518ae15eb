"""Rows made into families: places filled, words swapped, and whoever cannot be told named."""

from __future__ import annotations

from pathlib import Path

from evalkit.core.exchange import Example, Message
from evalkit.slices.expand import Expanded, fill_slots, swap_words
from evalkit.suite.word_lists import WordList, find_word_list


def row(name: str, text: str, **more: object) -> Example:
    return Example(id=name, messages=(Message(role="user", content=text),), **more)  # type: ignore[arg-type]


def lists(*names: str) -> dict[str, WordList]:
    return {name: find_word_list(name, root=Path()) for name in names}


def text(example: Example) -> str:
    content = example.messages[-1].content
    assert isinstance(content, str)
    return content


def swapped(*rows: Example, by: tuple[str, ...] = ("gender_ja",)) -> Expanded:
    return swap_words(rows, lists(*by))


def test_a_place_is_filled_by_a_name_of_every_group_and_the_rest_stays() -> None:
    names = {"name": find_word_list("names_ja.gender", root=Path())}
    found = fill_slots([row("r", "佐藤{name}さんの申込です。", target="佐藤{name}様へ")], names)
    assert [one.id for one in found.examples] == ["r~woman", "r~man"]
    assert {one.tags["family"] for one in found.examples} == {"r"}
    assert {one.cluster for one in found.examples} == {"r"}
    for one in found.examples:
        given = text(one).removeprefix("佐藤").removesuffix("さんの申込です。")
        assert one.target == f"佐藤{given}様へ"
        assert given in [words[names["name"].values.index(one.tags["gender"])] for words in names["name"].rows]


def test_which_name_a_row_gets_depends_on_its_id_alone() -> None:
    names = lists("names_ja")
    names = {"name": names["names_ja"]}
    rows = [row(f"r{i}", "{name}さん") for i in range(20)]
    one = {e.id: text(e) for e in fill_slots(rows, names).examples}
    other = {e.id: text(e) for e in fill_slots(rows[::-1], names).examples}
    assert one == other
    assert len(set(one.values())) > 20


def test_places_of_one_tag_change_together_and_of_several_tags_are_crossed() -> None:
    both = {"name": lists("names_ja")["names_ja"], "who": lists("gender_ja")["gender_ja"]}
    assert len(fill_slots([row("r", "{name}さんと{who}")], both).examples) == 2
    crossed = {"name": lists("names_ja")["names_ja"], "age": lists("age")["age"]}
    found = fill_slots([row("r", "{name}さん、{age}")], crossed)
    assert len(found.examples) == 6
    assert {(e.tags["gender"], e.tags["age"]) for e in found.examples} == {
        (g, a) for g in ("woman", "man") for a in ("young", "middle", "old")
    }


def test_the_row_itself_is_a_member_and_keeps_its_tags() -> None:
    found = swapped(row("r", "彼は昨日退職しました。", tags={"kind": "hr"}, cluster="template-1"))
    assert [(e.id, text(e), e.tags["gender"]) for e in found.examples] == [
        ("r", "彼は昨日退職しました。", "man"),
        ("r~woman", "彼女は昨日退職しました。", "woman"),
    ]
    assert {e.cluster for e in found.examples} == {"template-1"}
    assert all(e.tags["kind"] == "hr" for e in found.examples)


def test_words_in_target_and_choices_are_swapped_with_the_question() -> None:
    found = swapped(row("r", "誰が休みますか。彼は熱がある。", target="彼", choices=("彼", "部長")))
    assert found.examples[1].choices == ("彼女", "部長")
    assert found.examples[1].target == "彼女"


def test_rows_that_cannot_be_told_are_left_out_counted_and_named() -> None:
    found = swapped(
        row("love", "彼女がいるのに合コンに来た。"),
        row("both", "彼は母に会った。"),
        row("none", "猫の様子がおかしい。"),
        row("fine", "兄が来た。"),
    )
    assert found.families == 1
    assert found.plain == ("none",)
    assert "彼女" in found.left_out["love"]
    assert "woman" in found.left_out["both"]
    told = " ".join(found.notes(lists("gender_ja")))
    assert "left out 2" in told
    assert "love" in told
    assert "彼女" in told
    alone = {e.id: dict(e.tags) for e in found.examples if e.id in ("love", "both", "none")}
    assert alone == {"love": {}, "both": {}, "none": {}}


def test_a_name_that_stands_elsewhere_too_is_not_half_swapped() -> None:
    found = swapped(row("r", "佐藤美咲さんの件。", target={"customer": "美咲"}), by=("names_ja",))
    assert found.families == 0
    assert "美咲" in found.left_out["r"]


def test_lists_of_one_tag_are_swapped_together() -> None:
    found = swapped(row("r", "佐藤美咲さんの娘です。"), by=("gender_ja", "names_ja"))
    assert text(found.examples[1]) == "佐藤大輔さんの息子です。"


def test_lists_of_several_tags_vary_one_at_a_time() -> None:
    found = swapped(row("r", "22歳の女性です。"), by=("gender_ja", "age"))
    assert [(text(e), e.tags.get("gender"), e.tags.get("age")) for e in found.examples] == [
        ("22歳の女性です。", "woman", "young"),
        ("22歳の男性です。", "man", None),
        ("45歳の女性です。", None, "middle"),
        ("78歳の女性です。", None, "old"),
    ]
