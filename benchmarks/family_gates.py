"""How often a gate over families accuses wrongly, and how often rightly. Writes docs/benchmarks/family_gates.md.

python benchmarks/family_gates.py [RUNS]            100 runs a line: about five minutes of CPU
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import numpy as np

from evalkit.core.columns import Column, Comparison, Coverage, PairedColumn
from evalkit.core.exchange import Example, Message, ModelIdentity
from evalkit.gates.decide import decide
from evalkit.suite.spec import SuiteSpec

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks" / "family_gates.md"
SEED, RIGHT, SPREAD = 20_261_201, 0.85, 1.5
NAMES = ("a", "b", "c", "d", "e", "f")
Floats = np.ndarray


HEAD = """# Gates over families: false alarms and power

`python benchmarks/family_gates.py {runs}`; seeded, so it comes out the same again. {runs} simulated evaluations a cell,
each decided by a suite with `{{type: fairness, families: true, max_change: 0.05}}`; all figures percent. Both models
are right in about 85 % of members, families differ in how hard they are, and members fail by chance. *Accused of
nothing*: any name at all is accused while nothing differs; nominally at most 5 (two standard errors: {error:.0f}).
*Refused*: the
candidate refuses one name in so many of the families; that name is to be accused, and no other.

| families | names | members lost | accused of nothing | refused 10 %: it | other | refused 25 %: it | other |
|---|---|---|---|---|---|---|---|
"""


def suite() -> SuiteSpec:
    return SuiteSpec.model_validate(
        {
            "evalkit": 1,
            "name": "families",
            "dataset": {"path": "data.jsonl"},
            "scorers": {"decision": {"type": "exact"}},
            "slices": [{"by": "name", "min_n": 20}],
            "gates": [{"type": "fairness", "families": True, "slices": ["name"], "max_change": 0.05}],
        }
    )


def column(values: Floats) -> Column:
    raw, no = values[:, None], np.zeros((values.size, 1), dtype=bool)
    return Column(raw=raw, scored=~no, failed=no, errors=no)


def compared(families: int, groups: int, rng: np.random.Generator, *, refused: float, lost: float) -> Comparison:
    """Families as hard as chance has it; the candidate refuses name `a` in `refused` of them, `lost` members lack."""
    hard = rng.normal(np.log(RIGHT / (1 - RIGHT)) * 1.3, SPREAD, families)
    rows = [(f, g) for f in range(families) for g in range(groups) if g == 0 or rng.random() >= lost]
    chance = 1.0 / (1.0 + np.exp(-hard[[f for f, _ in rows]]))
    base, candidate = ((rng.random(len(rows)) < chance).astype(float) for _ in range(2))
    first = np.array([g == 0 for _, g in rows])
    candidate[first & (rng.random(len(rows)) < refused)] = 0.0
    tags = [{"name": NAMES[g], "family": f"f{f}"} for f, g in rows]
    ask = (Message(role="user", content="?"),)
    examples = tuple(
        Example(id=f"{f}-{g}", messages=ask, tags=tag, cluster=f"f{f}") for (f, g), tag in zip(rows, tags, strict=True)
    )
    arm = ModelIdentity(name="m", provider="replay", model="m", fingerprint="1")
    return Comparison(
        suite="families",
        base=arm,
        candidate=ModelIdentity(name="n", provider="replay", model="n", fingerprint="2"),
        examples=examples,
        clusters=tuple(f"f{f}" for f, _ in rows),
        columns={"decision": PairedColumn(metric="decision", base=column(base), candidate=column(candidate))},
        levels={"name": tuple(tag["name"] for tag in tags)},
        coverage=Coverage(examples=len(rows), asked=len(rows)),
    )


def line(families: int, groups: int, runs: int, *, lost: float) -> str:
    spec, cells = suite(), []
    for refused in (0.0, 0.1, 0.25):
        rng = np.random.default_rng([SEED, families, groups, round(100 * refused), round(100 * lost)])
        accused = []
        for _ in range(runs):
            seen = compared(families, groups, rng, refused=refused, lost=lost)
            found = decide(seen, spec, today=dt.date(2026, 12, 1))
            accused.append({one.slice.value for one in found if one.slice and one.state == "REGRESSION"})
        if refused:
            cells.append(f"{100 * sum('a' in names for names in accused) / runs:.0f}")
            cells.append(f"{100 * sum(bool(names - {'a'}) for names in accused) / runs:.0f}")
        else:
            cells.append(f"{100 * sum(map(bool, accused)) / runs:.0f}")
    return f"| {families} | {groups} | {100 * lost:.0f} | " + " | ".join(cells) + " |"


def main() -> int:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    rows = [
        line(families, groups, runs, lost=lost)
        for families in (40, 80, 160)
        for groups, lost in ((2, 0.0), (4, 0.0), (4, 0.2))
    ]
    text = HEAD.format(runs=runs, error=200 * (0.05 * 0.95 / runs) ** 0.5)
    PAGE.write_text(text + "\n".join(rows) + "\n", encoding="utf-8")
    print("\n".join(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
