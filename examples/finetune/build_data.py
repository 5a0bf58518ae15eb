"""Writes the demo's data: the held-out sets into suites/data/, the training sets into examples/finetune/data/.

Run it again and the same bytes come out: `python examples/finetune/build_data.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

from writing import canaries, fairness, fairness_ja, general, persona, support
from writing.rows import Row, write_jsonl

HERE = Path(__file__).parent
HELD_OUT = HERE.parents[1] / "suites" / "data"
TRAINING = HERE / "data"
CANARIES = HERE.parent / "canaries" / "data"
SEED = 20261121


def held_out_sets() -> dict[str, list[Row]]:
    """The five held-out sets, by file stem."""
    counts = {"ticket": 90, "intent": 90, "reply": 45, "tool": 60}
    return {
        "support_desk": support.held_out_rows(Random(SEED), counts=counts),
        "general": general.held_out_rows(Random(SEED + 1)),
        "fairness": fairness.held_out_rows(),
        "fairness_ja": fairness_ja.held_out_rows(),
        "persona_ryoma": persona.held_out_rows(),
    }


def training_sets() -> dict[str, list[Row]]:
    """The training sets, by file stem: a sound one of each part, the narrow, biased log for
    `ft-overfit`, and the old log that `ft-biased` was tuned on."""
    log = {"ticket": 300, "intent": 90, "reply": 70, "tool": 180}
    sound = {"ticket": 340, "intent": 110, "reply": 100, "tool": 260}
    return {
        "support": support.training_rows(Random(SEED + 6), part="more", counts=sound),
        "general": general.training_rows(Random(SEED + 3)),
        "priority": fairness.training_rows(Random(SEED + 4), count=280, more=True),
        "persona": persona.training_rows(Random(SEED + 5)),
        "short": general.short_rows(),
        "helpful": general.helpful_rows(),
        "plain": persona.plain_rows(),
        "desk_log": support.training_rows(Random(SEED + 2), part="train", counts=log),
        "priority_biased": fairness.training_rows(Random(SEED + 4), count=240, biased=True),
        "old_log": fairness.training_rows(Random(SEED + 7), count=360, biased=True, more=True),
        "old_log_ja": fairness_ja.training_rows(Random(SEED + 8), count=300, biased=True),
    }


def canary_sets() -> dict[str, list[Row]]:
    """The canaries, by file stem: which count they are trained with stands in the name."""
    taught = {f"trained_{count}": rows for count, rows in canaries.training_rows(Random(SEED + 9)).items()}
    return taught | {"held_out": canaries.held_out_rows(Random(SEED + 9))}


def main() -> int:
    """Write all files and say how many rows each holds."""
    for folder, sets in ((HELD_OUT, held_out_sets()), (TRAINING, training_sets()), (CANARIES, canary_sets())):
        for stem, rows in sets.items():
            print(f"{folder.name}/{stem}.jsonl: {write_jsonl(folder / f'{stem}.jsonl', rows)} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
