"""The key `training` of a suite: rows that the candidate was trained on, asked beside those that are held out."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from evalkit.suite.shape import Count, Name, Strict


class TrainingSpec(Strict):
    """A seeded sample of training rows, for the gates `memorisation` and `generalisation`."""

    files: list[Name] = []
    """Training files and folders, relative to this file; default: those of `dataset.trained_on`"""
    format: (
        Literal["evalkit", "openai-chat", "openai-completion", "openai-preference", "trl", "sharegpt", "alpaca", "csv"]
        | None
    ) = None
    """How their rows are written; default: as the keys of the first row say"""
    columns: dict[str, str] = {}
    """Fields that stand under another name, as of `dataset`: {input: question, target: answer, tags.task: source}"""
    encoding: Name | None = None
    """Of text that is not UTF-8"""
    tags: dict[Name, str] = {}
    """Tags of every row beside its own, for scorers with `when`"""
    when: dict[Name, Name | list[Name]] = {}
    """Only rows whose tags have one of these values: {task: ticket}"""
    sample: Count = 100
    """How many rows are asked: a seeded sample over all files, equal rows once"""
    seed: int = 0
    """Seed of the sample"""
    prompt: Literal["row", "suite"] = "row"
    """row: asked as the file has it, as it was trained on; suite: the suite's prompt around it"""
    prefix: Annotated[int, Field(ge=0)] = 50
    """Characters of the completion that are given, at most half of it, to see whether the rest follows; 0: not asked"""
    continued: Literal["auto", "continue", "words"] = "auto"
    """continue: the answer is begun with them (local models); words: the prompt says so; auto: the first, where all
    arms can"""
