"""Likelihoods through a suite: paired, summed before they are divided, and only of arms that have them to give."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from project import Project, told

from evalkit.cli import main
from evalkit.core.exchange import Message, Stretch
from evalkit.core.fingerprint import prompt_digest

SUITE = """\
evalkit: 1
name: texts
dataset: {path: texts.jsonl}
scorers:
  lm: {type: likelihood, over: document}
gates:
  - {type: no_regression, metric: lm.bits_per_byte, margin: 0.05}
"""
WORDS = ("sea", "ship", "harbour bell", "the long ice of the winter", "a door")
N = 60


def text(i: int) -> str:
    return " ".join(WORDS[(i * k) % len(WORDS)] for k in range(1, 3 + i % 7))


def nats(i: int, *, worse: float = 0.0) -> float:
    return len(text(i)) * (0.7 + 0.1 * math.sin(i) + worse)


@pytest.fixture
def texts(project: Project) -> Project:
    """Sixty documents, measured by `base`, by `near` (0.001 nats a byte more) and by `far` (0.2)."""
    for path in (project.folder / "suites").glob("*"):
        path.unlink()
    rows = [{"id": f"d{i}", "input": text(i), "tags": {"kind": "ab"[i % 2]}} for i in range(N)]
    project.write("suites/texts.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    project.write("suites/texts.yaml", SUITE)
    for name, worse in (("base", 0.0), ("near", 0.001), ("far", 0.2)):
        arm(project, name, [-nats(i, worse=worse) for i in range(N)])
    project.models("base", "near", "far")
    return project


def arm(project: Project, name: str, likelihoods: Sequence[float], *, tokens: str = "a", pieces: int = 4) -> None:
    lines: list[dict[str, Any]] = [{"evalkit_recording": 1, "model": {"name": name}}]
    for i, one in enumerate(likelihoods):
        asked = (Message(role="user", content=text(i)),)
        lines.append(
            {
                "id": f"d{i}",
                "choice_scores": [one],
                "choice_tokens": [len(text(i)) // pieces + 1],
                "tokens_sha256": f"{tokens}{i}",
                "prompt_sha256": prompt_digest(asked, stretch=Stretch(over="document", window=2048)),
            }
        )
    project.write(f"suites/{name}.jsonl", "".join(json.dumps(line) + "\n" for line in lines))


def metrics(verdict: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {one["metric"]: one for one in verdict["suites"][0]["metrics"] if one["slice"] is None}


def test_figures_are_ratios_of_sums_and_paired(texts: Project) -> None:
    verdict = texts.verdict("base", "near")
    found = metrics(verdict)
    total, size = sum(nats(i) for i in range(N)), sum(len(text(i)) for i in range(N))
    tokens = sum(len(text(i)) // 4 + 1 for i in range(N))
    words = sum(len(text(i).split()) for i in range(N))
    assert found["lm"]["base"] == pytest.approx(total / N)
    assert found["lm.bits_per_byte"]["base"] == pytest.approx(total / size / math.log(2))
    assert found["lm.nats_per_token"]["base"] == pytest.approx(total / tokens)
    assert found["lm.perplexity"]["base"] == pytest.approx(math.exp(total / tokens))
    assert found["lm.word_perplexity"]["base"] == pytest.approx(math.exp(total / words))
    bits = found["lm.bits_per_byte"]
    assert bits["delta"] == pytest.approx(0.001 / math.log(2))
    assert bits["low"] <= bits["delta"] <= bits["high"]
    assert bits["high"] - bits["low"] < 0.001, "the same texts in both arms: what they share says nothing"
    assert verdict["outcome"] == "PASS"


def test_a_model_that_finds_the_texts_less_likely_fails(texts: Project) -> None:
    verdict = texts.verdict("base", "far")
    assert (verdict["outcome"], verdict["exit_code"]) == ("FAIL", 1)
    assert texts.verdict("far", "base")["outcome"] == "PASS"


def test_a_replay_needs_no_torch(texts: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main(["compare", "base", "near", "--replay"]) == 0


def test_rows_of_one_cluster_are_drawn_together(texts: Project) -> None:
    alone = metrics(texts.verdict("base", "far"))["lm.bits_per_byte"]
    rows = [{"id": f"d{i}", "input": text(i), "cluster": f"book-{i % 6}"} for i in range(N)]
    texts.write("suites/texts.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    found = metrics(texts.verdict("base", "far"))["lm.bits_per_byte"]
    assert (found["n"], found["n_clusters"], alone["n_clusters"]) == (N, 6, N)


def test_figures_a_token_are_refused_where_the_tokenizers_differ(texts: Project) -> None:
    arm(texts, "far", [-nats(i) for i in range(N)], tokens="b", pieces=3)
    texts.write("suites/texts.yaml", SUITE.replace("lm.bits_per_byte", "lm.nats_per_token"))
    verdict = texts.verdict("base", "far")
    assert (verdict["outcome"], verdict["exit_code"]) == ("INVALID", 4)
    (found,) = verdict["suites"][0]["findings"]
    assert "the arms cut 60 of 60 texts into other tokens" in found["because"]
    assert "lm.bits_per_byte and lm.word_perplexity compare across them" in found["because"]
    assert main(["gate", "latest"]) == 4, "a kept run knows it, too"
    shown = metrics(verdict)
    assert not {"lm.nats_per_token", "lm.perplexity"} & set(shown)
    assert shown["lm.bits_per_byte"]["base"] == pytest.approx(shown["lm.bits_per_byte"]["candidate"])


def test_an_arm_without_log_probabilities_is_refused_before_anything_is_asked(
    texts: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", "base", "openai:gpt-4o-mini"]) == 2
    said = capsys.readouterr().err
    assert "needs the log-probabilities of texts, and model 'openai:gpt-4o-mini' (openai) gives none" in said
    assert "models of provider local" in said
    assert main(["plan", "base", "scripted:echo"]) == 2


def test_a_recording_of_other_texts_or_windows_is_no_answer_to_this_question(texts: Project) -> None:
    texts.write("suites/texts.yaml", SUITE.replace("over: document", "over: document, window: 512"))
    verdict = texts.verdict("base", "near")
    assert verdict["outcome"] == "INVALID"


def test_a_row_is_measured_or_answered_and_never_both(texts: Project, capsys: pytest.CaptureFixture[str]) -> None:
    texts.write("suites/texts.yaml", SUITE.replace("gates:", "  short: {type: length, max: 9}\ngates:"))
    (line,) = told(capsys, "validate")
    assert "suites/texts.yaml:5" in line
    assert "scorer 'lm' has the likelihood of a row measured, and 'short' wants something else of the same row" in line
    apart = SUITE.replace("over: document}", "over: document, when: {kind: a}}")
    texts.write(
        "suites/texts.yaml", apart.replace("gates:", "  short: {type: length, max: 9, when: {kind: b}}\ngates:")
    )
    assert main(["validate"]) == 0


@pytest.mark.parametrize(
    ("scorer", "row", "sentence"),
    [
        ("{type: likelihood}", {"input": "a"}, "its target is no text"),
        ("{type: likelihood}", {"input": "a", "target": 1, "choices": ["a", "b"]}, "use the scorer `choice`"),
        ("{type: likelihood, over: assistant}", {"input": "a"}, "neither a target nor a turn of the assistant"),
        ("{type: likelihood, over: document}", {"input": "a", "system": "b"}, "a document is one message with a text"),
        ("{type: likelihood, window: 9}", {"input": "a", "target": "b"}, "`window` belongs to `over: document`"),
    ],
)
def test_rows_that_cannot_be_measured_are_told(
    texts: Project, capsys: pytest.CaptureFixture[str], scorer: str, row: Mapping[str, Any], sentence: str
) -> None:
    texts.write("suites/texts.jsonl", json.dumps({"id": "d0", **row}) + "\n")
    texts.write("suites/texts.yaml", SUITE.replace("{type: likelihood, over: document}", scorer))
    assert any(sentence in line for line in told(capsys, "validate"))


def test_a_failed_document_is_counted_against_the_candidate(texts: Project) -> None:
    arm(texts, "near", [-nats(i) for i in range(N)])
    path = texts.folder / "suites" / "near.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1] = json.dumps({"id": "d0", "failure": {"kind": "context_length", "message": "too long"}})
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    verdict = texts.verdict("base", "near")
    assert metrics(verdict)["lm.bits_per_byte"]["n"] == N - 1
    assert verdict["outcome"] != "PASS" or verdict["suites"][0]["findings"][0]["n"] == N - 1


def test_losses_recorded_as_likelihoods_are_no_likelihoods(texts: Project) -> None:
    """Their sign is turned: the worse model would pass as the better one."""
    arm(texts, "base", [nats(i) for i in range(N)])
    arm(texts, "far", [nats(i, worse=0.2) for i in range(N)])
    verdict = texts.verdict("base", "far")
    assert (verdict["outcome"], verdict["exit_code"]) == ("INVALID", 4)
    assert "is above 0, which no probability has: is it a loss?" in verdict["suites"][0]["findings"][0]["because"]
