"""How the answers of both arms were drawn: what differs is another comparison, unless somebody wrote that it may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.core.notes import Note
from evalkit.pipeline.asking.adapted_parameters import find_adaptations
from evalkit.pipeline.asking.arm_result import ArmResult
from evalkit.suite.generate import BESIDE, DECIDING, GenerateSpec
from evalkit.suite.spec import SuiteSpec

_RENAMED = {"max_tokens", "max_completion_tokens"}
"""Two names of one parameter"""
_NO_MATTER = {*BESIDE, "stream", "stream_options", "store", "include", "logprobs"}
"""What decides no answer, refused or not"""
_SUITE_NAMES = {"max_output_tokens": "max_tokens", "reasoning": "reasoning_effort", "text": "response_format"}
"""What a server calls a parameter -> what a suite calls it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingDifferences:
    """What is to be said of two arms that were asked differently."""

    unsound: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def compare_sampling(spec: SuiteSpec, base: ArmResult, candidate: ArmResult) -> SamplingDifferences:
    """Compare how the answers of two arms were drawn.

    A difference that models.yaml writes for an arm, or that the policy allows by name, is told; any other makes the
    comparison unsound: what a recording says, and what a server refused.
    """
    one, two = (
        known_sampling(arm.identity.details.get("recorded_generate"), suite=spec.name, asked=arm.generate)
        for arm in (base, candidate)
    )
    written, allowed = base.written | candidate.written, frozenset[str](spec.policy.sampling_may_differ)
    differ = _find_differences(one, two)
    told = [_tell(name, one, two) for name in differ if name in written | allowed]
    wrong = [name for name in differ if name not in written | allowed]
    refused, forced = _find_forced(base, candidate, allowed=allowed, written=written)
    unsound = list(refused)
    if wrong:
        unsound.append(
            f"the answers of {base.identity.name} and {candidate.identity.name} were drawn differently "
            f"({'; '.join(_tell(name, one, two) for name in wrong)}); record both with the same `generate`, "
            f"or allow it in the suite: {_policy_line(wrong)}"
        )
    notes: list[str] = [_note(base, candidate, [*told, *forced])] if told or forced else []
    if not wrong:
        notes += _unlike_the_suite(spec, (base, one), (candidate, two))
    return SamplingDifferences(unsound=tuple(unsound), notes=tuple(notes))


def known_sampling(header: Mapping[str, Any] | None, *, suite: str, asked: GenerateSpec) -> dict[str, Any]:
    """Return what is known of how answers were drawn, by parameter.

    They are an arm's answers to a suite. `header` is the `generate` of a recording: by suite where evalkit wrote it
    (what it leaves out was the default), or flat where somebody else did (what it leaves out is not known). None is an
    arm asked now, as the suite and the arm say.
    """
    if header is None:
        return {name: getattr(asked, name) for name in DECIDING}
    own = header.get(suite)
    if isinstance(own, Mapping):
        default = GenerateSpec()
        return {name: own.get(name, getattr(default, name)) for name in DECIDING}
    return {name: header[name] for name in DECIDING if name in header}


def _find_differences(base: Mapping[str, Any], candidate: Mapping[str, Any]) -> list[str]:
    """Every parameter that is known of both arms and differs."""
    return [name for name in DECIDING if name in base and name in candidate and base[name] != candidate[name]]


def _tell(name: str, one: Mapping[str, Any], two: Mapping[str, Any]) -> str:
    return f"{name} {_value(one[name])} and {_value(two[name])}"


def _value(value: Any) -> str:
    return "left out" if value is None else repr(value)


def _find_forced(
    base: ArmResult, candidate: ArmResult, *, allowed: frozenset[str], written: frozenset[str]
) -> tuple[list[str], list[str]]:
    """What a server refused of one arm alone: why the comparison is unsound, and what is allowed to differ."""
    one, two = (find_adaptations(arm.answers.values()) for arm in (base, candidate))
    unsound, told = [], []
    for name in sorted({*one, *two} - _RENAMED - _NO_MATTER):
        if (name in one, one.get(name)) == (name in two, two.get(name)):
            continue
        parameter = "role" if name.startswith("role:") else _SUITE_NAMES.get(name, name)
        if parameter in allowed or parameter in written:
            told.append(f"{parameter} {_say_sent(name, one)} and {_say_sent(name, two)}: a server refused it")
            continue
        unsound.append(
            f"parameter {name!r} was {_say_sent(name, one)} for {base.identity.name} and {_say_sent(name, two)} for "
            f"{candidate.identity.name}: leave it out of `generate` for both, or allow it in the suite: "
            f"{_policy_line([parameter])}"
        )
    return unsound, told


def _policy_line(names: Sequence[str]) -> str:
    return f"policy: {{sampling_may_differ: [{', '.join(names)}]}}"


def _note(base: ArmResult, candidate: ArmResult, told: Sequence[str]) -> Note:
    said = f"{base.identity.name} and {candidate.identity.name} were asked differently, as allowed: {'; '.join(told)}"
    return Note(said, kind="sampling_differs")


def _unlike_the_suite(spec: SuiteSpec, *arms: tuple[ArmResult, Mapping[str, Any]]) -> list[str]:
    """Recorded answers that were drawn otherwise than they would be asked for now."""
    for arm, known in arms:
        asked = known_sampling(None, suite=spec.name, asked=arm.generate)
        differ = _find_differences(asked, known)
        if differ:
            return [
                f"the suite asks for other sampling than was recorded: {_tell(name, asked, known)}" for name in differ
            ]
    return []


def _say_sent(name: str, changes: Mapping[str, Any]) -> str:
    if name not in changes:
        return "sent as asked"
    return "left out" if changes[name] is None else f"sent as {changes[name]!r}"
