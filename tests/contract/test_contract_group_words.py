"""Every sentence of a report that speaks of groups keeps to the page on what may be concluded."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from project import SUITE, Project

from evalkit.cli import main

ROOT = Path(__file__).parents[2]
BANNED = re.compile(
    r"unbiased|\bbias-free\b|\b(un)?fair(ly)?\b|discriminat|prejudic|\b(non-?)?compliant\b", re.IGNORECASE
)
ROOMS = ("gates", "report", "slices", "pipeline/deciding", "core")
GATE = "gates:\n  - {type: fairness, slices: [sex], metrics: [answer], max_change: 0.1}\n"
FAMILIES = "gates:\n  - {type: fairness, families: true, slices: [sex], metrics: [answer], max_change: 0.1}\n"


def worded(project: Project, gate: str, wrong: int) -> str:
    rows = project.rows()
    for i, row in enumerate(rows):
        row["tags"] |= {"sex": ("women", "men")[i % 2], "family": f"f{i // 2}"}
    project.data(rows)
    project.suite(SUITE.replace("gates:\n", gate))
    project.arm("base", right=lambda i: True)
    project.arm("cand", right=lambda i: not (i % 2 == 0 and i % wrong == 0))
    project.models("base", "cand")
    main(["compare", "base", "cand", "--report", "page", "--json", "v.json", "--markdown", "v.md"])
    texts = [(project.folder / name).read_text(encoding="utf-8") for name in ("page/index.html", "v.md")]
    return " ".join([*texts, json.dumps(json.loads((project.folder / "v.json").read_text(encoding="utf-8")))])


@pytest.mark.parametrize("gate", [GATE, FAMILIES])
@pytest.mark.parametrize("wrong", [3, 40, 1000])
def test_no_report_calls_a_model_fair_or_unfair(project: Project, gate: str, wrong: int) -> None:
    text = worded(project, gate, wrong)
    assert "women" in text
    assert BANNED.findall(re.sub(r"<(script|style).*?</\1>", "", text, flags=re.DOTALL)) == []


def test_no_sentence_in_the_code_of_reports_does() -> None:
    found = []
    for room in ROOMS:
        for path in sorted((ROOT / "evalkit" / room).rglob("*.py")):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                for text in re.findall(r"\"([^\"]{12,})\"", line):
                    if BANNED.search(text) and not line.strip().startswith('"""'):
                        found.append(f"{path.name}:{number} {text}")
    assert found == []


def test_a_banned_word_is_seen() -> None:
    assert BANNED.search("the model is unbiased")
    assert BANNED.search("a fair answer")
    assert not BANNED.search("Fairness of a slice: fell behind")


@pytest.mark.parametrize("page", ["choose-groups.md", "choose-groups-ja.md"])
def test_the_page_says_what_every_state_allows(page: str) -> None:
    text = (ROOT / "docs" / "how-to" / page).read_text(encoding="utf-8")
    for state in ("REGRESSION", "PASS", "INCONCLUSIVE", "0.80"):
        assert state in text
