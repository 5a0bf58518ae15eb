"""Which YAML files are suites: the command line and pytest ask the same question, and nothing is skipped in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalkit.core.errors import SuiteError
from evalkit.suite.find import find_suites, is_suite, looks_like_suite
from evalkit.suite.load import load_suite

KEYS = "name: s\ndataset: {path: rows.jsonl}\nscorers: {answer: {type: exact}}\ngates: []\n"
SOUND = "evalkit: 1\n" + KEYS
MARKED = {
    "a byte order mark": b"\xef\xbb\xbf" + SOUND.encode(),
    "five thousand bytes of comment": b"# a comment\n" * 500 + SOUND.encode(),
    "a key in quotes": SOUND.replace("evalkit:", '"evalkit" :').encode(),
    "lines of another system": SOUND.replace("\n", "\r\n").encode(),
}
MEANT = {
    "a mark misspelt": SOUND.replace("evalkit", "evalkt").encode(),
    "a mark misspelt and nothing else": b"evalkt: 1\n",
    "a mark in capitals": b"EvalKit: 1\nname: s\n",
    "no mark": KEYS.encode(),
    "another encoding": SOUND.encode("utf-16"),
    "an encoding without a mark": SOUND.encode("utf-16-le"),
    "a list": b"- evalkit: 1\n- name: s\n",
    "no text": bytes(range(256)),
    "broken YAML": b"gates: [\n",
}
OTHER = {
    "models": b"models: {base: {provider: replay, recording: base.jsonl}}\n",
    "a policy": b"policy: {alpha: 0.1}\ngates: []\n",
    "another tool": b"on: push\njobs: {}\nevaluate: true\nevals: []\neval: x\n",
    "nothing": b"",
    "a plain list": b"- one\n- two\n",
}


@pytest.mark.parametrize("raw", MARKED.values(), ids=MARKED)
def test_a_suite_is_known_by_its_mark_however_it_is_written(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "suite.yaml"
    path.write_bytes(raw)
    assert is_suite(path)
    assert find_suites([tmp_path]) == [path]


@pytest.mark.parametrize("raw", MEANT.values(), ids=MEANT)
def test_what_looks_like_a_suite_is_found_and_refused(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SOUND, encoding="utf-8")
    path = tmp_path / "b.yaml"
    path.write_bytes(raw)
    assert find_suites([tmp_path]) == [tmp_path / "a.yaml", path]
    with pytest.raises(SuiteError):
        load_suite(path)


@pytest.mark.parametrize("raw", OTHER.values(), ids=OTHER)
def test_other_yaml_is_left_alone(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "b.yaml"
    path.write_bytes(raw)
    assert not is_suite(path)
    assert not looks_like_suite(path)


def test_a_misspelt_mark_is_told_with_what_was_meant(tmp_path: Path) -> None:
    path = tmp_path / "b.yaml"
    path.write_bytes(MEANT["a mark misspelt"])
    with pytest.raises(SuiteError) as caught:
        load_suite(path)
    told = str(caught.value)
    assert "unknown key 'evalkt' (did you mean 'evalkit'?)" in told
    assert "begin a suite with `evalkit: 1`" in told


def test_hidden_folders_are_not_looked_into(tmp_path: Path) -> None:
    (tmp_path / ".old").mkdir()
    (tmp_path / ".old" / "x.yaml").write_text("gates: [\n", encoding="utf-8")
    (tmp_path / "a.yaml").write_text(SOUND, encoding="utf-8")
    assert find_suites([tmp_path]) == [tmp_path / "a.yaml"]
