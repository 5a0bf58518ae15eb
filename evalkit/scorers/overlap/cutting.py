"""How texts are cut before their overlap is counted: one tokenizer for both arms, told by the targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from evalkit.core.errors import MissingExtra
from evalkit.core.exchange import Example
from evalkit.scorers.outcome import expected_texts
from evalkit.text.tokenizers import Dictionary, Mode, Name, Spaced, choose_tokenizer, load_tokenizer

Tokenizer = Literal["auto", "13a", "intl", "char", "ja-mecab", "ja-sudachi", "rouge", "none"]


@dataclass(frozen=True, slots=True)
class Cutting:
    """A tokenizer as a suite names it."""

    tokenizer: Tokenizer
    mode: Mode = "C"
    dictionary: Dictionary = "small"

    def name_for(self, texts: Sequence[str]) -> Name:
        """Return the tokenizer's name; `auto` is told by these targets."""
        return choose_tokenizer(texts) if self.tokenizer == "auto" else self.tokenizer

    def load_for(self, texts: Sequence[str]) -> Spaced:
        """Load the tokenizer for texts with these targets."""
        return load_tokenizer(self.name_for(texts), mode=self.mode, dictionary=self.dictionary)

    def load(self) -> None:
        """Load it once, so that a missing package is told before anything is asked."""
        name: Name = "13a" if self.tokenizer == "auto" else self.tokenizer
        load_tokenizer(name, mode=self.mode, dictionary=self.dictionary)

    @property
    def words(self) -> str:
        """What it is called in the description of a metric."""
        if self.tokenizer == "auto":
            return "char for Japanese targets, else 13a"
        return f"ja-sudachi {self.mode} {self.dictionary}" if self.tokenizer == "ja-sudachi" else self.tokenizer


def tokenizer_of(examples: Sequence[Example]) -> Tokenizer:
    """Choose the tokenizer of a suite by its targets.

    It is the same one for every row and both arms.
    """
    return choose_tokenizer(
        [text for example in examples if example.target is not None for text in expected_texts(example)]
    )


def need_sacrebleu(scorer: str) -> None:
    """Raise MissingExtra where sacrebleu is not installed."""
    if find_spec("sacrebleu") is None:
        raise MissingExtra("sacrebleu", "text", f"the scorer {scorer!r}")
