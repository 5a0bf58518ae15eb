"""Logs that inspect-ai 0.3 itself wrote (mockllm, 6 samples, 2 epochs, Zstandard entries): see inspect/."""

import json
import sys
import zipfile
from pathlib import Path

import pytest

from evalkit.cli import main
from evalkit.foreign.inspect_log import InspectLog
from evalkit.foreign.nouns import Wishes

HERE = Path(__file__).parent / "inspect"


@pytest.mark.parametrize("name", ["base", "tuned"])
def test_epochs_are_repeats_and_the_means_are_inspects_own(name: str) -> None:
    zstandard = pytest.importorskip("zstandard")
    path = HERE / f"{name}.eval"
    with zipfile.ZipFile(path) as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {93}
        header = archive.getinfo("header.json")
        raw = path.read_bytes()
        start = header.header_offset + 30 + int.from_bytes(raw[header.header_offset + 26 :][:2], "little")
        start += int.from_bytes(raw[header.header_offset + 28 :][:2], "little")
        packed = raw[start : start + header.compress_size]
        log = json.loads(zstandard.ZstdDecompressor().decompressobj().decompress(packed))
    (found,) = InspectLog().read(path, Wishes())
    rows = found.arms[0].rows
    assert (len(rows), len({row.id for row in rows})) == (12, 6)
    for scorer in log["results"]["scores"]:
        mean = sum(float(str(row.scores[scorer["name"]])) for row in rows) / len(rows)
        assert mean == pytest.approx(scorer["metrics"]["accuracy"]["value"])


def test_they_are_compared_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("zstandard")
    monkeypatch.chdir(tmp_path)
    arms = [str(HERE / "base.eval"), str(HERE / "tuned.eval")]
    assert main(["compare", *arms, "--json", "verdict.json"]) in (1, 3)
    for finding in json.loads(Path("verdict.json").read_text())["suites"][0]["findings"]:
        assert finding["n"] == 6, "12 answers to 6 questions are 6 cases"
        assert (finding["base"], finding["candidate"]) == (pytest.approx(10 / 12), pytest.approx(5 / 12))


def test_without_the_package_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    monkeypatch.chdir(tmp_path)
    assert main(["compare", str(HERE / "base.eval"), str(HERE / "tuned.eval")]) == 2
    told = capsys.readouterr().err
    assert "zstandard" in told
    assert "evalkit-gate[zstd]" in told
    assert [*tmp_path.iterdir()] == []
