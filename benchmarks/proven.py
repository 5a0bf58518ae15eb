"""What is called proven: floors of clustered rates, PASS at few cases, graded scales, clusters of unequal size."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

import numpy as np
from coverage import percent
from numpy.typing import NDArray

from evalkit import stats
from evalkit.gates.proof import judge_interval
from evalkit.stats import floors
from evalkit.stats.distributions import beta_quantile, normal_quantile, t_quantile
from evalkit.stats.exact import proves_margin, unchanged_pairs
from evalkit.stats.planning import paired_cells

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
SEED = 20_261_130
HEAVY = "heavy tail 1..50"
FAMILY = ("1..3", "1..9", "1..20", HEAVY)
CELLS = (
    ("1..9", 40, 0.95, 0.3),
    ("1..9", 100, 0.95, 0.3),
    ("1..9", 100, 0.98, 0.2),
    ("1..20", 200, 0.98, 0.2),
    (HEAVY, 60, 0.95, 0.3),
    (HEAVY, 200, 0.90, 0.3),
    (HEAVY, 200, 0.95, 1.0),
    ("equal 5", 40, 0.95, 0.3),
    ("equal 5", 100, 0.95, 0.3),
    ("equal 10", 100, 0.90, 0.3),
)


def cluster_sizes(kind: str, count: int, rng: np.random.Generator) -> Ints:
    """Sizes of `count` clusters: even over a range, equal, or Pareto's with exponent 1, cut at 50."""
    if kind == HEAVY:
        return np.minimum(50.0, np.floor(1.0 / rng.random(count))).astype(np.int64)
    if kind.startswith("equal"):
        return np.full(count, int(kind.split()[1]))
    return rng.integers(1, int(kind.split("..")[1]) + 1, count)


def failures(sizes: Ints, rate: float, alike: float, rng: np.random.Generator) -> Ints:
    """How many rows of each cluster fail, beta-binomial: `alike` is the intraclass correlation."""
    if alike >= 1.0:
        return sizes * (rng.random(sizes.size) < rate)
    spread = (1.0 - alike) / alike
    return rng.binomial(sizes, rng.beta(rate * spread, (1.0 - rate) * spread, sizes.size))


def korn_graubard(sizes: Ints, fails: Ints) -> float:
    """Clopper-Pearson on the effective n with t(C - 1) (Korn & Graubard 1998), to compare with."""
    n, count, failed = float(sizes.sum()), sizes.size, float(fails.sum())
    if not failed:
        return float(0.05 ** (1.0 / count))
    rate = failed / n
    if rate >= 1.0:
        return 0.0
    effect = max(1.0, float(((fails - rate * sizes) ** 2).sum()) * count / (count - 1) / (n * rate * (1.0 - rate)))
    worth = n / effect * (normal_quantile(0.95) / t_quantile(0.95, count - 1)) ** 2
    return beta_quantile(0.05, worth * (1.0 - rate), worth * rate + 1.0)


def floor_bound(sizes: Ints, fails: Ints) -> float:
    """The gate's bound."""
    codes = np.repeat(np.arange(sizes.size), sizes)
    place = np.arange(codes.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return floors.lower_bound((place >= fails[codes]).astype(float), codes, sizes.size).low


def floors_table(runs: int) -> Iterable[str]:
    """False proofs of a floor at the true rate, and how far below it the bound lies, in percent and points."""
    yield "| sizes | clusters | true rate | ICC | Korn-Graubard: false, below | evalkit: false, below |"
    yield "|---|---|---|---|---|---|"
    for place, (kind, count, rate, alike) in enumerate(CELLS):
        told, rng = [], np.random.default_rng([SEED, place])
        drawn = [cluster_sizes(kind, count, rng) for _ in range(runs)]
        failed = [failures(sizes, 1.0 - rate, alike, rng) for sizes in drawn]
        for bound in (korn_graubard, floor_bound):
            lows = np.array([bound(sizes, fails) for sizes, fails in zip(drawn, failed, strict=True)])
            told.append(f"{percent(float((lows >= rate - 1e-12).mean()))}, {100.0 * float((rate - lows).mean()):.2f}")
        yield f"| {kind} | {count} | {rate} | {alike} | {' | '.join(told)} |"


def equal_table(runs: int) -> Iterable[str]:
    """Equal clusters: the worst of every rate .9, .95, .98 and ICC .1, .3, 1, beside Korn and Graubard's."""
    yield "| sizes | clusters | farthest below, Korn-Graubard = 1 | there: rate, ICC | most false proofs (K-G) |"
    yield "|---|---|---|---|---|"
    for place, (kind, count) in enumerate(itertools.product(("equal 2", "equal 5", "equal 10", "equal 20"), (30, 100))):
        rng, far, wrong = np.random.default_rng([SEED + 4, place]), [], []
        for rate, alike in itertools.product((0.9, 0.95, 0.98), (0.1, 0.3, 1.0)):
            drawn = [np.sort(failures(cluster_sizes(kind, count, rng), 1.0 - rate, alike, rng)) for _ in range(runs)]
            known: dict[bytes, tuple[float, float]] = {}
            for fails in drawn:
                if fails.tobytes() not in known:
                    sizes = np.full(count, int(kind.split()[1]))
                    known[fails.tobytes()] = korn_graubard(sizes, fails), floor_bound(sizes, fails)
            lows = np.array([known[fails.tobytes()] for fails in drawn])
            below, proven = rate - lows.mean(axis=0), (lows >= rate - 1e-12).mean(axis=0)
            far.append((float(below[1] / below[0]), rate, alike))
            wrong.append((float(proven[1]), float(proven[0])))
        ratio, rate, alike = max(far)
        most, theirs = (percent(max(row[side] for row in wrong)) for side in (0, 1))
        yield f"| {kind} | {count} | {ratio:.2f} | {rate}, {alike} | {most} ({theirs}) |"


def family_table(runs: int) -> Iterable[str]:
    """The worst of every rate .9, .95, .98 and ICC .1, .3, .5, .7, 1."""
    yield "| sizes | clusters | most false proofs | at the true rate | ICC |"
    yield "|---|---|---|---|---|"
    for place, (kind, count) in enumerate(itertools.product(FAMILY, (30, 60, 200))):
        rng = np.random.default_rng([SEED + 1, place])
        worst = max(
            (_false_proofs(kind, count, rate, alike, runs, rng), rate, alike)
            for rate, alike in itertools.product((0.9, 0.95, 0.98), (0.1, 0.3, 0.5, 0.7, 1.0))
        )
        yield f"| {kind} | {count} | {percent(worst[0])} | {worst[1]} | {worst[2]} |"


def _false_proofs(kind: str, count: int, rate: float, alike: float, runs: int, rng: np.random.Generator) -> float:
    """By the chance of so few failures at the true rate: the bound itself is not needed."""
    proven = 0
    for _ in range(runs):
        sizes = cluster_sizes(kind, count, rng)
        fails = failures(sizes, 1.0 - rate, alike, rng)
        n, failed = int(sizes.sum()), int(fails.sum())
        if failed > (1.0 - rate) * n or stats.wilson(n - failed, n, confidence=0.9)[0] < rate:
            continue
        if not failed:
            proven += 0.05 ** (1.0 / count) >= rate
            continue
        distinct, times = np.unique(sizes, return_counts=True)
        chance = floors.chance_of_few(
            tuple(distinct.tolist()),
            tuple(times.tolist()),
            failed,
            rate=1.0 - rate,
            correlation=floors.likeness(sizes, fails),
        )
        proven += chance <= floors.allowed_chance(sizes, fails, confidence=0.95)
    return proven / runs


def exact_pass_table() -> Iterable[str]:
    """The largest chance of a false PASS over every n up to 40 and every discordance, all tables counted."""
    yield "| margin | Tango's interval alone | the gate | without a change it passes from n = |"
    yield "|---|---|---|---|"
    for margin in (0.02, 0.05, 0.10, 0.20):
        alone = max(_largest(n, margin, _by_interval) for n in range(1, 41))
        gate = max(_largest(n, margin, _by_gate) for n in range(1, 41))
        yield f"| {margin} | {100 * alone:.2f} | {100 * gate:.2f} | {unchanged_pairs(margin)} |"


def _by_interval(n: int, fixed: Ints, broken: Ints, margin: float) -> NDArray[np.bool_]:
    return np.asarray(stats.tango_interval(n, fixed, broken)[0] > -margin)


def _by_gate(n: int, fixed: Ints, broken: Ints, margin: float) -> NDArray[np.bool_]:
    return np.array(
        [proves_margin(n, b, c, margin=margin) for b, c in zip(fixed.tolist(), broken.tolist(), strict=True)]
    )


def _largest(n: int, margin: float, passes: Callable[[int, Ints, Ints, float], NDArray[np.bool_]]) -> float:
    spots = np.linspace(margin, 1.0, 60)
    every = paired_cells(n, fixed=1.0 / 3.0, broken=1.0 / 3.0)
    passed = {
        (b, c)
        for b, c, good in zip(
            every.fixed.tolist(), every.broken.tolist(), passes(n, every.fixed, every.broken, margin), strict=True
        )
        if good
    }
    chances = []
    for spot in spots.tolist():
        cells = paired_cells(n, fixed=(spot - margin) / 2.0, broken=(spot + margin) / 2.0)
        pairs = zip(cells.fixed.tolist(), cells.broken.tolist(), strict=True)
        chances.append(float(cells.probability[[pair in passed for pair in pairs]].sum()))
    return max(chances)


def scale_table(runs: int) -> Iterable[str]:
    """Ratings from 1 to 10: one answer in forty loses 8, the others hardly move; and an unchanged model, SD 1.1."""
    yield "| n | others that move | false PASS (margin .2): scale seen | declared | unchanged: PASS (margin .5) |"
    yield "|---|---|---|---|---|"
    for n in (30, 60, 120, 300):
        for share in (0.033, 0.2, 0.5):
            rng = np.random.default_rng(SEED + 2)
            seen = declared = unchanged = 0
            for run in range(runs):
                lost, step = rng.random(n) < 0.025, rng.choice([-1.0, 1.0], n) * (rng.random(n) < share)
                change = np.where(lost, -8.0, step)
                base = np.where(lost, 9.0, 5.0)
                seen += _passes(base, base + change, 0.2, None, run)
                declared += _passes(base, base + change, 0.2, (1.0, 10.0), run)
                if share == 0.2:
                    other = np.clip(np.round(5.0 + rng.normal(0.0, 1.06, n)), 1.0, 10.0)
                    unchanged += _passes(np.full(n, 5.0), other, 0.5, (1.0, 10.0), run)
            power = percent(unchanged / runs) if share == 0.2 else ""
            yield f"| {n} | {share} | {percent(seen / runs)} | {percent(declared / runs)} | {power} |"


def _passes(base: Floats, candidate: Floats, margin: float, scale: tuple[float, float] | None, seed: int) -> bool:
    found = stats.compare_paired(base, candidate, margin=margin, scale=scale, binary=False, seed=seed)
    return judge_interval(found, margin)[0] in ("PASS", "IMPROVED")


def unequal_table(runs: int) -> Iterable[str]:
    """Whole clusters break, or whole clusters break and others are fixed; and how wide a rate is that does not move."""
    yield "| sizes | clusters | broken, fixed | false PASS (margin = true drop) | half the width where nothing moves |"
    yield "|---|---|---|---|---|"
    for kind, count in itertools.product(("1..9", "1..20", HEAVY), (40, 125, 200)):
        for broken, fixed in ((0.05, 0.0), (0.10, 0.0), (0.10, 0.05)):
            rng = np.random.default_rng(SEED + 3)
            passed = sum(_false_pass(kind, count, broken, fixed, rng) for _ in range(runs)) / runs
            codes = np.repeat(np.arange(count), cluster_sizes(kind, count, rng))
            still = stats.compare_paired(np.ones(codes.size), np.ones(codes.size), clusters=codes)
            width = 100.0 * (still.high or 0.0)
            yield f"| {kind} | {count} | {broken}, {fixed} | {percent(passed)} | {width:.1f} |"


def _false_pass(kind: str, count: int, broken: float, fixed: float, rng: np.random.Generator) -> bool:
    sizes, drawn = cluster_sizes(kind, count, rng), rng.random(count)
    step = np.where(drawn < broken, -1.0, np.where(drawn < broken + fixed, 1.0, 0.0))
    codes = np.repeat(np.arange(count), sizes)
    base = np.where(step[codes] > 0.0, 0.0, 1.0)
    found = stats.compare_paired(base, base + step[codes], clusters=codes)
    return found.low is not None and found.low > fixed - broken


def balanced_table() -> Iterable[str]:
    """150 rows in clusters of 3: half the width as clusters with one changed row are added, as many each way."""
    yield "| discordant clusters each way | half the width |"
    yield "|---|---|"
    for each in (0, 1, 2, 4, 5, 7, 10, 15, 20, 25):
        step = np.zeros(150)
        step[0 : 3 * each : 3], step[3 * each : 6 * each : 3] = 1.0, -1.0
        base = np.where(step < 0.0, 1.0, 0.0)
        found = stats.compare_paired(base, base + step, clusters=np.arange(150) // 3)
        yield f"| {each} | {100.0 * (found.high or 0.0):.1f} |"


def sections(runs: int) -> dict[str, Iterable[str]]:
    """Every table by its title; `runs` draws a cell, the floors twice as many."""
    twice, half = 2 * runs, max(1, runs // 2)
    worst = f"The worst of them: {twice:,} arms for each true rate .9, .95, .98 and ICC .1, .3, .5, .7, 1"
    return {
        f"Proven floors over clusters: {twice:,} simulated arms a line": floors_table(twice),
        worst: family_table(twice),
        f"Clusters of equal size: {twice:,} arms for each true rate .9, .95, .98 and ICC .1, .3, 1": equal_table(twice),
        "A false PASS at few cases: every table up to n = 40 counted, the worst discordance": exact_pass_table(),
        f"Ratings on a scale from 1 to 10: {half:,} simulated evaluations a line": scale_table(half),
        f"Clusters of unequal size that change whole: {half:,} simulated evaluations a line": unequal_table(half),
        "An interval never narrows as changes are added that cancel each other": balanced_table(),
    }
