"""M-IFEval's published verdicts on two models: compat mode gives the same ones, instruction by instruction."""

import gzip
import json
import os
from pathlib import Path

import pytest

from evalkit.core.exchange import Example, Response
from evalkit.scorers.instructions import Instructions

SHARED = Path(os.environ.get("EVALKIT_SHARED_DATA", Path(__file__).parents[2].parent / "shared" / "data"))
ROOM = SHARED / "m_ifeval_ja"
MODELS = ("gpt-4o-2024-08-06__strict", "gpt-4o-mini-2024-07-18__strict")
PROMPTS = {"gpt-4o-2024-08-06__strict": 109, "gpt-4o-mini-2024-07-18__strict": 102}

pytestmark = pytest.mark.skipif(not ROOM.is_dir(), reason="the shared data (m_ifeval_ja) is not here")


def lines(name):
    raw = (ROOM / name).read_bytes()
    text = (gzip.decompress(raw) if name.endswith(".gz") else raw).decode("utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def score(mode, model):
    rows = {row["prompt"]: row for row in lines("ja_input_data.jsonl")}
    scorer = Instructions(mode=mode)
    for said in lines(f"{model}.jsonl.gz"):
        row = rows[said["prompt"]]
        example = Example(id=str(row["key"]), messages=(), extra=row)
        assert scorer.check(example) == ()
        yield said, scorer.score(example, Response(example_id=example.id, text=said["response"]))


@pytest.mark.parametrize("model", MODELS)
def test_compat_mode_gives_every_published_verdict(model):
    pytest.importorskip("janome")
    missed, right = [], 0
    for said, found in score("compat", model):
        right += found.value == 1
        told = zip(
            said["instruction_id_list"], found.evidence["followed"], said["follow_instruction_list"], strict=True
        )
        missed += [(found.example_id, name) for name, ours, theirs in told if ours != theirs]
    assert missed == []
    assert right == PROMPTS[model]


@pytest.mark.parametrize("model", MODELS)
def test_what_a_reader_expects_differs_only_in_kinds_that_the_table_names(model):
    differ = {
        name
        for said, found in score("sensible", model)
        for name, ours, theirs in zip(
            said["instruction_id_list"], found.evidence["followed"], said["follow_instruction_list"], strict=True
        )
        if ours != theirs
    }
    assert differ <= {
        "ja:detectable_format:number_bullet_lists",
        "ja:keywords:frequency",
        "ja:keywords:existence",
        "ja:keywords:forbidden_words",
        "ja:detectable_format:nominal_ending",
        "ja:letters:furigana",
        "ja:detectable_format:constrained_response",
        "ja:length_constraints:number_letters",
    }
