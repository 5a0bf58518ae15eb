"""Where a fine-tune came from stands in the verdict and on the page, losses beside held-out scores."""

from __future__ import annotations

import hashlib
import json

from project import SUITE, Project

from evalkit.cli import main

STATE = {"global_step": 2, "log_history": [{"step": 1, "loss": 2.5}, {"step": 2, "loss": 0.125}]}


def test_it_stands_in_the_verdict_the_run_and_on_the_page(project: Project) -> None:
    project.data()
    project.suite(SUITE.replace("path: data.jsonl", "path: data.jsonl, trained_on: [train.jsonl]"))
    project.arm("base", right=lambda i: i < 90)
    project.arm("better", right=lambda i: True)
    file = project.write("suites/train.jsonl", '{"prompt": "Who are you?", "completion": " A model."}\n')
    project.write("out/trainer_state.json", json.dumps(STATE))
    project.write("out/README.md", "---\nbase_model: org/base\n---\n")
    text = "models:\n  base: {provider: replay, recording: base.jsonl}\n"
    text += "  better: {provider: replay, recording: better.jsonl, training: [../out]}\n"
    project.write("suites/models.yaml", text)
    (suite,) = project.verdict("base", "better", "--report", "page")["suites"]
    found = suite["sections"]["training"]
    assert found["candidate"]["training"]["trainer"]["train_loss"] == 0.125
    assert found["candidate"]["training"]["card"] == {"base_model": "org/base"}
    assert found["training_files"] == {"train.jsonl": hashlib.sha256(file.read_bytes()).hexdigest()}
    page = (project.folder / "page" / "index.html").read_text(encoding="utf-8")
    assert "Training, beside held-out scores" in page
    assert "0.125" in page
    assert main(["gate", "latest", "--json", "again.json"]) == 0
    again = json.loads((project.folder / "again.json").read_text(encoding="utf-8"))
    assert again["suites"][0]["sections"]["training"] == found


def test_a_file_that_is_not_there_is_told_before_anything_is_asked(project: Project) -> None:
    project.data()
    project.suite()
    project.arm("base", right=lambda i: True)
    project.write(
        "suites/models.yaml", "models:\n  base: {provider: replay, recording: base.jsonl, training: [gone]}\n"
    )
    assert project.compare("base", "base") == 2
