"""What is the same for many rows is kept once, and nothing else is taken for it."""

from pathlib import Path

from evalkit.core.exchange import Message
from evalkit.core.fingerprint import digest, digest_of_many, prompt_digest
from evalkit.foreign.share import share_scores
from evalkit.foreign.texts import open_text


def test_only_what_is_really_the_same_is_shared() -> None:
    values = [1, 1.0, True, 0, -0.0, 0.0, None]
    shared = [share_scores({"s": value}) for value in values]
    for value, found in zip(values, shared, strict=True):
        assert repr(found["s"]) == repr(value)
        assert type(found["s"]) is type(value)
    texts = share_scores({"s": "good", "why": {"a": [1]}})
    assert texts == {"s": "good", "why": {"a": [1]}}


def test_a_digest_does_not_depend_on_how_it_is_made() -> None:
    assert digest_of_many(iter([])) == digest([])
    assert digest_of_many(iter([{"b": 1}, "é", None])) == digest([{"b": 1}, "é", None])
    one = (Message(role="user", content="hi"),)
    assert prompt_digest(one) == digest([[turn.wire() for turn in one], [], []])
    named = (Message(role="user", content="hi", name="x"),)
    assert prompt_digest(named) != prompt_digest(one)


def test_lines_end_where_a_csv_reader_thinks_they_do(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes('a,b\r\n"x\u2028\x0b\ny",2\rlast'.encode())
    with open_text(tmp_path / "a.csv") as (text, _):
        assert list(text) == ["a,b\r\n", '"x\u2028\x0b\n', 'y",2\r', "last"]
