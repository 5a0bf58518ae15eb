"""What was sent off and is not collected yet: one small file a batch, so that a restart pays for nothing twice."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from evalkit.core.errors import StoreError
from evalkit.core.exchange import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A batch on the server.

    `content` is the SHA-256 of the uploaded file, `model` the fingerprint of who answers.
    """

    content: str
    batch_id: str
    model: str
    lines: tuple[str, ...]
    requests: Mapping[str, Json] = field(default_factory=dict)
    """Line -> the request behind it, of lines whose answer can be kept whoever collects it"""
    ways: Sequence[Json] = field(default_factory=list)
    """How requests were drawn and adapted; many share one"""


class SentBatches:
    """The folder ``.evalkit/batches``."""

    def __init__(self, root: Path) -> None:
        self.folder = root / ".evalkit" / "batches"

    def of_model(self, fingerprint: str) -> Iterator[Sent]:
        """Yield every batch of this model that was not collected yet."""
        for path in sorted(self.folder.glob("*.json")):
            try:
                row = json.loads(path.read_text(encoding="utf-8"))
                sent = Sent(**{**row, "lines": tuple(row["lines"])})
                if not (isinstance(sent.requests, dict) and isinstance(sent.ways, list)):
                    sent = replace(sent, requests={}, ways=[])  # the batch is what counts
            except (ValueError, TypeError, KeyError) as error:
                raise StoreError(
                    f"{path}: not the note of a batch ({error}); move it away to ask its lines anew"
                ) from None
            if sent.model == fingerprint:
                yield sent

    def keep(self, sent: Sent) -> Sent:
        """Note a batch durably, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        half = self.folder / f".{sent.content}.{os.getpid()}"
        with half.open("w", encoding="utf-8") as handle:
            json.dump(asdict(sent), handle)
            handle.flush()
            os.fsync(handle.fileno())
        half.replace(self.folder / f"{sent.content}.json")
        return sent

    def forget(self, sent: Sent) -> None:
        """Forget a batch whose answers were all handed over."""
        (self.folder / f"{sent.content}.json").unlink(missing_ok=True)
