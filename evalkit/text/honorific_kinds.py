"""The kind of honorific a sentence is written in, by weights learned from KeiCO beside the rules.

The weights (`learned/honorifics.json`) were learned by `benchmarks/honorific_kinds.py` from the half of the KeiCO
corpus that tests use (Liu and Kobayashi 2022, CC BY 4.0); they hold character n-grams and no sentences.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from evalkit.text.honorifics import Kind, find_honorifics
from evalkit.text.normalize import nfkc
from evalkit.text.register_ja import find_tone

KINDS: tuple[Kind, ...] = ("尊敬", "謙譲", "丁寧")
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class _Weights:
    grams: Mapping[str, Sequence[float]]
    rules: Sequence[Sequence[float]]
    """For each kind: its weight of each of `list_signs`"""
    least: Sequence[float]
    """For each kind: what the sum must exceed"""
    orders: int


def tell_kinds(sentence: str) -> dict[Kind, bool]:
    """Tell which kind of honorific a Japanese sentence is written in.

    尊敬 raises whom it speaks of, 謙譲 lowers the speaker, 丁寧 is polite and neither. A plain sentence is none.

    >>> [kind for kind, there in tell_kinds("先生がいらっしゃいました。").items() if there]
    ['尊敬']
    >>> [kind for kind, there in tell_kinds("明日は雨だよ。").items() if there]
    []
    """
    weights, text = _load(), nfkc(sentence)[-_LONGEST:]
    grams = list_grams(text, weights.orders)
    scale = 1.0 / math.sqrt(max(1, len(grams)))
    signs = list_signs(text)
    known = [weights.grams[gram] for gram in sorted(grams) if gram in weights.grams]
    return {
        kind: sum(row[at] for row in known) * scale
        + sum(sign * weight for sign, weight in zip(signs, weights.rules[at], strict=True))
        > weights.least[at]
        for at, kind in enumerate(KINDS)
    }


def list_grams(text: str, orders: int) -> set[str]:
    """List the character n-grams of a text, each once."""
    return {text[at : at + order] for order in range(1, orders + 1) for at in range(len(text) - order + 1)}


def list_signs(text: str) -> list[float]:
    """List what the rules see of a sentence.

    Each kind, polite, casual, and the pairs that tell kinds apart.
    """
    found, tone = find_honorifics(text), find_tone(text)
    raising, lowering, plain = (float(kind in found) for kind in KINDS)
    polite, casual = float(tone == "polite"), float(tone == "casual")
    pairs = [raising * lowering, lowering * polite, raising * polite, polite * (1.0 - raising) * (1.0 - lowering)]
    return [raising, lowering, plain, polite, casual, *pairs]


@cache
def _load() -> _Weights:
    raw = json.loads((resources.files("evalkit.text") / "learned" / "honorifics.json").read_text("utf-8"))
    return _Weights(raw["grams"], raw["rules"], raw["least"], raw["orders"])
