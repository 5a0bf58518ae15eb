"""`evalkit report --evidence`: figures on groups to sign, in two languages, that claim no compliance."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from project import SUITE, Project

from evalkit.cli import main
from evalkit.core.verdict import UNDECIDED, State
from evalkit.report.evidence_words import words_in

GATE = "gates:\n  - {type: fairness, families: true, slices: [sex], metrics: [answer], max_change: 0.1}\n"
CLAIMS = re.compile(r"\b(non-?)?complian|\bconform|unbiased|\b(un)?fair\b|discriminat|適合して|準拠して", re.I)


def evidence(project: Project, *words: str) -> tuple[str, str]:
    rows = project.rows()
    for i, row in enumerate(rows):
        sex = "other" if i < 4 else ("women", "men")[i % 2]
        row["tags"] |= {"sex": sex, "family": f"f{i // 2}"}
    project.data(rows)
    project.suite(SUITE.replace("gates:\n", GATE).replace("  - {by: kind, min_n: 10}\n", "  - {by: sex, min_n: 10}\n"))
    project.arm("base", right=lambda i: True)
    project.arm("cand", right=lambda i: bool(i % 4))
    project.models("base", "cand")
    main(["compare", "base", "cand"])
    assert main(["report", "latest", "--evidence", "--report", "out", *words]) == 0
    folder = project.folder / "out"
    return tuple((folder / name).read_text(encoding="utf-8") for name in ("evidence.md", "evidence.html"))  # type: ignore[return-value]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_page_says_what_was_measured_on_whom_and_how_sure(project: Project, language: str) -> None:
    words = words_in(language)  # type: ignore[arg-type]
    for text in evidence(project, "--lang", language):
        for part in ("what", "whom", "result", "families", "cannot", "sign"):
            assert words[part] in text
        assert "women" in text
        assert "REGRESSION" in text
        assert re.search(r"\[-\d+\.\d, ", text), "intervals"
        assert CLAIMS.findall(text) == []
    markdown, page = evidence(project, "--lang", language)
    assert words["small"].format(suite="small", tag="sex", groups="other (n = 4)", least=10) in markdown
    for key in ("state.REGRESSION", "base_gap", "candidate_gap", "ratio", "flips", "beyond", "margin", "when"):
        assert words[key] in markdown, key
    assert "<script" not in page
    assert f'lang="{language}"' in page


def test_what_stands_in_the_data_cannot_run(project: Project) -> None:
    rows = project.rows()
    for i, row in enumerate(rows):
        row["tags"]["sex"] = ("<b>x</b>", "m|n")[i % 2]
    project.data(rows)
    project.suite(SUITE.replace("{by: kind, min_n: 10}", "{by: sex, min_n: 10}"))
    project.arm("base", right=lambda i: True)
    project.models("base")
    main(["compare", "base", "base"])
    assert main(["report", "latest", "--evidence", "--report", "out"]) == 0
    page = (project.folder / "out" / "evidence.html").read_text(encoding="utf-8")
    assert "<b>x</b>" not in page
    assert "&lt;b&gt;" in page
    assert "m\\|n" in (project.folder / "out" / "evidence.md").read_text(encoding="utf-8")


def test_both_languages_say_the_same_things() -> None:
    assert words_in("en").keys() == words_in("ja").keys()


def test_no_english_sentence_stands_in_the_japanese_page(project: Project) -> None:
    """What stays as it was written are names, the suite's own description, and notes under their heading."""
    markdown, _ = evidence(project, "--lang", "ja")
    lines = [line for line in markdown.splitlines() if re.search(r"[a-z]+ [a-z]+ [a-z]+ [a-z]+", line)]
    assert lines == []


def test_every_state_has_a_meaning_in_both_languages() -> None:
    states = {f"state.{one}" for one in (*get_args(State), UNDECIDED)}
    assert states <= words_in("en").keys()
    assert states <= words_in("ja").keys()


def test_a_comparison_that_is_unsound_says_so_and_shows_no_group(project: Project) -> None:
    project.suite(SUITE)
    project.arm("gone", right=lambda i: True, change=lambda row: None if int(row["id"][1:]) % 2 else row)
    project.models("base", "gone")
    assert main(["compare", "base", "gone"]) == 4
    assert main(["report", "latest", "--evidence", "--report", "out"]) == 0
    text = (project.folder / "out" / "evidence.md").read_text(encoding="utf-8")
    assert "The comparison itself is unsound" in text
    assert "cuts by no group" not in text
