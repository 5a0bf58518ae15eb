"""Tokens, contexts and templates: what is cut, what it costs, and whether a model is asked as it was trained."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from evalkit.cli import main
from evalkit.core.data_report import DataFinding
from evalkit.core.exchange import Message
from evalkit.data.checks.data_row import DataRow
from evalkit.data.checks.parity import WHAT, find_differences
from evalkit.data.checks.run import check_data
from evalkit.data.checks.stream import DataSource
from evalkit.data.checks.token_counts import RowTokens, TokenCounts, TrainingPrice
from evalkit.pipeline.data_check import ruler_of
from evalkit.report.sentences.book import is_whole

ASK = Message(role="user", content="Where is my parcel?")
SYSTEM = Message(role="system", content="You are a careful agent of the shop.")
TOOL = {"type": "function", "function": {"name": "get_order", "parameters": {"type": "object", "properties": {}}}}
CHATML = "<|im_start|>user\nWhere is my parcel?<|im_end|>\n<|im_start|>assistant\n"


@pytest.mark.parametrize(
    ("kind", "served"),
    [
        ("system", "<|im_start|>system\nYou are Qwen, made by a company.<|im_end|>\n" + CHATML),
        ("bos", "<s>" + CHATML),
        ("spacing", CHATML.replace("<|im_end|>\n", "<|im_end|>\n\n")),
        ("opening", CHATML + "<think>\n"),
        ("marks", CHATML.replace("<|im_end|>", "</s>")),
        ("words", CHATML.replace("my parcel", "the parcel")),
    ],
)
def test_a_difference_of_two_templates_has_its_kind(kind: str, served: str) -> None:
    assert list(find_differences(CHATML, served, (ASK,))) == [kind]
    assert list(find_differences(served, CHATML, (ASK,))) == [kind]
    assert find_differences(served, served, (ASK,)) == {}


def test_dates_and_tools_are_kinds_of_their_own() -> None:
    dated = "<|im_start|>system\nYou are a careful agent of the shop. Today: {}<|im_end|>\n" + CHATML
    found = find_differences(dated.format("26 Jul 2024"), dated.format("01 Dec 2026"), (SYSTEM, ASK))
    assert set(found) == {"date"}
    tools = '<|im_start|>system\n# Tools\n{"name": "get_order", "parameters": {}}<|im_end|>\n' + CHATML
    other = "<|im_start|>system\nYou may call functions: get_order()<|im_end|>\n" + CHATML
    assert "tools" in find_differences(tools, other, (ASK,), (TOOL,))


class Words:
    """Counts words: a ruler whose numbers can be read off a row."""

    label, how, price = "words", "counted by words", TrainingPrice(usd_per_mtok=2_000_000.0)
    context: int | None = 10

    def measure(self, rows: Sequence[DataRow]) -> list[RowTokens]:
        found = []
        for row in rows:
            before = len(row.prompt.split())
            total = before + len(row.answer.split())
            found.append(RowTokens(total=total, answers=((before, total),)))
        return found


def told(folder: Path, check: TokenCounts, *rows: tuple[str, str]) -> dict[str, DataFinding]:
    path = folder / "t.jsonl"
    chats = ([{"role": "user", "content": ask}, {"role": "assistant", "content": said}] for ask, said in rows)
    path.write_text("".join(json.dumps({"messages": chat}) + "\n" for chat in chats), encoding="utf-8")
    report = check_data(DataSource(path=str(path), format="openai-chat"), [check])
    for finding in report.findings:
        assert is_whole(finding.what)
        assert is_whole(finding.todo)
    return {finding.what: finding for finding in report.findings}


def test_rows_behind_the_context_are_cut_or_never_trained(tmp_path: Path) -> None:
    check = TokenCounts(Words(), epochs=2)
    found = told(tmp_path, check, ("one two", "three"), ("one " * 8, "two " * 4), ("one " * 12, "two"))
    cut = found["the row is longer than the context: the end of the answer is cut off, and the token that ends it"]
    assert [place.line for place in cut.places] == [2]
    never = found["the answer begins behind the end of the context: it is never trained"]
    assert (never.level, [place.line for place in never.places]) == ("error", [3])
    assert check.facts() | {"row": None} == {
        "model": "words", "total": 28, "trained": 6, "row": None, "context": 10,
        "epochs": 2, "usd_per_mtok": 2_000_000.0, "rates_checked": "", "usd": 92.0,
    }  # fmt: skip
    assert "costs about 92.00 USD" in " ".join(check.notes())


def test_openai_models_have_their_encoding_their_context_and_a_dated_rate() -> None:
    known = ruler_of("openai:gpt-4o-mini-2024-07-18")
    assert (known.context, known.price and known.price.usd_per_mtok) == (65_536, 3.0)
    assert known.price is not None
    assert known.price.checked.startswith("20")
    assert ruler_of("openai:gpt-4o-mini", rate=1.5, context=900).price == TrainingPrice(usd_per_mtok=1.5)
    assert "estimate" in ruler_of(None).how
    assert "estimate" in ruler_of("openai:qwen3-8b").how


@pytest.mark.parametrize("kind", [*WHAT])
def test_every_kind_of_difference_is_said_in_japanese(kind: str) -> None:
    _, what, todo = next(said for name, said in WHAT.items() if name == kind)
    assert is_whole(what)
    assert is_whole(todo)


def test_serving_is_compared_with_a_model_that_is_trained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(json.dumps({"input": "Where?", "target": "Here."}) + "\n", encoding="utf-8")
    assert main(["data", "check", str(path), "--served-by", "http://127.0.0.1:9"]) == 2
    assert "there is nothing to compare it with" in capsys.readouterr().err
    assert main(["data", "check", str(path), "--served-by", "x.jinja", "--model", "openai:gpt-4o"]) == 2
    assert "its template is not here" in capsys.readouterr().err
