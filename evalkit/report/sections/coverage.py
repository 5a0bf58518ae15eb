"""Who was compared on what: the arms' identity, what was asked and answered, and that both saw the same."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

from evalkit.core.blocks import Block, Prose, Table
from evalkit.core.columns import Comparison
from evalkit.core.exchange import Json, ModelIdentity, Response
from evalkit.core.origin import FINE_TUNING
from evalkit.core.verdict import Verdict
from evalkit.reading.ending import ending_of
from evalkit.report import figures

Answers = Mapping[str, tuple[Response, ...]]


def blocks(comparison: Comparison | None, verdict: Verdict) -> Sequence[Block]:
    """Return what was asked and answered in both arms.

    A sentence on the proof, a table of both arms, and what the suite puts around every case.
    """
    if comparison is None:
        return []
    return [_proof(comparison), _arms(comparison), *_prompt(comparison)]


def _prompt(comparison: Comparison) -> list[Prose]:
    spec = comparison.manifest.get("spec")
    prompt = spec.get("prompt") if isinstance(spec, dict) else None
    texts = prompt if isinstance(prompt, dict) else {}
    names = {"system": "System prompt of the suite", "user": "Template of the last user turn"}
    return [Prose(heading=name, text=texts[key]) for key, name in names.items() if isinstance(texts.get(key), str)]


def _proof(comparison: Comparison) -> Prose:
    if comparison.unsound:
        return Prose(heading="Same examples, same prompts?", text=" ".join(comparison.unsound), tone="bad")
    same, other, unknown = _prompts(comparison)
    examples = f"The arms saw the same {comparison.coverage.examples:,} examples"
    if other:
        return Prose(heading="Same examples, same prompts?", text=f"{other:,} prompts differ.", tone="bad")
    if unknown:
        text = f"{examples}. Of {same + unknown:,} prompts {same:,} are proven equal; {unknown:,} carry no digest."
        return Prose(heading="Same examples, same prompts?", text=text, tone="unsure")
    text = f"{examples} and the same prompts: {same:,} of {same:,} prompt digests (SHA-256) are equal."
    if any(row.conversation for rows in comparison.base_responses.values() for row in rows):
        text += " In later turns of a conversation that is what the row brings; each arm goes on from its own answers."
    return Prose(heading="Same examples, same prompts?", text=text, tone="good" if same else "unsure")


def _prompts(comparison: Comparison) -> tuple[int, int, int]:
    """Pairs of answers whose prompts are equal, differ, or cannot be told."""
    same = other = unknown = 0
    for example, rows in comparison.base_responses.items():
        for one, two in zip(rows, comparison.candidate_responses.get(example, ()), strict=False):
            if one.failure or two.failure:
                continue
            if one.prompt_sha256 is None or two.prompt_sha256 is None:
                unknown += 1
            elif one.prompt_sha256 == two.prompt_sha256:
                same += 1
            else:
                other += 1
    return same, other, unknown


def _arms(comparison: Comparison) -> Table:
    coverage = comparison.coverage
    base = _arm(comparison.base, comparison.base_responses, coverage.base_failed, coverage.base_failures, comparison)
    candidate = _arm(
        comparison.candidate, comparison.candidate_responses, coverage.candidate_failed, coverage.candidate_failures,
        comparison,
    )  # fmt: skip
    names = list(dict.fromkeys([*base, *candidate]))
    rows = [(name, base.get(name, figures.MISSING), candidate.get(name, figures.MISSING)) for name in names]
    return Table(heading="The arms", columns=("", "Base", "Candidate"), rows=tuple(rows))


def _arm(
    model: ModelIdentity, answers: Answers, failed: int, failures: Mapping[str, int], comparison: Comparison
) -> dict[str, str]:
    responses = [response for rows in answers.values() for response in rows]
    served = sorted({response.served_model for response in responses if response.served_model})
    ended = Counter(response.ended or ending_of(response) for response in responses if response.failure is None)
    kinds = ", ".join(f"{kind} {many:,}" for kind, many in failures.items())
    row = {
        "Name": model.name,
        "Provider": model.provider,
        "Model": model.model,
        "Fingerprint": model.fingerprint[:16],
        "Asked": figures.count(comparison.coverage.asked),
        "Failed calls": f"{failed:,} ({kinds})" if kinds else figures.count(failed),
        "Cut at max_tokens": figures.count(ended["cut"]),
        "Cut while thinking": figures.count(ended["cut_thinking"]),
        "Filtered": figures.count(ended["filtered"]),
    }
    if served:
        row["Served as"] = ", ".join(served[:3]) + (f" and {len(served) - 3} more" if len(served) > 3 else "")
    for name, detail in model.details.items():
        if isinstance(detail, (str, int, float, bool)):
            row[str(name)] = str(detail)
    row |= _fine_tuning(model.details.get(FINE_TUNING))
    return row


def _fine_tuning(told: Json) -> dict[str, str]:
    """What the server says of the job that made a model; its losses are context, and nobody is judged by them."""
    found: dict[str, str] = {}
    for name, value in told.items() if isinstance(told, Mapping) else ():
        if name in ("train_losses", "eval_losses"):
            continue  # drawn by step
        if name in ("created", "finished") and isinstance(value, int):
            value = f"{dt.datetime.fromtimestamp(value, tz=dt.UTC):%Y-%m-%d %H:%M} UTC"
        elif isinstance(value, Mapping):
            value = ", ".join(f"{key} {one}" for key, one in value.items())
        elif isinstance(value, list):
            value = ", ".join(str(one) for one in value)
        found[f"fine-tuning: {str(name).replace('_', ' ')}"] = str(value)
    return found
