"""Whether a recording belongs to the suite at all: one that has none of its ids is another suite's."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.exchange import ModelIdentity, Response

_SHOWN = 3


def another_suite(identity: ModelIdentity, answers: Mapping[str, tuple[Response, ...]]) -> str | None:
    """Explain why nothing of a recording fits; None where something does.

    Nothing fits where not one example that was asked has an answer in it.
    """
    file = identity.details.get("recording")
    rows = [response for row in answers.values() for response in row]
    if file is None or not rows or any(row.failure is None or row.failure.kind != "missing" for row in rows):
        return None
    has = identity.details.get("recorded_ids", [])
    known = f"it has {_some(has)}" if has else "it has no answer at all"
    ids = f"none of the {len(answers):,} ids" if len(answers) > 1 else "the one id"
    verb = "is" if len(answers) > 1 else "is not"
    return (
        f"{identity.name}: {ids} of this suite {verb} in {file} ({known}; the suite asks "
        f"{_some(list(answers))}): a recording of another suite?"
    )


def _some(ids: list[str]) -> str:
    return ", ".join(ids[:_SHOWN]) + (", ..." if len(ids) >= _SHOWN else "")
