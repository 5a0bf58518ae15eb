"""A list of broken promises, told together."""

from __future__ import annotations

from collections.abc import Sequence


class BrokenPromise(AssertionError):
    """A scorer or a model does not do what its socket asks.

    `sentences` says each thing that is wrong.
    """

    def __init__(self, what: str, sentences: Sequence[str]) -> None:
        self.sentences = tuple(dict.fromkeys(sentences))
        super().__init__("\n".join([f"{what} breaks its promises:", *(f"  - {one}" for one in self.sentences)]))
