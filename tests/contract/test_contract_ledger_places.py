"""A ledger where nothing can be written, with damaged rows, and a reader of the screen that stops early."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from api_world import CANARY, World

from evalkit.cli import main

READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && cd "$0" && exec "$@"'
"""Runs a command in a folder that is mounted read-only, for this command alone: who is root may else write anywhere"""


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`evalkit WORDS` where nothing can be written."""
    command = [sys.executable, "-m", "evalkit", *words]
    if os.geteuid() == 0:
        command = ["unshare", "-m", "sh", "-c", READ_ONLY, str(folder), *command]
    environ = {**os.environ, "OPENAI_API_KEY": CANARY}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


@pytest.fixture
def closed(world: World) -> Iterator[Path]:
    """The folder of a world that was asked, closed to whoever would write into it."""
    assert world.compare()[0] == 0
    places = [world.folder, *(path for path in world.folder.rglob("*") if path.is_dir())]
    for path in places:
        path.chmod(0o555)
    if run(world.folder, "--version").returncode:
        pytest.skip("no folder can be mounted read-only here")
    yield world.folder
    for path in places:
        path.chmod(0o755)


def test_a_place_where_nothing_can_be_written_replays_shows_and_verifies(
    closed: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    out = tmp_path_factory.mktemp("out")
    words = ["--replay", "--report", f"{out}/page", "--json", f"{out}/v.json"]
    done = run(closed, "compare", "base", "tuned", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASS  deploy" in done.stdout
    assert "nothing is added" in done.stderr
    assert "the run is not kept" in done.stderr
    assert (out / "v.json").is_file()
    for words in (["ledger", "stats"], ["ledger", "verify"], ["ledger", "export"], ["runs", "list"]):
        done = run(closed, *words)
        assert done.returncode == 0, done.stdout + done.stderr
    assert run(closed, "ledger", "prune", "--model", "base").returncode == 2


def test_a_damaged_row_is_told_by_export_and_not_written(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert world.compare()[0] == 0
    db = sqlite3.connect(world.folder / ".evalkit" / "ledger.sqlite")
    db.execute("UPDATE answer SET crc = crc + 1 WHERE id = 3")
    db.commit()
    db.close()
    capsys.readouterr()
    assert main(["ledger", "export", "-o", "kept.jsonl"]) == 2
    assert "the checksum is wrong" in capsys.readouterr().err
    assert len((world.folder / "kept.jsonl").read_text(encoding="utf-8").splitlines()) == 199
    assert main(["ledger", "verify"]) == 2


def test_a_model_of_which_nothing_is_kept_is_told_with_the_nearest(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.compare()[0] == 0
    for action in ("prune", "export"):
        assert main(["ledger", action, "--model", "tund"]) == 2
        assert "a model 'tund' (did you mean 'tuned'?)" in capsys.readouterr().err


def test_files_are_there_though_nobody_reads_the_screen(world: World) -> None:
    words = "compare base tuned --report page --json v.json --junit j.xml --markdown c.md --root ."
    command = f"{sys.executable} -m evalkit {words} | true"
    environ = {**os.environ, "OPENAI_API_KEY": CANARY}
    subprocess.run(["bash", "-c", command], cwd=world.folder, env=environ, check=False, capture_output=True)
    for name in ("page/index.html", "v.json", "j.xml", "c.md"):
        assert (world.folder / name).stat().st_size > 0, name
