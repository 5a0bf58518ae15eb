"""Who really answered: what servers said they were, against the model that an arm stands for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from evalkit.core.exchange import Response

if TYPE_CHECKING:
    from evalkit.pipeline.asking.arm_result import ArmResult

_SHOWN = 3


def count_served_models(rows: Iterable[Iterable[Response]]) -> Counter[str]:
    """Count the answers by the model that the server named."""
    return Counter(r.served_model for row in rows for r in row if r.failure is None and r.served_model)


def several_models(arm: ArmResult) -> str | None:
    """Explain why an arm is not one model.

    Its name was answered for by one server model, and later by another.
    """
    found = count_served_models((arm.as_read or arm.answers).values())
    if len(found) < 2:
        return None
    named = ", ".join(f"{name} ({count})" for name, count in found.most_common(_SHOWN))
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return (
        f"the answers of {arm.identity.name} come from {len(found)} models: {named}{more}; name one of them in "
        "models.yaml, or ask all anew with --refresh"
    )


def one_model_twice(base: ArmResult, candidate: ArmResult) -> str | None:
    """Tell where one model answers for two names at one server."""
    one, two = base.identity, candidate.identity
    found = {*count_served_models(base.answers.values()), *count_served_models(candidate.answers.values())}
    same_server = all(one.details.get(key) == two.details.get(key) for key in ("host", "path", "deployment"))
    if len(found) != 1 or one.model == two.model or "host" not in one.details or not same_server:
        return None
    return (
        f"{one.name} asked for {one.model}, {two.name} for {two.model}, and the server says that both answers "
        f"come from {found.pop()}: some servers ignore the model they are asked for"
    )
