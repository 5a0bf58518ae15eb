"""Recordings: the contract's shapes, and every way a file can be none."""

from __future__ import annotations

import gzip
import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from evalkit.core.errors import DataError, StoreError
from evalkit.core.exchange import Failure, ModelIdentity, Response, ToolCall, Usage
from evalkit.core.recording import Recording

HEADER = '{"evalkit_recording": 1, "model": {"name": "ft"}, "generate": {}, "created": "2026-11-20"}'
MODEL = ModelIdentity(name="ft", provider="openai", model="ft:x", fingerprint="f9", details={"host": "api"})
ANSWERS = (
    Response(
        example_id="t-002",
        text="返金します",
        finish="stop",
        usage=Usage(input=12, output=5),
        latency_s=0.41,
        prompt_sha256="ab",
    ),
    Response(example_id="t-001", tool_calls=(ToolCall(name="f", arguments='{"a": 1'),), finish="tool_calls"),
    Response(example_id="t-001", repeat=1, failure=Failure(kind="rate_limit", message="429", status=429)),
    Response(example_id="t-003", text="B", choice_scores=(-3.5, -1.25), choice_tokens=(1, 2), suite="general"),
)


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(DataError) as caught:
        Recording.read(path)
    return [str(p) for p in caught.value.problems]


@pytest.mark.parametrize("name", ["r.jsonl", "r.jsonl.gz"])
def test_what_is_written_is_read_back_with_its_identity(tmp_path: Path, name: str) -> None:
    path = Recording(model=MODEL, responses=ANSWERS, generate={"temperature": 0}, created="2026").write(tmp_path / name)
    back = Recording.read(path)
    assert back.model == MODEL
    assert sorted(map(repr, back.responses)) == sorted(map(repr, ANSWERS))
    assert (back.generate, back.created, back.checked) == ({"temperature": 0}, "2026", True)


def test_the_rows_have_the_shape_of_the_contract(tmp_path: Path) -> None:
    path = Recording(model=MODEL, responses=ANSWERS).write(tmp_path / "r.jsonl")
    header, *rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert header["evalkit_recording"] == 1
    assert header["model"]["fingerprint"] == "f9"
    assert rows[2] == {
        "id": "t-002",
        "repeat": 0,
        "text": "返金します",
        "tool_calls": [],
        "finish": "stop",
        "usage": {"input": 12, "output": 5},
        "latency_s": 0.41,
        "prompt_sha256": "ab",
        "failure": None,
    }
    assert rows[0]["tool_calls"] == [{"name": "f", "arguments": '{"a": 1'}]
    assert rows[1]["failure"] == {"kind": "rate_limit", "message": "429", "status": 429}


def test_the_bytes_depend_on_the_content_alone(tmp_path: Path) -> None:
    one = Recording(model=MODEL, responses=ANSWERS).write(tmp_path / "one.jsonl.gz")
    two = Recording(model=MODEL, responses=ANSWERS[::-1]).write(tmp_path / "two.jsonl.gz")
    assert one.read_bytes() == two.read_bytes()


def test_three_lines_of_script_make_a_recording(tmp_path: Path) -> None:
    path = write(tmp_path / "r.jsonl", HEADER, '{"id": "1", "text": ""}', '{"id": "2", "failure": {"kind": "odd"}}')
    back = Recording.read(path)
    assert back.responses[0] == Response(example_id="1", text="")
    assert back.responses[1].failure == Failure(kind="other", message="odd: ")
    assert back.model.name == "ft"
    assert back.model.fingerprint == f"recording:{back.sha256}"


def test_tool_calls_as_the_api_writes_them_are_read(tmp_path: Path) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": {"a": "é"}}}
    path = write(tmp_path / "r.jsonl", HEADER, json.dumps({"id": "1", "tool_calls": [call]}))
    assert Recording.read(path).responses[0].tool_calls == (ToolCall(name="f", arguments='{"a": "é"}', id="c1"),)


def test_all_problems_come_at_once_each_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    lines = [
        HEADER,
        '{"id": "1", "text": "a"}',
        '{"id": "1", "text": "b"}',
        '{"id": "2", "txt": "a"}',
        '{"id": 3, "text": "a"}',
        '{"id": "4", "text": "a", "latency_s": NaN}',
        '{"id": "5", "text":',
        '{"id": "6", "text": "a", "latency_s": -1}',
        "[]",
    ]
    path.write_bytes("\n".join(lines).encode() + b'\n{"id": "\xff"}\n')
    found = problems(path)
    places = [text.split(": ")[0].removeprefix(f"{path}:") for text in found]
    assert places == ["3", "4", "5", "6", "7:20", "8", "9", "10"]
    assert "duplicate id '1' (repeat 0), first on line 2" in found[0]
    assert "did you mean 'text'?" in found[1]
    assert "not UTF-8" in found[7]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('{"id": "2", "text": "a", "text": "b"}', "the key 'text' stands twice in one object"),
        ('{"id": "2", "text": "a", "latency_s": 1e999}', "the number 1e999 is too large"),
        ('{"id": "2", "text": "a", "latency_s": %s}' % ("7" * 400), "is too large"),
        ('{"id": "2", "text": "a", "usage": {"input": %s}}' % ("7" * 400), "is too large"),
    ],
)
def test_a_row_that_says_two_things_or_infinity_is_refused_with_its_line(
    tmp_path: Path, line: str, sentence: str
) -> None:
    (found,) = problems(write(tmp_path / "r.jsonl", HEADER, '{"id": "1", "text": "a"}', line))
    assert "r.jsonl:3: not JSON: " in found
    assert sentence in found


def test_a_recording_in_another_encoding_is_called_that_once(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    rows = [HEADER, *(f'{{"id": "{i}", "text": "返金できます"}}' for i in range(5))]
    for code, name in (("cp932", "Shift_JIS (cp932)"), ("utf-16", "UTF-16")):
        path.write_bytes("\n".join(rows).encode(code))
        (found,) = problems(path)
        assert f"not UTF-8: it looks like {name}" in found


def test_a_file_without_header_shows_the_header_it_needs(tmp_path: Path) -> None:
    (found,) = problems(write(tmp_path / "r.jsonl", '{"id": "1", "text": "a"}'))
    assert "r.jsonl:1: the first line is not the header" in found
    assert '"evalkit_recording": 1' in found


def test_a_newer_version_an_empty_and_a_missing_file_each_have_their_sentence(tmp_path: Path) -> None:
    assert "version 2" in problems(write(tmp_path / "r.jsonl", '{"evalkit_recording": 2}'))[0]
    (tmp_path / "empty.jsonl").write_bytes(b"")
    assert "empty file" in problems(tmp_path / "empty.jsonl")[0]
    with pytest.raises(StoreError, match=r"missing\.jsonl: No such file"):
        Recording.read(tmp_path / "missing.jsonl")


def test_a_truncated_gzip_says_behind_which_line(tmp_path: Path) -> None:
    rows = tuple(Response(example_id=f"{n:05}", text=gzip.compress(bytes([n % 251] * n)).hex()) for n in range(3000))
    path = Recording(model=MODEL, responses=rows).write(tmp_path / "r.jsonl.gz")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = problems(path)
    assert "truncated or damaged" in found[-1]
    assert int(found[-1].split("behind line ")[1].split()[0]) > 100


def test_flipped_bytes_in_a_gzip_are_never_read_as_answers(tmp_path: Path) -> None:
    path = Recording(model=MODEL, responses=ANSWERS).write(tmp_path / "r.jsonl.gz")
    data = path.read_bytes()
    for at in range(10, len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x41]) + data[at + 1 :])
        with pytest.raises(DataError):
            Recording.read(path)


def test_a_changed_row_breaks_the_checksum_and_a_new_order_does_not(tmp_path: Path) -> None:
    path = Recording(model=MODEL, responses=ANSWERS).write(tmp_path / "r.jsonl")
    header, *rows = path.read_text().splitlines()
    write(path, header, *rows[::-1])
    assert Recording.read(path).checked
    write(path, header, *rows[:-1])
    assert "not those that were recorded" in problems(path)[0]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match=r"(?s)file/r\.jsonl.*to do: free space"):
        Recording(model=MODEL, responses=()).write(tmp_path / "file" / "r.jsonl")


def test_when_the_disk_is_full_the_old_recording_stays_and_nothing_is_left_behind(tmp_path: Path) -> None:
    path = Recording(model=MODEL, responses=ANSWERS).write(tmp_path / "r.jsonl")
    before = path.read_bytes()
    script = (
        "import sys; from evalkit.core.recording import Recording; from dataclasses import replace\n"
        "old = Recording.read(sys.argv[1]); grown = replace(old.responses[0], example_id='x', text='x' * 9999)\n"
        "replace(old, responses=(*old.responses, grown)).write(sys.argv[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
    )
    assert "StoreError: cannot write the recording" in done.stderr
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["r.jsonl"]
