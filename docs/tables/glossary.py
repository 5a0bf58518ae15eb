"""The glossary pages in both languages, from the one glossary that every Japanese sentence keeps to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

GLOSSARY = Path(__file__).parents[2] / "evalkit" / "report" / "sentences" / "glossary.json"
MORE = Path(__file__).with_name("words.json")
"""Words of the documentation beside those"""
MEANINGS: Mapping[str, str] = {
    "verdict": "What all suites together say: deploy or do not",
    "outcome": "PASS, FAIL, INCONCLUSIVE or INVALID of a verdict or a suite",
    "finding": "What one gate says of one metric, over all cases or in one slice",
    "gate": "A condition on how a metric may change",
    "candidate": "The model that is to be deployed, or not",
    "base": "The model that the candidate is compared with",
    "arms": "Base and candidate",
    "case, example": "One row of a data set, and what both models answered",
    "target": "The answer that a row wants",
    "answer, response": "What a model returned",
    "scorer": "Turns one answer into numbers",
    "metric": "The name of a number that a scorer gives",
    "slice": "The cases that share the value of a tag",
    "suite": "A YAML file that says what matters, with its data",
    "INCONCLUSIVE": "The data cannot tell; the sentence says what would settle it",
    "INVALID": "The comparison itself is unsound",
    "undecided": "A slice that passes only because nothing against it was proven",
    "gap, disparity": "How far a group's figure lies from that of the others",
    "confidence interval": "Where the true difference lies, at the confidence of the policy",
    "margin": "The drop that a gate allows",
    "floor": "A level that the candidate must reach",
    "broken": "A case that the base has right and the candidate wrong",
    "fixed": "A case that the base has wrong and the candidate right",
    "critical case": "A case that may not break, whatever the others do",
    "failed call": "A call that brought no answer; never counted as a wrong one",
    "judge": "A language model that grades answers",
    "label": "What a person said of an answer",
    "waiver": "Somebody answers for a finding until a day",
    "policy": "Confidence, correction, and what INCONCLUSIVE does",
    "cluster": "Cases that are not independent of each other",
    "repeat": "One of several answers to the same case",
    "recording": "A JSONL file with a model's answers: a full arm without a model",
    "run": "One comparison that was kept",
    "training data": "What the candidate was tuned on; held-out cases must not stand in it",
    "data set": "The rows of a suite",
    "noise floor": "What a model seems to differ from itself by",
    "percentage points": "The unit of a difference of rates",
    "scorer's evidence": "Why a scorer gave its value: what was expected, what was read",
    "tool call": "A function that the model asks to have run",
}
"""What each word of the glossary means, for readers of English"""

_ABOUT = {
    "confidence interval": "真の差があると考えられる範囲。信頼水準はポリシーで決める",
    "training data": "候補モデルの学習に使ったデータ。評価用のケースが混じっていてはならない",
    "data set": "スイートのケースの集まり",
    "tool call": "モデルが求める関数の実行",
}
"""What the glossary leaves to be understood, in Japanese"""


def glossary_table(name: str) -> str:
    """Gives the table of that name: english or japanese."""
    words = [(one["en"], one["ja"], MEANINGS[one["en"]], one["about"] or _ABOUT[one["en"]]) for one in entries()]
    more = json.loads(MORE.read_text(encoding="utf-8"))
    words = sorted(
        [*words, *((one["en"], one["ja"], one["meaning"], one["about"]) for one in more)],
        key=lambda word: word[0].lower(),
    )
    if name == "english":
        head = ["| term | Japanese | what it is |", "|---|---|---|"]
        return "\n".join([*head, *(f"| {en} | {ja} | {about} |" for en, ja, about, _ in words)])
    head = ["| 用語 | 英語 | 意味 |", "|---|---|---|"]
    return "\n".join([*head, *(f"| {ja} | {en} | {about} |" for en, ja, _, about in sorted(words, key=lambda w: w[1]))])


def entries() -> list[dict[str, str]]:
    """Gives the entries of the glossary as they stand in its file."""
    found: list[dict[str, str]] = json.loads(GLOSSARY.read_text(encoding="utf-8"))
    return found
