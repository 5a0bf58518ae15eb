"""style_like on KeiCO's honorific levels: learned from 300 rows, measured on all the others of the half that tests use.

    python -m benchmarks.style_like [--data ../shared/data/keico/keico_dev_half.csv] [--seeds 5]

AUC with its interval, calibration error in ten bins of equal mass, what length or markup alone would tell; whether a
gate would take the style (lower bound of the held-out AUC of those 300 rows); near misses; mixtures of both sides; and
learned on half of the topics, measured on the others.
"""

from __future__ import annotations

import argparse
import csv
import random
from pathlib import Path

import numpy as np

from evalkit.scorers.style.learn import Auc, Learned, learn_style, measure_auc, measure_ece

Row = tuple[str, str, str]
NEAR = 100
"""Near misses that are given"""
DATA = Path(__file__).parents[2] / "shared" / "data" / "keico" / "keico_dev_half.csv"


def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig") as file:
        return [(row["本文"], row["Level"], row["フィールド"]) for row in csv.DictReader(file)]


def learn(some: list[Row], style: str, near: list[str]) -> Learned:
    texts = [text for text, _, _ in some]
    return learn_style(texts, [level in style for _, level, _ in some], texts, near=near)


def told(learned: Learned, others: list[Row], style: str) -> str:
    sure = np.asarray([learned.probability(text) for text, _, _ in others])
    label = np.asarray([level in style for _, level, _ in others], dtype=np.int64)
    auc = measure_auc(sure, label, np.arange(label.size))
    return (
        f"{label.size} others: AUC {auc.value:.3f} [{auc.low:.3f}, {auc.high:.3f}], ECE {measure_ece(sure, label):.3f}"
    )


def against_new(learned: Learned, near: Auc, others: list[Row], style: str, misses: list[str]) -> str:
    """Near misses that it learned from, by folds, and those that it never saw."""
    ours = [text for text, level, _ in others if level in style]
    sure = np.asarray([learned.probability(text) for text in (*ours, *misses)])
    label = np.asarray([1] * len(ours) + [0] * len(misses), dtype=np.int64)
    new = measure_auc(sure, label, np.arange(label.size))
    return (
        f"; near misses: {NEAR} given {near.value:.3f} [{near.low:.3f}, {near.high:.3f}], {len(misses)} others "
        f"{new.value:.3f} [{new.low:.3f}, {new.high:.3f}]"
    )


def mixture(learned: Learned, others: list[Row], style: str, rng: random.Random) -> str:
    inside = [text for text, level, _ in others if level in style]
    outside = [text for text, level, _ in others if level not in style]
    shares = []
    for many in range(6):
        texts = ["".join(rng.sample(inside, many) + rng.sample(outside, 5 - many)) for _ in range(200)]
        shares.append(float(np.mean([learned.probability(text) for text in texts])))
    return " ".join(f"{share:.2f}" for share in shares)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--seeds", type=int, default=5)
    asked = parser.parse_args()
    whole = rows(asked.data)
    for style, against, near in (("123", "4", ""), ("3", "4", ""), ("1", "4", "3"), ("1", "2", ""), ("2", "3", "")):
        for seed in range(asked.seeds):
            rng = random.Random(seed)
            some = [row for row in whole if row[1] in style + against]
            rng.shuffle(some)
            misses = [text for text, level, _ in whole if level in near] if near else []
            rng.shuffle(misses)
            learned = learn(some[:300], style, misses[:NEAR])
            report = learned.report
            gate = "gated" if report.auc.low >= 0.8 else "refused"
            print(
                f"{style} against {against}, seed {seed}: {told(learned, some[300:], style)}; of the 300 held out: "
                f"{report.auc.value:.3f} [{report.auc.low:.3f}, {report.auc.high:.3f}] {gate}, "
                f"length {report.length_only:.3f}, markup {report.markup_only:.3f}, ECE {report.ece:.3f}"
                + (against_new(learned, report.near, some[300:], style, misses[NEAR:]) if report.near else ""),
                flush=True,
            )
            if seed == 0 and style == "123":
                print(f"  0 to 5 of 5 sentences in the style: {mixture(learned, some[300:], style, rng)}")
                topics = sorted({topic for _, _, topic in some})
                mine = set(topics[::2])
                seen = [row for row in some if row[2] in mine]
                new = [row for row in some if row[2] not in mine]
                print(f"  learned on half of the topics, {told(learn(seen[:300], style, []), new, style)}")


if __name__ == "__main__":
    main()
