"""Local arms handed to workers, where a run has some: processes of this machine, or actors of a Ray cluster."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from evalkit.core.errors import Problem, UsageError
from evalkit.core.ports import Model
from evalkit.models.recipe import Portable
from evalkit.models.workers.pool import Pool
from evalkit.models.workers.spread import SpreadModel
from evalkit.models.workers.tasks import WorkerHandle
from evalkit.pipeline.options import Options


class Spreading:
    """All workers of one run.

    They are started with the first arm that they can compute, and ended with the run. Raises UsageError for an address
    without a cluster to be at.
    """

    def __init__(self, options: Options, stack: ExitStack) -> None:
        if options.ray_address is not None and options.executor != "ray":
            raise UsageError(
                Problem(
                    what="--ray-address is the address of a Ray cluster", todo="add --executor ray, or leave it out"
                )
            )
        self._options, self._stack = options, stack
        self._pool: Pool | None = None
        self._wanted = options.mode != "replay" and (options.executor == "ray" or (options.workers or 1) > 1)

    def spread(self, model: Model) -> Model:
        """Return the arm as the workers compute it.

        It is itself where it is not computed here, or no workers are wanted.
        """
        if not self._wanted or not isinstance(model, Portable):
            return model
        if self._pool is None:
            handles = self._open_handles()
            self._pool = Pool(handles, say=self._options.say)
            self._stack.callback(self._pool.close)
            self._options.say(
                f"{len(handles)} workers compute local models: " + ", ".join(handle.label for handle in handles)
            )
        return SpreadModel(model, self._pool)

    def tell_unused(self) -> None:
        """Say so where workers are wanted and no arm is local."""
        if self._wanted and self._pool is None:
            self._options.say(
                "--workers and --executor are for models of provider `local`, and no arm is one: `limits.concurrency` "
                "in models.yaml says how many calls an API gets at once"
            )

    def _open_handles(self) -> Sequence[WorkerHandle]:
        options = self._options
        environ: Mapping[str, str] = os.environ if options.environ is None else {**os.environ, **options.environ}
        if options.executor == "ray":
            from evalkit.models.workers.ray_actors import open_actors

            return open_actors(options.workers, address=options.ray_address, environ=environ, stack=self._stack)
        from evalkit.models.workers.processes import open_processes

        return open_processes(options.workers or 1, environ=environ)
