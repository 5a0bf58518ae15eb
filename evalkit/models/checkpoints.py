"""The checkpoints of one training as arms: those of a folder, or of a fine-tuning job."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from evalkit.models.context import Context
from evalkit.models.training import Training
from evalkit.suite.spec import ModelSpec

FindCheckpoints = Callable[[str, ModelSpec, ModelSpec | None, Context], Training | None]
"""(name, its spec, the base's spec, surroundings) -> what was trained; None where the spec names no training"""


def find_checkpoints(name: str, spec: ModelSpec, *, base: ModelSpec | None, context: Context) -> Training | None:
    """Find the checkpoints that a spec names.

    `spec.model` or `spec.adapter` is a folder that holds them, or a fine-tuning job. `base` is the model that adapters
    are put on; None puts them on the one that they name. None where it names no training at all.

    Raises ModelError for a job that cannot be looked up, and for a training without a checkpoint.
    """
    reader = _readers().get(spec.provider)
    return None if reader is None else reader(name, spec, base, context)


def _readers() -> Mapping[str, FindCheckpoints]:
    from evalkit.models.local.checkpoints import find_in_folder
    from evalkit.models.openai.checkpoints import find_in_job

    return {"local": find_in_folder, "openai": find_in_job}
