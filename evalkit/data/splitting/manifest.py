"""What a split was made of: hashes, counts, seed, and the side of every row, so that it stays when data grows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evalkit.core.errors import DataError, Problem
from evalkit.core.exchange import Json
from evalkit.data.source import open_bytes

NAME = "split.json"
_KEY = "evalkit_split"


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierSplit:
    """A split that was made before: who was in which part."""

    shares: tuple[str, ...]
    stratify: tuple[str, ...]
    parts: tuple[str, ...]
    identity: NDArray[np.uint64]
    """Digests of its rows, sorted"""
    side: NDArray[np.int64]
    left_file: str = ""
    """The file of rows on no side, where there was one"""

    def sides_of(self, identity: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return the side that each row had; -1 for a new one."""
        if not len(self.identity):
            return np.full(len(identity), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.identity, identity), len(self.identity) - 1)
        return np.where(self.identity[at] == identity, self.side[at], -1)


def read_manifest(path: Path) -> EarlierSplit:
    """Read the manifest of an earlier split; a folder's is its split.json.

    Raises DataError where it is none.
    """
    file = path / NAME if path.is_dir() else path
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(Problem(what=f"cannot read {file}: {error.strerror or error}")) from None
    except ValueError:
        found = None
    rows: Json = found.get("rows") if isinstance(found, dict) and _KEY in found else None
    if not isinstance(rows, dict):
        raise DataError(Problem(what=f"{file} is no manifest of a split", todo="name the split.json of a split"))
    try:
        identity = [np.array([int(one, 16) for one in members], dtype=np.uint64) for members in rows.values()]
    except (TypeError, ValueError, OverflowError):
        raise DataError(Problem(what=f"{file} is damaged: its rows are no digests")) from None
    every = np.concatenate(identity) if identity else np.empty(0, dtype=np.uint64)
    side = np.repeat(np.arange(len(identity)), [len(one) for one in identity]).astype(np.int64)
    order = np.argsort(every, kind="stable")
    return EarlierSplit(
        shares=tuple(str(one) for one in found.get("shares", ())),
        stratify=tuple(str(one) for one in found.get("stratify", ())),
        parts=tuple(str(name) for name in rows),
        identity=every[order],
        side=side[order],
        left_file=str((found.get("parts") or {}).get("left_out", {}).get("file", "")),
    )


def write_manifest(
    path: Path,
    said: Mapping[str, Json],
    *,
    parts: Sequence[str],
    identity: NDArray[np.uint64],
    side: NDArray[np.int64],
    before: EarlierSplit | None,
) -> None:
    """Write the manifest of a split.

    What is said of it, then the digests of each part's rows, one a line. Rows of an earlier split that are gone keep
    their side.
    """
    gone = np.empty(0, dtype=np.uint64)
    gone_side = np.empty(0, dtype=np.int64)
    if before is not None:
        lost = ~np.isin(before.identity, identity)
        gone, gone_side = before.identity[lost], before.side[lost]
    beside = path.with_name(f"{path.name}.part")
    with beside.open("w", encoding="utf-8", newline="\n") as out:
        head = json.dumps({_KEY: 1, **said}, ensure_ascii=False, indent=1)
        out.write(head.removesuffix("\n}") + ',\n "rows": {')
        for number, name in enumerate(parts):
            own = np.unique(np.concatenate([identity[side == number], gone[gone_side == number]]))
            out.write(("," if number else "") + f"\n  {json.dumps(name, ensure_ascii=False)}: [")
            for place, one in enumerate(own.tolist()):
                out.write(f'{"," if place else ""}\n   "{one:016x}"')
            out.write("\n  ]" if len(own) else "]")
        out.write("\n }\n}\n")
    beside.replace(path)


def hash_source(file: str) -> str:
    """Return the SHA-256 of what a file holds, unpacked."""
    digest = sha256()
    with open_bytes(file) as raw:
        while block := raw.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
