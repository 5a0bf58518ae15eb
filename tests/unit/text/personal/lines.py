"""The 400 lines, with the tokens of vendors put together: none of them stands in a file as a whole."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_MARK = re.compile(r"\{(\w+):([^}]*)\}")
_MIXED = "aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW0xY"
TOKENS = {
    "openai": "sk-" + _MIXED[:20] + "T3Blbk" + "FJ" + _MIXED[4:24],
    "openai_project": "sk-proj-" + _MIXED + "_" + _MIXED[::-1],
    "openai_service": "sk-svcacct-" + _MIXED + _MIXED[5:25],
    "anthropic": "sk-ant-api03-" + _MIXED + "-" + _MIXED[::-1] + "AA",
    "github": "ghp_" + _MIXED + "Zz9Y",
    "github_fine": "github_pat_" + _MIXED[:22] + "_" + _MIXED + _MIXED[:27],
    "slack": "xoxb-" + "123456789012-" + "1234567890123-" + _MIXED[:24],
    "slack_user": "xoxp-" + "123456789012-" + "123456789013-" + "1234567890123-" + _MIXED[:32].lower(),
    "aws": "AKIA" + "Q7" + "WERTY2UIOP34AS",
    "aws_temporary": "ASIA" + "Z3" + "XCVBN5MLKJ67HG",
    "google": "AIza" + "Sy" + _MIXED + "_",
    "huggingface": "hf_" + _MIXED + "Qw",
    "gitlab": "glpat-" + _MIXED[:20],
    "stripe": "sk_live_" + _MIXED[:24],
    "sendgrid": "SG." + _MIXED[:22] + "." + _MIXED + _MIXED[:11],
    "npm": "npm_" + _MIXED + "Ab1C",
    "pypi": "pypi-" + "AgEIcHlwaS5vcmc" + _MIXED + _MIXED,
    "jwt": "eyJ" + "hbGciOiJIUzI1NiJ9" + ".eyJ" + "zdWIiOiIxMjM0In0" + "." + _MIXED + "abc",
    "jwt2": "eyJ" + "0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9" + ".eyJ" + "pc3MiOiJldmFsIn0" + "." + _MIXED + _MIXED,
    "private_key": "-----BEGIN RSA " + "PRIVATE KEY-----",
}


@dataclass(frozen=True)
class Line:
    language: str
    kind: str
    text: str
    found: tuple[tuple[str, int, int], ...]
    """(kind, start, end) of everything personal"""


def read_lines() -> list[Line]:
    rows = (Path(__file__).parent / "lines.txt").read_text(encoding="utf-8").splitlines()
    return [_line(row) for row in rows if row and not row.startswith("#")]


def _line(row: str) -> Line:
    head, _, marked = row.partition("\t")
    language, kind = head.split()
    text, found, at = "", [], 0
    for mark in _MARK.finditer(marked):
        text += marked[at : mark.start()]
        value = TOKENS[mark[2][1:]] if mark[2].startswith("@") else mark[2]
        found.append((mark[1], len(text), len(text) + len(value)))
        text += value
        at = mark.end()
    return Line(language, kind, text + marked[at:], tuple(found))
