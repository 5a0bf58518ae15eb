"""A line that is no JSON is told in plain words, with one place."""

import pytest

from evalkit.core.broken_json import broken_json
from evalkit.core.rows import parse_strict


@pytest.mark.parametrize(
    ("line", "what", "column"),
    [
        ('{"id": "q1", "text": "ab\n', "breaks off", 25),
        ('{"id": "q1", "text"\n', "breaks off", 20),
        ('{"id": \n', "breaks off", 8),
        ('{"id": "q1" "text": "a"}\n', "a comma", 13),
        ('{"id" "q1"}\n', "a colon", 7),
        ("{id: 1}\n", "a key in double quotes", 2),
        ('{"id": }\n', "no JSON value stands here", 8),
        ("hello\n", "no JSON value stands here", 1),
        ('{"id": None}\n', "no JSON value stands here", 8),
        ('{"a": nul}\n', "no JSON value stands here", 7),
        ('{"a": tru\n', "breaks off", 10),
        ('{"id": "a", "text": "b}\n', "no closing quote", 21),
        ('["a", "b]\n', "no closing quote", 7),
        ('{"id": 1} {"id": 2}\n', "one line holds one value", 11),
        ('{"id": "a\tb"}\n', "control character", 10),
        ('{"id": "\\q"}\n', "backslash", 9),
        ('{"id": 1, "id": 2}\n', "stands twice", None),
        ("{“id”: 1}\n", '“ is a full-width or typographic quote; JSON wants "', 2),
        ('{"id": “a”}\n', '“ is a full-width or typographic quote; JSON wants "', 8),
        ("{’id’: 1}\n", '’ is a full-width or typographic quote; JSON wants "', 2),
        ('{"id": "a”}\n', 'no closing quote (” is a full-width or typographic quote; JSON wants ")', 8),
        ('{"id"： 1}\n', "： is a full-width or typographic mark; JSON wants :", 6),
        ('{"id": 1， "a": 2}\n', "， is a full-width or typographic mark; JSON wants ,", 9),
        ('{"id": 「a」}\n', '「 is a full-width or typographic quote; JSON wants "', 8),
    ],
)
def test_words_and_place(line: str, what: str, column: int | None) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        parse_strict(line)
    said, where = broken_json(caught.value, line)
    assert what in said
    assert where == column
    assert "char" not in said.replace("character", "")
