"""Held-out rows found in training files: in which texts, how surely, and what is no leak."""

from __future__ import annotations

import bz2
import importlib.util
import json
import lzma
from pathlib import Path

import pytest

from evalkit.cli import main
from evalkit.core.exchange import Example, Message
from evalkit.data.held_out.check import HeldOut, check_held_out, search_training

PARCEL = "Where is my parcel? I ordered it last Tuesday and it still has not come."
RETURNS = "返品したいのですが、送料は誰が負担しますか。"
KANA = "コンピューターのデータをバックアップしたいです。"
OTHERS = (
    "Can I pay with a card from another country?",
    "The blue lamp arrived broken, what now?",
    "パスワードを忘れてしまいました。どうすればいいですか。",
    "I never got the invoice for the chairs we bought in March.",
)


def example(name: str, text: str) -> Example:
    return Example(id=name, messages=(Message(role="user", content=text),))


HELD = (
    example("parcel", PARCEL),
    example("returns", RETURNS),
    example("kana", KANA),
    *(example(f"other{i}", text) for i, text in enumerate(OTHERS)),
)


def search(folder: Path, *rows: object, held: tuple[Example, ...] = HELD) -> HeldOut:
    filler = [{"messages": [{"role": "user", "content": f"Tell me of town {i}, please."}]} for i in range(5)]
    path = folder / "train.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in [*filler, *rows]), encoding="utf-8")
    return search_training(held, [path])


def tiers(found: HeldOut) -> dict[str, str]:
    return {leak.example_id: leak.tier for leak in found.leaks}


def user(text: object) -> dict[str, object]:
    return {"role": "user", "content": text}


def chat(*turns: object) -> dict[str, object]:
    return {"messages": [*turns, {"role": "assistant", "content": "delivery"}]}


INSIDE = {
    "a template": chat(user(f"Classify the message.\n\nMessage: {PARCEL}\n\nCategory:")),
    "a quotation": chat(user("\n".join(f"> {line}" for line in PARCEL.split("? ")) + "\n\nReply kindly.")),
    "a greeting before it": chat(user(f"Good morning! {PARCEL}")),
    "line breaks for spaces": chat(user("Ticket 4711\n" + PARCEL.replace(" ", "\n"))),
    "a turn of many": chat(user("Hello!"), {"role": "assistant", "content": "Hello."}, user(f"Well. {PARCEL}")),
    "a system prompt": chat({"role": "system", "content": f"Example: {PARCEL} -> delivery"}, user("Is it late?")),
    "what a tool returned": chat(
        user("Next ticket"), {"role": "tool", "content": json.dumps({"ticket": f"#1 {PARCEL}"})}
    ),
    "parts named value": chat(user([{"type": "text", "value": f"Q: {PARCEL}"}])),
    "a ShareGPT turn": {"conversations": [{"from": "human", "value": f"Hi. {PARCEL}"}, {"from": "gpt", "value": "x"}]},
    "Alpaca's input": {"instruction": "Classify.", "input": f"Mail: {PARCEL}", "output": "delivery"},
    "a history": {"instruction": "And?", "input": "", "output": "x", "history": [[f"Hi, {PARCEL}", "Soon."]]},
    "chat markup": {"text": f"<|user|>{PARCEL}<|assistant|>delivery"},
    "chosen messages": {"chosen_messages": [user(f"Dear all, {PARCEL}")], "rejected_messages": []},
    "a document of a prompt": {
        "question": "Why?",
        "context": {"documents": ["Nothing.", f"A customer wrote: {PARCEL}"]},
    },
    "messages as JSON text": {"messages": json.dumps([user(f"Q: {PARCEL}")])},
    "a DPO prompt": {"input": {"messages": [user(f"Q: {PARCEL}")]}, "preferred_output": [], "non_preferred_output": []},
}


@pytest.mark.parametrize("kind", INSIDE)
def test_a_row_word_for_word_inside_a_longer_training_text_is_found(tmp_path: Path, kind: str) -> None:
    assert tiers(search(tmp_path, INSIDE[kind])) == {"parcel": "contained"}


def test_a_row_over_instruction_and_input_or_system_and_user_is_found(tmp_path: Path) -> None:
    first, second = PARCEL[:20], PARCEL[20:]
    alpaca = {"instruction": first, "input": second, "output": "x"}
    assert tiers(search(tmp_path, alpaca)) == {"parcel": "normalised"}
    assert tiers(search(tmp_path, chat({"role": "system", "content": first}, user(second)))) == {"parcel": "normalised"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (PARCEL.upper(), "parcel"),
        ("".join(chr(ord(mark) + 0xFEE0) if "!" <= mark <= "~" else mark for mark in PARCEL), "parcel"),
        ("「返品したいのですが送料は誰が負担しますか」", "returns"),
        ("ｺﾝﾋﾟｭｰﾀｰのﾃﾞｰﾀをﾊﾞｯｸｱｯﾌﾟしたいです｡", "kana"),
        ("コンピューターの\nデータを\nバックアップしたいです。", "kana"),
    ],
)
def test_case_width_punctuation_kana_and_line_breaks_do_not_hide_a_copy(tmp_path: Path, text: str, name: str) -> None:
    assert tiers(search(tmp_path, chat(user(text)))) == {name: "normalised"}
    assert tiers(search(tmp_path, chat(user(f"# Ticket\n{text}\n---")))) == {name: "contained"}


def test_the_very_text_is_exact(tmp_path: Path) -> None:
    assert tiers(search(tmp_path, chat(user(PARCEL)), chat(user(RETURNS)))) == {"parcel": "exact", "returns": "exact"}


@pytest.mark.parametrize(
    "text",
    [
        PARCEL.replace("ordered", "odered"),
        f"Sort: {PARCEL.replace('ordered', 'odered')} Label:",
        "I ordered it last Tuesday and it still has not come. Where is my parcel?",
        "Classify: I ordered it last Tuesday and it still has not come. Where is my parcel? Category:",
        "送料は誰が負担しますか。返品したいのですが。",
        "返品したいのですが、料は誰が負担しますか。",
    ],
)
def test_a_dropped_character_and_turned_clauses_are_near(tmp_path: Path, text: str) -> None:
    assert [*tiers(search(tmp_path, chat(user(text)))).values()] == ["near"]


def test_the_same_in_other_words_is_probable_at_most_and_no_error(tmp_path: Path) -> None:
    text = "My parcel which I ordered last Tuesday still has not come, where is it?"
    found = search(tmp_path, chat(user(text)))
    assert tiers(found) in ({}, {"parcel": "probable"})
    assert found.proven_leaks == ()
    assert check_held_out(HELD, [tmp_path / "train.jsonl"]) == ()


@pytest.mark.parametrize(
    ("held", "taught"),
    [
        ("What is 12 + 47?", "What is 12 + 48?"),
        ("Set an alarm for 7:15 tomorrow morning please", "Set an alarm for 7:45 tomorrow morning please"),
        ("Change currency", "What is the base amount for cross-currency exchanges? Exchange currency."),
        ("Change currency", "What is the base amount for cross-currency exchanges?"),
        ("明日の天気はどうですか、教えてください", "明日の会議はどこですか、教えてください"),
    ],
)
def test_what_only_looks_alike_is_no_leak(tmp_path: Path, held: str, taught: str) -> None:
    found = search(tmp_path, chat(user(taught)), held=(example("a", held), *HELD[3:]))
    assert [leak for leak in found.proven_leaks if leak.tier in ("exact", "normalised", "contained")] == []
    assert found.proven_leaks == ()


def test_a_short_row_is_never_contained_and_is_counted(tmp_path: Path) -> None:
    held = (example("thanks", "Thanks!"), example("hai", "はい、そうです"), *HELD)
    inside = search(tmp_path, chat(user("Thanks! That was quick.")), chat(user("はい、そうですね")), held=held)
    assert (inside.proven_leaks, inside.short) == ((), 2)
    assert "2 examples of fewer than 8 letters" in " ".join(inside.notes())
    whole = search(tmp_path, chat(user("thanks")), chat(user("はい、そうです。")), held=held)
    assert tiers(whole) == {"thanks": "normalised", "hai": "normalised"}


def test_a_short_turn_of_many_and_a_label_are_no_whole_question(tmp_path: Path) -> None:
    held = (example("refund", "Refund"), *HELD)
    turns = chat(user("Hello."), {"role": "assistant", "content": "?"}, user("Refund"))
    rows = [turns, {"input": "x y", "label": "refund"}]
    assert tiers(search(tmp_path, *rows, held=held)) == {}


def test_a_template_of_the_held_out_rows_themselves_is_no_copy(tmp_path: Path) -> None:
    held = tuple(
        example(f"p{i}", f"Where is parcel number {37 * i + 11}? I ordered it from the north shop on day {i}.")
        for i in range(60)
    )
    other = chat(user("Where is parcel number 9999? I ordered it from the north shop on day 77."))
    assert search(tmp_path, other, held=held).proven_leaks == ()
    one = chat(user("Sort: Where is parcel number 48? I ordered it from the north shop on day 1. Label:"))
    assert tiers(search(tmp_path, other, one, held=held)) == {"p1": "contained"}


def test_a_row_of_a_template_is_found_where_the_training_has_the_plain_text(tmp_path: Path) -> None:
    def ask(text: str) -> str:
        return f"You sort the mail of a shop. Answer with one word only.\n\nMail: {text}\n\nWord:"

    more = [f"{a} {b} creaks" for a in ("The red", "An old", "My new", "One") for b in ("sofa", "bike", "desk", "bed")]
    held = tuple(example(str(i), ask(text)) for i, text in enumerate([PARCEL, *OTHERS, *more]))
    assert tiers(search(tmp_path, chat(user(PARCEL)), held=held)) == {"0": "normalised"}


def test_long_rows_and_long_documents_are_found(tmp_path: Path) -> None:
    clauses = [f"Clause {i} governs the matter of {chr(97 + i % 26) * 5} number {i * 7919 % 1000}." for i in range(200)]
    page = " ".join(clauses)
    held = (
        example("page", page[1000:2500]),
        example("line", "Clause 150 governs the matter of uuuuu number 850."),
        *HELD,
    )
    assert tiers(search(tmp_path, {"text": f"{page} {PARCEL}"}, held=held)) == {
        "page": "contained", "line": "contained", "parcel": "contained",
    }  # fmt: skip


def test_the_place_of_a_leak_is_its_surest_one(tmp_path: Path) -> None:
    found = search(tmp_path, chat(user(f"Hi. {PARCEL}")), chat(user(PARCEL)), chat(user(f"Oh. {PARCEL}")))
    assert str(found.leaks[0].where).endswith("train.jsonl:7")


def test_a_search_is_the_same_whatever_the_order_of_the_examples(tmp_path: Path) -> None:
    rows = [chat(user(f"Q: {PARCEL}")), chat(user(RETURNS.replace("送料", "料"))), chat(user(OTHERS[1].lower()))]
    there, back = search(tmp_path, *rows), search(tmp_path, *rows, held=HELD[::-1])
    assert tiers(there) == tiers(back)
    assert {leak.example_id for leak in there.leaks} == {"parcel", "returns", "other1"}


def test_files_of_a_folder_are_read_whatever_their_case_and_compression(tmp_path: Path) -> None:
    line = (json.dumps(chat(user(PARCEL))) + "\n").encode()
    (tmp_path / "a.JSONL").write_bytes(line)
    (tmp_path / "b.jsonl.xz").write_bytes(lzma.compress(line))
    (tmp_path / "c.jsonl.bz2").write_bytes(bz2.compress(line))
    if importlib.util.find_spec("zstandard"):
        import zstandard

        (tmp_path / "d.jsonl.zst").write_bytes(zstandard.compress(line) + zstandard.compress(line))
    found = search_training(HELD, [tmp_path])
    assert (found.files, found.rows) in ((4, 5), (3, 3))
    assert (tiers(found), found.unread) == ({"parcel": "exact"}, ())


@pytest.mark.parametrize("name", ["a.jsonl.xz", "a.jsonl.bz2", "a.jsonl.zst"])
def test_a_compressed_file_that_is_cut_short_is_a_problem(tmp_path: Path, name: str) -> None:
    line = (json.dumps(chat(user(PARCEL))) + "\n").encode() * 3
    if name.endswith("zst"):
        packed = pytest.importorskip("zstandard").compress(line)
    else:
        packed = (lzma if name.endswith("xz") else bz2).compress(line)
    (tmp_path / name).write_bytes(packed[:-5])
    assert "truncated or damaged" in " ".join(problem.what for problem in check_held_out(HELD, [tmp_path / name]))


def test_files_of_a_folder_that_are_not_read_are_named_and_nothing_is_proven(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held, folder = tmp_path / "held.jsonl", tmp_path / "train"
    held.write_text(json.dumps({"id": "p", "input": PARCEL}) + "\n", encoding="utf-8")
    folder.mkdir()
    for name in ("a.jsonl", "more.ods", "README.md", "notes.txt"):
        (folder / name).write_text('{"input": "an unrelated question"}\n', encoding="utf-8")
    found = search_training(HELD, [folder])
    assert [Path(name).name for name in found.unread] == ["more.ods", "notes.txt"]
    assert main(["data", "check", str(held), "--trained-on", str(folder)]) == 2
    told = "".join(capsys.readouterr())
    assert "held-out is not proven: 2 files were not read" in told
    assert "more.ods" in told
    assert "no example is in" not in told


def test_a_workbook_named_outright_is_called_one(tmp_path: Path) -> None:
    path = tmp_path / "train.ods"
    path.write_bytes(b"PK\x03\x04" + bytes(40))
    (problem,) = check_held_out(HELD, [path])
    assert "a spreadsheet, which is not read" in problem.what


def test_a_brief_row_behind_an_escaped_line_break_is_contained(tmp_path: Path) -> None:
    held = (example("late", "Is my parcel late?"), *HELD)
    assert tiers(search(tmp_path, chat(user("Message:\\nIs my parcel late?\\nLabel:")), held=held)) == {
        "late": "contained"
    }


def test_leaks_are_written_with_tier_and_place_and_never_over_what_is_read(tmp_path: Path) -> None:
    held, train, out = tmp_path / "held.json", tmp_path / "train.json", tmp_path / "leaks.json"
    held.write_text(json.dumps([{"id": "p", "input": PARCEL}]), encoding="utf-8")
    train.write_text(json.dumps([{"input": "Nothing of the kind."}, {"input": f"Q: {PARCEL}"}]), encoding="utf-8")
    check = ["data", "check", str(held), "--trained-on", str(train), "--json"]
    assert main([*check, str(out)]) == 2
    (leak,) = json.loads(out.read_text(encoding="utf-8"))["leaks"]
    assert (leak["id"], leak["tier"], leak["file"], leak["line"], leak["row"]) == (
        "p",
        "contained",
        str(train),
        None,
        2,
    )
    before = train.read_bytes()
    assert main([*check, str(train)]) == 2
    assert train.read_bytes() == before


def test_a_long_preamble_that_training_shares_makes_no_copy_of_few_long_rows(tmp_path: Path) -> None:
    rule = "never promise what clause {} of the shop's terms does not hold."
    rules = " ".join(f"Rule {i}: {rule.format(i * 31 % 17)}" for i in range(12))
    cases = [f"{rules} {' '.join(f'{word}{i}' for word in PARCEL.split())} {OTHERS[i % 4]} Case {i}." for i in range(8)]
    held = tuple(example(str(i), text) for i, text in enumerate(cases[:4]))
    taught = [chat(user(text)) for text in cases[4:]]
    assert search(tmp_path, *taught, held=held).proven_leaks == ()
    assert tiers(search(tmp_path, *taught, chat(user(f"Hello. {cases[2]}")), held=held))["2"] == "contained"


def test_a_long_row_with_a_few_words_changed_is_near(tmp_path: Path) -> None:
    days = [f"On day {i} the {chr(97 + i)} ship left harbour {i * 37 % 101} with cargo." for i in range(24)]
    story = " ".join(days)
    held = (example("story", story), *HELD)
    changed = story.replace("the c ship", "the grey c ship").replace("left harbour 74", "left the harbour 74")
    assert tiers(search(tmp_path, chat(user(f"Sum up: {changed}")), held=held)) == {"story": "near"}
