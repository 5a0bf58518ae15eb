"""How often fairness gates are wrong, and how often right. Writes docs/benchmarks/fairness.md.

python benchmarks/fairness.py [RUNS [PROCESSES]]            200 runs a line: about half an hour of CPU
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import simulated_groups as sim
from fairness_front import HEAD, front_line
from fairness_unlike import HEAD as UNLIKE
from fairness_unlike import KINDS, unlike_line
from simulated_groups import Grouped

from evalkit.gates.group_states import group_states
from evalkit.stats.clusters import cluster_codes
from evalkit.stats.disparity import GapChanges, gap_changes
from evalkit.stats.gap_sums import gap_sums, kinds_of_rows, mark_compared, resampled_gaps
from evalkit.stats.resample import Resampled
from evalkit.stats.simultaneous import max_t

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks" / "fairness.md"
SHARED = Path(os.environ.get("EVALKIT_SHARED_DATA", ROOT.parent / "shared" / "data"))
SEED, DRAWS, MARGIN = 20_261_130, 600, 0.05
Floats = np.ndarray
Draw = Callable[[np.random.Generator], Grouped]


def judged(data: Grouped, count: int, seed: int) -> GapChanges:
    return gap_changes(
        data.base, data.candidate, data.groups, count=count, clusters=data.clusters, draws=DRAWS, seed=seed
    )


def plain_ends(data: Grouped, count: int, seed: int) -> tuple[Floats, Floats]:
    """Ends of a plain max-T cluster bootstrap of the signed changes of all gaps, two-sided, nothing added."""
    codes, clusters = cluster_codes(data.clusters)
    sums = gap_sums(data.base, data.candidate, data.groups, codes, count=count, clusters=clusters)
    rows = clusters == data.base.size
    kinds = kinds_of_rows(data.base, data.candidate, data.groups, count=count) if rows else None
    drawn = resampled_gaps(sums, kinds, others=mark_compared(count), draws=DRAWS, seed=seed)
    found = max_t(Resampled(drawn.estimate[:count], drawn.draws[:, :count], clusters))
    return found.low, found.high


def accused(found: GapChanges) -> Floats:
    every = np.ones(found.n.size, dtype=bool)
    told = group_states(found, every, margin=0.02, max_gap=None)
    return np.array([item.state == "REGRESSION" for item in told])


def percent(share: float) -> str:
    return f"{100 * share:.1f}"


ACCUSING = (
    "| design | discordance | false alarm: nothing differs | power: plain | power: evalkit | evalkit / plain | "
    "others accused |\n|---|---|---|---|---|---|---|"
)
DESIGNS = {
    "independent": "independent rows",
    "nested": "400 nested clusters of 5",
    "crossed": "60 crossed templates",
}


def accusing_line(design: str, discordance: float, runs: int) -> str:
    """Chances that a group ten points worse, and that anybody else, is accused."""
    one = np.array([0.10] + [0.0] * 9)
    wolf = hits = others = plain = 0
    rng = np.random.default_rng(SEED)
    for run in range(runs):
        quiet = sim.yes_no(rng, design, discordance=discordance)
        wolf += bool(accused(judged(quiet, 10, run)).any())
        harmed = sim.yes_no(rng, design, discordance=discordance, loss=one)
        told = accused(judged(harmed, 10, run))
        hits, others = hits + bool(told[0]), others + bool(told[1:].any())
        plain += bool(plain_ends(harmed, 10, run)[1][0] < 0.0)
    ratio = f"{hits / plain:.2f}" if plain else "-"
    return (
        f"| {DESIGNS[design]} | {discordance} | {percent(wolf / runs)} | {percent(plain / runs)} | "
        f"{percent(hits / runs)} | {ratio} | {percent(others / runs)} |"
    )


REVERSAL = (
    "| groups | change sides | lead, then lag | independent rows | 400 nested clusters | 60 crossed templates |\n"
    "|---|---|---|---|---|---|"
)
REVERSALS = (
    *((2, 1, 0.10), (2, 1, 0.05), (4, 2, 0.10), (10, 1, 0.10), (10, 2, 0.10), (10, 5, 0.10), (10, 10, 0.10)),
    *((10, 1, 0.075), (10, 1, 0.05), (10, 2, 0.05), (10, 5, 0.05), (10, 10, 0.05)),
)


def reversal_line(count: int, several: int, lead: float, runs: int) -> str:
    """Chances that any group is accused, and that any gap is called grown, where leads become lags of the same size.

    Where all change sides half of them lag first.
    """
    leads = np.where(np.arange(count) < several, lead, 0.0)
    if several == count:
        leads[1::2] *= -1.0
    shares = []
    for design in DESIGNS:
        rng = np.random.default_rng(SEED)
        wrong = grown = 0
        for run in range(runs):
            data = sim.yes_no(rng, design, count=count, discordance=0.19, lead=leads, loss=2.0 * leads)
            found = judged(data, count, run)
            wrong, grown = wrong + bool(accused(found).any()), grown + bool((found.growth_low > 0.0).any())
        shares.append(f"{percent(wrong / runs)} ({percent(grown / runs)})")
    return f"| {count} | {several} | {lead:.3g} | {' | '.join(shares)} |"


TEMPLATES = (
    "| effects of templates | templates | groups | | ICC | false alarm | false PASS (growth = margin) | "
    "PASS if nothing differs | half width | plain |\n|---|---|---|---|---|---|---|---|---|---|"
)
SHAPES = {"normal": (0.0, 0.3), "graded": (0.0, 0.3), "sparse": (None,), "rare": (None,), "skewed": (None,)}
"""Kinds of effects, and how correlated rows of a template are where that can be chosen"""


def template_line(shape: str, each: int, count: int, crossed: bool, icc: float | None, runs: int) -> str:
    """How often templates that move make an alarm or a PASS, rightly and wrongly."""
    draw = partial(sim.templates, shape=shape, each=each, count=count, crossed=crossed, icc=icc or 0.0)
    rng = np.random.default_rng(SEED)
    wolf = passed = slipped = 0
    ours, plain = [], []
    for run in range(runs):
        quiet = draw(rng)
        found = judged(quiet, count, run)
        wolf += bool(accused(found).any())
        passed += bool((found.loss_high < MARGIN).all())
        ours.append(float((found.high - found.low).mean()) / 2.0)
        low, high = plain_ends(quiet, count, run)
        plain.append(float(np.where(np.isfinite(high), high - low, 0.0).mean()) / 2.0)
        slipped += bool(judged(draw(rng, loss=MARGIN), count, run).loss_high[0] < MARGIN)
    return (
        f"| {shape} | {each} | {count} | {'crossed' if crossed else 'nested'} | {'' if icc is None else icc} | "
        f"{percent(wolf / runs)} | {percent(slipped / runs)} | {percent(passed / runs)} | {np.mean(ours):.3f} | "
        f"{np.mean(plain):.3f} |"
    )


FADING = "| nested clusters a group | plain | evalkit | nothing moves at all |\n|---|---|---|---|"


def fading_line(each: int, runs: int) -> str:
    """Half widths for scores in which every template moves a little."""
    count = 8
    rng = np.random.default_rng(SEED)
    ours, plain, still = [], [], 0.0
    for run in range(max(1, runs // 10)):
        clusters = np.repeat(np.arange(each * count), 4)
        base = np.full(clusters.size, 0.5)
        data = Grouped(base, base + rng.normal(0.0, 0.028, each * count)[clusters], clusters % count, clusters)
        found = judged(data, count, run)
        ours.append(float((found.high - found.low).mean()) / 2.0)
        low, high = plain_ends(data, count, run)
        plain.append(float((high - low).mean()) / 2.0)
        nothing = judged(Grouped(base, base, clusters % count, clusters), count, run)
        still = float((nothing.high - nothing.low).mean()) / 2.0
    return f"| {each} | {np.mean(plain):.4f} | {np.mean(ours):.4f} | {still:.3f} |"


ANSWERS = (
    "| bias score of BBQ | questions | groups | templates | change | plain | evalkit | evalkit / plain |\n"
    "|---|---|---|---|---|---|---|---|"
)
CUTS = (
    ("Age, Religion", "category"),
    *((which, "question_polarity") for which in ("Age, Religion", "Age", "Religion")),
)


def answers_line(context: str, which: str, key: str) -> str:
    """UnifiedQA's answers in two prompt formats, by template; a sentence where the data are absent."""
    if not (SHARED / "bbq").exists():
        return f"| not measured: no data | {which} | | | | | | |"
    rows = [row for category in which.split(", ") for row in _answers(category, context)]
    values = sorted({row[key] for row, *_ in rows})
    base, candidate = (np.array([pair[arm] for _, *pair in rows]) for arm in (0, 1))
    codes = np.array([values.index(row[key]) for row, *_ in rows])
    names, clusters = np.unique([row["category"] + row["question_index"] for row, *_ in rows], return_inverse=True)
    found = gap_changes(base, candidate, codes, count=len(values), clusters=clusters)
    low, high = plain_ends(Grouped(base, candidate, codes, clusters), len(values), 0)
    ours, plain = (found.high[0] - found.low[0]) / 2.0, (high[0] - low[0]) / 2.0
    return (
        f"| {context} | {which} | {key} | {names.size} | {100 * found.change[0]:+.1f} | {100 * plain:.1f} | "
        f"{100 * ours:.1f} | {ours / plain:.2f} |"
    )


def _answers(category: str, context: str) -> Iterable[tuple[dict[str, str], float, float]]:
    with gzip.open(SHARED / "bbq" / f"preds_{category}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            pair = [_bias(row, form) for form in ("arc", "race")]
            if row["context_condition"] == context and pair[0] is not None and pair[1] is not None:
                yield row, pair[0], pair[1]


def _bias(row: dict[str, object], form: str) -> float | None:
    """+1 the stereotyped answer, -1 its counterpart, 0 unknown, None an answer that is none of the three."""

    def bare(key: str) -> str:
        return str(row[key]).strip().lower().rstrip(".")

    named = [key for key in ("ans0", "ans1", "ans2") if bare(key) == bare(f"unifiedqa-t5-11b_pred_{form}")]
    if len(named) != 1:
        return None
    group = row["answer_info"][named[0]][1]
    if group == "unknown":
        return 0.0
    stereotyped = group in row["additional_metadata"]["stereotyped_groups"]
    return 1.0 if stereotyped == (row["question_polarity"] == "neg") else -1.0


INTRODUCTION = """# How often fairness gates are wrong, and how often right

`python benchmarks/fairness.py {runs}`; seeded, so it comes out the same again. {runs} simulated evaluations a line
(eight times as many in the first table, four times in the second and fourth), all figures percent unless said; two
standard errors are +-{low:.1f} points at 5 % and +-{high:.1f} at 50 % (0.35 and 0.5 times that in those).
*Plain* is a two-sided max-T cluster bootstrap of the signed changes of all gaps with nothing added. Nominally any
false alarm is at most 5: the chance that any group at all is accused while nothing differs.
"""

READING = """
## How to read it

- **Accusing** costs nearly nothing against the plain interval: only falls accuse, so the family has one side, and
  groups that look alike lend each other their errors; that pays for few clusters (Student's t, sign flips) and for gaps
  that changed sides. Where one group varies in its own way the false alarms are as many; its own share of them is up to
  twice the even one, that of a quieter group half of it.
- **A gap that changed sides** has not grown. The table shows how often any group was accused and, in brackets, how
  often the interval of growth said that a gap had grown. That is a claim of its own, and holds in every line. Whoever
  is accused is proven to have fallen behind; where the group led before by more than chance makes, that its gap grew
  must be beyond chance as well ([gates](../why/gates.md#fairness)). The rule was chosen on other draws than these. On
  6,000 more of the worst line of ten points (nested clusters, one group of ten) 4.8 % are accused (+-0.6), with 0.94
  and 0.95 of plain's power for falls from level (discordance .145 and .19); leads of five to seven and a half come to
  6 to 20 %. A lag that is seen no larger than the lead was is INCONCLUSIVE with the flag `reversed`, never REGRESSION:
  these are draws in which chance makes it larger.
- **What any rule can reach.** A fall of ten points from level and a lead of five that became a lag of five are the
  same change of the gap. They differ in the sum of the gaps of both arms alone, which is the noisier. A rule that
  accuses at most 5 % of such reversals has at most so much power (in shares of plain's), and one with nine tenths of
  plain's power accuses at least so many: bounds for a single reversed gap, all errors known. 5 % and nine tenths at
  once cannot be had in any of these designs. Of the two the power is kept, because whoever is accused did fall
  behind.
- **Acquitting**: what nobody saw move is counted in, the less the more clusters moved. With effects of templates that
  are normal the chance to pass a growth as large as the margin is at most 5 %. Where whole templates break rarely
  among rows that flip at random, 25 templates can all have been spared; below 60 the finding says so
  (`few_clusters`).
- Where every cluster moves a little the interval is nearly the plain one; where none does it is as wide as before.
"""


def sections(runs: int) -> dict[str, tuple[str, list[Callable[[], str]]]]:
    """By title the head of a table and its lines, not yet measured."""
    accusing = [partial(accusing_line, design, share, 8 * runs) for design in DESIGNS for share in (0.145, 0.19)]
    kinds = [(shape, icc) for shape, correlations in SHAPES.items() for icc in correlations]
    layouts = [(each, count, crossed) for each in (25, 60, 200) for count in (2, 6) for crossed in (False, True)]
    return {
        "Accusing: 2,000 rows, ten groups, one ten points worse": (ACCUSING, accusing),
        "A gap that changed sides without growing: accused": (
            REVERSAL,
            [partial(reversal_line, *kind, 4 * runs) for kind in REVERSALS],
        ),
        "What any rule can reach: a fall of ten points from level, and leads of any size that become lags": (
            HEAD,
            [
                partial(front_line, design, DESIGNS[design], share, seed=SEED)
                for design in DESIGNS
                for share in (0.145, 0.19)
            ],
        ),
        "Nothing changes, and one group varies in its own way": (
            UNLIKE,
            [partial(unlike_line, kind, 4 * runs, draws=DRAWS, seed=SEED) for kind in KINDS],
        ),
        "Templates of 2 to 10 rows a group, margin .05": (
            TEMPLATES,
            [
                partial(template_line, shape, each, count, crossed, icc, runs)
                for shape, icc in kinds
                for each, count, crossed in layouts
                if each < 200 or not crossed
            ],
        ),
        "The width fades as clusters move: scores that move by .028 (sd) a cluster, eight groups": (
            FADING,
            [partial(fading_line, each, runs) for each in (25, 60, 200)],
        ),
        "Real answers": (
            ANSWERS,
            [partial(answers_line, context, *cut) for context in ("ambig", "disambig") for cut in CUTS],
        ),
    }


def write_page(runs: int, *, workers: int) -> None:
    """Measure, print and write the page; the lines of all tables at once, by so many processes."""
    error = 200.0 / runs**0.5
    page = [INTRODUCTION.format(runs=runs, low=error * (0.05 * 0.95) ** 0.5, high=error * 0.5)]
    with ProcessPoolExecutor(workers) as pool:
        tables = {
            title: (head, [pool.submit(line) for line in lines]) for title, (head, lines) in sections(runs).items()
        }
        for title, (head, lines) in tables.items():
            page += [f"\n## {title}\n", head]
            for line in lines:
                page.append(line.result())
                print(page[-1], flush=True)
    page.append(READING)
    PAGE.write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    write_page(int(sys.argv[1]) if len(sys.argv) > 1 else 200, workers=int(sys.argv[2]) if len(sys.argv) > 2 else 2)
