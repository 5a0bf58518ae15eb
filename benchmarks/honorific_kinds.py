"""Learns the kinds of honorifics from KeiCO: macro F1 on folds that keep near-equal sentences together.

    python -m benchmarks.honorific_kinds [--data FILE] [--write evalkit/text/learned/honorifics.json]

Binary character n-grams (1 to 3, at least 3 sentences) over the square root of their number, beside what the rules see;
logistic regression a kind; the 3,000 n-grams with the largest weights are kept.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.process import cdist
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from evalkit.text.honorific_kinds import KINDS, list_signs
from evalkit.text.normalize import nfkc

DATA = Path(__file__).parents[2] / "shared" / "data" / "keico" / "keico_dev_half.csv"
COLUMNS = ("尊敬語", "謙譲語", "丁寧語")
LEAST = (-0.2, -1.2, -0.2)
KEEP, ORDERS, FOLDS = 3_000, 3, 5


def fit(texts: list[str], signs: np.ndarray, label: np.ndarray) -> tuple[CountVectorizer, np.ndarray, np.ndarray]:
    """The vectorizer, (3, V + 9) weights and (3,) intercepts."""
    cut = CountVectorizer(analyzer="char", ngram_range=(1, ORDERS), binary=True, lowercase=False, min_df=3)
    seen = sparse.hstack([scaled(cut.fit_transform(texts), texts), sparse.csr_matrix(signs)]).tocsr()
    models = [LogisticRegression(C=5.0, max_iter=2_000).fit(seen, label[:, at]) for at in range(3)]
    weights = np.array([model.coef_[0] for model in models])
    many = weights.shape[1] - signs.shape[1]
    largest = np.abs(weights[:, :many]).max(axis=0)
    weights[:, :many][:, largest < np.sort(largest)[-KEEP]] = 0.0
    return cut, weights, np.array([model.intercept_[0] for model in models])


def scaled(counts: Any, texts: list[str]) -> Any:
    """Over the square root of how many different n-grams a text has, known ones or not."""
    many = [len({text[at : at + n] for n in range(1, ORDERS + 1) for at in range(len(text) - n + 1)}) for text in texts]
    return sparse.diags(1.0 / np.sqrt(np.maximum(1, many))) @ counts.astype(float)


def folds_of(texts: list[str]) -> np.ndarray:
    """Near-equal sentences (ratio of 75 or more) are in one fold."""
    near = cdist(texts, texts, scorer=fuzz.ratio, score_cutoff=75, dtype=np.uint8)
    count, group = connected_components(sparse.csr_matrix(near > 0))
    return np.random.default_rng(0).permutation(count)[group] % FOLDS


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    with asked.data.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    texts = [nfkc(row["本文"]) for row in rows]
    label = np.array([[int(row[name]) for name in COLUMNS] for row in rows])
    signs = np.array([list_signs(text) for text in texts])
    fold, found = folds_of(texts), np.zeros(label.shape)
    for one in range(FOLDS):
        seen, new = np.flatnonzero(fold != one), np.flatnonzero(fold == one)
        cut, weights, start = fit([texts[at] for at in seen], signs[seen], label[seen])
        held = [texts[at] for at in new]
        table = sparse.hstack([scaled(cut.transform(held), held), sparse.csr_matrix(signs[new])]).tocsr()
        found[new] = table @ weights.T + start
    for at, kind in enumerate(KINDS):
        print(f"{kind}: macro F1 {f1_score(label[:, at], found[:, at] > LEAST[at], average='macro'):.3f}")
    if asked.write:
        cut, weights, start = fit(texts, signs, label)
        grams = {
            gram: [round(float(one), 2) for one in weights[:, at]]
            for gram, at in sorted(cut.vocabulary_.items())
            if weights[:, at].any()
        }
        said = "learned from KeiCO (Liu and Kobayashi 2022, github.com/Liumx2020/KeiCO-corpus, CC BY 4.0); n-grams only"
        rules = [[round(float(one), 3) for one in row[-signs.shape[1] :]] for row in weights]
        least = [round(float(least - one), 3) for least, one in zip(LEAST, start, strict=True)]
        body = {"about": said, "orders": ORDERS, "least": least, "rules": rules, "grams": grams}
        asked.write.parent.mkdir(exist_ok=True)
        asked.write.write_text(json.dumps(body, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main()
