"""Deciding again under another policy: a file that replaces a suite's policy, gates or waivers."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ValidationError

from evalkit.core.errors import Problem, SuiteError
from evalkit.suite.explain import model_keys, problems_of
from evalkit.suite.gate_spec import AnyGate
from evalkit.suite.meaning import meaning_problems
from evalkit.suite.shape import Strict
from evalkit.suite.spec import PolicySpec, SuiteSpec, Waiver
from evalkit.suite.yaml_file import YamlFile, read_yaml


class PolicyFile(BaseModel):
    """A policy file.

    What it does not have stays as the suite has it; an empty list of waivers waives nothing.
    """

    model_config = Strict.model_config

    policy: PolicySpec | None = None
    gates: list[AnyGate] | None = None
    waivers: list[Waiver] | None = None


def read_policy(path: Path) -> tuple[PolicyFile, YamlFile]:
    """Read a policy file.

    Raises SuiteError with every problem and its place.
    """
    source = read_yaml(path)
    if not isinstance(source.data, dict) or not source.data:
        raise SuiteError(
            Problem(
                what="a policy file is a mapping with one or more of `policy`, `gates` and `waivers`",
                where=source.locate(),
            )
        )
    try:
        return PolicyFile.model_validate(source.data), source
    except ValidationError as error:
        raise SuiteError(
            problems_of(
                error,
                document=source.data,
                locate=lambda loc: source.locate(*loc),
                known_keys=lambda loc: model_keys(PolicyFile, loc),
            )
        ) from None


def under(spec: SuiteSpec, policy: PolicyFile, *, source: YamlFile | None = None) -> SuiteSpec:
    """Return the suite as it would be under this policy.

    Everything that was asked and scored stays as it is.

    Raises SuiteError for gates or waivers that name what the suite does not have, placed in `source` if given. New
    gates without `waivers` drop the suite's waivers, which spoke of the old ones.
    """
    changes = {name: value for name in ("policy", "gates", "waivers") if (value := getattr(policy, name)) is not None}
    if policy.gates is not None and policy.waivers is None:
        changes["waivers"] = []
    if policy.gates == []:
        raise SuiteError(
            Problem(
                what="a policy without a gate decides nothing",
                where=source.locate("gates") if source else None,
                todo="leave `gates` out to keep the suite's own",
            )
        )
    changed = spec.model_copy(update=changes)
    if source is not None:
        problems = meaning_problems(changed, source.locate)
        if problems:
            raise SuiteError(problems)
    return changed
