"""Verdicts go where `--publish` says, with the trackers' own packages; nothing else is sent, no exit code changes."""

from __future__ import annotations

import base64
import json
import struct
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from packages import install
from project import Project, told

CARD = "---\nlicense: apache-2.0  # ours\nlanguage: [ja, en]\n---\n# Desk\n\nA model.\n"


class Recorder(BaseHTTPRequestHandler):
    """What a tracker asks of the world; as a proxy it refuses everything, as the Hub it has one card."""

    asked: ClassVar[list[str]] = []
    bodies: ClassVar[list[bytes]] = []
    card: ClassVar[bytes] = CARD.encode()

    def log_message(self, format: str, *args: object) -> None:
        pass

    def answer(self, value: Any, status: int = 200, **headers: str) -> None:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"Content-Length": str(len(body)), "Content-Type": "application/json", **headers}.items():
            self.send_header(name, text)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_CONNECT(self) -> None:
        self.asked.append(f"CONNECT {self.path}")
        self.answer({}, status=502)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.asked.append(f"{self.command} {self.path}")
        if "/resolve/" in self.path:
            self.answer(self.card, ETag='"0123456789"', **{"X-Repo-Commit": "a" * 40})
        else:
            self.answer({"id": "acme/desk", "modelId": "acme/desk", "sha": "a" * 40, "siblings": []})

    def do_POST(self) -> None:
        self.asked.append(f"POST {self.path}")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.bodies.append(body)
        if "preupload" in self.path:
            files = json.loads(body)["files"]
            self.answer(
                {"files": [{"path": one["path"], "uploadMode": "regular", "shouldIgnore": False} for one in files]}
            )
        elif "/commit/" in self.path:
            url = f"https://huggingface.co/acme/desk/commit/{'b' * 40}"
            self.answer({"success": True, "commitOid": "b" * 40, "commitUrl": url})
        else:
            self.answer({})


@pytest.fixture
def wandb() -> Iterator[Any]:
    """W&B keeps the settings of its first use for the whole process; a command is a process of its own."""
    package = pytest.importorskip("wandb")
    package.teardown()
    yield package
    package.teardown()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The world as a proxy on this machine: whatever leaves is seen, and gets nowhere."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Recorder.asked.clear()
    Recorder.bodies.clear()
    address = f"http://127.0.0.1:{server.server_port}"
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, address)
        monkeypatch.setenv(name.lower(), address)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    yield address
    server.shutdown()
    server.server_close()


def records(path: Path) -> Iterator[Any]:
    """The records of an offline run of W&B: blocks of 32 kB with a record log of LevelDB in them."""
    from wandb.proto import wandb_internal_pb2

    data, at, parts = path.read_bytes(), 7, b""
    assert data.startswith(b":W&B")
    while at + 7 <= len(data):
        left = 32_768 - at % 32_768
        if left < 7:
            at += left
            continue
        size, kind = struct.unpack("<HB", data[at + 4 : at + 7])
        parts += data[at + 7 : at + 7 + size]
        at += 7 + size
        if kind in (1, 4):
            record = wandb_internal_pb2.Record()
            record.ParseFromString(parts)
            parts = b""
            yield record


@pytest.mark.slow
@pytest.mark.usefixtures("wandb", "world")
def test_wandb_keeps_an_offline_run(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WANDB_MODE", "offline")
    project.models("base", "worse")
    assert project.compare("base", "worse", "--publish", "wandb:acme/desk", "--json", "-") == 1
    out, err = capsys.readouterr()
    verdict = json.loads(out)
    assert "published worse to wandb:acme/desk: offline run" in err
    (log,) = (project.folder / "wandb").glob("offline-run-*/run-*.wandb")
    seen = list(records(log))
    (run,) = [record.run for record in seen if record.WhichOneof("record_type") == "run"]
    assert (run.project, run.entity, run.job_type, run.display_name) == ("desk", "acme", "eval", "base vs worse")
    assert run.run_group
    config = {update.key: json.loads(update.value_json) for update in run.config.update}
    assert config["command"] == "evalkit compare base worse"
    rows = {".".join(item.nested_key) or item.key: item.value_json for one in seen for item in one.history.item}
    (finding,) = [one for one in verdict["suites"][0]["findings"] if one["slice"] is None]
    for name in ("base", "candidate", "delta", "low", "high"):
        assert json.loads(rows[f"small/answer/{name}"]) == pytest.approx(finding[name])
    summary = {item.key: item.value_json for one in seen for item in one.summary.update if item.key}
    assert (json.loads(summary["outcome"]), json.loads(summary["exit_code"])) == ("FAIL", 1)
    kinds = {record.artifact.type for record in seen if record.WhichOneof("record_type") == "artifact"}
    assert {"evaluation-report", "run_table"} <= kinds
    (table,) = (project.folder / "wandb").rglob("broken_cases*.table.json")
    broken = json.loads(table.read_text(encoding="utf-8"))
    assert broken["columns"][:2] == ["suite", "id"]
    assert len(broken["data"]) == finding["broken"]
    assert not [record for record in seen if record.WhichOneof("record_type") in ("telemetry", "environment", "stats")]
    names = {path.name for path in (project.folder / "wandb").rglob("*") if path.is_file()}
    assert not names & {"requirements.txt", "wandb-metadata.json", "conda-environment.yaml", "diff.patch"}
    assert Recorder.asked == []


@pytest.mark.usefixtures("wandb", "world")
def test_wandb_without_a_key_is_told(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("WANDB_MODE", "WANDB_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(project.folder / "none"))
    monkeypatch.setenv("HOME", str(project.folder))
    monkeypatch.setenv("WANDB_CONFIG_DIR", str(project.folder))
    assert project.compare("base", "better", "--publish", "wandb") == 0
    assert "not published to wandb: Weights & Biases has no API key here" in capsys.readouterr().err


@pytest.mark.slow
def test_mlflow_keeps_a_run(project: Project, world: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mlflow = pytest.importorskip("mlflow")
    store = f"sqlite:///{project.folder}/runs.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    data = project.verdict("base", "worse", "better", "--publish", "mlflow:敬語")
    client = mlflow.MlflowClient(store)
    experiment = client.get_experiment_by_name("敬語")
    runs = {run.info.run_name: run for run in client.search_runs([experiment.experiment_id])}
    assert sorted(runs) == ["base vs better", "base vs worse"]
    worse = runs["base vs worse"]
    assert worse.info.status == "FINISHED"
    assert worse.data.tags["evalkit.outcome"] == "FAIL"
    rows = data["verdicts"][0]["suites"][0]["metrics"]
    (row,) = [one for one in rows if one["metric"] == "answer" and one["slice"] is None]
    for name in ("base", "candidate", "delta", "low", "high"):
        assert worse.data.metrics[f"small/answer/{name}"] == pytest.approx(row[name])
    assert worse.data.metrics["broken_cases"] == row["broken"]
    assert {file.path for file in client.list_artifacts(worse.info.run_id)} == {
        "broken_cases.json", "report", "verdict.json",
    }  # fmt: skip
    kept = client.download_artifacts(worse.info.run_id, "verdict.json", str(project.folder))
    assert json.loads(Path(kept).read_text(encoding="utf-8"))["outcome"] == "FAIL"
    assert Recorder.asked == []


def test_a_card_holds_the_verdict_and_all_it_held_before(project: Project, world: str) -> None:
    hub = pytest.importorskip("huggingface_hub")
    card = project.write("model/README.md", CARD)
    assert project.compare("base", "better", "--publish", "hub:model") == 0
    first = card.read_text(encoding="utf-8")
    assert first.startswith("---\nlicense: apache-2.0  # ours\nlanguage: [ja, en]\nmodel-index:\n")
    assert "# Desk\n\nA model.\n\n<!-- evalkit: begin -->\n## Evaluation\n\n**PASS**" in first
    read = hub.ModelCard.load(card)
    (result,) = [one for one in read.data.eval_results if one.metric_type == "answer"]
    assert (result.dataset_name, result.metric_value, result.source_name) == ("small", 1.0, "evalkit")
    assert result.metric_args["n"] == 100
    assert 0 < result.metric_args["low"] < result.metric_args["delta"] == 0.2 < result.metric_args["high"]
    assert project.compare("base", "worse", "--publish", "hub:model/README.md") == 1
    second = card.read_text(encoding="utf-8")
    assert second.count("<!-- evalkit: begin -->") == 1
    assert "**FAIL**" in second
    assert "**PASS**" not in second
    assert len(hub.ModelCard.load(card).data.eval_results) == len(read.data.eval_results)
    assert Recorder.asked == []


def test_a_card_that_begins_with_a_byte_order_mark_keeps_its_front(project: Project) -> None:
    hub = pytest.importorskip("huggingface_hub")
    card = project.write("model/README.md", "\ufeff" + CARD)
    assert project.compare("base", "better", "--publish", "hub:model") == 0
    assert hub.ModelCard.load(card).data.license == "apache-2.0"


def test_a_card_of_the_hub_is_committed(
    project: Project, world: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("huggingface_hub")
    monkeypatch.setenv("HF_ENDPOINT", world)
    monkeypatch.setenv("HF_TOKEN", "hf_not_a_real_one")
    monkeypatch.setenv("HF_HOME", str(project.folder / "hf"))
    assert project.compare("base", "better", "--publish", "hub:acme/desk") == 0
    assert "published better to hub:acme/desk: https://huggingface.co/acme/desk/commit/bbb" in capsys.readouterr().err
    (commit,) = [body for body in Recorder.bodies if b'"header"' in body]
    lines = [json.loads(line) for line in commit.splitlines()]
    assert lines[0]["value"]["parentCommit"] == "a" * 40
    assert "evalkit: PASS, better against base" in lines[0]["value"]["summary"]
    (file,) = [line["value"] for line in lines if line["key"] == "file"]
    text = base64.b64decode(file["content"]).decode()
    assert "A model." in text
    assert "**PASS**" in text


@pytest.mark.parametrize("card", ["---\n: : [\n---\n", "---\nmodel-index: 3\n---\n", "---\n- a\n---\n"])
def test_a_card_that_cannot_be_read_is_left_as_it_is(
    project: Project, card: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("huggingface_hub")
    file = project.write("model/README.md", card)
    assert project.compare("base", "better", "--publish", "hub:model") == 0
    assert "not published to hub:model: the model card cannot be written" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == card
    assert [path.name for path in file.parent.iterdir()] == ["README.md"]


def test_bad_words_are_told_before_anything_is_asked(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--publish", "wanbd", "--publish", "hub", "--publish", "hub:a/b/c", "--publish", "wandb:a b"]
    lines = told(capsys, "compare", "base", "better", *words)
    assert len(lines) == 4
    assert "did you mean 'wandb'" in lines[0]
    assert "where is the card?" in lines[1]
    assert "no OWNER/NAME" in lines[2]
    assert "neither PROJECT nor ENTITY/PROJECT" in lines[3]
    assert not (project.folder / ".evalkit").exists()


def test_a_missing_package_is_told_with_the_line_to_type(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evalkit.publish.kinds.find_spec", lambda name: None)
    (line,) = told(capsys, "compare", "base", "better", "--publish", "mlflow")
    assert "--publish mlflow needs the package mlflow" in line


@pytest.mark.parametrize("word", ["raise OSError('the disk is full')", "raise SystemExit(7)"])
def test_a_packages_tracker_that_fails_changes_no_exit_code(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], word: str
) -> None:
    text = (
        "class Wiki:\n"
        "    def check_place(self, place): return '' if place else 'name a page'\n"
        f"    def publish(self, publication, place):\n        print('noise')\n        {word}\n"
    )
    folder = project.folder / "site"
    install(folder, group="evalkit.trackers", name="wiki", target="wiki_tracker:Wiki", text=text)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "wiki_tracker", raising=False)
    assert "name a page" in told(capsys, "compare", "base", "worse", "--publish", "wiki")[0]
    assert project.compare("base", "worse", "--publish", "wiki:home", "--json", "-") == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["outcome"] == "FAIL"
    assert "not published to wiki:home: " in err
    assert "noise" in err
