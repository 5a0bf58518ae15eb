"""Tokens of the rows: how many, what training costs, and what a model's context cuts off."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from evalkit.core.data_report import DataFinding, Level
from evalkit.core.exchange import Json
from evalkit.data.checks.base import Hits, RowCheck
from evalkit.data.checks.data_row import DataRow

_BATCH = 256
_EPOCHS, _LEAST, _MOST, _MOST_EPOCHS = 3, 100, 25_000, 25
"""How OpenAI's cookbook estimates the default number of epochs: rows times epochs between 100 and 25,000"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowTokens:
    """A row as tokens: where each answer that is trained on begins and ends.

    `refused` says why a template does not write the row; the rest is 0 then.
    """

    total: int = 0
    answers: tuple[tuple[int, int], ...] = ()
    refused: str = ""
    rewritten: bool = False
    """Whether the template writes the turns before an answer otherwise once it has been given"""
    bare: bool = False
    """Whether an answer has nothing but marks of the template"""
    hides_tools: bool = False
    """Whether the template leaves out the tools that the row offers"""
    endless: bool = False
    """Whether no token that ends generation stands behind the last answer"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPrice:
    """What training costs: USD a million tokens, and the date of that."""

    usd_per_mtok: float
    checked: str = ""


class TokenRuler(Protocol):
    """Counts the tokens of rows as one model reads them."""

    label: str
    how: str
    """A sentence: by which tokenizer, and how exact that is"""
    context: int | None
    price: TrainingPrice | None

    def measure(self, rows: Sequence[DataRow]) -> list[RowTokens]:
        """Measure rows, in their order."""


WHAT: Mapping[str, tuple[Level, str, str]] = {
    "never": (
        "error",
        "the answer begins behind the end of the context: it is never trained",
        "shorten what stands before it, or train with a longer context",
    ),
    "refused": (
        "error",
        "the chat template does not take the row",
        "write the row as the template wants it, or train with another template",
    ),
    "cut": (
        "warning",
        "the row is longer than the context: the end of the answer is cut off, and the token that ends it",
        "shorten the row, or train with a longer context",
    ),
    "nothing": (
        "warning",
        "an answer that is trained on has no token of its own in the template's text",
        "see what the template makes of this turn: it may leave out thoughts or calls",
    ),
    "tools": (
        "warning",
        "the chat template leaves out the tools that the row offers",
        "train with a template that writes tools, or write them into the system prompt",
    ),
    "endless": (
        "warning",
        "no token that ends generation stands behind the answer",
        "train with a template that closes the turn: a model learns to go on",
    ),
    "rewritten": (
        "warning",
        "the template changes what stands before an answer once it has been given",
        "train each answer as a row of its own: evalkit data convert --every-turn",
    ),
}
"""Fault -> level, what is said, what to do"""


class TokenCounts(RowCheck):
    """Counts tokens by a model's own tokenizer, or by an estimate.

    An estimate is said to be one. Keeps 8 bytes a row.
    """

    name = "tokens"

    def __init__(self, ruler: TokenRuler, *, epochs: int | None = None) -> None:
        self.ruler = ruler
        self.epochs = epochs
        self.held: list[DataRow] = []
        self.totals, self.trained = array("I"), array("I")
        self.hits: dict[str, Hits] = {key: Hits() for key in WHAT}

    def look(self, row: DataRow) -> None:
        """Hold a row until there are enough to be counted at once."""
        if row.turns:
            self.held.append(row)
        if len(self.held) >= _BATCH:
            self._measure()

    def _measure(self) -> None:
        held, self.held = self.held, []
        for row, tokens in zip(held, self.ruler.measure(held), strict=True):
            if tokens.refused:
                self.hits["refused"].add(row, excerpt=tokens.refused)
                continue
            self.totals.append(tokens.total)
            self.trained.append(sum(end - begin for begin, end in tokens.answers))
            self._judge(row, tokens)

    def _judge(self, row: DataRow, tokens: RowTokens) -> None:
        context, answers = self.ruler.context, tokens.answers
        shown = f"[{tokens.total:,}] {row.prompt}"
        if tokens.hides_tools:
            self.hits["tools"].add(row)
        if tokens.bare:
            self.hits["nothing"].add(row, excerpt=row.answer)
        if context is not None and tokens.total > context and answers:
            key = "never" if answers[0][0] >= context else "cut"
            self.hits[key].add(row, excerpt=shown)
        elif tokens.endless:
            self.hits["endless"].add(row, excerpt=row.answer[-60:])
        if tokens.rewritten:
            self.hits["rewritten"].add(row)

    def tell(self, rows: int) -> Iterator[DataFinding]:
        """Give what is cut, refused or left without tokens."""
        if self.held:
            self._measure()
        for key, (level, what, todo) in WHAT.items():
            limit = self.ruler.label
            if key in ("never", "cut"):
                limit = f"{self.ruler.context or 0:,} ({self.ruler.label})"
            yield from self.hits[key].finding(self.name, level, what, todo, detail=limit)

    def _count_billed(self) -> int:
        """Tokens of an epoch: what is behind the context is cut off, and not paid for."""
        longest = self.ruler.context
        return sum(self.totals) if longest is None else sum(min(total, longest) for total in self.totals)

    def notes(self) -> list[str]:
        """Say how many tokens there are and what training on them costs."""
        if not self.totals:
            return []
        ordered, label = sorted(self.totals), self.ruler.label
        total, middle = sum(ordered), ordered[len(ordered) // 2]
        billed = self._count_billed()
        told = [
            f"tokens for {label}: {total:,} in all, {sum(self.trained):,} of them in answers; a row has "
            f"{ordered[0]:,} to {ordered[-1]:,}, the median is {middle:,}",
            self.ruler.how,
        ]
        price = self.ruler.price
        if price is not None:
            epochs = self.epochs or default_epochs(len(ordered))
            cost = billed * epochs * price.usd_per_mtok / 1e6
            when = f"rates of {price.checked}; --rate says otherwise" if price.checked else "the rate that --rate says"
            told.append(
                f"training on {billed * epochs:,} tokens (epochs: {epochs}) costs about {cost:,.2f} USD at "
                f"{price.usd_per_mtok:g} USD a million ({when})"
            )
            if not self.epochs:
                told.append("the number of epochs is an estimate for so many rows; --epochs says otherwise")
        return told

    def facts(self) -> Mapping[str, Json]:
        """Return the counts, and the cost where a rate is known."""
        if not self.totals:
            return {}
        ordered, total = sorted(self.totals), sum(self.totals)
        found: dict[str, Json] = {
            "model": self.ruler.label,
            "total": total,
            "trained": sum(self.trained),
            "row": {"min": ordered[0], "median": ordered[len(ordered) // 2], "max": ordered[-1]},
        }
        if self.ruler.context is not None:
            found["context"] = self.ruler.context
        if self.ruler.price is not None:
            epochs = self.epochs or default_epochs(len(ordered))
            found |= {"epochs": epochs, "usd_per_mtok": self.ruler.price.usd_per_mtok}
            found |= {"rates_checked": self.ruler.price.checked}
            found["usd"] = round(self._count_billed() * epochs * self.ruler.price.usd_per_mtok / 1e6, 4)
        return found


def default_epochs(rows: int) -> int:
    """Estimate how many epochs OpenAI trains by default.

    Source: OpenAI cookbook, "Data preparation for chat fine-tuning".

    >>> default_epochs(10), default_epochs(500), default_epochs(20_000)
    (10, 3, 1)
    """
    if rows * _EPOCHS < _LEAST:
        return min(_MOST_EPOCHS, max(_LEAST // rows, 1))
    if rows * _EPOCHS > _MOST:
        return max(1, _MOST // rows)
    return _EPOCHS
