"""The guides run as they are written: their files, their commands, their exit codes."""

import re
import runpy
import shlex
from pathlib import Path

import pytest

from evalkit.cli import main

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
ALONE = {"own-scorer.md", "code-tests.md", "likelihood.md", "judges.md", "check-data.md"}
GUIDES = {page.name for kind in ("from", "job") for page in HOW_TO.glob(f"{kind}-*.md")} | ALONE
PAGES = sorted(page for folder in (HOW_TO, HOW_TO / "ja") for page in folder.glob("*.md") if page.name in GUIDES)
PAGES += [HOW_TO.parent / "tutorial" / "first-verdict.md"]
FILE = re.compile(r"^`(?P<name>[\w./-]+)`:\n\n(?P<fence>```+)\w*\n(?P<text>.*?)^(?P=fence)", re.MULTILINE | re.DOTALL)
COMMANDS = re.compile(r"^```sh\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
EXIT = re.compile(r"# exit (\d)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HOW_TO.parent)))
def test_a_guide_runs_as_it_is_written(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = page.read_text(encoding="utf-8")
    files = list(FILE.finditer(text))
    for match in files:
        path = Path(match["name"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(match["text"], encoding="utf-8")
    ran = 0
    for block in COMMANDS.finditer(text):
        for line in block["text"].replace("\\\n", " ").splitlines():
            if line.startswith("python "):
                runpy.run_path(line.split()[1])
            if not line.startswith("evalkit "):
                continue
            told = EXIT.search(line)
            words = shlex.split(line.split(" # ")[0])[1:]
            code = main(words)
            assert code == (int(told[1]) if told else 0), (line, capsys.readouterr())
            ran += 1
    assert files
    assert ran > 1


def test_every_guide_has_its_japanese_twin() -> None:
    assert {page.name for page in (HOW_TO / "ja").glob("*.md")} >= GUIDES
    for name in GUIDES:
        assert f"(ja/{name})" in (HOW_TO / name).read_text(encoding="utf-8")
