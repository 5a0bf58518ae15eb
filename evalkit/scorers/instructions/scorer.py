"""Verifiable instructions: whether an answer does what it was told, each instruction checked by a rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from evalkit.core.errors import did_you_mean
from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.instructions import english, japanese
from evalkit.scorers.instructions.japanese_words import need_janome
from evalkit.scorers.instructions.nouns import BadInstruction, Check, InstructionArguments, Mode
from evalkit.scorers.instructions.shared import list_variants
from evalkit.scorers.outcome import answer_text, score_of

CHECKS: Mapping[str, Check] = {**english.CHECKS, **japanese.CHECKS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Instructions:
    """1 when every instruction of the row is followed, else 0.

    Rows are those of IFEval and M-IFEval as they are published: `instruction_id_list` and `kwargs`, beside the prompt
    or as the target. `loose` also takes an answer whose first or last line, or asterisks, are in the way. With
    `mode: compat` the habits of the official checkers are followed, as far as they are known; by default what a reader
    would expect. The differences stand in a table of the reference.
    """

    VERSION: ClassVar[str] = "1"

    mode: Mode = "sensible"
    """sensible: what a reader expects; compat: what the official checkers do"""

    def __post_init__(self) -> None:
        if self.mode == "compat":
            need_janome()

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """List strict and loose, by row and by instruction."""

        def share(part: str, about: str) -> Metric:
            return Metric(part=part, binary=False, low=0.0, high=1.0, about=about)

        return (
            Metric(about="every instruction is followed, strictly (prompt-level)"),
            Metric(part="loose", about="every instruction is followed, loosely (prompt-level)"),
            share("instructions", "share of the row's instructions that are followed, strictly"),
            share("instructions_loose", "share of the row's instructions that are followed, loosely"),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check that every instruction is known and has its arguments."""
        try:
            asked = self._read_row(example)
        except BadInstruction as error:
            return (str(error),)
        wrong = []
        for name, given in asked:
            if name not in CHECKS:
                wrong.append(f"unknown instruction {name!r}{did_you_mean(name, CHECKS)}")
                continue
            try:
                CHECKS[name]("text", given)
            except BadInstruction as error:
                wrong.append(f"instruction {name!r}: {error}")
        return tuple(wrong)

    def score(self, example: Example, response: Response) -> Score:
        """Check every instruction, strictly and loosely."""
        text, asked = answer_text(response), self._read_row(example)
        variants = [one for one in list_variants(text) if one.strip()]
        strict = [bool(text.strip()) and CHECKS[name](text, given) for name, given in asked]
        loose = [
            done or any(CHECKS[name](one, given) for one in variants)
            for done, (name, given) in zip(strict, asked, strict=True)
        ]
        parts: dict[str, float | None] = {
            "loose": float(all(loose)),
            "instructions": sum(strict) / len(strict),
            "instructions_loose": sum(loose) / len(loose),
        }
        failed = [name for (name, _), done in zip(asked, strict, strict=True) if not done]
        evidence = {
            "instructions": [name for name, _ in asked],
            "followed": strict,
            "followed_loosely": loose,
        }
        reason = f"not followed: {', '.join(failed)}" if failed else ""
        return score_of(
            example, response, self.version, float(all(strict)), parts=parts, reason=reason, evidence=evidence
        )

    def _read_row(self, example: Example) -> list[tuple[str, InstructionArguments]]:
        """The instructions of a row, each with its arguments; a prefix `en:` is that of M-IFEval."""
        held: Any = example.target if isinstance(example.target, Mapping) else example.extra
        names = held.get("instruction_id_list")
        if not isinstance(names, (list, tuple)) or not names or not all(isinstance(one, str) for one in names):
            raise BadInstruction("it has no `instruction_id_list` (a list of kinds)")
        values = held.get("kwargs") or [{}] * len(names)
        if not isinstance(values, (list, tuple)) or len(values) != len(names):
            raise BadInstruction(f"`kwargs` must be a list of {len(names)}, one an instruction")
        if not all(one is None or isinstance(one, Mapping) for one in values):
            raise BadInstruction("every member of `kwargs` must be an object")
        return [
            (
                name.removeprefix("en:"),
                InstructionArguments({k: v for k, v in (one or {}).items() if v is not None}, self.mode),
            )
            for name, one in zip(names, values, strict=True)
        ]
