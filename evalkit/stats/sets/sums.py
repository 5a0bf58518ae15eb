"""Figures of summed counts: corpus BLEU, chrF and TER, whose rows add up before anything is divided.

The counts of a row stand in one vector: BLEU [length, length of the target, matches x N, n-grams x N], chrF [n-grams,
those of the target, matches] an order, TER [edits, length of the target]. The values are sacrebleu's to the last digit.
Preferences between sentences add up likewise (`preference.py`), and likelihoods: [nats, tokens, bytes, words].
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evalkit.core.sets import SetFigure
from evalkit.stats.sets.preference import PREFERENCE, SIDES, one_sided, preference_values

Floats = NDArray[np.float64]
_EPS = 1e-16
LIKELIHOODS = ("nats_per_token", "bits_per_byte", "perplexity", "word_perplexity")
"""Figures of a text's log-likelihood: they have no worst value, and no kind of answers that none was seen of"""
MOST = 1e6
"""No perplexity is told above: words cut at blanks are whole sentences in Japanese"""


def value_of(sums: Sequence[float], figure: SetFigure) -> float:
    """Compute the figure of one vector of summed counts."""
    if figure.figure in PREFERENCE:
        return float(preference_values(np.asarray(sums, dtype=np.float64), figure))
    if figure.figure in LIKELIHOODS:
        return figure.span[1] - float(_likelihoods(np.asarray(sums, dtype=np.float64), figure.figure))
    if figure.figure == "bleu":
        return bleu_of(sums)
    return chrf_of(sums, figure.beta) if figure.figure == "chrf" else 100.0 - ter_of(sums)


def values_of(sums: Floats, figure: SetFigure) -> Floats:
    """Compute the figure of (..., D) summed counts, all at once."""
    if figure.figure in PREFERENCE:
        return preference_values(sums, figure)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if figure.figure in LIKELIHOODS:
            rest: Floats = figure.span[1] - _likelihoods(sums, figure.figure)
            return rest
        if figure.figure == "bleu":
            return _bleus(sums)
        return _chrfs(sums, figure.beta) if figure.figure == "chrf" else 100.0 - _ters(sums)


def worst_ways(figure: SetFigure) -> tuple[float, ...]:
    """Return the ways in which an answer can be worst.

    A preference may lie to either side.
    """
    return SIDES if figure.figure in PREFERENCE else (0.0,)


def empty_answer(gold: Floats, figure: SetFigure, way: float = 0.0) -> Floats:
    """Return what an empty answer adds where the right one adds `gold`, (..., D).

    Of a preference it is the answer that goes one way.
    """
    if figure.figure in PREFERENCE:
        return one_sided(gold, way)
    out: Floats = np.zeros_like(gold)
    if figure.figure in LIKELIHOODS:
        out[...] = gold
        out[..., 0] = gold[..., 2] * math.log(256.0)  # as a text is to one who knows nothing: 8 bits a byte
    elif figure.figure == "ter":
        out[...] = gold[..., 1:2]
    elif figure.figure == "bleu":
        out[..., 1] = gold[..., 1]
    else:
        out[..., 1::3] = gold[..., 1::3]
    return out


def bleu_of(sums: Sequence[float]) -> float:
    """Compute BLEU, smoothed exponentially (Papineni et al. 2002; Post 2018)."""
    got, wanted, counts = sums[0], sums[1], sums[2:]
    matches, totals = counts[: len(counts) // 2], counts[len(counts) // 2 :]
    if not any(matches):
        return 0.0
    short = 1.0 if got >= wanted else (math.exp(1 - wanted / got) if got > 0 else 0.0)
    precisions, halved = [0.0] * len(matches), 1.0
    for at, (match, total) in enumerate(zip(matches, totals, strict=True)):
        if total == 0:
            break
        if match == 0:
            halved *= 2
            precisions[at] = 100.0 / (halved * total)
        else:
            precisions[at] = 100.0 * match / total
    logs = [math.log(one) if one > 0.0 else -9999999999.0 for one in precisions]
    return short * math.exp(sum(logs) / len(logs))


def chrf_of(sums: Sequence[float], beta: float) -> float:
    """Compute chrF (Popovic 2015) over the orders that both sides have."""
    factor, precision, recall, orders = beta**2, 0.0, 0.0, 0
    for got, wanted, both in zip(sums[0::3], sums[1::3], sums[2::3], strict=True):
        if got > 0 and wanted > 0:
            precision += both / got
            recall += both / wanted
            orders += 1
    if not orders:
        return 0.0
    precision, recall = precision / orders, recall / orders
    if not precision + recall:
        return 0.0
    score = (1 + factor) * precision * recall
    score /= (factor * precision) + recall
    return 100 * score


def ter_of(sums: Sequence[float]) -> float:
    """Compute the edits per 100 tokens of the target (Snover et al. 2006)."""
    edits, length = sums[0], sums[1]
    return 100.0 * (edits / length) if length > 0 else (100.0 if edits > 0 else 0.0)


def _likelihoods(sums: Floats, figure: str) -> Floats:
    """(...) figures of (..., 4) nats, tokens, bytes and words; NaN above `MOST`, and with nothing to divide by."""
    size = sums[..., {"bits_per_byte": 2, "word_perplexity": 3}.get(figure, 1)]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        rate = np.where(size > 0.0, sums[..., 0] / size, np.nan)
        found: Floats = rate / math.log(2.0) if figure == "bits_per_byte" else rate
        out: Floats = np.exp(found) if figure.endswith("perplexity") else found
    return np.where(out <= MOST, out, np.nan)


def _bleus(sums: Floats) -> Floats:
    got, wanted, counts = sums[..., 0], sums[..., 1], sums[..., 2:]
    orders = counts.shape[-1] // 2
    matches, totals = counts[..., :orders], counts[..., orders:]
    halved = np.cumprod(np.where(matches > 0.0, 1.0, 2.0), axis=-1)
    precisions = np.where(matches > 0.0, 100.0 * matches / totals, 100.0 / (halved * totals))
    there = np.cumprod(totals > 0.0, axis=-1) > 0
    logs = np.where(there, np.log(np.maximum(precisions, 1e-300)), -9999999999.0)
    short = np.where(got >= wanted, 1.0, np.exp(1.0 - wanted / np.maximum(got, _EPS)))
    out: Floats = np.where((matches > 0.0).any(axis=-1), short * np.exp(logs.mean(axis=-1)), 0.0)
    return out


def _chrfs(sums: Floats, beta: float) -> Floats:
    got, wanted, both = sums[..., 0::3], sums[..., 1::3], sums[..., 2::3]
    there = (got > 0.0) & (wanted > 0.0)
    orders = np.maximum(there.sum(axis=-1), 1)
    precision = np.where(there, both / got, 0.0).sum(axis=-1) / orders
    recall = np.where(there, both / wanted, 0.0).sum(axis=-1) / orders
    factor = beta**2
    score = 100.0 * (1.0 + factor) * precision * recall / (factor * precision + recall)
    out: Floats = np.where(precision + recall > 0.0, score, 0.0)
    return out


def _ters(sums: Floats) -> Floats:
    edits, length = sums[..., 0], sums[..., 1]
    out: Floats = np.where(length > 0.0, 100.0 * edits / length, np.where(edits > 0.0, 100.0, 0.0))
    return out
