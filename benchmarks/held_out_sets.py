"""Held-out sets with copies planted in training rows, seeded: which ways of copying are found, and what is not one."""

from __future__ import annotations

import csv
import json
import os
import random
import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

DATA = Path(os.environ.get("EVALKIT_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))

_CLAUSES = re.compile(r"(?<=[,.;!?、。！？])\s*")
_SENTENCE_MARKS = ",.;:!?'\"、。！？「」…・"


def banking77() -> list[str]:
    with open(DATA / "banking77" / "test.csv", encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]


def xsid(language: str) -> list[str]:
    lines = (DATA / "xsid" / f"{language}.test.conll").read_text(encoding="utf-8").splitlines()
    texts = [line.partition("=")[2].strip() for line in lines if re.match(r"#\s*text\s*[=:]", line)]
    return ["".join(text.split()) for text in texts] if language == "ja" else texts


def jglue() -> list[str]:
    lines = (DATA / "jglue" / "jcommonsenseqa-valid-v1.3.json").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines]


def keico() -> list[str]:
    with open(DATA / "keico" / "keico_dev_half.csv", encoding="utf-8-sig", newline="") as file:
        return [row["本文"] for row in csv.DictReader(file)]


SETS: dict[str, Callable[[], list[str]]] = {
    "banking77 en": banking77,
    "xSID en": lambda: xsid("en"),
    "xSID ja": lambda: xsid("ja"),
    "JGLUE ja": jglue,
    "KeiCO dev ja": keico,
}


def is_japanese(text: str) -> bool:
    return any(ord(mark) >= 0x3040 for mark in text)


def wide(text: str, _: random.Random) -> str:
    """Half-width letters full-width, katakana half-width."""
    kana = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF66, 0xFF9E)}
    return "".join(kana.get(mark, chr(ord(mark) + 0xFEE0) if "!" <= mark <= "~" else mark) for mark in text)


def punctuation(text: str, _: random.Random) -> str:
    bare = "".join(mark for mark in text if mark not in _SENTENCE_MARKS)
    return f"「{bare}」…" if is_japanese(text) else f'"{bare}!!"'


def template(text: str, rng: random.Random) -> str:
    ja = (
        "次の文を分類してください。\n\n文: {}\n\n分類:",
        "### 指示:\n以下の問い合わせに答えてください。\n\n### 入力:\n{}\n\n### 応答:",
        "> {}\n\n上の発言の意図を一言で答えよ。",
    )
    en = (
        "Classify the message below into one category and answer with it only.\n\nMessage: {}\n\nCategory:",
        "### Instruction:\nRead what the customer wrote.\n\n### Input:\n{}\n\n### Response:",
        "> {}\n\nWhat does the person above want? One word.",
    )
    return rng.choice(ja if is_japanese(text) else en).format(text)


def prefix(text: str, rng: random.Random) -> str:
    ja = ("こんにちは。", "お世話になっております。", "すみません、質問です。")
    en = ("Hello! ", "Hi there, quick question: ", "Good morning. ")
    return rng.choice(ja if is_japanese(text) else en) + text


def dropped(text: str, rng: random.Random) -> str:
    at = rng.choice([i for i, mark in enumerate(text) if mark.isalnum()])
    return text[:at] + text[at + 1 :]


def reordered(text: str, rng: random.Random) -> str:
    """Clauses in another order; the halves at a word's end where there is only one."""
    clauses = [clause for clause in _CLAUSES.split(text) if clause]
    if len(clauses) < 2:
        words = text.split()
        cut = len(words) // 2 if len(words) > 1 else len(text) // 2
        clauses = [" ".join(words[:cut]), " ".join(words[cut:])] if len(words) > 1 else [text[:cut], text[cut:]]
    turned = clauses[1:] + clauses[:1]
    return ("" if is_japanese(text) else " ").join(turned)


def swapped(text: str, rng: random.Random) -> str:
    """Two words (of Japanese, two characters) in each other's place."""
    units = list(text) if is_japanese(text) else text.split()
    if len(units) > 2:
        at = rng.randrange(len(units) - 1)
        units[at], units[at + 1] = units[at + 1], units[at]
    return ("" if is_japanese(text) else " ").join(units)


WAYS: dict[str, Callable[[str, random.Random], str]] = {
    "exact": lambda text, _: text,
    "width": wide,
    "case": lambda text, _: text.swapcase(),
    "punctuation": punctuation,
    "template": template,
    "prefix": prefix,
    "1 char dropped": dropped,
    "reordered": reordered,
    "neighbours swapped": swapped,
}
MUST = dict.fromkeys(("exact", "width", "case", "punctuation", "template", "prefix"), 0.99) | {
    "1 char dropped": 0.9, "reordered": 0.9,
}  # fmt: skip


def nearest_ratio(texts: Sequence[str]) -> list[float]:
    """Of every text, the likeness (rapidfuzz ratio, 0 to 100) of the most similar other one."""
    import numpy as np
    from rapidfuzz import fuzz, process

    best: list[float] = []
    for begin in range(0, len(texts), 500):
        block = process.cdist(texts[begin : begin + 500], texts, scorer=fuzz.ratio, dtype=np.float32)
        for row in range(len(block)):
            block[row, begin + row] = 0
        best += block.max(axis=1).tolist()
    return best
