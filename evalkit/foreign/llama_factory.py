"""LLaMA-Factory: generated_predictions.jsonl, one arm; rows pair by their prompt, the answer must be the label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from evalkit.foreign.nouns import ForeignResults, Wishes
from evalkit.foreign.table import ForeignTable
from evalkit.foreign.texts import bare, first_line


class LlamaFactory:
    """Lines of prompt, predict and label."""

    def fits(self, path: Path) -> bool:
        """Tell whether the file has the tool's ending and three keys."""
        if not (path.is_file() and bare(path).endswith(".jsonl")):
            return False
        first = first_line(path, 200_000)
        return all(key in first for key in (b'"prompt"', b'"predict"', b'"label"'))

    def read(self, path: Path, wishes: Wishes, arms: Sequence[str] = ()) -> Sequence[ForeignResults]:
        """Read the file as a table of input, output and target."""
        fields = {"input": "prompt", "output": "predict", "target": "label", **wishes.fields}
        founds = ForeignTable().read(path, replace(wishes, fields=fields), arms)
        return [replace(found, tool="llama_factory") for found in founds]
