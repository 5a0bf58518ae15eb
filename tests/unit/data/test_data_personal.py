"""Personal data of a data set: counted with places; redacted, a file still parses and all else is as it was."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.core.errors import Problem, UsageError
from evalkit.data.personal import count_personal
from evalkit.data.redacted import redact_file

ROWS = [
    {"messages": [{"role": "user", "content": "Write to taro@example.jp or 090-1234-5678."}]},
    {"input": "電話は０９０－１２３４－５６７８です。", "tags": {"phone": "0312345678", "zip": "94107"}, "n": 4},
    {"input": "nothing", "target": {"tool_calls": [{"name": "mail", "arguments": "{\"to\": \"taro@example.jp\"}"}]}},
]  # fmt: skip


def write(path: Path, *, ascii: bool = False) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=ascii) + "\n" for row in ROWS), encoding="utf-8")
    return path


def test_what_is_personal_is_counted_with_its_place(tmp_path: Path) -> None:
    problems: list[Problem] = []
    found = count_personal(write(tmp_path / "x.jsonl"), problems=problems)
    assert problems == []
    assert found.read == 3
    assert found.pieces == {"email": 2, "phone": 3, "postal_code": 1}
    assert found.rows == {"email": 2, "phone": 2, "postal_code": 1}
    assert [place.line for place in found.places["email"]] == [1, 3]
    assert found.to_dict()["phone"]["rows"] == 2


@pytest.mark.parametrize("ascii", [False, True])
def test_a_redacted_file_parses_and_keeps_all_else(tmp_path: Path, ascii: bool) -> None:
    source = write(tmp_path / "x.jsonl", ascii=ascii)
    assert redact_file(source, tmp_path / "a.jsonl") == {"email": 1, "phone": 2, "postal_code": 1}
    assert redact_file(source, tmp_path / "b.jsonl") == {"email": 1, "phone": 2, "postal_code": 1}
    first = (tmp_path / "a.jsonl").read_bytes()
    assert first == (tmp_path / "b.jsonl").read_bytes()
    redact_file(tmp_path / "a.jsonl", tmp_path / "c.jsonl")
    assert (tmp_path / "c.jsonl").read_bytes() == first
    rows = [json.loads(line) for line in first.decode().splitlines()]
    assert rows[0]["messages"][0]["content"] == "Write to [EMAIL_1] or [PHONE_1]."
    assert rows[1] == {
        "input": "電話は[PHONE_1]です。", "tags": {"phone": "[PHONE_2]", "zip": "[POSTAL_CODE_1]"}, "n": 4
    }  # fmt: skip
    assert json.loads(rows[2]["target"]["tool_calls"][0]["arguments"]) == {"to": "[EMAIL_1]"}


def test_a_table_and_a_pretty_file_are_redacted_in_place(tmp_path: Path) -> None:
    table = tmp_path / "x.csv"
    table.write_bytes('﻿id,input\r\n1,"a, taro@example.jp"\r\n'.encode())
    redact_file(table, tmp_path / "y.csv")
    assert (tmp_path / "y.csv").read_bytes() == '﻿id,input\r\n1,"a, [EMAIL_1]"\r\n'.encode()
    pretty = tmp_path / "x.json"
    pretty.write_text(json.dumps(ROWS, indent=2, ensure_ascii=False), encoding="utf-8")
    redact_file(pretty, tmp_path / "y.json")
    assert json.loads((tmp_path / "y.json").read_text(encoding="utf-8"))[1]["tags"]["phone"] == "[PHONE_2]"


@given(
    st.recursive(
        st.text() | st.integers() | st.none(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    )
)
def test_a_file_without_personal_data_keeps_every_byte(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    folder = tmp_path_factory.mktemp("plain")
    source = folder / "x.jsonl"
    text = json.dumps({"value": value}) + "\n"
    source.write_text(text, encoding="utf-8")
    if not redact_file(source, folder / "y.jsonl"):
        assert (folder / "y.jsonl").read_text(encoding="utf-8") == text
    json.loads((folder / "y.jsonl").read_text(encoding="utf-8"))


def test_what_is_no_text_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    with pytest.raises(UsageError, match="cannot be redacted"):
        redact_file(tmp_path / "x.parquet", tmp_path / "y.jsonl")


def test_the_shared_case_is_found_whole() -> None:
    data = Path(os.environ.get("EVALKIT_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
    shared = data.parent / "cases" / "data" / "pii.jsonl"
    if not shared.is_file():
        pytest.skip("the shared cases are not here")
    found = count_personal(shared, problems=[])
    assert {*found.pieces} >= {"phone", "email", "my_number", "postal_code", "address", "card"}


def redacted(tmp_path: Path, name: str, text: str, target: str = "") -> str:
    source = tmp_path / name
    source.write_bytes(text.encode("utf-8"))
    redact_file(source, tmp_path / (target or f"out.{name}"))
    return (tmp_path / (target or f"out.{name}")).read_bytes().decode("utf-8")


def test_cells_of_a_table_are_looked_at_with_their_column(tmp_path: Path) -> None:
    key = "-----BEGIN RSA " + "PRIVATE KEY-----\r\nAAAABBBBCCCCDDDD\r\n-----END RSA PRIVATE KEY-----"
    text = f'phone,note,place\r\n0312345678,"{key}","221B Baker Street, London"\r\n,"say ""hi"" to t@example.jp",x\r\n'
    assert redacted(tmp_path, "x.csv", text) == (
        'phone,note,place\r\n[PHONE_1],"[SECRET_1]","[ADDRESS_1]"\r\n,"say ""hi"" to [EMAIL_1]",x\r\n'
    )


def test_numbers_keys_and_json_within_json_are_looked_at(tmp_path: Path) -> None:
    row = {"card": 4111111111111111, "t@example.jp": 1, "inner": json.dumps({"tel": "x\n03-1234-5678", "n": 2})}
    done = json.loads(redacted(tmp_path, "x.jsonl", json.dumps(row) + "\n"))
    assert done["card"] == "[CARD_1]"
    assert "[EMAIL_1]" in done
    assert json.loads(done["inner"]) == {"tel": "x\n[PHONE_1]", "n": 2}
    found = count_personal(tmp_path / "x.jsonl", problems=[])
    assert found.pieces == {"card": 1, "email": 1, "phone": 1}


def test_half_a_surrogate_pair_breaks_nothing(tmp_path: Path) -> None:
    text = '{"input": "日本 \\ud83d t@example.jp"}\n'
    assert json.loads(redacted(tmp_path, "x.jsonl", text))["input"] == "日本 \ud83d [EMAIL_1]"


def test_a_packed_file_stays_packed(tmp_path: Path) -> None:
    source = tmp_path / "x.jsonl.gz"
    source.write_bytes(gzip.compress(b'{"input": "t@example.jp"}\n'))
    redact_file(source, tmp_path / "y.jsonl.gz")
    assert gzip.decompress((tmp_path / "y.jsonl.gz").read_bytes()) == b'{"input": "[EMAIL_1]"}\n'


@pytest.mark.parametrize(
    ("target", "why"),
    [("y.csv", "the name says otherwise"), ("x.jsonl", "it would be lost"), ("there.jsonl", "is there already")],
)
def test_a_target_that_cannot_be_is_refused(tmp_path: Path, target: str, why: str) -> None:
    source = write(tmp_path / "x.jsonl")
    (tmp_path / "there.jsonl").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=why):
        redact_file(source, tmp_path / target)
    assert (tmp_path / "there.jsonl").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "y.csv").exists()


def test_what_is_no_utf8_is_told_with_its_place(tmp_path: Path) -> None:
    source = tmp_path / "x.csv"
    source.write_bytes("id,input\n1,電話\n".encode("cp932"))
    with pytest.raises(UsageError, match=r"x\.csv:2"):
        redact_file(source, tmp_path / "y.csv")
    assert not (tmp_path / "y.csv").exists()
    assert count_personal(source, problems=[], encoding="cp932").read == 1
