"""What `evalkit data check` finds: each fault planted in a sound set, and sound sets that stay silent."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from evalkit.cli import main
from evalkit.core.data_report import DataFinding, DataReport
from evalkit.core.exchange import Json
from evalkit.data.checks.run import check_data
from evalkit.data.checks.stream import DataSource
from evalkit.data.checks.table import CHECKS, make_checks
from evalkit.report.renderers.data_check import finding_lines, page
from evalkit.report.sentences.book import is_whole

TOOLS: list[Json] = [
    {
        "type": "function",
        "function": {
            "name": "get_order",
            "parameters": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
        },
    }
]
WORDS = (
    *("parcel", "invoice", "window", "garden", "lamp", "basket", "bridge"),
    *("copper", "ladder", "market", "pillow", "engine", "velvet", "ribbon"),
)


def chat(question: str, answer: str, **more: Json) -> dict[str, Json]:
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"messages": turns, **more}


def sound(count: int = 80) -> list[dict[str, Json]]:
    dice = random.Random(5)
    rows = []
    for n in range(count):
        words = [dice.choice(WORDS) for _ in range(9)]
        rows.append(
            chat(f"Where are {' '.join(words[:4])} of lot {n}?", f"They are with the {' and '.join(words[4:])}.")
        )
    return rows


def called(arguments: str, name: str = "get_order", call_id: str = "c1", **more: Json) -> dict[str, Json]:
    call = {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}
    ask = {"role": "user", "content": f"Where is order {arguments} {name}?"}
    return {"messages": [ask, {"role": "assistant", "content": None, "tool_calls": [call]}], "tools": TOOLS, **more}


def check(folder: Path, *rows: object, format: str = "openai-chat", near: bool = True) -> DataReport:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return check_data(DataSource(path=str(path), format=format), make_checks(openai="error"), near=near)


def told(report: DataReport) -> dict[str, DataFinding]:
    return {finding.what: finding for finding in report.findings}


def test_a_sound_set_is_silent(tmp_path: Path) -> None:
    assert check(tmp_path, *sound()).findings == ()


def turns(*said: dict[str, Json]) -> dict[str, Json]:
    return {"messages": [{"role": "user", "content": "Where is order seven of the copper ladder?"}, *said]}


CALL: dict[str, Json] = {"id": "c1", "type": "function", "function": {"name": "get_order", "arguments": '{"id": "7"}'}}
RESULT: dict[str, Json] = {"role": "tool", "tool_call_id": "c1", "content": "{}"}
DONE: dict[str, Json] = {"role": "assistant", "content": "It is on its way to the market."}
PLANTED: list[tuple[str, str, dict[str, Json]]] = [
    ("error", "a call of a tool that the row does not offer", called('{"id": "7"}', name="get_weather")),
    ("warning", "calls of tools in rows that offer none", turns({"role": "assistant", "tool_calls": [CALL]})),
    ("warning", "arguments of a call are encoded twice: JSON text within JSON text", called(json.dumps('{"id": "7"}'))),
    ("error", "arguments of a call are no JSON object", called("{'id': 7}")),
    ("warning", "arguments of a call do not fit the tool's schema", called('{"number": 7}')),
    (
        "error",
        "a call has no result before the next turn",
        {**turns({"role": "assistant", "tool_calls": [CALL]}, DONE), "tools": TOOLS},
    ),
    ("error", "the result of a tool belongs to no call before it", turns({**RESULT, "tool_call_id": "c9"}, DONE)),
    ("error", "OpenAI refuses rows with other keys", chat("Is it blue or red, the lamp?", "It is red.", source="web")),
    ("error", "OpenAI refuses turns with other keys", turns({**DONE, "reasoning_content": "hm"})),
    (
        "error",
        "a tool has no valid definition",
        {**turns(DONE), "tools": [{"type": "function", "function": {"name": "no name!"}}]},
    ),
    ("error", "a tool is offered twice in one row", {**turns(DONE), "tools": [*TOOLS, *TOOLS]}),
    ("error", "`parallel_tool_calls` without tools is refused by OpenAI", turns(DONE) | {"parallel_tool_calls": True}),
    (
        "error",
        "the last turn is of a user or a tool, unlike most rows",
        turns(DONE, {"role": "user", "content": "Thanks!"}),
    ),
    ("warning", "an answer that is trained on is empty", chat("Where is the copper engine?", "  ")),
    ("warning", "a user turn is empty", chat("\n", "It is in the garden, as you asked.")),
    ("warning", "a fence of code is not closed in the answer", chat("Write code, please.", "```python\nprint(1)")),
    ("warning", "a thought (<think>) is not closed in the answer", chat("Think of the lamp.", "<think>The lamp is")),
    ("warning", "text was read in the wrong encoding (mojibake)", chat("縺ゅｊ縺後→縺", "It is in the garden.")),
    ("warning", "text was read in the wrong encoding (mojibake)", chat("The cafÃ© of the market?", "It is open.")),
    ("warning", "characters were lost: U+FFFD stands in their place", chat("Where is the \ufffd\ufffd lamp?", "Here.")),
    ("warning", "a text is nothing but question marks: its characters may be lost", chat("???????", "It is open.")),
    ("warning", "invisible marks that turn the direction of text", chat("Pay \u202e001\u202c for the lamp?", "Yes.")),
    ("warning", "invisible characters that can carry hidden text", chat("Open it \U000e0041\U000e0042 now", "Yes.")),
    ("warning", "control characters in a text", chat("Is the lamp\x00 red or blue?", "It is red.")),
    ("warning", "Latin and Cyrillic letters within one word", chat("Is p\u0430ypal taken at the market?", "It is.")),
    ("advice", "half-width katakana", chat("ｶﾀｶﾅ of the lamp?", "It is in the garden.")),
    ("warning", "personal data", chat("My mail is taro@example.co.jp, is the lamp there?", "It is.")),
]


@pytest.mark.parametrize(
    ("level", "what", "row"), PLANTED, ids=[f"{n}-{what[:30]}" for n, (_, what, _) in enumerate(PLANTED)]
)
def test_a_planted_fault_is_found_with_its_line(tmp_path: Path, level: str, what: str, row: dict[str, Json]) -> None:
    rows = sound()
    report = check(tmp_path, *rows[:30], row, *rows[30:], near=False)
    finding = told(report)[what]
    assert (finding.level, finding.rows, finding.places[0].line) == (level, 1, 31)
    others = {one.what for one in report.findings} - {what}
    assert {one for one in others if told(report)[one].level == "error"} <= {"OpenAI refuses rows with other keys"}


def test_valid_rows_with_tools_are_not_refused(tmp_path: Path) -> None:
    """The cookbook's checker refuses the role tool, `tool_calls`, a null content and content of parts."""
    parts: dict[str, Json] = {"role": "user", "content": [{"type": "text", "text": "And the basket of the bridge?"}]}
    row = {
        **turns(
            {"role": "assistant", "content": None, "tool_calls": [CALL]}, RESULT, {**DONE, "weight": 0}, parts, DONE
        )
    }
    report = check(tmp_path, *sound(), {**row, "tools": TOOLS, "parallel_tool_calls": False})
    assert {finding.level for finding in report.findings} <= {"advice"}


def test_openai_asks_for_ten_rows(tmp_path: Path) -> None:
    assert told(check(tmp_path, *sound(9)))["OpenAI trains on 10 rows or more"].level == "error"
    assert check(tmp_path, *sound(10)).findings == ()


def test_equal_rows_and_contradicting_labels_are_told_with_both_places(tmp_path: Path) -> None:
    rows = [chat(f"Is the {word} late?", "yes" if n % 2 else "no") for n, word in enumerate(WORDS)]
    report = check(tmp_path, *rows, rows[2], chat("Is the parcel late?", "yes"), near=False)
    same = told(report)["the row is the same as one before it"]
    assert (same.rows, same.places[0].line) == (1, 15)
    assert "rows.jsonl:3" in same.places[0].excerpt
    other = told(report)["the same question has two labels"]
    assert (other.rows, other.places[0].line, other.detail) == (2, 16, "`no / yes`")


def test_the_same_question_with_other_choices_is_another_question(tmp_path: Path) -> None:
    rows = [{"question": "Which is red?", "choice0": word, "choice1": "none", "label": 0} for word in WORDS]
    report = check(tmp_path, *rows, format="evalkit", near=False)
    assert "the row is the same as one before it" not in told(report)


def test_keys_that_the_prompt_asks_for_and_no_answer_has(tmp_path: Path) -> None:
    asked = "Return JSON with the keys insight and action_items."
    rows = [chat(f"{asked}\n{word}", json.dumps({"insight": word, "company_names": []})) for word in WORDS]
    finding = told(check(tmp_path, *rows, near=False))[
        "the prompt asks for keys that no answer has, and answers have others that it does not name"
    ]
    assert finding.detail == "`action_items` 14; `company_names`"
    sound_rows = [chat(f"{asked}\n{word}", json.dumps({"insight": word, "action_items": []})) for word in WORDS]
    assert check(tmp_path, *sound_rows, near=False).findings == ()


def test_keys_of_data_in_the_prompt_are_not_asked_for(tmp_path: Path) -> None:
    rows = [
        chat(f'Return JSON with the key "total".\n{json.dumps({"sku": word, "price": n})}', json.dumps({"total": n}))
        for n, word in enumerate(WORDS)
    ]
    assert check(tmp_path, *rows, near=False).findings == ()


def test_labels_are_counted_and_their_spellings_told(tmp_path: Path) -> None:
    rows = [chat(f"{word} {n}?", "Refund") for n, word in enumerate(WORDS * 3)]
    rows += [chat(f"{word} of {n}?", "delivery") for n, word in enumerate(WORDS)]
    report = check(tmp_path, *rows, chat("the last?", "refund "), near=False)
    finding = told(report)["one label is spelled in several ways"]
    assert (finding.rows, finding.detail) == (1, "`Refund` 42 / `refund` 1")
    assert report.facts["classes"] == {"labels": {"Refund": 42, "delivery": 14, "refund ": 1}, "distinct": 3}


def test_long_answers_cut_in_a_sentence_are_told_where_the_others_end(tmp_path: Path) -> None:
    long = [
        chat(f"Tell me of {word}.", f"The {word} stands in the garden, and it is red. " * 3)
        for word in (*WORDS, *WORDS)
    ]
    cut = chat(
        "Tell me of it.", "The basket stands in the market, where people buy and sell what they have made at the"
    )
    assert (
        told(check(tmp_path, *long, cut, near=False))[
            "a long answer ends in the middle of a sentence, unlike the others"
        ]
        .places[0]
        .line
        == 29
    )
    bare = [chat(f"Tell me of {word}.", f"The {word} stands in the garden and it is red " * 3) for word in WORDS]
    assert check(tmp_path, *bare, near=False).findings == ()


def test_outliers_in_length_and_in_characters(tmp_path: Path) -> None:
    rows = sound(200)
    noise = chat("Where are qzx?", "zqxj vkwq xzjq wvkx qjzx kwvz xqzj wkvx jzqx vwkz qxzj kvwx zjxq.")
    endless = chat("Where is it?", "They are with the parcel. " * 400)
    report = check(tmp_path, *rows, noise, endless, near=False)
    assert told(report)["an answer is far longer than the others"].places[0].line == 202
    unusual = told(report)["the characters of a row are unlike the rest of the set"]
    assert [place.line for place in unusual.places] == [201]


def test_near_copies_are_paired_and_numbers_make_none(tmp_path: Path) -> None:
    rows = [chat(f"Is the {word} from the old market late again, and why is that so?", "It is.") for word in WORDS]
    twin = chat("My card has not arrived yet, what shall I do now?", "Wait.")
    near = chat("My card hasn't arrived yet, what shall I do now??", "Wait a day.")
    numbers = [chat(f"What is {n} plus {n + 1}, please tell me at once?", str(n)) for n in range(6)]
    report = check(tmp_path, *rows, twin, *numbers, near)
    finding = told(report)["the question is nearly the same as one before it"]
    assert (finding.rows, finding.places[0].line) == (1, 22)
    assert "rows.jsonl:15 (9" in finding.places[0].excerpt


def test_a_preference_that_another_row_turns_round_is_told(tmp_path: Path) -> None:
    rows = [{"prompt": f"Say hello to {word}", "chosen": f"Hello {word}.", "rejected": f"Yo {word}"} for word in WORDS]
    turned = {"prompt": "Say hello to parcel", "chosen": "Yo parcel", "rejected": "Hello parcel."}
    report = check(tmp_path, *rows, turned, format="trl", near=False)
    assert told(report)["a preferred answer is a rejected one elsewhere"].rows == 2


def test_answers_in_another_script_than_the_question(tmp_path: Path) -> None:
    rows = [
        chat(f"{word} の在庫はどこにありますか、教えてください。", f"{word} は倉庫にあり、明日までに届きます。")
        for word in WORDS
    ]
    odd = chat("在庫はどこにありますか、教えていただけますか。", "They are in the warehouse and arrive tomorrow.")
    finding = told(check(tmp_path, *rows, odd, near=False))[
        "the answer is in another script than the question, unlike most rows"
    ]
    assert (finding.rows, finding.detail, finding.places[0].line) == (1, "ja → latin", 15)


def test_what_cannot_be_read_is_counted_by_kind_and_the_rest_is_checked(tmp_path: Path) -> None:
    bad = {"messages": [{"role": "hummany", "content": "Hello"}]}
    report = check(tmp_path, *sound(20), *[bad] * 9, chat("The cafÃ© of the market?", "It is open."), near=False)
    (reading,) = [finding for finding in report.findings if finding.check == "reading"]
    assert (reading.level, reading.rows, len(reading.places)) == ("error", 9, 5)
    assert (report.rows, report.examples) == (30, 21)
    assert "text was read in the wrong encoding (mojibake)" in told(report)


def test_an_id_at_two_unlike_rows_is_an_error_and_at_equal_ones_a_repetition(tmp_path: Path) -> None:
    rows = [{"id": f"r{n}", "input": f"Where is {word}?", "target": word} for n, word in enumerate(WORDS)]
    report = check(tmp_path, *rows, {**rows[0]}, {**rows[1], "target": "x"}, format="evalkit", near=False)
    assert told(report)["an id stands at several rows that differ"].rows == 1
    assert told(report)["the row is the same as one before it"].rows == 1


def test_every_planted_sentence_is_said_in_japanese(tmp_path: Path) -> None:
    report = check(tmp_path, *sound(), *(row for _, _, row in PLANTED), near=False)
    assert len(report.findings) > 20
    for finding in report.findings:
        assert is_whole(finding.what), finding.what
        assert is_whole(finding.todo), finding.todo
    lines = finding_lines(report.findings[0], report, "ja")
    assert lines[0].startswith("エラー: ")
    assert lines[-1].startswith("    対処: ")


def test_a_page_lets_nothing_of_the_data_act(tmp_path: Path) -> None:
    row = chat("<script>alert(1)</script> \u202e縺ゅｊ縺後→縺", "x")
    html = page(check(tmp_path, *sound(), row), "ja")
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "\u202e" not in html
    assert "default-src 'none'" in html
    assert "文字化け" in html


def test_excerpts_hold_nothing_personal(tmp_path: Path) -> None:
    row = chat("My mail is taro@example.co.jp, cafÃ©?", "  ")
    report = check(tmp_path, *sound(), row, near=False)
    shown = " ".join(place.excerpt for finding in report.findings for place in finding.places)
    assert "taro@example.co.jp" not in shown
    assert "[EMAIL_1]" in shown


def test_the_command_writes_a_page_and_data_and_ends_with_the_worst(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, html, data = tmp_path / "t.jsonl", tmp_path / "o.html", tmp_path / "o.json"
    path.write_text("".join(json.dumps(row) + "\n" for row in sound()), encoding="utf-8")
    words = ["data", "check", str(path), "--format", "openai-chat"]
    assert main([*words, "--html", str(html), "--json", str(data)]) == 0
    assert "Nothing was found." in capsys.readouterr().out
    held = json.loads(data.read_text(encoding="utf-8"))
    assert (held["holds"], held["rows"], held["findings"]) == ("data_check", 80, [])
    with path.open("a", encoding="utf-8") as more:
        more.write(json.dumps(called("no json")) + "\n")
    assert main([*words, "--lang", "ja"]) == 2
    both = "".join(capsys.readouterr())
    assert "エラー: 呼び出しの引数が JSON のオブジェクトではありません: 1 行(1.23%)" in both
    assert main([*words, "--skip", "calls"]) == 0
    assert main([*words, "--only", "calls"]) == 2
    assert main([*words, "--skip", "cals"]) == 2
    assert "did you mean 'calls'" in capsys.readouterr().err
    before = path.read_bytes()
    assert main([*words, "--html", str(path)]) == 2
    assert path.read_bytes() == before


def test_the_rules_of_a_trainer_are_errors_where_it_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("".join(json.dumps({**row, "source": "web"}) + "\n" for row in sound()), encoding="utf-8")
    assert main(["data", "check", str(path), "--format", "openai-chat"]) == 0
    assert main(["data", "check", str(path), "--format", "openai-chat", "--for", "openai"]) == 2


def test_every_check_has_its_name() -> None:
    assert {check.name for check in make_checks(openai="error")} == set(CHECKS)


def test_labels_named_in_the_instruction_are_no_keys(tmp_path: Path) -> None:
    asked = 'Return JSON with the key "mood": one of "good", "bad", "neutral", "mixed".'
    rows = [chat(f"{asked}\n{word}", json.dumps({"mood": "good" if n % 2 else "bad"})) for n, word in enumerate(WORDS)]
    assert "asked_keys" not in {finding.check for finding in check(tmp_path, *rows, near=False).findings}
    japanese = "次のキーを持つ JSON で出力してください: 「要約」「summary」「action」"
    rows = [chat(f"{japanese}\n{word}", json.dumps({"summary": word})) for word in WORDS]
    finding = told(check(tmp_path, *rows, near=False))["the prompt asks for keys that no answer has"]
    assert finding.detail == "`action` 14"


def test_labels_contradict_each_other_whatever_the_case_of_the_question(tmp_path: Path) -> None:
    rows = [chat(f"Is the {word} late?", "no") for word in WORDS]
    report = check(tmp_path, *rows, chat("is the PARCEL  late?", "Yes."), chat("Is the lamp late? ", "No"), near=False)
    finding = told(report)["the same question has two labels"]
    assert (finding.rows, finding.detail) == (2, "`no / Yes.`")
