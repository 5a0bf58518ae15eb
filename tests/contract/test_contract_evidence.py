"""`evalkit report --evidence`: figures on groups to sign, in two languages, that claim no compliance."""

from __future__ import annotations

import re

import pytest
from project import SUITE, Project

from evalkit.cli import main
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
    assert words["small"].format(tag="sex", group="other", n=4, least=10) in markdown
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
