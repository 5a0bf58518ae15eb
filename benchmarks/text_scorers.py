"""CPU of the scorers of text: 100,000 Japanese answers through style and likeness, 10,000 pairs through overlap.

    python -m benchmarks.text_scorers [--share 0.05] [--rounds 3]

`--share` of the answers is measured, and the least time of the rounds scaled up; cases and answers are made before the
clock starts. The answers are put together at random from sentences of an ordinary support desk, so that no two are
alike.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evalkit.core.exchange import Example, Response
from evalkit.scorers.build import build_scorer

SENTENCES = (
    *("ご注文を承りました。", "商品は{n}日以内にお届けいたします。", "返品は{n}日以内であれば承ります！"),
    *("ご不明な点はございませんか？", "わしに任せちょき、すぐ調べるぜよ。", "送料は{n}円です。", "うん、わかった。"),
    *("「{n}番」の窓口までお越しください。", "明日また連絡するね。", "在庫は残り{n}個となっております。"),
    *("お手数をおかけして申し訳ございません。", "配送状況は追跡番号{n}で確認できます。"),
)
STYLE: Mapping[str, Mapping[str, Any]] = {
    "register": {"expect": "polite"},
    "persona": {"first_person": ["わし"], "endings": ["ぜよ", "じゃ", "がじゃ"]},
    "exact": {},
    "fuzzy": {},
}
OVERLAP: Sequence[tuple[str, Mapping[str, Any]]] = (
    ("rouge", {"types": ["rouge1", "rouge2", "rougeL"]}),
    ("rouge", {}),
    ("chrf", {}),
    ("bleu", {}),
    ("token_f1", {}),
)
WORDS = ("the", "a", "order", "parcel", "refund", "was", "sent", "within", "thirty", "days", "please", "call", "our")


def japanese(rng: random.Random, size: int) -> str:
    text = ""
    while len(text) < size:
        text += rng.choice(SENTENCES).format(n=rng.randrange(10_000))
    return text[:size]


def english(rng: random.Random, size: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(size))


def spent(name: str, options: Mapping[str, Any], pairs: Sequence[tuple[str, str]], rounds: int) -> float:
    """CPU seconds for these pairs of target and answer, the least of the rounds."""
    found = []
    for _ in range(rounds):
        scorer = build_scorer(name, options, root=Path())
        asked = [
            (Example(id="a", messages=(), target=target), Response(example_id="a", text=text)) for target, text in pairs
        ]
        started = time.process_time()
        for example, response in asked:
            scorer.score(example, response)
        found.append(time.process_time() - started)
    return min(found)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--rounds", type=int, default=3)
    asked, rng = parser.parse_args(), random.Random(7)
    share, rounds = asked.share, asked.rounds
    for size in (870, 20):
        pairs = [(japanese(rng, size), japanese(rng, size)) for _ in range(round(100_000 * share))]
        found = {name: spent(name, options, pairs, rounds) / share for name, options in STYLE.items()}
        told = ", ".join(f"{name} {seconds:.1f}" for name, seconds in found.items())
        print(f"100,000 answers of {size} characters: {sum(found.values()):.1f} s ({told})")
    for what, make, size in (("tokens of English", english, 200), ("Japanese characters", japanese, 870)):
        pairs = [(make(rng, size), make(rng, size)) for _ in range(round(10_000 * share))]
        for name, options in OVERLAP:
            shown = ", ".join(options.get("types", ()))
            print(f"10,000 pairs of {size} {what}: {name} {shown}: {spent(name, options, pairs, rounds) / share:.1f} s")


if __name__ == "__main__":
    main()
