"""Who may attend to whom; boolean tensors, true where attention is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Tensor = Any


def pad_left(rows: Sequence[Sequence[int]], *, pad: int, device: str) -> tuple[Tensor, Tensor]:
    """Pad ids on the left, and mark the real tokens.

    Returns ids (rows, width) and a boolean tensor of the same shape, true on real tokens.
    """
    import torch

    width = max(len(row) for row in rows)
    ids = torch.full((len(rows), width), pad, dtype=torch.long)
    real = torch.zeros((len(rows), width), dtype=torch.bool)
    for i, row in enumerate(rows):
        ids[i, width - len(row) :] = torch.tensor(row, dtype=torch.long)
        real[i, width - len(row) :] = True
    return ids.to(device), real.to(device)


def causal(real: Tensor, opening: int) -> Tensor:
    """Return the causal mask (rows, 1, width, opening + width).

    Each token sees the opening, the real tokens before it, and itself.

    A padding token sees itself alone of its row, so that no softmax is over nothing.
    """
    import torch

    rows, width = real.shape
    before = torch.ones((width, width), dtype=torch.bool, device=real.device).tril()
    own = (before & real[:, None, :]) | torch.eye(width, dtype=torch.bool, device=real.device)
    seen = torch.ones((rows, width, opening), dtype=torch.bool, device=real.device)
    return torch.cat([seen, own], dim=2)[:, None]


def additive(mask: Tensor, dtype: Any) -> Tensor:
    """Return a boolean mask as what is added to attention scores.

    It is 0 where attention is allowed, else the lowest number.
    """
    import torch

    zeros = torch.zeros(mask.shape, dtype=dtype, device=mask.device)
    return zeros.masked_fill(~mask, torch.finfo(dtype).min)


def pack_branches(
    stems: Sequence[int], branches: Sequence[Sequence[int]], *, opening: int, device: str
) -> tuple[Tensor, Tensor]:
    """Pack rows of one stem and several branches behind it, left-padded.

    Each branch sees the stem and itself only.

    `stems[i]` and `branches[i][j]` are token counts. Returns the mask (rows, 1, width, opening + width) and the
    position ids (rows, width), where every branch goes on from the end of its stem.
    """
    import torch

    width = max(stem + sum(parts) for stem, parts in zip(stems, branches, strict=True))
    segment = torch.full((len(stems), width), -1, dtype=torch.long)
    positions = torch.zeros((len(stems), width), dtype=torch.long)
    for i, (stem, parts) in enumerate(zip(stems, branches, strict=True)):
        place = width - stem - sum(parts)
        segment[i, place : place + stem] = 0
        positions[i, place : place + stem] = torch.arange(stem) + opening
        place += stem
        for j, part in enumerate(parts, start=1):
            segment[i, place : place + part] = j
            positions[i, place : place + part] = torch.arange(part) + opening + stem
            place += part
    segment = segment.to(device)
    mask = causal(segment >= 0, opening)
    same = (segment[:, :, None] == segment[:, None, :]) | (segment[:, None, :] == 0)
    mask[:, 0, :, opening:] &= same | torch.eye(width, dtype=torch.bool, device=device)
    return mask, positions.to(device)
