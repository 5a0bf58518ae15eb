"""Reading data sets: every bad row is told with its place, and nothing is dropped in silence."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from data_rows import jsonl, problems

from evalkit.core.errors import DataError, UsageError
from evalkit.core.exchange import Example, Message
from evalkit.data.read import UnsoundData, read_examples


def only(tmp_path: Path, row: object, format: str = "evalkit") -> Example:
    (example,) = read_examples(jsonl(tmp_path / "one.jsonl", [row]), format=format)
    return example


def test_a_row_becomes_an_example(tmp_path: Path) -> None:
    row = {
        "id": 7,
        "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}],
        "target": {"a": [1]},
        "tools": [{"type": "function", "function": {"name": "f"}}],
        "tags": {"intent": "refund", "vip": True, "level": 3, "none": None},
        "cluster": "t-1",
        "source": "made up",
        "extra": {"note": "x"},
    }
    example = only(tmp_path, row)
    assert example == Example(
        id="7",
        messages=(Message(role="system", content="s"), Message(role="user", content="u")),
        target={"a": [1]},
        tools=({"type": "function", "function": {"name": "f"}},),
        tags={"intent": "refund", "vip": "true", "level": "3"},
        cluster="t-1",
        extra={"source": "made up", "note": "x"},
    )


def test_input_is_short_for_one_user_message(tmp_path: Path) -> None:
    assert only(tmp_path, {"input": "hi"}).messages == (Message(role="user", content="hi"),)


def test_rows_without_an_id_get_one_from_their_content_whatever_their_order(tmp_path: Path) -> None:
    rows = [{"input": "a"}, {"input": "b"}]
    forward = read_examples(jsonl(tmp_path / "f.jsonl", rows), format="evalkit")
    backward = read_examples(jsonl(tmp_path / "b.jsonl", rows[::-1]), format="evalkit")
    assert [e.id for e in forward] == [e.id for e in backward][::-1]
    assert len({e.id for e in forward}) == 2


@pytest.mark.parametrize(("target", "index"), [(1, 1), ("b", 1), (0, 0)])
def test_the_right_choice_is_given_as_index_or_text(tmp_path: Path, target: object, index: int) -> None:
    assert only(tmp_path, {"input": "q", "choices": ["a", "b"], "target": target}).target == index


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"input": "q", "choices": ["a", "b"], "target": 2}, "`target` 2 is no index of the 2 choices (0 to 1)"),
        ({"input": "q", "choices": ["a", "b"], "target": -1}, "`target` -1 is no index of the 2 choices (0 to 1)"),
        ({"input": "q", "choices": ["yes", "nope"], "target": "nop"}, "not among the choices (did you mean 'nope'?)"),
        (
            {"input": "q", "choices": ["a", "b"]},
            "with `choices`, `target` must be an index or one of the texts, not null",
        ),
        ({"input": "q", "choices": ["a", "b"], "target": True}, "must be an index or one of the texts, not true"),
        ({"input": "q", "choices": ["a"], "target": 0}, "`choices` needs at least two texts, it has 1"),
        ({"input": "q", "choices": ["a", "a"], "target": 0}, "the choice 'a' stands twice"),
        ({"input": "q", "choices": "ab", "target": 0}, "`choices` must be a list, not the text 'ab'"),
        ({"input": "q", "choices": ["a", None], "target": 0}, "`choices` must be texts, not null"),
        ({"input": 3}, "`input` must be text, not the number 3"),
        ({"target": "x"}, "the row has neither `messages` nor `input`"),
        (
            {"conversations": [{"from": "human", "value": "q"}]},
            "did you mean format: sharegpt? It reads `conversations`",
        ),
        ({"instruction": "q", "output": "a"}, "did you mean format: alpaca? It reads `instruction`"),
        ({"input": "a", "messages": [{"role": "user", "content": "b"}]}, "`messages` or `input`, not both"),
        ({"inputs": "a"}, "unknown key 'inputs' (did you mean 'input'?)"),
        ({"input": "a", "taget": "x"}, "unknown key 'taget' (did you mean 'target'?)"),
        ({"messages": []}, "`messages` is empty"),
        ({"messages": {}}, "`messages` must be a list, not an object"),
        ({"messages": [{"role": "usr", "content": "x"}]}, "not the text 'usr' (did you mean 'user'?)"),
        ({"messages": [{"role": "user"}]}, "messages[0].content is missing"),
        ({"messages": [{"role": "user", "content": 3}]}, "must be text or a list of parts, not the number 3"),
        ({"messages": ["hi"]}, "messages[0] must be an object, not the text 'hi'"),
        ({"input": "a", "tags": ["x"]}, "`tags` must be an object, not a list"),
        ({"input": "a", "tags": {"x": []}}, "the tag 'x' must be text, not a list"),
        ({"input": "a", "id": 1.5}, "`id` must be text or a whole number"),
        ({"input": "a", "cluster": []}, "`cluster` must be text or a whole number"),
        ({"input": "a", "tools": "x"}, "`tools` must be a list, not the text 'x'"),
        ({"input": "a", "target": {"tool_calls": {}}}, "`target.tool_calls` must be a list, not an object"),
        ({"input": "a", "target": {"tool_calls": [{"arguments": {}}]}}, "`target.tool_calls[0]` must be"),
        ([1, 2], "a row must be a JSON object, this is a list"),
    ],
)
def test_a_row_that_is_no_example_is_told_with_its_line(tmp_path: Path, row: object, sentence: str) -> None:
    path = jsonl(tmp_path / "rows.jsonl", [{"input": "fine"}, row])
    (found,) = problems(path)
    assert found.startswith("rows.jsonl:2: ")
    assert sentence in found


def test_every_broken_line_is_told_and_the_good_ones_do_not_hide_them(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(
        b'{"input": "a"}\n{"input": \n\n{"input": "caf\xe9"}\n{"input": NaN}\n{"input": "b"}\n' + b"[" * 9000
    )
    found = problems(path)
    assert [f.split(":")[1] for f in found] == ["2", "4", "5", "7"]
    assert "not valid JSON" in found[0]
    assert "not UTF-8: byte 0xe9" in found[1]
    assert "NaN is not JSON" in found[2]


def test_a_flood_of_bad_rows_is_counted(tmp_path: Path) -> None:
    found = problems(jsonl(tmp_path / "rows.jsonl", [{"input": i} for i in range(120)]))
    assert len(found) == 21
    assert found[-1] == "rows.jsonl: and 100 more like it: `input` must be text, not the number …"


def test_a_flood_of_one_kind_does_not_hide_another(tmp_path: Path) -> None:
    rows: list[object] = [*({"x": i} for i in range(120)), {"input": 7}]
    assert any("`input` must be text" in problem for problem in problems(jsonl(tmp_path / "rows.jsonl", rows)))


def test_a_file_in_shift_jis_is_called_that_once(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [json.dumps({"input": f"返金できますか{i}"}, ensure_ascii=False) for i in range(9)]
    path.write_bytes("\n".join(rows).encode("cp932"))
    (found,) = problems(path)
    assert found.startswith("rows.jsonl: not UTF-8: it looks like Shift_JIS (cp932)")
    assert "save it as UTF-8, e.g. iconv -f cp932 -t utf-8" in found


@pytest.mark.parametrize("code", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(("name", "format"), [("rows.jsonl", "evalkit"), ("rows.csv", "csv"), ("rows.json", "evalkit")])
def test_a_file_in_utf16_is_called_that_once(tmp_path: Path, code: str, name: str, format: str) -> None:
    path = tmp_path / name
    mark = "" if code == "utf-16" else "\ufeff"
    path.write_bytes((mark + '{"input": "a"}\n' * 9).encode(code))
    (found,) = problems(path, format)
    assert found.startswith(f"{name}: not UTF-8: it looks like UTF-16")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('{"input": "a", "input": "b"}', "the key 'input' stands twice in one object"),
        ('{"input": "a", "target": {"x": 1, "x": 2}}', "the key 'x' stands twice in one object"),
        ('{"input": "a", "target": 1e999}', "the number 1e999 is too large"),
        ('{"input": "a", "target": [-1E+400]}', "the number -1E+400 is too large"),
        ('{"input": "a", "target": %s.0}' % ("9" * 400), "is too large"),
        ('{"input": "a", "target": %s}' % ("9" * 400), "the number 99999999999999999999... is too large"),
        ('{"input": "a", "target": -%s}' % ("9" * 5000), "the number -9999999999999999999... is too large"),
    ],
)
def test_json_that_says_two_things_or_infinity_is_told_with_its_line(tmp_path: Path, line: str, sentence: str) -> None:
    (found,) = problems(jsonl(tmp_path / "rows.jsonl", [{"input": "fine", "target": 1e99}, line]))
    assert found.startswith("rows.jsonl:2: not valid JSON: ")
    assert sentence in found


def test_a_truncated_gz_names_the_last_whole_line(tmp_path: Path) -> None:
    packed = gzip.compress(b"".join(b'{"input": "%d%s"}\n' % (i, str(i * 7919).encode() * 9) for i in range(5000)))
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(packed[: len(packed) // 2])
    (found,) = problems(path)
    assert "truncated or damaged after line" in found
    assert int(found.split(":")[1]) > 100


def test_a_gz_is_told_by_its_bytes_not_its_name(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(gzip.compress(b'{"input": "a"}\n'))
    assert len(read_examples(path, format="evalkit")) == 1


def test_a_missing_file_and_an_unknown_format_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"there is no data set .*none\.jsonl"):
        read_examples(tmp_path / "none.jsonl", format="evalkit")
    with pytest.raises(UsageError, match="did you mean 'sharegpt'"):
        read_examples(tmp_path, format="sharegtp")


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_an_empty_set_cannot_be_compared_on(tmp_path: Path, content: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(content)
    with pytest.raises(UnsoundData, match="is empty") as caught:
        read_examples(path, format="evalkit")
    assert caught.value.exit_code == 4


def test_ids_that_stand_twice_are_unsound_and_both_lines_are_named(tmp_path: Path) -> None:
    path = jsonl(
        tmp_path / "rows.jsonl", [{"id": "a", "input": "1"}, {"id": "b", "input": "2"}, {"id": "a", "input": "3"}]
    )
    with pytest.raises(UnsoundData) as caught:
        read_examples(path, format="evalkit")
    assert caught.value.exit_code == 4
    assert f"{path}:3: the id 'a' stands twice (first at {path}:1)" in str(caught.value)


def test_equal_rows_without_ids_are_counted_and_kept_apart_by_number(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "rows.jsonl", [{"input": "1"}, {"input": "2"}, {"input": "1"}, {"input": "1"}])
    first, other, second, third = read_examples(path, format="evalkit")
    assert [second.id, third.id] == [f"{first.id}#2", f"{first.id}#3"]
    assert {first.cluster, second.cluster, third.cluster} == {first.id}, "they are not independent"
    assert (other.cluster, first.extra) == (None, {})
    assert second.extra["notes"] == ["the row is the same as line 1 of rows.jsonl"]


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    jsonl(tmp_path / "b.jsonl", [{"input": "2"}])
    jsonl(tmp_path / "a.jsonl", [{"input": "1"}])
    (tmp_path / "notes.txt").write_text("not data")
    assert [e.messages[0].content for e in read_examples(tmp_path, format="evalkit")] == ["1", "2"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no data file in the folder"):
        read_examples(tmp_path / "empty", format="evalkit")


def test_a_json_array_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps([{"input": "1"}, {"input": "2"}]).encode())
    assert len(read_examples(path, format="evalkit")) == 2
    lines = tmp_path / "rows.jsonl"
    lines.write_bytes(b'\xef\xbb\xbf{"input": "1"}\n')
    assert len(read_examples(lines, format="evalkit")) == 1


def test_an_fsspec_url_is_read(tmp_path: Path) -> None:
    import fsspec

    with fsspec.open("memory://bucket/rows.jsonl", "wb") as out:
        out.write(b'{"input": "far away"}\n')
    (example,) = read_examples("memory://bucket/rows.jsonl", format="evalkit")
    assert example.messages[0].content == "far away"
    with pytest.raises(DataError, match="cannot read memory://bucket/none"):
        read_examples("memory://bucket/none.jsonl", format="evalkit")
    with pytest.raises(DataError, match="install the fsspec backend for nosuch://"):
        read_examples("nosuch://x/rows.jsonl", format="evalkit")
