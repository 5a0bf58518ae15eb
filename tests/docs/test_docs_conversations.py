"""The conversations and trajectories that the how-to page shows can be run as they are written."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from evalkit.cli import main

PAGES = sorted(Path(__file__).parents[2].glob("docs/how-to/**/conversations.md"))
FENCED = re.compile(r"^```(json|yaml)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_every_suite_of_the_page_runs_with_the_rows_above_it(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    found = FENCED.findall(page.read_text(encoding="utf-8"))
    pairs = [(rows, suite) for (kind, rows), (_, suite) in pairwise(found) if kind == "json"]
    assert len(pairs) == 2
    for rows, suite in pairs:
        path = re.search(r"path: ([\w/.]+)", suite)
        assert path is not None
        data = tmp_path / path[1]
        data.parent.mkdir(exist_ok=True)
        data.write_text(rows, encoding="utf-8")
        Path("suite.yaml").write_text(suite, encoding="utf-8")
        assert main(["validate", "suite.yaml"]) == 0
        assert main(["run", "scripted:echo", "--suite", "suite.yaml"]) == 0
        assert "2 asked" in capsys.readouterr().out
