"""A page says who was judged, when, at which commit, and how to do it again; the verdict as data knows no clock."""

import re
import subprocess
from html import unescape
from pathlib import Path

from project import Project

from evalkit.cli import main


def facts(page: Path) -> dict[str, str]:
    block = page.read_text(encoding="utf-8").split('class="origin"')[1].split("</details>")[0]
    rows = re.findall(r"<dt><span data-t>(.*?)</span></dt><dd>(.*?)</dd>", block, re.DOTALL)
    return {unescape(label): unescape(text) for label, text in rows}


def git(folder: Path, *words: str) -> str:
    words = ("-c", "user.name=a", "-c", "user.email=a@example.org", *words)
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def test_a_page_leads_back_to_what_it_was_made_of(project: Project) -> None:
    git(project.folder, "init", "-q")
    git(project.folder, "add", "-A")
    git(project.folder, "commit", "-qm", "suites")
    head = git(project.folder, "rev-parse", "--short=12", "HEAD")
    assert project.compare("base", "better", "--limit", "60", "--report", "page") == 0
    found = facts(Path("page/index.html"))
    assert found["Commit of the suites"] == head
    assert found["To compare again"] == "evalkit compare base better --limit 60"
    assert found["Run"].endswith("-base-vs-better")
    assert found["Base"].startswith("base: replay")
    assert "data " in found["Suites and data"]
    assert found["Policy"].startswith("confidence 0.95")
    project.suite((project.folder / "suites" / "small.yaml").read_text(encoding="utf-8") + "# changed\n")
    assert project.compare("base", "better", "--report", "changed") == 0
    assert facts(Path("changed/index.html"))["Commit of the suites"] == f"{head}, changed"
    assert main(["report", found["Run"], "--report", "again"]) == 0
    assert facts(Path("again/index.html")) == found


def test_without_a_repository_no_commit_is_told(project: Project) -> None:
    assert project.compare("base", "better", "--report", "page") == 0
    assert "Commit of the suites" not in facts(Path("page/index.html"))
