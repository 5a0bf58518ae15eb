"""bfcl_compat against published verdicts and against the original checker itself."""

from __future__ import annotations

import gzip
import json
import os
import random
from collections import Counter
from pathlib import Path

import bfcl_items
import bfcl_texts
import pytest

from evalkit.core.exchange import Example, Response, ToolCall
from evalkit.scorers.tool_calls import ToolCalls
from evalkit.scorers.tool_calls.bfcl import check, judge

SHARED = Path(os.environ.get("EVALKIT_SHARED_DATA", Path(__file__).parents[2].parent / "shared" / "data"))
MUTATIONS = SHARED / "bfcl_mutations" / "mutations_dev.jsonl.gz"

pytestmark = pytest.mark.skipif(not bfcl_items.installed(), reason=bfcl_items.ABSENT)


@pytest.fixture(scope="module")
def items():
    return bfcl_items.load_items()


@pytest.fixture(scope="module")
def mutations():
    if not MUTATIONS.exists():
        pytest.skip("the published mutations are not here: set EVALKIT_SHARED_DATA to the folder that holds them")
    with gzip.open(MUTATIONS, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def test_every_published_verdict_and_error_type_is_ours(items, mutations):
    differ = []
    for row in mutations:
        category, functions, answers = items[row["id"]]
        ours = check(functions, row["output"], answers, category=category, language=bfcl_items.language(category))
        if (ours.valid, ours.error_type) != (row["valid"], row["error_type"]):
            differ.append((row["id"], row["mutation"], row["error_type"], ours))
    assert len(mutations) > 10_000
    assert differ == []


def test_the_scorer_gives_the_published_verdicts_from_native_calls(items, mutations):
    scorer = ToolCalls(mode="bfcl_compat")
    differ = []
    for row in mutations[::7]:
        category, functions, answers = items[row["id"]]
        example = Example(
            id=row["id"],
            messages=(),
            target={"possible_answer": answers},
            tools=tuple(functions),
            tags={"category": category},
        )
        calls = tuple(
            ToolCall(name=name, arguments=json.dumps(given)) for call in row["output"] for name, given in call.items()
        )
        text = None if calls else "[]"
        score = scorer.score(example, Response(example_id=row["id"], tool_calls=calls, text=text))
        if (score.value == 1.0, score.evidence["error_type"]) != (row["valid"], row["error_type"]):
            differ.append((row["id"], row["mutation"], score.reason))
    assert differ == []


@pytest.mark.parametrize("seed", range(4))
def test_fresh_mutations_get_the_verdict_of_the_original_checker(items, seed):
    """4 x 5,500 outputs; where the original crashes (on its own data) ours only must not."""
    oracle = bfcl_items.oracle()
    rng = random.Random(seed)
    ids = sorted(items)
    seen: Counter[str] = Counter()
    differ = []
    for _ in range(5_500):
        category, functions, answers = items[rng.choice(ids)]
        underscores = rng.random() < 0.3
        language = bfcl_items.language(category)
        calls = bfcl_items.mutated(rng, functions, answers, language=language, underscores=underscores)
        how = {"category": category, "language": language, "underscores": underscores}
        ours = check(functions, calls, answers, **how)
        try:
            theirs = oracle(functions, calls, answers, **how)
        except Exception as error:
            seen[f"the original raises {type(error).__name__}"] += 1
            continue
        seen[theirs.get("error_type") if not theirs["valid"] else "valid"] += 1
        if ours.valid != theirs["valid"] or (not ours.valid and ours.error_type != theirs["error_type"]):
            differ.append((category, calls, theirs, ours))
    judged = sum(n for kind, n in seen.items() if "raises" not in kind)
    assert differ == []
    assert judged >= 5_000
    assert seen["valid"] > 500
    assert len(seen) > 12


@pytest.mark.parametrize("seed", range(2))
def test_fresh_texts_get_the_verdict_of_the_original_decoder_and_checker(items, seed):
    oracle = bfcl_texts.text_oracle()
    if oracle is None:
        pytest.skip(bfcl_texts.NO_DECODER)
    scorer = ToolCalls(mode="bfcl_compat", dialects=("pythonic",))
    rng = random.Random(f"texts {seed}")
    ids = [key for key in sorted(items) if bfcl_items.language(items[key][0]) == "python"]
    seen: Counter[str | None] = Counter()
    differ = []
    for _ in range(4_000):
        category, functions, answers = items[rng.choice(ids)]
        text = bfcl_texts.as_text(
            rng, bfcl_items.mutated(rng, functions, answers, language="python", underscores=False)
        )
        if rng.random() < 0.1:
            category, answers = rng.choice(("irrelevance", "live_relevance")), []
        theirs = oracle(text, category, functions, answers)
        example = Example(
            id="x",
            messages=(),
            target={"possible_answer": answers},
            tools=tuple(functions),
            tags={"category": category},
        )
        score = scorer.score(example, Response(example_id="x", text=text))
        seen[theirs[1]] += 1
        if (score.value == 1.0, score.evidence["error_type"]) != theirs:
            differ.append((category, text, theirs, score.reason))
    assert differ == []
    assert seen[None] > 400
    assert len(seen) > 12


@pytest.mark.parametrize("tongue", ["java", "javascript"])
def test_fresh_source_gets_the_verdict_of_the_original_parsers_and_checker(items, tongue):
    """Verdicts, and one in a thousand may differ: what broken text becomes depends on how tree-sitter recovers."""
    oracle = bfcl_texts.text_oracle()
    if oracle is None:
        pytest.skip(bfcl_texts.NO_DECODER)
    rng = random.Random(tongue)
    ids = [key for key in sorted(items) if bfcl_items.language(items[key][0]) == tongue]
    seen: Counter[bool] = Counter()
    differ = []
    for _ in range(3_000):
        category, functions, answers = items[rng.choice(ids)]
        calls = bfcl_items.mutated(rng, functions, answers, language=tongue, underscores=False)
        text = bfcl_texts.as_source(rng, calls, functions, tongue)
        theirs, _ = oracle(text, category, functions, answers)
        seen[theirs] += 1
        if judge(text, functions, answers, category=category).valid != theirs:
            differ.append((text, theirs))
    assert len(differ) <= 3, differ
    assert min(seen.values()) > 500
